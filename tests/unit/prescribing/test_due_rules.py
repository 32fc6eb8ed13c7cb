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
    every = [Asked(Point.FOLLOW_UP, DAY + timedelta(days=n), answered=True) for n in range(3)]
    assert due(EpisodeState.COMPLETED, *every, closed=DAY) is None
    assert due(EpisodeState.COMPLETED) is None


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
