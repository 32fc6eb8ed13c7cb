"""The episode's table of moves, closing and its undoing, needs and contact attempts."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.access.rules import Role
from core.errors import Invalid, Refused
from prescribing.episodes import contacts, moves, needs, rules
from prescribing.episodes.contacts import Attempt, Direction, Outcome
from prescribing.episodes.moves import Event, MoveKind, Mover
from prescribing.episodes.needs import NeedState
from prescribing.episodes.rules import CloseReason, EpisodeState, Priority
from prescribing.people.safe_contact import Channel

S = EpisodeState
NOW = datetime(2026, 3, 3, 12, tzinfo=UTC)
OPEN = ["draft", "submitted", "triage", "needs-info", "allocated", "contacting", "active", "paused"]

# The contract's list of moves and of who moves there, written out a second time.
CONTRACT_MOVES = {
    "draft": "submitted",
    "submitted": "triage",
    "triage": "needs-info allocated not-appropriate",
    "needs-info": "triage",
    "allocated": "contacting",
    "contacting": "active paused uncontactable not-appropriate",
    "active": "paused completed uncontactable not-appropriate",
    "paused": "contacting active",
}
CONTRACT_MOVERS = {
    "submitted": "referrer person",
    "triage": "coordinator",
    "needs-info": "coordinator",
    "allocated": "coordinator",
    "contacting": "link-worker",
    "active": "link-worker",
    "paused": "link-worker person",
    "completed": "link-worker",
    "not-appropriate": "coordinator",
    "person-declined": "person",
    "uncontactable": "link-worker",
    "withdrawn": "link-worker",
}


def test_the_table_is_the_contracts() -> None:
    expected = {
        (source, target, mover)
        for source in OPEN
        for target in [*CONTRACT_MOVES[source].split(), "person-declined", "withdrawn"]
        for mover in CONTRACT_MOVERS[target].split()
    }
    actual = {
        (source, target, mover)
        for source, targets in rules.EPISODE_MOVES.items()
        for target, allowed in targets.items()
        for mover in allowed
    }
    assert actual == expected
    assert {state.value for state in rules.EPISODE_OPEN} == set(OPEN)
    assert set(rules.EPISODE_MOVES) == set(S) == set(rules.EPISODE_WORDS)


def test_every_move_is_allowed_or_refused_as_the_table_says() -> None:
    for source, target, mover in product(S, S, Mover):
        allowed = mover in rules.EPISODE_MOVES[source].get(target, ())
        assert rules.can_move(source, target, {mover}) is allowed, (source, target, mover)


def test_a_refusal_says_why_in_plain_words() -> None:
    with pytest.raises(Refused, match="for a coordinator to decide"):
        rules.may_move(S.TRIAGE, S.ALLOCATED, {Mover.LINK_WORKER})
    with pytest.raises(Refused, match="It does not reopen"):
        rules.may_move(S.COMPLETED, S.ACTIVE, {Mover.LINK_WORKER})
    with pytest.raises(Refused, match=r"“received”\. It cannot become “paused”"):
        rules.may_move(S.SUBMITTED, S.PAUSED, {Mover.LINK_WORKER})
    with pytest.raises(Refused, match="This is “paused” already"):
        rules.may_move(S.PAUSED, S.PAUSED, {Mover.LINK_WORKER})
    with pytest.raises(Refused, match="for the person or a link worker"):
        rules.may_move(S.ACTIVE, S.PAUSED, {Mover.GROUP})


def test_a_link_worker_writes_down_the_persons_word() -> None:
    assert not rules.can_move(S.ACTIVE, S.PERSON_DECLINED, {Mover.LINK_WORKER})
    assert rules.can_move(S.ACTIVE, S.PERSON_DECLINED, {Mover.LINK_WORKER}, said_by=Mover.PERSON)
    assert rules.can_move(S.ACTIVE, S.PERSON_DECLINED, {Mover.PERSON}, said_by=Mover.PERSON)
    with pytest.raises(Refused, match="cannot record what the person decided"):
        rules.may_move(S.ACTIVE, S.PERSON_DECLINED, {Mover.GROUP}, said_by=Mover.PERSON)
    with pytest.raises(Refused, match="for a coordinator"):
        rules.may_move(S.TRIAGE, S.ALLOCATED, {Mover.COORDINATOR}, said_by=Mover.PERSON)


def test_the_choices_on_a_page() -> None:
    assert rules.moves_from(S.ALLOCATED, {Mover.LINK_WORKER}) == (
        S.CONTACTING,
        S.PERSON_DECLINED,
        S.WITHDRAWN,
    )
    assert rules.moves_from(S.ACTIVE, {Mover.PERSON}) == (S.PAUSED, S.PERSON_DECLINED)
    assert rules.moves_from(S.COMPLETED, set(Mover)) == ()


def test_roles_become_movers() -> None:
    assert moves.movers_of([Role.COORDINATOR]) == {Mover.COORDINATOR, Mover.LINK_WORKER}
    assert moves.movers_of([Role.RESIDENT, Role.GROUP_MEMBER]) == {Mover.PERSON, Mover.GROUP}
    assert moves.movers_of([Role.COMMISSIONER, Role.ADMINISTRATOR, Role.EDITOR]) == frozenset()


def test_a_draft_is_started_by_whoever_asks() -> None:
    event = rules.start_episode(movers={Mover.REFERRER}, author="a", at=NOW)
    assert (event.source, event.target) == (None, S.DRAFT)
    with pytest.raises(Refused):
        rules.start_episode(movers={Mover.LINK_WORKER}, author="a", at=NOW)


def move(source: EpisodeState, target: EpisodeState, reason: CloseReason | None = None) -> Event:
    said_by = Mover.PERSON if target is S.PERSON_DECLINED else None
    return rules.move_episode(
        source,
        target,
        movers=set(Mover) - {Mover.PERSON},
        author="worker",
        at=NOW,
        reason=reason,
        note="because",
        said_by=said_by,
    )


def test_a_move_stores_author_time_from_to_and_reason() -> None:
    event = move(S.TRIAGE, S.NEEDS_INFO)
    assert event == Event(NOW, "worker", S.TRIAGE, S.NEEDS_INFO, "because")
    assert move(S.ACTIVE, S.PERSON_DECLINED).said_by is Mover.PERSON


def test_closing_needs_a_reason_of_its_own() -> None:
    assert move(S.ACTIVE, S.COMPLETED, CloseReason.PARTLY_MET).reason == "partly-met"
    assert move(S.CONTACTING, S.UNCONTACTABLE).reason == "no-contact"
    with pytest.raises(Invalid, match="goals met, goals partly met"):
        move(S.ACTIVE, S.COMPLETED)
    with pytest.raises(Invalid, match="is not a reason"):
        move(S.ACTIVE, S.COMPLETED, CloseReason.MOVED)
    with pytest.raises(Invalid, match="is not a reason"):
        move(S.ACTIVE, S.PAUSED, CloseReason.GOALS_MET)


def test_only_a_death_stops_everything() -> None:
    stopped = [
        (target, reason)
        for target, reason in product(S, [None, *CloseReason])
        if rules.stops_everything(target, reason)
    ]
    assert stopped == [(S.WITHDRAWN, CloseReason.DIED)]


def test_an_event_needs_an_author_and_a_time_with_a_zone() -> None:
    with pytest.raises(ValueError, match="author"):
        Event(NOW, " ", None, "draft")
    with pytest.raises(ValueError, match="time zone"):
        Event(datetime(2026, 3, 3), "a", None, "draft")


CLOSING = Event(NOW, "worker", S.ACTIVE, S.COMPLETED, "goals-met")


def undo(closing: Event, author: str, days: int, *, coordinator: bool = False) -> Event:
    return moves.undo_close(
        closing,
        author=author,
        coordinator=coordinator,
        at=closing.at + timedelta(days=days),
        closed=rules.EPISODE_CLOSED,
    )


def test_a_closing_can_be_undone_within_five_days_by_its_author_or_a_coordinator() -> None:
    for event in (undo(CLOSING, "worker", 5), undo(CLOSING, "other", 0, coordinator=True)):
        assert (event.source, event.target, event.kind) == (S.COMPLETED, S.ACTIVE, MoveKind.UNDO_CLOSE)
    with pytest.raises(Refused, match="more than 5 days"):
        undo(CLOSING, "worker", 6)
    with pytest.raises(Refused, match="Only whoever closed"):
        undo(CLOSING, "other", 1)


@pytest.mark.parametrize(
    "event",
    [
        Event(NOW, "worker", S.TRIAGE, S.ALLOCATED),
        Event(NOW, "worker", S.ACTIVE, S.ENTERED_IN_ERROR, "x", kind=MoveKind.ENTERED_IN_ERROR),
        Event(NOW, "worker", None, S.COMPLETED),
    ],
)
def test_nothing_else_can_be_undone(event: Event) -> None:
    with pytest.raises(Refused, match="no closing to undo"):
        undo(event, "worker", 0, coordinator=True)


def error(
    state: str = S.ACTIVE, author: str = "maker", agreed_by: str = "lead", reason: str = "twice"
) -> Event:
    return moves.enter_in_error(
        state,
        made_by="maker",
        author=author,
        agreed_by=agreed_by,
        agreed_by_coordinator=agreed_by != "peer",
        at=NOW,
        reason=reason,
    )


def test_a_mistake_is_marked_by_its_author_with_a_coordinator() -> None:
    assert (error().target, error().kind) == (S.ENTERED_IN_ERROR, MoveKind.ENTERED_IN_ERROR)
    assert error(S.COMPLETED).source == S.COMPLETED
    with pytest.raises(Refused, match="Only whoever entered"):
        error(author="other")
    for agreed_by in ("peer", "maker"):
        with pytest.raises(Refused, match="coordinator"):
            error(agreed_by=agreed_by)
    with pytest.raises(Invalid, match="what the mistake was"):
        error(reason=" ")
    with pytest.raises(Refused, match="already"):
        error(S.ENTERED_IN_ERROR)


CONTRACT_FHIR = """
draft draft draft -
submitted active requested received
triage active requested triage
needs-info active on-hold needs-info
allocated active accepted awaiting-contact
contacting active in-progress attempt-1
active active in-progress supporting
paused on-hold on-hold paused
not-appropriate revoked rejected redirected
person-declined revoked cancelled declined
uncontactable revoked failed no-contact
entered-in-error entered-in-error entered-in-error -
"""


@pytest.mark.parametrize("line", CONTRACT_FHIR.split("\n")[1:-1])
def test_states_as_fhir_says_them(line: str) -> None:
    state, service_request, task, business = line.split()
    said = rules.fhir_status(S(state))
    assert (said.service_request, said.task, said.business or "-") == (service_request, task, business)


def test_fhir_business_status_of_attempts_and_reasons() -> None:
    assert rules.fhir_status(S.CONTACTING, attempts=3).business == "attempt-3"
    assert rules.fhir_status(S.COMPLETED, CloseReason.GOALS_MET) == moves.FhirStatus(
        "completed", "completed", "goals-met"
    )
    for reason in (CloseReason.WITHDRAWN, CloseReason.MOVED, CloseReason.DIED):
        assert rules.fhir_status(S.WITHDRAWN, reason) == moves.FhirStatus("revoked", "cancelled", reason)


def test_triage_order() -> None:
    early, late = NOW, NOW + timedelta(hours=1)
    keys = {
        "routine early": rules.triage_order(Priority.ROUTINE, early),
        "routine late": rules.triage_order(Priority.ROUTINE, late),
        "routine late with a risk": rules.triage_order(Priority.ROUTINE, late, risk=True),
        "urgent late": rules.triage_order(Priority.URGENT, late),
        "soon": rules.triage_order(Priority.SOON, late),
    }
    assert sorted(keys, key=keys.__getitem__) == [
        "urgent late",
        "soon",
        "routine late with a risk",
        "routine early",
        "routine late",
    ]


N = NeedState


def move_need(state: NeedState, target: NeedState, mover: Mover, said_by: Mover | None = None) -> Event:
    return needs.move_need(state, target, movers={mover}, author="worker", at=NOW, said_by=said_by)


@pytest.mark.parametrize("state", sorted(needs.NEED_OPEN))
@pytest.mark.parametrize("target", sorted(needs.NEED_CLOSED))
def test_a_need_closes_only_by_the_persons_word(state: NeedState, target: NeedState) -> None:
    for mover in set(Mover) - {Mover.PERSON}:
        with pytest.raises(Refused, match="the person to decide"):
            move_need(state, target, mover)
    assert move_need(state, target, Mover.PERSON).target is target
    assert move_need(state, target, Mover.LINK_WORKER, Mover.PERSON).said_by is Mover.PERSON


def test_needs_that_cannot_move() -> None:
    with pytest.raises(Refused, match="Add it again as a new need"):
        move_need(N.MET, N.RAISED, Mover.PERSON)
    with pytest.raises(Refused, match="already"):
        move_need(N.RAISED, N.RAISED, Mover.LINK_WORKER)


def test_an_open_need_follows_what_works_on_it() -> None:
    assert needs.need_by_events(N.RAISED, being_addressed=True) is N.BEING_ADDRESSED
    assert needs.need_by_events(N.BEING_ADDRESSED, being_addressed=False) is N.RAISED
    assert needs.need_by_events(N.MET, being_addressed=False) is N.MET
    assert needs.need_by_events(N.DROPPED, being_addressed=True) is N.DROPPED


def attempt(
    day: int,
    channel: Channel = Channel.PHONE,
    outcome: Outcome = Outcome.NO_ANSWER,
    *,
    inbound: bool = False,
) -> Attempt:
    direction = Direction.INBOUND if inbound else Direction.OUTBOUND
    return Attempt(NOW + timedelta(days=day), channel, outcome, direction)


def test_tries_count_from_the_last_time_we_were_in_touch() -> None:
    talked = attempt(2, outcome=Outcome.TALKED)
    assert contacts.tries([attempt(3), talked, attempt(1)]) == (attempt(3),)
    assert contacts.reached([attempt(1), talked])
    assert contacts.reached([attempt(1, outcome=Outcome.MESSAGE_LEFT, inbound=True)])
    assert not contacts.reached([attempt(1)])


def test_a_person_counts_as_not_reached_after_three_tries_over_two_ways() -> None:
    three = [attempt(1), attempt(2), attempt(3)]
    with pytest.raises(Refused, match="You have tried 3 so far"):
        contacts.check_uncontactable(three, 3, 2)
    with pytest.raises(Refused, match="You have tried 2 so far"):
        contacts.check_uncontactable([attempt(1), attempt(2, Channel.TEXT)], 3, 2)
    contacts.check_uncontactable([*three[:2], attempt(3, Channel.LETTER)], 3, 2)
    contacts.check_uncontactable(three, 3, 2, safe={Channel.PHONE})
    assert not contacts.enough_tries([], 3, 2, safe=set())
    again = [attempt(1), attempt(1, Channel.TEXT), attempt(1), attempt(2)]
    assert contacts.days_tried(again) == 2, "tries on one day count once"
    with pytest.raises(Refused, match="You have tried 2 so far"):
        contacts.check_uncontactable(again, 3, 2)


def test_a_contact_was_now_or_on_the_day_and_at_the_time_that_somebody_says() -> None:
    now = datetime(2026, 7, 6, 14, 30, tzinfo=UTC)
    friday = date(2026, 7, 3)
    assert contacts.when_of(None, None, now) is None
    assert contacts.when_of(date(2026, 7, 6), None, now) is None
    assert contacts.when_of(friday, None, now) == datetime(2026, 7, 3, 11, tzinfo=UTC)
    assert contacts.when_of(friday, time(10), now) == datetime(2026, 7, 3, 9, tzinfo=UTC)
    assert contacts.when_of(None, time(9, 15), now) == datetime(2026, 7, 6, 8, 15, tzinfo=UTC)
    assert contacts.may_undo(now - timedelta(minutes=10), now)
    assert not contacts.may_undo(now - timedelta(minutes=11), now)


@given(st.lists(st.sampled_from(Channel), max_size=6), st.integers(1, 4), st.integers(1, 3))
def test_enough_means_number_and_channels(ways: list[Channel], needed: int, channels: int) -> None:
    made = [attempt(day, way) for day, way in enumerate(ways)]
    enough = len(ways) >= needed and len(set(ways)) >= channels
    assert contacts.enough_tries(made, needed, channels) is enough


def test_words_are_there_for_everything_that_a_page_names() -> None:
    assert set(moves.MOVER_WORDS) == set(Mover)
    assert set(rules.REASON_WORDS) == set(CloseReason)
    assert set(needs.NEED_WORDS) == set(NeedState)
    assert set(contacts.OUTCOME_WORDS) == set(Outcome)


def test_goals_count_as_met_only_where_one_is() -> None:
    for reason, goals, met in ((CloseReason.GOALS_MET, 0, 0), (CloseReason.GOALS_MET, 2, 1), (None, 2, 0)):
        rules.check_goals_met(reason, goals, met)
    rules.check_goals_met(CloseReason.PARTLY_MET, 2, 0)
    with pytest.raises(Invalid, match="No goal is marked as met"):
        rules.check_goals_met(CloseReason.GOALS_MET, 2, 0)


def test_whom_no_link_worker_has_is_said_with_what_to_do() -> None:
    assert [state for state in S if not rules.with_nobody(state, died=False)] == [
        S.ALLOCATED, S.CONTACTING, S.ACTIVE, S.PAUSED
    ]  # fmt: skip
    assert "Start again first" in rules.with_nobody(S.COMPLETED, died=False)
    assert "Give them to one first" in rules.with_nobody(S.TRIAGE, died=False)
    assert rules.with_nobody(S.WITHDRAWN, died=True) == "They have died."
