"""Where somebody stands on Today, and how long something may be put off."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest

from core.calendar.rules import is_working_day
from core.errors import Invalid
from prescribing.episodes.clocks import Due, DueKind, Situation
from prescribing.episodes.contacts import Attempt, Outcome
from prescribing.episodes.moves import Event
from prescribing.episodes.rules import EpisodeState
from prescribing.episodes.today_rules import (
    Group,
    check_snooze,
    group_of,
    put_off_still,
    quiet_since,
    snooze_days,
)
from prescribing.people.safe_contact import Channel

TODAY = date(2026, 3, 31)


def ago(days: int) -> datetime:
    return datetime.combine(TODAY - timedelta(days=days), time(12), tzinfo=UTC)


def in_days(days: int, kind: DueKind = DueKind.NEXT_STEP) -> Due:
    return Due(kind, "", TODAY + timedelta(days=days))


def test_everybody_stands_in_one_part_of_the_day() -> None:
    assert group_of(in_days(-1), TODAY, answered=True, quiet=True) is Group.FIRST
    assert group_of(in_days(0), TODAY) is Group.FIRST
    assert group_of(in_days(1), TODAY, answered=True, quiet=True) is Group.ANSWERS
    assert group_of(in_days(1), TODAY, quiet=True) is Group.QUIET
    assert group_of(in_days(1), TODAY, moving=True) is Group.SOON
    assert group_of(in_days(30), TODAY, moving=True) is Group.WAITING
    assert group_of(Due(DueKind.WAITING, "", None), TODAY) is Group.WAITING
    assert group_of(in_days(30, DueKind.ON_HOLD), TODAY) is Group.WAITING
    assert group_of(in_days(30), TODAY) is Group.REST
    assert group_of(None, TODAY) is Group.REST


def test_what_was_put_off_waits_until_its_day_and_no_longer() -> None:
    assert group_of(in_days(-3), TODAY, put_off_until=TODAY + timedelta(days=1)) is Group.WAITING
    assert group_of(in_days(-3), TODAY, put_off_until=TODAY) is Group.FIRST


def test_what_is_urgent_comes_first_whatever_was_put_off() -> None:
    later = TODAY + timedelta(days=3)
    assert group_of(in_days(30), TODAY, urgent=True, put_off_until=later) is Group.FIRST
    assert group_of(None, TODAY, urgent=True) is Group.FIRST


def test_news_since_brings_somebody_back_before_their_day() -> None:
    later = TODAY + timedelta(days=3)
    assert put_off_still(later, ago(2), ago(3), TODAY) == later
    assert put_off_still(later, ago(2), None, TODAY) == later
    assert put_off_still(later, ago(2), ago(1), TODAY) is None
    assert put_off_still(later, None, ago(1), TODAY) == later, "nobody knows since when"
    assert put_off_still(TODAY, ago(2), None, TODAY) is None
    assert put_off_still(None, None, ago(1), TODAY) is None


def test_whoever_nothing_happened_to_for_four_weeks_is_quiet_too_long() -> None:
    events = (Event(ago(40), "worker", None, EpisodeState.ACTIVE),)
    assert quiet_since(Situation(EpisodeState.ACTIVE, events), TODAY) == TODAY - timedelta(days=40)
    rung = Attempt(ago(3), Channel.PHONE, Outcome.TALKED)
    assert quiet_since(Situation(EpisodeState.ACTIVE, events, [rung]), TODAY) is None
    assert quiet_since(Situation(EpisodeState.ACTIVE, events), TODAY, ago(2)) is None
    assert quiet_since(Situation(EpisodeState.ACTIVE, events), TODAY, ago(0)) is None
    assert quiet_since(Situation(EpisodeState.ACTIVE, ()), TODAY) is None
    assert quiet_since(Situation(EpisodeState.PAUSED, events), TODAY) is None


def test_nobody_is_put_off_for_long_and_a_risk_for_a_week_at_most() -> None:
    in_a_week, in_a_month = TODAY + timedelta(days=7), TODAY + timedelta(days=28)
    assert check_snooze(in_a_week, TODAY, risk=True) == in_a_week
    assert check_snooze(in_a_month, TODAY, risk=False) == in_a_month
    for until, risk, words in (
        (TODAY, False, "after today"),
        (in_a_month, True, "known risk"),
        (in_a_month + timedelta(days=1), False, "pause"),
    ):
        with pytest.raises(Invalid, match=words):
            check_snooze(until, TODAY, risk=risk)


def test_every_day_that_is_offered_in_one_press_is_taken() -> None:
    for number in range(800):
        today = date(2026, 1, 1) + timedelta(days=number)
        for risk in (True, False):
            offered = snooze_days(today, risk=risk)
            assert offered == tuple(sorted(set(offered)))
            for day in offered:
                assert is_working_day(day)
                assert check_snooze(day, today, risk=risk) == day


def test_about_a_week_on_is_before_the_bank_holiday_where_there_is_a_risk() -> None:
    monday = date(2026, 12, 21)
    assert snooze_days(monday, risk=True) == (date(2026, 12, 22), date(2026, 12, 24))
    assert snooze_days(monday, risk=False) == (date(2026, 12, 22), date(2026, 12, 29))
