"""What stands where in a group's inbox, and what presses most."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from prescribing.referrals.inbox_rules import (
    PART_WORDS,
    Part,
    answer_order,
    asks_about_visit,
    coming_order,
    part_of,
)
from prescribing.referrals.rules import AGREED, ReferralState

TODAY = date(2026, 3, 3)
DAY = timedelta(days=1)


def test_each_part_has_its_words() -> None:
    assert set(PART_WORDS) == set(Part)


@pytest.mark.parametrize("state", ReferralState)
def test_a_state_stands_in_one_part_or_none(state: ReferralState) -> None:
    expected = {ReferralState.REQUESTED: Part.NEW, ReferralState.WAITLISTED: Part.WAITING}
    assert part_of(state) == expected.get(state, Part.COMING if state in AGREED else None)


def test_the_most_overdue_answer_comes_first() -> None:
    orders = [
        answer_order(TODAY - 2 * DAY, TODAY - 9 * DAY),
        answer_order(TODAY, TODAY - 10 * DAY),
        answer_order(TODAY, TODAY - 9 * DAY),
        answer_order(None, TODAY - 20 * DAY),
    ]
    assert orders == sorted(orders)


def test_who_is_coming_stands_in_the_order_of_what_presses() -> None:
    orders = [
        coming_order(TODAY - 8 * DAY, None, TODAY, came=True),
        coming_order(TODAY - DAY, TODAY, TODAY, came=False),
        coming_order(None, None, TODAY - 5 * DAY, came=False),
        coming_order(None, None, TODAY, came=False),
        coming_order(None, TODAY + DAY, TODAY, came=False),
        coming_order(None, TODAY + 9 * DAY, TODAY, came=False),
        coming_order(None, None, TODAY, came=True),
        coming_order(None, TODAY, TODAY - 90 * DAY, came=True),
    ]
    assert orders == sorted(orders)


@pytest.mark.parametrize(
    ("days_ago", "off", "asked"),
    [(-1, 0, False), (0, 0, False), (1, 0, True), (30, 0, True), (31, 0, False), (1, 1, False)],
)
def test_a_first_visit_is_asked_about_from_the_day_after(days_ago: int, off: int, asked: bool) -> None:
    visit = TODAY - days_ago * DAY
    called_off = {visit} if off else {visit - DAY}
    assert asks_about_visit(visit, called_off, oldest=TODAY - 30 * DAY, today=TODAY) is asked
