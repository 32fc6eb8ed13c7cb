"""The referral's table of moves, joining, attendance, late answers, needs, clocks and tiers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import product
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.calendar.rules import is_working_day, say_day, working_days_between
from core.errors import Invalid, Refused
from prescribing.episodes.clocks import Clocks, Hold
from prescribing.episodes.moves import Event, FhirStatus, MoveKind, Mover, undo_close
from prescribing.episodes.needs import NEED_OPEN, NeedState
from prescribing.people.consent import ConsentFacts, ConsentPurpose
from prescribing.referrals import clocks, rules, tiers
from prescribing.referrals.rules import DeclineReason, Heard, JoinMode, ReferralState
from prescribing.referrals.tiers import Tier
from prescribing.referrals.words import say_stands, say_told

S = ReferralState
NOW = datetime(2026, 3, 3, 12, tzinfo=UTC)
OPEN = ["requested", "accepted", "waitlisted", "scheduled", "started"]
CONTRACT_MOVES = {
    "requested": "accepted waitlisted declined expired",
    "waitlisted": "accepted declined",
    "accepted": "scheduled started declined never-started",
    "scheduled": "started declined never-started",
    "started": "completed stopped",
}
CONTRACT_MOVERS = {
    "accepted": "group",
    "waitlisted": "group",
    "scheduled": "group",
    "started": "group person",
    "completed": "group link-worker",
    "withdrawn": "person link-worker",
    "declined": "group",
    "expired": "clock",
    "never-started": "group link-worker",
    "stopped": "group link-worker",
}


def test_the_table_is_the_contracts() -> None:
    expected = {
        (source, target, mover)
        for source in OPEN
        for target in [*CONTRACT_MOVES[source].split(), "withdrawn"]
        for mover in CONTRACT_MOVERS[target].split()
    } | {("requested", "accepted", "rule")}
    actual = {
        (source, target, mover)
        for source, targets in rules.REFERRAL_MOVES.items()
        for target, allowed in targets.items()
        for mover in allowed
    }
    assert actual == expected
    assert {state.value for state in rules.REFERRAL_OPEN} == set(OPEN)
    assert set(rules.REFERRAL_MOVES) == set(S) == set(rules.REFERRAL_WORDS)


def test_every_move_is_allowed_or_refused_as_the_table_says() -> None:
    for source, target, mover in product(S, S, Mover):
        allowed = mover in rules.REFERRAL_MOVES[source].get(target, ())
        assert rules.can_move(source, target, {mover}) is allowed, (source, target, mover)


def test_a_refusal_says_why_in_plain_words() -> None:
    with pytest.raises(Refused, match="for the group"):
        rules.may_move(S.REQUESTED, S.DECLINED, {Mover.LINK_WORKER})
    with pytest.raises(Refused, match=r"closed .* It does not reopen"):
        rules.may_move(S.EXPIRED, S.ACCEPTED, {Mover.GROUP})
    with pytest.raises(Refused, match="cannot become “settled in”"):
        rules.may_move(S.REQUESTED, S.COMPLETED, {Mover.GROUP})


def test_groups_phone_so_a_link_worker_writes_it_down() -> None:
    for source, target in ((S.REQUESTED, S.ACCEPTED), (S.ACCEPTED, S.STARTED), (S.WAITLISTED, S.DECLINED)):
        assert not rules.can_move(source, target, {Mover.LINK_WORKER})
        assert rules.can_move(source, target, {Mover.LINK_WORKER}, said_by=Mover.GROUP)
    assert not rules.can_move(S.REQUESTED, S.EXPIRED, {Mover.LINK_WORKER}, said_by=Mover.CLOCK)
    assert rules.moves_from(S.REQUESTED, {Mover.LINK_WORKER}) == (
        S.ACCEPTED,
        S.WAITLISTED,
        S.DECLINED,
        S.WITHDRAWN,
    )
    assert rules.moves_from(S.REQUESTED, {Mover.GROUP}) == rules.GROUP_ANSWERS


def test_a_referral_is_made_by_a_link_worker_or_the_resident() -> None:
    assert rules.start_referral(movers={Mover.PERSON}, author="a", at=NOW).target is S.REQUESTED
    with pytest.raises(Refused):
        rules.start_referral(movers={Mover.GROUP}, author="a", at=NOW)


def test_just_turn_up_is_accepted_by_rule() -> None:
    event = rules.accept_by_rule(JoinMode.TURN_UP, author="a", at=NOW)
    assert event == Event(NOW, "a", S.REQUESTED, S.ACCEPTED, "turn-up", said_by=Mover.RULE)
    assert rules.accept_by_rule(JoinMode.RING_FIRST, author="a", at=NOW) is None
    assert rules.accept_by_rule(JoinMode.REFERRAL, author="a", at=NOW) is None


def move(
    source: ReferralState, target: ReferralState, reason: DeclineReason | None = None, attended: int = 0
) -> Event:
    return rules.move_referral(
        source,
        target,
        movers={Mover.LINK_WORKER},
        said_by=Mover.GROUP,
        author="worker",
        at=NOW,
        reason=reason,
        note="they rang",
        attended=attended,
    )


def test_a_no_has_a_reason_and_nothing_else_has() -> None:
    event = move(S.REQUESTED, S.DECLINED, DeclineReason.NO_CAPACITY)
    assert (event.reason, event.said_by, event.author) == ("no-capacity", Mover.GROUP, "worker")
    assert move(S.REQUESTED, S.ACCEPTED).reason == "they rang"
    with pytest.raises(Invalid, match="Choose why"):
        move(S.REQUESTED, S.DECLINED)
    with pytest.raises(Invalid, match="Only a “no”"):
        move(S.REQUESTED, S.ACCEPTED, DeclineReason.UNSAFE)


def test_attendance_stands_behind_start_and_completion() -> None:
    with pytest.raises(Refused, match="Record the first visit"):
        move(S.ACCEPTED, S.STARTED)
    assert move(S.ACCEPTED, S.STARTED, attended=1).target is S.STARTED
    with pytest.raises(Refused, match="Say that it stopped"):
        move(S.SCHEDULED, S.NEVER_STARTED, attended=1)
    assert move(S.SCHEDULED, S.NEVER_STARTED).target is S.NEVER_STARTED
    with pytest.raises(Refused, match=r"after 3 visits\. 2 are recorded"):
        move(S.STARTED, S.COMPLETED, attended=2)
    assert move(S.STARTED, S.COMPLETED, attended=3).target is S.COMPLETED


def test_three_attendances_unless_the_service_says_otherwise() -> None:
    assert rules.attendances_needed(None) == 3
    assert rules.attendances_needed(1) == 1
    with pytest.raises(Invalid, match="1 or more"):
        rules.attendances_needed(0)


@pytest.mark.parametrize(
    ("state", "attended", "service_says", "after"),
    [
        (S.ACCEPTED, 0, None, S.ACCEPTED),
        (S.ACCEPTED, 1, 1, S.STARTED),
        (S.SCHEDULED, 1, None, S.STARTED),
        (S.STARTED, 2, None, S.STARTED),
        (S.STARTED, 3, None, S.COMPLETED),
        (S.STARTED, 1, 1, S.COMPLETED),
        (S.WITHDRAWN, 5, None, S.WITHDRAWN),
        (S.REQUESTED, 1, None, S.REQUESTED),
    ],
)
def test_attendance_moves_a_referral(
    state: ReferralState, attended: int, service_says: int | None, after: ReferralState
) -> None:
    assert rules.state_by_attendance(state, attended, service_says) is after


def test_a_late_yes_makes_a_linked_referral() -> None:
    rules.check_late_yes(S.EXPIRED)
    first, second = rules.late_yes(author="worker", at=NOW)
    assert (first.source, first.target) == (None, S.REQUESTED)
    assert (second.source, second.target, second.said_by) == (S.REQUESTED, S.ACCEPTED, Mover.GROUP)
    for state in set(S) - {S.EXPIRED}:
        with pytest.raises(Refused, match="late yes"):
            rules.check_late_yes(state)


def test_a_closed_referral_can_be_undone_like_an_episode() -> None:
    closing = move(S.REQUESTED, S.DECLINED, DeclineReason.LISTING_WRONG)
    event = undo_close(closing, author="worker", coordinator=False, at=NOW, closed=rules.REFERRAL_CLOSED)
    assert (event.target, event.kind) == (S.REQUESTED, MoveKind.UNDO_CLOSE)


FAILED = (S.DECLINED, S.EXPIRED, S.NEVER_STARTED, S.STOPPED, S.WITHDRAWN, S.ENTERED_IN_ERROR)


@pytest.mark.parametrize("failed", FAILED)
def test_a_need_is_open_again_by_itself(failed: ReferralState) -> None:
    assert rules.need_after(NeedState.BEING_ADDRESSED, [failed]) is NeedState.RAISED
    assert rules.need_after(NeedState.BEING_ADDRESSED, [failed, S.WAITLISTED]) is NeedState.BEING_ADDRESSED
    assert (
        rules.need_after(NeedState.BEING_ADDRESSED, [failed], open_actions=True) is NeedState.BEING_ADDRESSED
    )


@given(st.sampled_from(NeedState), st.lists(st.sampled_from(S), max_size=5), st.booleans())
def test_no_referral_ever_closes_or_reopens_what_the_person_decides(
    state: NeedState, referrals: list[ReferralState], actions: bool
) -> None:
    after = rules.need_after(state, referrals, open_actions=actions)
    assert (after in NEED_OPEN) is (state in NEED_OPEN)
    if state in NEED_OPEN and not actions and all(each in FAILED for each in referrals):
        assert after is NeedState.RAISED


CONTRACT_FHIR = """
requested active requested sent
accepted active accepted accepted
waitlisted active on-hold waitlist
scheduled active accepted scheduled
started active in-progress started
completed completed completed sustained
withdrawn revoked cancelled withdrawn
expired revoked cancelled no-reply
never-started revoked failed dna
stopped revoked failed stopped
entered-in-error entered-in-error entered-in-error -
"""


@pytest.mark.parametrize("line", CONTRACT_FHIR.split("\n")[1:-1])
def test_states_as_fhir_says_them(line: str) -> None:
    state, service_request, task, business = line.split()
    said = rules.fhir_status(S(state))
    assert (said.service_request, said.task, said.business or "-") == (service_request, task, business)


@pytest.mark.parametrize("reason", DeclineReason)
def test_a_nos_reason_is_its_business_status(reason: DeclineReason) -> None:
    assert rules.fhir_status(S.DECLINED, reason) == FhirStatus("revoked", "rejected", reason)


def test_words_are_there_for_everything_that_a_page_names() -> None:
    assert set(rules.DECLINE_WORDS) == set(DeclineReason)
    assert set(rules.JOIN_WORDS) == set(JoinMode)


SENT = date(2026, 3, 3)


def test_the_answer_clock() -> None:
    clock = clocks.answer_clock(SENT)
    assert clock == clocks.AnswerClock(
        (date(2026, 3, 11), date(2026, 3, 16)), date(2026, 3, 16), date(2026, 3, 17)
    )
    assert [
        clocks.nudges_due(clock, date(2026, 3, day), sent)
        for day, sent in ((10, 0), (11, 0), (16, 0), (16, 1))
    ] == [
        0,
        1,
        2,
        1,
    ]
    assert clocks.nudges_due(clock, date(2026, 3, 10), 1) == 0


def test_the_link_worker_is_asked_before_it_expires() -> None:
    clock = clocks.answer_clock(SENT)
    asked, last, after = date(2026, 3, 16), date(2026, 3, 17), date(2026, 3, 18)
    assert not clocks.ask_link_worker_due(clock, date(2026, 3, 13), None)
    assert clocks.ask_link_worker_due(clock, asked, None)
    assert not clocks.ask_link_worker_due(clock, last, asked)
    assert not clocks.expires(clock, last, asked)
    assert clocks.expires(clock, after, asked)
    assert not clocks.expires(clock, after, None)
    assert not clocks.expires(clock, after, after)


def test_nothing_runs_while_the_case_is_on_hold() -> None:
    held = clocks.answer_clock(SENT, [Hold(date(2026, 3, 5), None)])
    assert held == clocks.AnswerClock((), None, None)
    assert not clocks.ask_link_worker_due(held, date(2027, 1, 1), None)
    assert not clocks.expires(held, date(2027, 1, 1), SENT)
    assert clocks.nudges_due(held, date(2027, 1, 1), 0) == 0
    over = clocks.answer_clock(SENT, [Hold(date(2026, 3, 5), date(2026, 3, 9))])
    assert over.answer_by == date(2026, 3, 20)


@given(st.dates(date(2024, 1, 1), date(2030, 1, 1)))
def test_the_answer_clock_counts_working_days(sent: date) -> None:
    clock = clocks.answer_clock(sent)
    assert [working_days_between(sent, day) for day in clock.nudges] == [6, 9]
    assert clock.answer_by is not None
    assert is_working_day(clock.answer_by)
    assert working_days_between(sent, clock.answer_by) == 10


def test_the_clocks_are_settings() -> None:
    quick = clocks.answer_clock(SENT, clocks=Clocks(answer=2, nudges=()))
    assert quick == clocks.AnswerClock((), None, date(2026, 3, 5))


def test_the_start_clock_counts_from_the_next_real_session() -> None:
    assert clocks.start_by(date(2026, 3, 10)) == date(2026, 4, 9)
    assert clocks.start_by(None) is None
    assert clocks.start_by(date(2026, 3, 10), [Hold(date(2026, 3, 11), None)]) is None


# The contract's table of tiers, in the names of our fields.
OFFER = [
    "reference",
    "service",
    "ward",
    "age_band",
    "communication_words",
    "access_words",
    "safe_yes_words",
    "goal_words",
]
ACCEPTED = [
    "reference",
    "service",
    "preferred_name",
    "agreed_contact",
    "communication_words",
    "access_words",
    "risk_summary",
    "heads_up",
    "reply_by",
]


def test_a_group_sees_the_smallest_set() -> None:
    everything = dict.fromkeys(tiers.EVERYTHING, "canary")
    assert set(tiers.visible(Tier.OFFER, everything)) == set(OFFER)
    assert set(tiers.visible(Tier.ACCEPTED, everything)) == set(ACCEPTED)
    for hidden in ("nhs_number", "practice_notes", "other_referrals", "name", "address", "third_party_words"):
        assert hidden not in {*OFFER, *ACCEPTED}
        assert hidden in everything


def test_what_the_others_see() -> None:
    everything = dict.fromkeys(tiers.EVERYTHING, "canary")
    assert tiers.visible(Tier.LINK_WORKER, everything) == everything
    assert set(everything) - set(tiers.visible(Tier.PERSON, everything)) == {"third_party_words"}
    assert set(tiers.visible(Tier.REFERRER, everything)) == {"reference", "submission", "outcome", "codes"}
    assert tiers.visible(Tier.COMMISSIONER, everything) == {}
    assert tiers.visible(Tier.ADMINISTRATOR, everything) == {}
    assert set(tiers.FIELDS) == set(Tier)


def test_a_field_that_no_tier_knows_is_an_error_not_a_leak() -> None:
    with pytest.raises(ValueError, match="shoe_size"):
        tiers.visible(Tier.LINK_WORKER, {"shoe_size": "6"})


GROUP = UUID(int=1)


def consent(purpose: ConsentPurpose, *, withdrawn: bool = False) -> ConsentFacts:
    return ConsentFacts(GROUP, purpose, NOW - timedelta(days=1), withdrawn_at=NOW if withdrawn else None)


BOTH = (consent(ConsentPurpose.SHARE_OFFER), consent(ConsentPurpose.SHARE_ACCEPTED))


def seen_by_group(
    state: ReferralState,
    consents: Sequence[ConsentFacts],
    group: UUID,
    *,
    flagged: bool = False,
    asked_at: datetime = NOW,
) -> Tier | None:
    return tiers.group_tier(state, consents, group, NOW, asked_at=asked_at, flagged_for_safety=flagged)


@pytest.mark.parametrize("state", S)
def test_the_groups_tier_follows_the_state(state: ReferralState) -> None:
    expected = (
        Tier.OFFER
        if state in (S.REQUESTED, S.WAITLISTED)
        else Tier.ACCEPTED
        if state in (S.ACCEPTED, S.SCHEDULED, S.STARTED)
        else None
    )
    assert seen_by_group(state, BOTH, GROUP) is expected
    assert seen_by_group(state, BOTH, UUID(int=2)) is None
    assert seen_by_group(state, (), GROUP) is None
    assert seen_by_group(state, BOTH, GROUP, flagged=True) is None
    gone = [consent(purpose, withdrawn=True) for purpose in ConsentPurpose]
    assert seen_by_group(state, gone, GROUP) is None


def test_consent_to_an_offer_is_not_consent_to_a_name() -> None:
    assert seen_by_group(S.ACCEPTED, BOTH[:1], GROUP) is None
    assert seen_by_group(S.REQUESTED, BOTH[1:], GROUP) is None


def test_a_yes_that_came_later_was_a_yes_to_something_else() -> None:
    asked = BOTH[0].given_at - timedelta(seconds=1)
    assert seen_by_group(S.REQUESTED, BOTH, GROUP, asked_at=asked) is None
    assert seen_by_group(S.ACCEPTED, BOTH, GROUP, asked_at=asked) is None
    assert seen_by_group(S.ACCEPTED, BOTH, GROUP, asked_at=BOTH[0].given_at) is Tier.ACCEPTED


TUESDAY, THURSDAY = date(2026, 3, 3), date(2026, 3, 5)


@pytest.mark.parametrize(
    ("state", "scheduled_for", "visits", "expected"),
    [
        (S.ACCEPTED, None, [], True),
        (S.SCHEDULED, TUESDAY, [], True),
        (S.SCHEDULED, THURSDAY, [], False),
        (S.STARTED, THURSDAY, [THURSDAY], True),
        (S.STARTED, None, [THURSDAY, THURSDAY - timedelta(days=7)], False),
        (S.STARTED, None, [THURSDAY, TUESDAY - timedelta(days=7)], True),
        (S.REQUESTED, None, [], False),
        (S.WITHDRAWN, TUESDAY, [], False),
    ],
)
def test_who_may_well_come_on_a_tuesday(
    state: S, scheduled_for: date | None, visits: list[date], expected: bool
) -> None:
    assert rules.expected_on(state, scheduled_for, visits, TUESDAY) is expected


@pytest.mark.parametrize(
    ("way", "stands", "to_ring", "said"),
    [
        (Heard.TEXT, "off", False, "is off. They were told by text."),
        (Heard.EMAIL, "on", False, "is on after all. They were told by email."),
        (Heard.RING, "off", True, "is off. Ring them."),
        (Heard.RING, "off", False, "is off. They were rung."),
        (None, "off", False, "is off. They have not been told."),
        (
            Heard.TEXT,
            "2026-03-05T14:00",
            False,
            "has moved. It is now Thursday 5 March, 2pm. They were told by text.",
        ),
        (Heard.RING, "2026-03-05", True, "has moved. It is now Thursday 5 March. Ring them."),
    ],
)
def test_what_they_were_told_in_words(way: Heard | None, stands: str, to_ring: bool, said: str) -> None:
    told = say_told(way, stands, TUESDAY, TUESDAY, to_ring=to_ring)
    assert told == f"The session on {say_day(TUESDAY, TUESDAY)} {said}"


def test_a_session_that_has_not_moved_is_at_no_other_time() -> None:
    assert (say_stands("on", TUESDAY), say_stands("off", TUESDAY)) == ("", "")
