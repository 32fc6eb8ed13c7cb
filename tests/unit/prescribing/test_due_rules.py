"""When measures are due, and who may fill them in."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from core.errors import Invalid
from prescribing.episodes.rules import EpisodeState
from prescribing.measures.due_rules import Asked, Due, check_day, check_who, next_due, who_may
from prescribing.measures.instruments import EQ_5D, GOAL, ONS4
from prescribing.measures.rules import CompletedBy, Mode, Point

DAY = date(2026, 3, 3)
STARTED = Asked(Point.BASELINE, DAY, answered=True)


def due(
    state: EpisodeState, *asked: Asked, planned: bool = True, closed: date | None = None, today: date = DAY
) -> Due | None:
    return next_due(state, asked, planned=planned, closed_on=closed, follow_up_months=(3, 6, 12), today=today)


def test_nothing_is_due_before_there_is_a_plan_nor_on_hold() -> None:
    assert due(EpisodeState.ACTIVE, planned=False) is None
    for state in (EpisodeState.ALLOCATED, EpisodeState.CONTACTING, EpisodeState.PAUSED):
        assert due(state) is None
        assert due(state, STARTED) is None


def test_the_start_is_due_with_the_plan() -> None:
    found = due(EpisodeState.ACTIVE)
    assert found == Due(Point.BASELINE, DAY)
    assert found is not None
    assert found.now(DAY)


def test_not_today_leaves_them_alone_for_two_weeks() -> None:
    refused = Asked(Point.BASELINE, DAY, answered=False)
    assert due(EpisodeState.ACTIVE, refused) == Due(Point.BASELINE, date(2026, 3, 17))
    later = Asked(Point.REVIEW, date(2026, 6, 1), answered=False)
    assert due(EpisodeState.ACTIVE, STARTED, later) == Due(Point.REVIEW, date(2026, 6, 15))


def test_a_review_is_due_twelve_weeks_after_the_last_time() -> None:
    found = due(EpisodeState.ACTIVE, STARTED)
    assert found == Due(Point.REVIEW, DAY + timedelta(weeks=12))
    assert found is not None
    assert not found.now(DAY)
    again = Asked(Point.REVIEW, date(2026, 6, 1), answered=True)
    assert due(EpisodeState.ACTIVE, again, STARTED) == Due(Point.REVIEW, date(2026, 8, 24))


def test_follow_ups_come_one_by_one_after_support_was_completed() -> None:
    followed = [Asked(Point.FOLLOW_UP, date(2026, 6, 3), answered=True)] * 2
    assert due(EpisodeState.COMPLETED, closed=DAY) == Due(Point.FOLLOW_UP, date(2026, 6, 3))
    assert due(EpisodeState.COMPLETED, *followed, closed=DAY) == Due(Point.FOLLOW_UP, date(2026, 9, 3))
    last = Asked(Point.FOLLOW_UP, date(2027, 3, 3), answered=True)
    assert due(EpisodeState.COMPLETED, last, closed=DAY) is None
    assert due(EpisodeState.COMPLETED) is None


@pytest.mark.parametrize(
    ("days", "following"),
    [
        # Three months on is 3 June, six months 3 September, a year 3 March.
        ([date(2026, 4, 3)], date(2026, 6, 3)),
        ([date(2026, 5, 19)], date(2026, 6, 3)),
        ([date(2026, 5, 20)], date(2026, 9, 3)),
        ([date(2026, 6, 3), date(2026, 6, 17)], date(2026, 9, 3)),
        ([date(2026, 8, 19)], date(2026, 9, 3)),
        ([date(2026, 8, 20)], date(2027, 3, 3)),
    ],
)
def test_one_asking_stands_for_the_follow_ups_of_its_time_and_for_no_later_one(
    days: list[date], following: date
) -> None:
    asked = [Asked(Point.FOLLOW_UP, on, answered=True) for on in days]
    assert due(EpisodeState.COMPLETED, *asked, closed=DAY) == Due(Point.FOLLOW_UP, following)


def test_not_today_at_a_follow_up_is_an_answer_and_nobody_is_chased() -> None:
    refused = Asked(Point.FOLLOW_UP, date(2026, 6, 3), answered=False)
    assert due(EpisodeState.COMPLETED, refused, closed=DAY) == Due(Point.FOLLOW_UP, date(2026, 9, 3))
    after = Asked(Point.FOLLOW_UP, date(2026, 6, 17), answered=True)
    assert due(EpisodeState.COMPLETED, refused, after, closed=DAY) == Due(Point.FOLLOW_UP, date(2026, 9, 3))


def test_how_somebody_feels_only_they_can_say() -> None:
    assert CompletedBy.PROXY not in who_may(ONS4, Mode.IN_PERSON)
    assert CompletedBy.PROXY in who_may(GOAL, Mode.PHONE)
    assert who_may(EQ_5D, Mode.ONLINE) == (CompletedBy.PERSON, CompletedBy.PROXY)
    check_who(ONS4, Mode.PAPER, CompletedBy.PERSON)
    with pytest.raises(Invalid, match="Only the person can answer"):
        check_who(ONS4, Mode.PHONE, CompletedBy.PROXY)
    with pytest.raises(Invalid, match="by themselves"):
        check_who(ONS4, Mode.ONLINE, CompletedBy.WITH_LINK_WORKER)


def test_the_day_of_a_paper() -> None:
    check_day(DAY, DAY, DAY)
    with pytest.raises(Invalid, match="in the future"):
        check_day(DAY + timedelta(days=1), DAY, DAY)
    with pytest.raises(Invalid, match="before they asked"):
        check_day(DAY - timedelta(days=1), DAY, DAY)
