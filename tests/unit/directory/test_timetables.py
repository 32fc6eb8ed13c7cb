"""A timetable as it stands on one day says the same as working it out at every minute."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from core.clock import LONDON
from directory.listings.almanac import TermDates
from directory.listings.recurrence import (
    Frequency,
    ScheduleException,
    ScheduleRule,
    Weekday,
    next_occurrence,
)
from directory.listings.timetables import timetable_on
from directory.listings.wording import timetable_in_words
from tests.unit.directory.test_recurrence import rules

DAYS = st.dates(date(2024, 1, 1), date(2027, 6, 1))
CHANGES = st.builds(ScheduleException, on=DAYS, moved_to=st.none() | DAYS)
TODAY = date(2026, 3, 3)
TWICE_ON_TUESDAYS = tuple(
    ScheduleRule(Frequency.WEEKLY, date(2026, 1, 1), time(hour), time(hour + 2), (Weekday.TUESDAY,))
    for hour in (10, 14)
)


def at(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 3, 3, hour, minute, tzinfo=UTC)


@given(st.lists(rules(), max_size=3), st.lists(CHANGES, max_size=3), DAYS, st.integers(0, 24 * 60 - 1))
def test_the_next_session_is_that_of_the_minute(
    lines: list[ScheduleRule], changes: list[ScheduleException], today: date, minute: int
) -> None:
    kept = timetable_on(today, tuple(lines), tuple(changes))
    midnight = datetime.combine(today, time(), LONDON).astimezone(UTC)
    now = midnight + timedelta(minutes=minute)
    if now.astimezone(LONDON).date() != today:
        return
    following = kept.following(now)
    assert (following.occurrence if following else None) == next_occurrence(lines, changes, now)
    assert kept.lines == timetable_in_words(lines, today)


def test_what_has_ended_gives_way_to_what_comes_later_that_day_and_then_another_day() -> None:
    kept = timetable_on(TODAY, TWICE_ON_TUESDAYS, ())
    words = [found.words for now in (at(0), at(12), at(23, 59)) if (found := kept.following(now))]
    assert words == ["Today, 10am to 12pm", "Today, 2pm to 4pm", "Tuesday 10 March, 10am to 12pm"]


def test_nothing_follows_what_is_over() -> None:
    over = ScheduleRule(Frequency.ONCE, date(2026, 3, 2), time(10))
    assert timetable_on(TODAY, (over,), ()).following(at(9)) is None


def test_new_school_terms_give_another_timetable() -> None:
    def first_day(*terms: TermDates) -> date | None:
        rule = ScheduleRule(
            Frequency.WEEKLY,
            date(2026, 1, 1),
            time(10),
            byday=(Weekday.TUESDAY,),
            term_time=True,
            terms=terms,
        )
        found = timetable_on(TODAY, (rule,), ()).following(at(8))
        return found.occurrence.start.date() if found else None

    spring, summer = (
        TermDates(date(2026, 1, 5), date(2026, 3, 27)),
        TermDates(date(2026, 4, 13), date(2026, 7, 20)),
    )
    assert first_day(spring, summer) == TODAY
    assert first_day(TermDates(date(2026, 1, 5), date(2026, 2, 27)), summer) == date(2026, 4, 14)
