"""What is due next in an episode, why, and by when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.calendar.rules import is_working_day, working_days_between
from prescribing.episodes import clocks
from prescribing.episodes.clocks import Clocks, Due, DueKind, Hold, Situation, next_due
from prescribing.episodes.contacts import Attempt, Direction, Outcome
from prescribing.episodes.moves import Event
from prescribing.episodes.rules import EPISODE_CLOSED, CloseReason, EpisodeState
from prescribing.people.safe_contact import Channel

S = EpisodeState
TUESDAY = date(2026, 3, 3)
DAYS = st.dates(date(2024, 1, 1), date(2030, 1, 1))


def noon(day: date) -> datetime:
    return datetime.combine(day, time(12), tzinfo=UTC)


def day(n: int) -> date:
    return TUESDAY + timedelta(days=n)


def history(*steps: tuple[int, EpisodeState]) -> tuple[Event, ...]:
    """Events from (days after the Tuesday, state)."""
    states = [None, *(state for _, state in steps)]
    return tuple(
        Event(noon(day(after)), "worker", source, target)
        for (after, target), source in zip(steps, states, strict=False)
    )


def attempt(
    after: int,
    channel: Channel = Channel.PHONE,
    outcome: Outcome = Outcome.NO_ANSWER,
    direction: Direction = Direction.OUTBOUND,
) -> Attempt:
    return Attempt(noon(day(after)), channel, outcome, direction)


def due(case: Situation, today: date = TUESDAY) -> tuple[DueKind, date | None] | None:
    found = next_due(case, today)
    return None if found is None else (found.kind, found.on)


SENT = history((0, S.DRAFT), (0, S.SUBMITTED))
GIVEN = (*SENT, *history((0, S.TRIAGE), (0, S.ALLOCATED)))


def test_a_draft_is_nobodys_work() -> None:
    assert due(Situation(S.DRAFT, ())) is None


def test_triage_within_two_working_days() -> None:
    assert due(Situation(S.SUBMITTED, SENT)) == (DueKind.TRIAGE, date(2026, 3, 5))
    assert due(Situation(S.TRIAGE, (*SENT, *history((1, S.TRIAGE))))) == (DueKind.TRIAGE, date(2026, 3, 5))
    assert due(Situation(S.SUBMITTED, ())) == (DueKind.TRIAGE, date(2026, 3, 5))


def test_waiting_for_information_stops_the_clock() -> None:
    asked = (*SENT, *history((1, S.TRIAGE), (1, S.NEEDS_INFO)))
    found = next_due(Situation(S.NEEDS_INFO, asked), day(30))
    assert found == Due(DueKind.ON_HOLD, "Waiting for more information since Wednesday 4 March.", None)
    assert found.late(day(30)) == 0
    assert found.say(day(30)) == "no clock is running"
    back = (*asked, *history((6, S.TRIAGE)))
    assert due(Situation(S.TRIAGE, back), day(7)) == (DueKind.TRIAGE, date(2026, 3, 11))


def test_a_pause_has_a_day_to_look_again_if_one_was_set() -> None:
    paused = (*GIVEN, *history((1, S.CONTACTING), (2, S.PAUSED)))
    assert due(Situation(S.PAUSED, paused, next_step_on=day(20))) == (DueKind.ON_HOLD, day(20))
    found = next_due(Situation(S.PAUSED, paused), day(3))
    assert found is not None
    assert found.why == "Paused since Thursday 5 March."


def test_first_attempt_within_five_working_days() -> None:
    for state in (S.ALLOCATED, S.CONTACTING):
        assert due(Situation(state, GIVEN)) == (DueKind.FIRST_ATTEMPT, date(2026, 3, 10))
    found = next_due(Situation(S.ALLOCATED, GIVEN), date(2026, 3, 12))
    assert found is not None
    assert found.late(date(2026, 3, 12)) == 2
    assert found.say(date(2026, 3, 12)) == "2 working days late"
    assert found.why == "Given to you 9 days ago. Nobody has been in touch yet."


def test_three_attempts_over_two_ways_by_fifteen_days() -> None:
    def trying(*attempts: Attempt, safe: frozenset[Channel] | None = None) -> Situation:
        return Situation(S.CONTACTING, GIVEN, attempts, safe=safe)

    assert due(trying(attempt(1))) == (DueKind.NEXT_ATTEMPT, date(2026, 3, 17))
    assert due(trying(attempt(1), attempt(3))) == (DueKind.NEXT_ATTEMPT, date(2026, 3, 24))
    one_way = (attempt(1), attempt(3), attempt(6))
    found = next_due(trying(*one_way), day(7))
    assert found is not None
    assert (found.kind, found.on) == (DueKind.NEXT_ATTEMPT, date(2026, 3, 24))
    assert found.why == "Try 4: you last tried yesterday. Use another way that is safe."
    enough = next_due(trying(*one_way, attempt(7, Channel.TEXT)), day(8))
    assert enough is not None
    assert (enough.kind, enough.on) == (DueKind.DECIDE_NO_CONTACT, date(2026, 3, 24))
    assert enough.why.startswith("You have tried 4 times in 2 ways.")
    only_phone = next_due(trying(*one_way, safe=frozenset({Channel.PHONE})), day(8))
    assert only_phone is not None
    assert only_phone.why.startswith("You have tried 3 times in 1 way.")


def test_attempts_before_this_allocation_do_not_count() -> None:
    assert due(Situation(S.ALLOCATED, GIVEN, [attempt(-5)])) == (DueKind.FIRST_ATTEMPT, date(2026, 3, 10))


@pytest.mark.parametrize(
    "contact",
    [
        attempt(2, outcome=Outcome.TALKED),
        attempt(2, outcome=Outcome.MESSAGE_LEFT, direction=Direction.INBOUND),
    ],
)
def test_once_in_touch_the_plan_is_due(contact: Attempt) -> None:
    case = Situation(S.CONTACTING, GIVEN, [attempt(1), contact])
    assert due(case) == (DueKind.AGREE_PLAN, date(2026, 3, 12))


def test_a_booked_talk_is_moving_and_does_not_alarm() -> None:
    case = Situation(S.CONTACTING, GIVEN, next_step="Ring at 2pm", next_step_on=day(30))
    assert next_due(case, day(20)) == Due(DueKind.NEXT_STEP, "Ring at 2pm", day(30))
    assert due(case, day(31)) == (DueKind.FIRST_ATTEMPT, date(2026, 3, 10))


def test_active_cases_show_their_next_step() -> None:
    active = (*GIVEN, *history((1, S.CONTACTING), (2, S.ACTIVE)))
    found = next_due(Situation(S.ACTIVE, active, next_step_on=day(9)), day(3))
    assert found == Due(DueKind.NEXT_STEP, "The next step that you planned.", day(9))
    assert due(Situation(S.ACTIVE, active, moving=True)) == (DueKind.WAITING, None)
    assert due(Situation(S.ACTIVE, active), date(2026, 3, 7)) == (DueKind.NEXT_STEP, date(2026, 3, 9))


DONE = (*GIVEN, *history((1, S.CONTACTING), (2, S.ACTIVE), (10, S.COMPLETED)))


def test_feedback_within_five_days_of_closing_then_follow_ups() -> None:
    def closed(
        *, feedback_sent: bool = True, followed: date | None = None, clocks_: Clocks | None = None
    ) -> Situation:
        return Situation(
            S.COMPLETED,
            DONE,
            wants_feedback=True,
            feedback_sent=feedback_sent,
            followed_up_on=followed,
            reason=CloseReason.GOALS_MET,
            clocks=clocks_ or Clocks(),
        )

    assert due(closed(feedback_sent=False), day(11)) == (DueKind.FEEDBACK, date(2026, 3, 20))
    assert due(closed()) == (DueKind.FOLLOW_UP, date(2026, 6, 15))
    assert due(closed(followed=date(2026, 6, 15))) == (DueKind.FOLLOW_UP, date(2026, 9, 14))
    assert due(closed(followed=date(2026, 9, 20))) == (DueKind.FOLLOW_UP, date(2027, 3, 15))
    assert due(closed(followed=date(2027, 3, 15))) is None
    assert due(closed(followed=date.max)) is None
    assert due(closed(clocks_=Clocks(follow_up_months=()))) is None


def test_nothing_is_due_after_a_death_or_a_mistake() -> None:
    gone = (*GIVEN, *history((3, S.WITHDRAWN)))
    assert due(Situation(S.WITHDRAWN, gone, wants_feedback=True, reason=CloseReason.DIED)) is None
    assert due(Situation(S.ENTERED_IN_ERROR, gone, wants_feedback=True)) is None
    moved = Situation(S.WITHDRAWN, gone, wants_feedback=True, reason=CloseReason.MOVED)
    assert due(moved) == (DueKind.FEEDBACK, date(2026, 3, 13))
    assert due(Situation(S.PERSON_DECLINED, gone, reason=CloseReason.DECLINED)) is None


def test_today_puts_the_latest_first_and_what_waits_last() -> None:
    late = Due(DueKind.TRIAGE, "", day(-3))
    soon = Due(DueKind.TRIAGE, "", day(1))
    held = Due(DueKind.ON_HOLD, "", None)
    keys = [
        clocks.today_order(None),
        clocks.today_order(soon),
        clocks.today_order(soon, risk=True),
        clocks.today_order(held, risk=True),
        clocks.today_order(late),
    ]
    assert sorted(range(5), key=keys.__getitem__) == [4, 2, 1, 3, 0]


def test_holds_are_read_from_the_history() -> None:
    events = history((0, S.SUBMITTED), (1, S.NEEDS_INFO), (2, S.PAUSED), (4, S.ACTIVE), (6, S.PAUSED))
    assert clocks.holds_in(events) == (Hold(day(1), day(4)), Hold(day(6), None))
    assert clocks.last_entered(events, S.PAUSED) == day(6)
    assert clocks.last_entered(events, S.COMPLETED) is None


@given(DAYS, st.integers(0, 30), st.lists(st.tuples(st.integers(0, 40), st.integers(0, 10)), max_size=3))
def test_a_deadline_counts_only_working_days_off_hold(
    start: date, days: int, pauses: Sequence[tuple[int, int]]
) -> None:
    holds = [
        Hold(start + timedelta(days=after), start + timedelta(days=after + length))
        for after, length in pauses
    ]
    by = clocks.deadline(start, days, holds)
    free = clocks.deadline(start, days)
    assert by is not None
    assert free is not None
    assert is_working_day(by)
    assert by >= free
    if days:
        running = (start + timedelta(days=n) for n in range(1, (by - start).days + 1))
        counted = [
            each for each in running if is_working_day(each) and not any(h.covers(each) for h in holds)
        ]
        assert len(counted) == days
        assert working_days_between(start, free) == days
    assert clocks.deadline(start, days, [*holds, Hold(start, None)]) is None


@given(st.sampled_from(sorted(EPISODE_CLOSED)), st.sampled_from([None, *CloseReason]), st.integers(0, 400))
def test_nothing_closed_asks_for_a_contact(
    state: EpisodeState, reason: CloseReason | None, after: int
) -> None:
    case = Situation(state, (*GIVEN, *history((3, state))), reason=reason, wants_feedback=True)
    found = next_due(case, day(after))
    assert found is None or found.kind in (DueKind.FEEDBACK, DueKind.FOLLOW_UP)
