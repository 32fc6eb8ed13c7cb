"""When all that a timetable holds is behind us."""

from __future__ import annotations

from datetime import date, time

import pytest

from directory.listings.ending_rules import is_over
from directory.listings.recurrence import Frequency, ScheduleRule, Weekday

TODAY = date(2026, 11, 23)
YESTERDAY, TOMORROW = date(2026, 11, 22), date(2026, 11, 24)


def once(day: date) -> ScheduleRule:
    return ScheduleRule(Frequency.ONCE, day, time(10))


def weekly(last: date | None) -> ScheduleRule:
    return ScheduleRule(Frequency.WEEKLY, date(2026, 1, 5), time(10), byday=(Weekday.MONDAY,), valid_to=last)


@pytest.mark.parametrize(
    ("rules", "moved_to", "over"),
    [
        ([], [], False),
        ([once(YESTERDAY)], [], True),
        ([once(TODAY)], [], False),
        ([once(YESTERDAY)], [TOMORROW], False),
        ([once(YESTERDAY), weekly(None)], [], False),
        ([once(YESTERDAY), weekly(YESTERDAY)], [YESTERDAY], True),
        ([weekly(TOMORROW)], [], False),
    ],
)
def test_it_is_over_when_its_last_date_has_passed(
    rules: list[ScheduleRule], moved_to: list[date], over: bool
) -> None:
    assert is_over(rules, moved_to, TODAY) is over
