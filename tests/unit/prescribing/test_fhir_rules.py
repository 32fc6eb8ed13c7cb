"""Statuses there and back, and what a program may do."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.access.rules import Place
from core.errors import Invalid, Refused, Throttled
from prescribing.episodes.moves import FhirStatus
from prescribing.episodes.rules import CLOSE_REASONS, EpisodeState
from prescribing.episodes.rules import fhir_status as of_episode
from prescribing.fhir.rules import (
    CHOICES,
    MAY_WORDS,
    MINUTE,
    MOST_A_MINUTE,
    May,
    Scope,
    Span,
    asks_again,
    check_task_change,
    episode_state,
    group_step,
    may_read,
    referral_state,
    say_scopes,
    scopes_asked,
    scopes_for,
    span_asked,
    version_of,
)
from prescribing.referrals.rules import DeclineReason, ReferralState
from prescribing.referrals.rules import fhir_status as of_referral

R = ReferralState
NOW = datetime(2026, 3, 3, 10, 15, tzinfo=UTC)


@given(st.sampled_from(EpisodeState), st.integers(0, 40), st.data())
def test_the_status_of_an_episode_comes_back_as_it_went(
    state: EpisodeState, tries: int, data: st.DataObject
) -> None:
    reason = data.draw(st.sampled_from(CLOSE_REASONS.get(state, (None,))))
    assert episode_state(of_episode(state, reason, tries)) == (state, reason)


@given(st.sampled_from(ReferralState), st.sampled_from(DeclineReason))
def test_the_status_of_a_referral_comes_back_as_it_went(state: ReferralState, why: DeclineReason) -> None:
    reason = why if state is ReferralState.DECLINED else None
    assert referral_state(of_referral(state, reason)) == (state, reason)


def test_what_nothing_is_called_is_said() -> None:
    odd = FhirStatus("active", "requested", "tea-break")
    for read in (episode_state, referral_state):
        with pytest.raises(Invalid):
            read(odd)
    with pytest.raises(Invalid):
        episode_state(replace(odd, business="attempt-1"))


def test_a_program_asks_for_no_more_than_it_may_have() -> None:
    both = (Scope.READ, Scope.CREATE)
    assert scopes_asked("", both) == both
    assert scopes_asked(" system/*.read ", both) == (Scope.READ,)
    with pytest.raises(Invalid):
        scopes_asked("system/Task.write", both)


@pytest.mark.parametrize("state", list(ReferralState))
def test_a_receiver_may_not_cancel_what_is_not_active(state: ReferralState) -> None:
    now = of_referral(state, DeclineReason.NO_CAPACITY if state is ReferralState.DECLINED else None)
    if now.service_request == "active":
        check_task_change(now, "cancelled", owner=False)
    else:
        with pytest.raises(Refused):
            check_task_change(now, "cancelled", owner=False)
    check_task_change(now, "completed", owner=False)


def test_whoever_sent_a_request_sends_its_draft_and_no_more() -> None:
    draft, sent = of_episode(EpisodeState.DRAFT), of_episode(EpisodeState.SUBMITTED)
    check_task_change(draft, "requested", owner=True)
    for now, wanted in ((draft, "accepted"), (sent, "requested"), (sent, "cancelled")):
        with pytest.raises(Refused):
            check_task_change(now, wanted, owner=True)


def test_what_a_program_is_let_do_is_what_was_chosen_and_no_more() -> None:
    assert scopes_for(Place.PARTNER, []) == (Scope.READ,)
    assert scopes_for(Place.PARTNER, [May.SEND]) == (Scope.READ, Scope.CREATE, Scope.UPDATE)
    assert scopes_for(Place.TEAM, [May.GOALS]) == (Scope.READ_GOAL,)
    assert set(scopes_for(Place.TEAM, list(CHOICES[Place.TEAM]))) == {
        each for each in Scope if each.value.endswith(".read") and each is not Scope.READ
    }
    assert scopes_for(Place.ORGANIZATION, []) == (Scope.READ_REQUEST, Scope.READ_TASK)
    assert Scope.UPDATE in scopes_for(Place.ORGANIZATION, [May.REPLY])
    with pytest.raises(Invalid, match="at least one"):
        scopes_for(Place.TEAM, [])
    for place in Place:
        if place in CHOICES:
            wrong = next(may for may in May if may not in CHOICES[place])
            with pytest.raises(Invalid, match="Take out"):
                scopes_for(place, [wrong])


def test_what_a_program_may_do_is_said_in_words() -> None:
    assert say_scopes(Place.ORGANIZATION, scopes_for(Place.ORGANIZATION, [])) == ()
    assert say_scopes(Place.TEAM, scopes_for(Place.TEAM, [May.GOALS])) == (MAY_WORDS[May.GOALS],)
    assert set(MAY_WORDS) == set(May)


def test_one_kind_is_read_by_its_own_scope_or_by_that_for_all() -> None:
    assert may_read("Goal", {Scope.READ})
    assert may_read("Goal", {Scope.READ_GOAL})
    assert not may_read("Patient", {Scope.READ_GOAL, Scope.CREATE})
    assert scopes_asked("system/Goal.read", (Scope.READ, Scope.CREATE)) == (Scope.READ_GOAL,)
    with pytest.raises(Invalid):
        scopes_asked("system/Patient.read", (Scope.READ_GOAL,))


def test_a_program_asks_so_often_a_minute() -> None:
    assert asks_again(None, 0, NOW) == (NOW, 1)
    assert asks_again(NOW, 1, NOW + timedelta(seconds=59)) == (NOW, 2)
    with pytest.raises(Throttled) as caught:
        asks_again(NOW, MOST_A_MINUTE, NOW + timedelta(seconds=30))
    assert caught.value.retry_after == 31
    assert asks_again(NOW, MOST_A_MINUTE, NOW + MINUTE) == (NOW + MINUTE, 1)


@pytest.mark.parametrize(
    ("state", "wanted", "target"),
    [
        (R.REQUESTED, "accepted", R.ACCEPTED),
        (R.REQUESTED, "on-hold", R.WAITLISTED),
        (R.WAITLISTED, "rejected", R.DECLINED),
        (R.ACCEPTED, "in-progress", R.STARTED),
        (R.STARTED, "completed", R.COMPLETED),
        (R.ACCEPTED, "cancelled", R.DECLINED),
        (R.STARTED, "cancelled", R.STOPPED),
        (R.ACCEPTED, "failed", R.NEVER_STARTED),
        (R.STARTED, "failed", R.STOPPED),
    ],
)
def test_where_a_group_takes_a_referral(state: R, wanted: str, target: R) -> None:
    assert group_step(state, wanted) is target


@pytest.mark.parametrize("wanted", ["draft", "requested", "received", "ready", "entered-in-error"])
def test_what_no_group_says(wanted: str) -> None:
    with pytest.raises(Refused, match="A group answers by"):
        group_step(R.REQUESTED, wanted)


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [
        ("ge2026-03-01", (1, 0, 0, 0), None),
        ("gt2026-03-01", (2, 0, 0, 0), None),
        ("le2026-03-01", None, (2, 0, 0, 0)),
        ("lt2026-03-01T10:00:00Z", None, (1, 10, 0, 0)),
        ("2026-03-01T10:00", (1, 10, 0, 0), (1, 10, 1, 0)),
        ("eq2026-03-01T10:00:05", (1, 10, 0, 5), (1, 10, 0, 6)),
        ("ge2026-03-01T11:00:00 01:00", (1, 10, 0, 0), None),
    ],
)
def test_a_time_that_is_searched_by_is_as_long_as_it_was_written(
    asked: str, start: tuple[int, ...] | None, end: tuple[int, ...] | None
) -> None:
    assert span_asked(asked) == Span(_moment(start), _moment(end))


def test_parts_of_a_second_are_kept_apart() -> None:
    half = NOW.replace(microsecond=500_000)
    assert span_asked(half.strftime("ge%Y-%m-%dT%H:%M:%S.5Z")) == Span(half)
    one = span_asked(half.strftime("%Y-%m-%dT%H:%M:%S.50Z"))
    assert one == Span(half, half + timedelta(milliseconds=10))


@pytest.mark.parametrize(
    "asked",
    [
        "yesterday",
        "ge",
        "2026",
        "ne2026-03-01",
        "ge2026-13-01",
        "9999-12-31",
        "ge0001-01-01T00:00+14:00",
        "٢٠٢٦",
    ],
)
def test_a_time_that_cannot_be_is_said(asked: str) -> None:
    with pytest.raises(Invalid, match="_lastUpdated"):
        span_asked(asked)


def test_spans_that_are_both_asked_for_are_one() -> None:
    later = NOW + timedelta(days=1)
    assert Span(NOW).within(Span(later)) == Span(later)
    assert Span(NOW, later).within(Span(None, NOW)) == Span(NOW, NOW)
    assert Span().within(Span()) == Span()


@given(st.datetimes(timezones=st.just(UTC)), st.datetimes(timezones=st.just(UTC)))
def test_versions_go_up_with_the_time(first: datetime, second: datetime) -> None:
    assert (version_of(first) < version_of(second)) == (first < second)


def _moment(parts: tuple[int, ...] | None) -> datetime | None:
    if parts is None:
        return None
    day, hour, minute, second = parts
    return datetime(2026, 3, day, hour, minute, second, tzinfo=UTC)
