"""The clocks of a referral in working days: the group's answer, and the start. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from core.calendar.rules import london_day
from prescribing.episodes.clocks import Clocks, Hold, deadline
from prescribing.episodes.moves import Event, MoveKind

DEFAULT_CLOCKS = Clocks()


@dataclass(frozen=True)
class AnswerClock:
    """When the group is nudged, when the link worker is asked, and the last day for an answer.

    All days are None while the case is on hold: nothing is sent and nothing runs out.
    """

    nudges: tuple[date, ...]
    ask_link_worker: date | None
    answer_by: date | None


def answer_clock(requested: date, holds: Sequence[Hold] = (), clocks: Clocks = DEFAULT_CLOCKS) -> AnswerClock:
    """The clock of a referral that was sent on `requested` (a day in London).

    The link worker is asked with the last nudge, so before it runs out.
    """
    days = [deadline(requested, nudge, holds) for nudge in clocks.nudges]
    nudges = tuple(day for day in days if day is not None)
    return AnswerClock(nudges, max(nudges, default=None), deadline(requested, clocks.answer, holds))


def asked_since(requested: date, events: Iterable[Event]) -> date:
    """The day from which the group's days count: when it was asked, or when the referral was opened again."""
    again = (london_day(event.at) for event in events if event.kind is MoveKind.UNDO_CLOSE)
    return max(again, default=requested)


def nudges_due(clock: AnswerClock, today: date, sent: int) -> int:
    """How many nudges should have been sent by today and have not been."""
    return max(0, sum(1 for day in clock.nudges if day <= today) - sent)


def ask_link_worker_due(clock: AnswerClock, today: date, asked: date | None) -> bool:
    """Whether to ask the link worker, once, what to do before it runs out."""
    return asked is None and clock.ask_link_worker is not None and clock.ask_link_worker <= today


def expires(clock: AnswerClock, today: date, asked: date | None) -> bool:
    """Whether it has run out: the last day is over, and the link worker was asked on an earlier day."""
    return clock.answer_by is not None and clock.answer_by < today and asked is not None and asked < today


def start_by(
    next_session: date | None, holds: Sequence[Hold] = (), clocks: Clocks = DEFAULT_CLOCKS
) -> date | None:
    """The day by which somebody accepted should have come.

    Counted from the next real session after acceptance; None where none is known or the case is on hold.
    """
    return None if next_session is None else deadline(next_session, clocks.start, holds)
