"""The clocks of an episode in working days: what is due next, why, and by when. Pure.

A clock stops while a case is on hold and never alarms for what is already moving.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import NamedTuple

from core.calendar.rules import (
    add_months,
    add_working_days,
    days_late,
    london_day,
    next_working_day,
    say_day,
    say_days_ago,
    say_due,
)
from prescribing.episodes.contacts import Attempt, days_tried, enough_tries, reached, tries
from prescribing.episodes.moves import Event, MoveKind
from prescribing.episodes.rules import EPISODE_CLOSED, EPISODE_ON_HOLD, CloseReason, EpisodeState
from prescribing.people.safe_contact import Channel

# A follow-up that is asked this long before its day was that one.
SOON_ENOUGH = timedelta(weeks=2)


@dataclass(frozen=True)
class Clocks:
    """Days of each clock: working days, but for `follow_up_months` and `undo_close_days` (calendar days)."""

    triage: int = 2
    first_attempt: int = 5
    attempts: int = 3
    attempt_channels: int = 2
    attempts_within: int = 15
    answer: int = 10
    nudges: tuple[int, ...] = (6, 9)
    start: int = 20
    feedback: int = 5
    quiet: int = 20
    follow_up_months: tuple[int, ...] = (3, 6, 12)
    undo_close_days: int = 5


class DueKind(StrEnum):
    TRIAGE = "triage"
    FIRST_ATTEMPT = "first-attempt"
    NEXT_ATTEMPT = "next-attempt"
    DECIDE_NO_CONTACT = "decide-no-contact"
    AGREE_PLAN = "agree-plan"
    NEXT_STEP = "next-step"
    WAITING = "waiting"
    ON_HOLD = "on-hold"
    FEEDBACK = "feedback"
    FOLLOW_UP = "follow-up"


class Due(NamedTuple):
    """What is due next, why in words, and by which day; no day means that no clock runs."""

    kind: DueKind
    why: str
    on: date | None

    def late(self, today: date) -> int:
        """Whole working days late; 0 when it is not."""
        return 0 if self.on is None else days_late(self.on, today)

    def say(self, today: date) -> str:
        """When it is due, in words."""
        return "no clock is running" if self.on is None else say_due(self.on, today)


def today_order(due: Due | None, *, risk: bool = False) -> tuple[bool, date, bool]:
    """A sort key for Today: the earliest day first, a known risk first on the same day, no clock last."""
    on = None if due is None else due.on
    return (on is None, on or date.max, not risk)


@dataclass(frozen=True)
class Hold:
    """Days on hold, both ends included; still on hold when `until` is None."""

    since: date
    until: date | None

    def covers(self, day: date) -> bool:
        return self.since <= day and (self.until is None or day <= self.until)


def holds_in(
    events: Sequence[Event], on_hold: Collection[str] = frozenset(EPISODE_ON_HOLD)
) -> tuple[Hold, ...]:
    """When the case was on hold, from its history (oldest first). A day partly on hold is on hold."""
    holds: list[Hold] = []
    since: date | None = None
    for event in events:
        if event.target in on_hold and since is None:
            since = london_day(event.at)
        elif event.target not in on_hold and since is not None:
            holds.append(Hold(since, london_day(event.at)))
            since = None
    if since is not None:
        holds.append(Hold(since, None))
    return tuple(holds)


def deadline(start: date, days: int, holds: Sequence[Hold] = ()) -> date | None:
    """The day by which `days` working days have run, days on hold left out; None while it is on hold now."""
    if any(hold.until is None for hold in holds):
        return None
    return add_working_days(start, days, lambda day: any(hold.covers(day) for hold in holds))


def last_entered(events: Sequence[Event], state: str) -> date | None:
    """The day on which the history last entered that state; going back to it from a mistake is not entering it."""
    days = [
        london_day(event.at)
        for event in events
        if event.target == state and (event.kind is not MoveKind.UNDO_CLOSE or event.source in EPISODE_CLOSED)
    ]
    return days[-1] if days else None


class Situation(NamedTuple):
    """What `next_due` looks at; `events` are oldest first.

    `next_step_on` is the nearest day of an open action or a booked talk; for a paused case, when to look again.
    `moving` says that a referral of this episode waits for somebody else, `wait` which, in words; `reason` is why it
    closed; `followed_up_on` is the last day on which somebody asked how things are since.
    """

    state: EpisodeState
    events: Sequence[Event]
    attempts: Sequence[Attempt] = ()
    safe: Collection[Channel] | None = None
    next_step: str = ""
    next_step_on: date | None = None
    moving: bool = False
    wait: str = ""
    wants_feedback: bool = False
    feedback_sent: bool = False
    followed_up_on: date | None = None
    reason: CloseReason | None = None
    clocks: Clocks = Clocks()


def next_due(case: Situation, today: date) -> Due | None:
    """What is due next in this episode, or None when nothing is (a draft, or closed and done)."""
    rule = _DUE.get(case.state, _closed_due)
    return rule(case, today)


def _draft_due(_case: Situation, _today: date) -> Due | None:
    return None


def _began(case: Situation, state: EpisodeState, today: date) -> date:
    return last_entered(case.events, state) or today


def _triage_due(case: Situation, today: date) -> Due:
    began = _began(case, EpisodeState.SUBMITTED, today)
    why = f"Asked for support {say_days_ago(began, today)}. Decide who can help."
    return Due(DueKind.TRIAGE, why, deadline(began, case.clocks.triage, holds_in(case.events)))


def _hold_due(case: Situation, today: date) -> Due:
    began = _began(case, case.state, today)
    words = "Waiting for more information" if case.state is EpisodeState.NEEDS_INFO else "Paused"
    return Due(DueKind.ON_HOLD, f"{words} since {say_day(began, today)}.", case.next_step_on)


def _contact_due(case: Situation, today: date) -> Due:
    """From being allocated until the person is being supported."""
    began = _began(case, EpisodeState.ALLOCATED, today)
    holds = holds_in(case.events)
    since = [each for each in case.attempts if london_day(each.at) >= began]
    if case.next_step_on is not None and case.next_step_on >= today:
        return _step(case, case.next_step_on)
    if reached(since):
        last = max(london_day(each.at) for each in since)
        why = f"You were in touch {say_days_ago(last, today)}. Agree what matters and what happens next."
        return Due(DueKind.AGREE_PLAN, why, deadline(last, case.clocks.first_attempt, holds))
    made = tries(since)
    if not made:
        why = f"Given to you {say_days_ago(began, today)}. Nobody has been in touch yet."
        return Due(DueKind.FIRST_ATTEMPT, why, deadline(began, case.clocks.first_attempt, holds))
    by = deadline(began, case.clocks.attempts_within, holds)
    ways, days = len({each.channel for each in made}), days_tried(since)
    if enough_tries(since, case.clocks.attempts, case.clocks.attempt_channels, case.safe):
        tried = f"You have tried {days} times in {ways} {'way' if ways == 1 else 'ways'}."
        return Due(DueKind.DECIDE_NO_CONTACT, f"{tried} Try once more, or close as not reached.", by)
    last = london_day(made[-1].at)
    why = f"Try {days + 1}: you last tried {say_days_ago(last, today)}."
    if days >= case.clocks.attempts:
        why = f"{why} Use another way that is safe."
    return Due(DueKind.NEXT_ATTEMPT, why, _spread(case, began, days, holds))


def _spread(case: Situation, began: date, made: int, holds: Sequence[Hold]) -> date | None:
    """The tries are spread evenly from the first attempt's day to the last day for all of them."""
    clocks = case.clocks
    share = min(1.0, made / max(1, clocks.attempts - 1))
    days = clocks.first_attempt + round((clocks.attempts_within - clocks.first_attempt) * share)
    return deadline(began, days, holds)


