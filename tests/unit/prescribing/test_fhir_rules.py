"""Statuses there and back, and what a program may do."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Invalid, Refused
from prescribing.episodes.moves import FhirStatus
from prescribing.episodes.rules import CLOSE_REASONS, EpisodeState
from prescribing.episodes.rules import fhir_status as of_episode
from prescribing.fhir.rules import Scope, check_task_change, episode_state, referral_state, scopes_asked
from prescribing.referrals.rules import DeclineReason, ReferralState
from prescribing.referrals.rules import fhir_status as of_referral


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
