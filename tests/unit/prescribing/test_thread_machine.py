"""The whole thread driven at random: an episode, its need, and the referrals that try to meet it.

The machine does what the services do with the rules, and holds the contract's promises after every step.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise, product

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from core.calendar.rules import london_day
from core.errors import Refused
from prescribing.episodes.clocks import DueKind, Situation, holds_in, next_due
from prescribing.episodes.moves import Event, MoveKind, Mover, enter_in_error, undo_close
from prescribing.episodes.needs import NEED_CLOSED, NEED_OPEN, NeedState, move_need
from prescribing.episodes.rules import (
    CLOSE_REASONS,
    EPISODE_CLOSED,
    EPISODE_MOVES,
    EPISODE_ON_HOLD,
    EPISODE_OPEN,
    EpisodeState,
    move_episode,
    start_episode,
)
from prescribing.episodes.rules import can_move as can_move_episode
from prescribing.referrals.clocks import answer_clock, ask_link_worker_due, asked_since, expires
from prescribing.referrals.rules import (
    REFERRAL_CLOSED,
    REFERRAL_MOVES,
    REFERRAL_OPEN,
    DeclineReason,
    JoinMode,
    ReferralState,
    accept_by_rule,
    check_late_yes,
    late_yes,
    move_referral,
    need_after,
    start_referral,
    state_by_attendance,
)
from prescribing.referrals.rules import can_move as can_move_referral

TO_ACTIVE = (
    EpisodeState.SUBMITTED,
    EpisodeState.TRIAGE,
    EpisodeState.ALLOCATED,
    EpisodeState.CONTACTING,
    EpisodeState.ACTIVE,
)
# The contract's numbers of working days, and every bank holiday that a run can meet.
DAYS_OF = {DueKind.TRIAGE: 2, DueKind.FIRST_ATTEMPT: 5, DueKind.FEEDBACK: 5}
BANK_HOLIDAYS = [
    date.fromisoformat(f"2026-{day}")
    for day in ["04-03", "04-06", "05-04", "05-25", "08-31", "12-25", "12-28"]
]
BANK_HOLIDAYS += [date.fromisoformat(f"2027-{day}") for day in ["01-01", "03-26", "03-29", "05-03", "05-31"]]
PEOPLE = st.sampled_from(["ada", "ben", "cleo"])


class Sent:
    """One referral as its rows would hold it."""

    def __init__(self, events: list[Event]) -> None:
        self.events = events
        self.attended = 0
        self.asked: date | None = None

    @property
    def state(self) -> ReferralState:
        return ReferralState(self.events[-1].target)

    @property
    def asked_since(self) -> date:
        return asked_since(london_day(self.events[0].at), self.events)


class Thread(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.now = datetime(2026, 3, 30, 9, tzinfo=UTC)
        self.episode: list[Event] = []
        self.need: list[Event] = []
        self.referrals: list[Sent] = []

    @property
    def state(self) -> EpisodeState:
        return EpisodeState(self.episode[-1].target)

    @property
    def need_state(self) -> NeedState:
        return NeedState(self.need[-1].target)

    @property
    def today(self) -> date:
        return london_day(self.now)

    def follow_referrals(self, author: str) -> None:
        """What a service does in the same transaction as a referral's move."""
        before = self.need_state
        after = need_after(before, [sent.state for sent in self.referrals])
        if after is not before:
            self.need.append(move_need(before, after, movers={Mover.RULE}, author=author, at=self.now))

    @initialize(author=PEOPLE, mover=st.sampled_from([Mover.PERSON, Mover.REFERRER]), steps=st.integers(0, 5))
    def begin(self, author: str, mover: Mover, steps: int) -> None:
        self.episode = [start_episode(movers={mover}, author=author, at=self.now)]
        self.need = [Event(self.now, author, None, NeedState.RAISED)]
        for target in TO_ACTIVE[:steps]:
            self.step_to(target, author)

    def step_to(self, target: EpisodeState, author: str) -> None:
        reasons = CLOSE_REASONS.get(target)
        self.episode.append(
            move_episode(
                self.state,
                target,
                movers=EPISODE_MOVES[self.state][target],
                author=author,
                at=self.now,
                reason=reasons[-1] if reasons else None,
            )
        )

    @rule(days=st.integers(0, 12), hours=st.integers(0, 23))
    def time_passes(self, days: int, hours: int) -> None:
        self.now += timedelta(days=days, hours=hours)

    @precondition(lambda self: self.episode and self.state in EPISODE_OPEN)
    @rule(data=st.data(), author=PEOPLE, close=st.booleans())
    def move_the_episode(self, data: st.DataObject, author: str, close: bool) -> None:
        moves = [target for target in EPISODE_MOVES[self.state] if (target in EPISODE_CLOSED) is close]
        self.step_to(data.draw(st.sampled_from(sorted(moves))), author)

    @rule(author=PEOPLE, coordinator=st.booleans())
    def undo_the_closing(self, author: str, coordinator: bool) -> None:
        closing = self.episode[-1]
        allowed = (
            closing.kind is MoveKind.MOVE
            and closing.target in EPISODE_CLOSED
            and self.today - london_day(closing.at) <= timedelta(days=5)
            and (coordinator or author == closing.author)
        )
        try:
            event = undo_close(
                closing, author=author, coordinator=coordinator, at=self.now, closed=EPISODE_CLOSED
            )
        except Refused:
            assert not allowed
        else:
            assert allowed
            self.episode.append(event)

    @precondition(lambda self: any(sent.state in REFERRAL_CLOSED for sent in self.referrals))
    @rule(data=st.data(), author=PEOPLE, coordinator=st.booleans())
    def undo_the_closing_of_a_referral(self, data: st.DataObject, author: str, coordinator: bool) -> None:
        sent = data.draw(st.sampled_from([each for each in self.referrals if each.state in REFERRAL_CLOSED]))
        closing = sent.events[-1]
        allowed = (
            closing.kind is MoveKind.MOVE
            and self.today - london_day(closing.at) <= timedelta(days=5)
            and (coordinator or author == closing.author)
        )
        try:
            event = undo_close(
                closing, author=author, coordinator=coordinator, at=self.now, closed=REFERRAL_CLOSED
            )
        except Refused:
            assert not allowed
            return
        assert allowed
        sent.events.append(event)
        sent.asked = None
        # What had run out has its days again: nothing runs out on the day on which it was opened.
        if sent.state is ReferralState.REQUESTED:
            assert not expires(answer_clock(sent.asked_since, holds_in(self.episode)), self.today, sent.asked)
        self.follow_referrals(author)

    @rule(author=PEOPLE, agreed_by=PEOPLE)
    def mark_a_referral_as_a_mistake(self, author: str, agreed_by: str) -> None:
        for sent in self.referrals[-1:]:
            try:
                event = enter_in_error(
                    sent.state,
                    made_by=sent.events[0].author,
                    author=author,
                    agreed_by=agreed_by,
                    agreed_by_coordinator=agreed_by == "cleo",
                    at=self.now,
                    reason="entered twice",
                )
            except Refused:
                continue
            sent.events.append(event)
            self.follow_referrals(author)

    @precondition(lambda self: self.episode and self.state is EpisodeState.ACTIVE)
    @rule(author=PEOPLE, join=st.sampled_from(JoinMode))
    def refer(self, author: str, join: JoinMode) -> None:
        events = [start_referral(movers={Mover.LINK_WORKER}, author=author, at=self.now)]
        by_rule = accept_by_rule(join, author=author, at=self.now)
        self.referrals.append(Sent(events + ([by_rule] if by_rule else [])))
        self.follow_referrals(author)

    @precondition(lambda self: any(sent.state in REFERRAL_OPEN for sent in self.referrals))
    @rule(data=st.data(), author=PEOPLE)
    def move_a_referral(self, data: st.DataObject, author: str) -> None:
        sent = data.draw(st.sampled_from([each for each in self.referrals if each.state in REFERRAL_OPEN]))
        moves = REFERRAL_MOVES[sent.state]
        target = data.draw(st.sampled_from(sorted(set(moves) - {ReferralState.EXPIRED})))
        try:
            event = move_referral(
                sent.state,
                target,
                movers=moves[target],
                author=author,
                at=self.now,
                reason=DeclineReason.NO_CAPACITY if target is ReferralState.DECLINED else None,
                attended=sent.attended,
            )
        except Refused:
            assert target in (ReferralState.STARTED, ReferralState.COMPLETED, ReferralState.NEVER_STARTED)
            return
        sent.events.append(event)
        self.follow_referrals(author)

    @precondition(lambda self: self.referrals)
    @rule(data=st.data(), author=PEOPLE)
    def attend(self, data: st.DataObject, author: str) -> None:
        sent = data.draw(st.sampled_from(self.referrals))
        if sent.state not in (ReferralState.ACCEPTED, ReferralState.SCHEDULED, ReferralState.STARTED):
            return
        sent.attended += 1
        while (target := state_by_attendance(sent.state, sent.attended)) is not sent.state:
            sent.events.append(
                move_referral(
                    sent.state,
                    target,
                    movers={Mover.GROUP},
                    author=author,
                    at=self.now,
                    attended=sent.attended,
                )
            )
        self.follow_referrals(author)

    @rule()
    def the_clock_looks(self) -> None:
        holds = holds_in(self.episode)
        for sent in list(self.referrals):
            if sent.state is not ReferralState.REQUESTED:
                continue
            clock = answer_clock(sent.asked_since, holds)
            if ask_link_worker_due(clock, self.today, sent.asked):
                sent.asked = self.today
            if expires(clock, self.today, sent.asked):
                assert self.state not in EPISODE_ON_HOLD
                assert sent.asked is not None
                sent.events.append(
                    move_referral(
                        sent.state, ReferralState.EXPIRED, movers={Mover.CLOCK}, author="system", at=self.now
                    )
                )
                self.follow_referrals("system")

    @precondition(lambda self: self.referrals)
    @rule(author=PEOPLE)
    def say_yes_late(self, author: str) -> None:
        old = self.referrals[-1]
        try:
            check_late_yes(old.state)
        except Refused:
            assert old.state is not ReferralState.EXPIRED
            return
        self.referrals.append(Sent(list(late_yes(author=author, at=self.now))))
        assert old.state is ReferralState.EXPIRED
        self.follow_referrals(author)

    @precondition(lambda self: self.need and self.need_state in NEED_OPEN)
    @rule(to=st.sampled_from(sorted(NEED_CLOSED)), author=PEOPLE)
    def the_person_closes_the_need(self, to: NeedState, author: str) -> None:
        word = move_need(
            self.need_state,
            to,
            movers={Mover.LINK_WORKER},
            said_by=Mover.PERSON,
            author=author,
            at=self.now,
        )
        self.need.append(word)

    @invariant()
    def every_event_has_an_author_and_follows_the_last(self) -> None:
        for events in (self.episode, self.need, *(sent.events for sent in self.referrals)):
            assert all(event.author for event in events)
            for before, after in pairwise(events):
                assert after.source == before.target
                assert after.at >= before.at

    @invariant()
    def nothing_closed_reopens_but_by_undo_close(self) -> None:
        closed = {*EPISODE_CLOSED, *REFERRAL_CLOSED}
        for events in (self.episode, *(sent.events for sent in self.referrals)):
            for event in events:
                if event.source in closed:
                    assert event.kind in (MoveKind.UNDO_CLOSE, MoveKind.ENTERED_IN_ERROR)
        assert not any(event.source in NEED_CLOSED for event in self.need)

    @invariant()
    def the_need_stands_where_its_referrals_leave_it(self) -> None:
        if not self.need or self.need_state in NEED_CLOSED:
            return
        helping = any(
            sent.state in REFERRAL_OPEN or sent.state is ReferralState.COMPLETED for sent in self.referrals
        )
        assert self.need_state is (NeedState.BEING_ADDRESSED if helping else NeedState.RAISED)

    @invariant()
    def nothing_closed_can_be_moved_by_anybody(self) -> None:
        if self.episode and self.state in EPISODE_CLOSED:
            assert not any(
                can_move_episode(self.state, target, {mover}, said_by=said_by)
                for target, mover, said_by in product(EpisodeState, Mover, [None, *Mover])
            )
        for closed in {sent.state for sent in self.referrals} & REFERRAL_CLOSED:
            assert not any(
                can_move_referral(closed, target, {mover}, said_by=said_by)
                for target, mover, said_by in product(ReferralState, Mover, [None, *Mover])
            )

    @invariant()
    def nobody_but_the_person_closes_the_need(self) -> None:
        if not self.need:
            return
        others = set(Mover) - {Mover.PERSON}
        for target in NeedState if self.need_state in NEED_CLOSED else NEED_CLOSED:
            try:
                move_need(self.need_state, target, movers=others, author="ada", at=self.now)
            except Refused:
                continue
            raise AssertionError(f"{target} without the person's word")

    @invariant()
    def what_the_person_closed_stays_closed(self) -> None:
        closings = [event.target for event in self.need if event.target in NEED_CLOSED]
        assert not closings or closings == [self.need_state]

    @invariant()
    def the_clocks_keep_working_days_and_stop_on_hold(self) -> None:
        if not self.episode:
            return
        found = next_due(Situation(self.state, self.episode, wants_feedback=True), self.today)
        if self.state in EPISODE_ON_HOLD:
            assert found is not None
            assert (found.kind, found.on, found.late(self.today)) == (DueKind.ON_HOLD, None, 0)
        elif found is not None and found.kind in DAYS_OF:
            start, days = self.start_of(found.kind), DAYS_OF[found.kind]
            assert found.on is not None
            assert self.running_days(start, found.on) == days
        for sent in self.referrals:
            start = sent.asked_since
            by = answer_clock(start, holds_in(self.episode)).answer_by
            assert (by is None) is (self.state in EPISODE_ON_HOLD)
            assert by is None or self.running_days(start, by) == 10

    def start_of(self, kind: DueKind) -> date:
        begins = {DueKind.TRIAGE: EpisodeState.SUBMITTED, DueKind.FIRST_ATTEMPT: EpisodeState.ALLOCATED}
        began = [event for event in self.episode if event.target == begins.get(kind, self.state)]
        return london_day(began[-1].at)

    def running_days(self, start: date, end: date) -> int:
        """Working days after `start`, to `end`, on no part of which the case was on hold. Counted the slow way."""
        count = 0
        for n in range(1, (end - start).days + 1):
            day = start + timedelta(days=n)
            held = any(
                london_day(before.at) <= day <= london_day(after.at)
                for before, after in pairwise(self.episode)
                if before.target in EPISODE_ON_HOLD
            )
            count += day.weekday() < 5 and day not in BANK_HOLIDAYS and not held
        return count


Thread.TestCase.settings = settings(
    max_examples=settings().max_examples * 4 // 5, stateful_step_count=30, deadline=None
)
TestThread = Thread.TestCase
