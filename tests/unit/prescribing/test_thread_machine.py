"""The whole thread driven at random: an episode, its need, and the referrals that try to meet it.

The machine does what the services do with the rules, and holds the contract's promises after every step.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from core.calendar.rules import is_working_day, london_day
from core.errors import Invalid, Refused
from prescribing.episodes.clocks import DueKind, Situation, holds_in, next_due
from prescribing.episodes.moves import Event, MoveKind, Mover, enter_in_error, undo_close
from prescribing.episodes.needs import NEED_CLOSED, NEED_OPEN, NeedState, move_need
from prescribing.episodes.rules import (
    CLOSE_REASONS,
    EPISODE_CLOSED,
    EPISODE_MOVES,
    EPISODE_ON_HOLD,
    EPISODE_OPEN,
    CloseReason,
    EpisodeState,
    move_episode,
    start_episode,
)
from prescribing.referrals.clocks import answer_clock, ask_link_worker_due, expires
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

MOVERS = st.sampled_from(Mover)
MAYBE_PERSON = st.sampled_from([None, Mover.PERSON, Mover.GROUP])
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

    @initialize(author=PEOPLE, mover=st.sampled_from([Mover.PERSON, Mover.REFERRER]))
    def begin(self, author: str, mover: Mover) -> None:
        self.episode = [start_episode(movers={mover}, author=author, at=self.now)]
        self.need = [Event(self.now, author, None, NeedState.RAISED)]

    @rule(days=st.integers(0, 12), hours=st.integers(0, 23))
    def time_passes(self, days: int, hours: int) -> None:
        self.now += timedelta(days=days, hours=hours)

    @rule(
        to=st.sampled_from(EpisodeState),
        mover=MOVERS,
        said_by=MAYBE_PERSON,
        author=PEOPLE,
        reason=st.sampled_from([None, *CloseReason]),
    )
    def move_anywhere(
        self,
        to: EpisodeState,
        mover: Mover,
        said_by: Mover | None,
        author: str,
        reason: CloseReason | None,
    ) -> None:
        before = self.state
        try:
            event = move_episode(
                before, to, movers={mover}, author=author, at=self.now, reason=reason, said_by=said_by
            )
        except Refused:
            decider = said_by or mover
            assert decider not in EPISODE_MOVES[before].get(to, ()) or said_by not in (None, mover)
        except Invalid:
            assert reason not in CLOSE_REASONS.get(to, (None,))
        else:
            self.episode.append(event)

    @precondition(lambda self: self.episode and self.state in EPISODE_OPEN)
    @rule(data=st.data(), author=PEOPLE)
    def move_on(self, data: st.DataObject, author: str) -> None:
        moves = EPISODE_MOVES[self.state]
        staying = [target for target in moves if target in EPISODE_OPEN]
        target = data.draw(st.sampled_from(sorted(staying or moves)))
        reasons = CLOSE_REASONS.get(target)
        self.episode.append(
            move_episode(
                self.state,
                target,
                movers=moves[target],
                author=author,
                at=self.now,
                reason=reasons[0] if reasons else None,
            )
        )

    @rule(author=PEOPLE, coordinator=st.booleans())
    def undo_the_closing(self, author: str, coordinator: bool) -> None:
        closing = self.episode[-1]
        try:
            event = undo_close(
                closing, author=author, coordinator=coordinator, at=self.now, closed=EPISODE_CLOSED
            )
        except Refused:
            late = (self.today - london_day(closing.at)).days > 5
            plain = closing.kind is MoveKind.MOVE and closing.target in EPISODE_CLOSED
            assert not plain or late or (author != closing.author and not coordinator)
        else:
            assert (self.today - london_day(closing.at)).days <= 5
            assert coordinator or author == closing.author
            self.episode.append(event)

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

    @precondition(lambda self: self.referrals)
    @rule(data=st.data(), author=PEOPLE, mover=MOVERS, said_by=MAYBE_PERSON)
    def move_a_referral(self, data: st.DataObject, author: str, mover: Mover, said_by: Mover | None) -> None:
        sent = data.draw(st.sampled_from(self.referrals))
        target = data.draw(st.sampled_from(ReferralState))
        before = sent.state
        if target is ReferralState.EXPIRED and mover is Mover.CLOCK:
            return
        try:
            event = move_referral(
                before,
                target,
                movers={mover},
                author=author,
                at=self.now,
                said_by=said_by,
                reason=DeclineReason.NO_CAPACITY if target is ReferralState.DECLINED else None,
                attended=sent.attended,
            )
        except Refused:
            return
        assert before in REFERRAL_OPEN
        assert target in REFERRAL_MOVES[before]
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
            clock = answer_clock(london_day(sent.events[0].at), holds)
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

    @rule(to=st.sampled_from(sorted(NEED_CLOSED)), mover=MOVERS, said_by=MAYBE_PERSON, author=PEOPLE)
    def close_the_need(self, to: NeedState, mover: Mover, said_by: Mover | None, author: str) -> None:
        before = self.need_state
        try:
            event = move_need(before, to, movers={mover}, author=author, at=self.now, said_by=said_by)
        except Refused:
            return
        assert before in NEED_OPEN
        assert (said_by or mover) is Mover.PERSON
        self.need.append(event)

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
    def the_clocks_keep_working_days_and_stop_on_hold(self) -> None:
        if not self.episode:
            return
        found = next_due(Situation(self.state, self.episode, wants_feedback=True), self.today)
        if found is not None and found.on is not None:
            assert is_working_day(found.on)
        if self.state in EPISODE_ON_HOLD:
            assert found is not None
            assert (found.kind, found.on, found.late(self.today)) == (DueKind.ON_HOLD, None, 0)


Thread.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestThread = Thread.TestCase