def _step(case: Situation, on: date) -> Due:
    return Due(DueKind.NEXT_STEP, case.next_step or "The next step that you planned.", on)


def _active_due(case: Situation, today: date) -> Due:
    if case.next_step_on is not None:
        return _step(case, case.next_step_on)
    if case.moving:
        return Due(DueKind.WAITING, case.wait or "This is with somebody else now.", None)
    return Due(DueKind.NEXT_STEP, "Nothing is planned. Say what happens next.", next_working_day(today))


def _closed_due(case: Situation, today: date) -> Due | None:
    if case.reason is CloseReason.DIED or case.state is EpisodeState.ENTERED_IN_ERROR:
        return None
    closed = _began(case, case.state, today)
    if case.wants_feedback and not case.feedback_sent:
        why = f"Closed {say_days_ago(closed, today)}. Tell whoever asked what was done."
        return Due(DueKind.FEEDBACK, why, deadline(closed, case.clocks.feedback))
    if case.state is not EpisodeState.COMPLETED:
        return None
    months = next_follow_up(closed, case.clocks.follow_up_months, case.followed_up_on)
    if months is None:
        return None
    return Due(DueKind.FOLLOW_UP, f"Ask how things are, {months} months on.", follow_up_on(closed, months))


def next_follow_up(closed: date, months: Sequence[int], asked_on: date | None) -> int | None:
    """How many months after closing the next follow-up is, of those in `months`; None when all are done.

    One asking, the last of them on `asked_on`, stands for every follow-up of those days and of `SOON_ENOUGH` after,
    whatever came of it: whoever is not supported any more and said "not today" is not chased, and whoever is asked
    twice at one time is asked at the next as well.
    """
    left = (
        each for each in months if asked_on is None or follow_up_on(closed, each) - SOON_ENOUGH > asked_on
    )
    return next(left, None)


def follow_up_on(closed: date, months: int) -> date:
    """The day of a follow-up: so many months after closing, or the next working day."""
    return next_working_day(add_months(closed, months))


_Rule = Callable[[Situation, date], Due | None]
_DUE: Mapping[EpisodeState, _Rule] = {
    EpisodeState.DRAFT: _draft_due,
    EpisodeState.SUBMITTED: _triage_due,
    EpisodeState.TRIAGE: _triage_due,
    EpisodeState.NEEDS_INFO: _hold_due,
    EpisodeState.ALLOCATED: _contact_due,
    EpisodeState.CONTACTING: _contact_due,
    EpisodeState.ACTIVE: _active_due,
    EpisodeState.PAUSED: _hold_due,
}
