"""Attempts to reach a person, and when enough of them have been made. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

from core.calendar.rules import LONDON, london_day
from core.errors import Refused
from prescribing.people.safe_contact import Channel, SafeContact, may_leave_voicemail, safe_channels

# So long whoever wrote a contact down takes it back in one press.
UNDO = timedelta(minutes=10)


class Direction(StrEnum):
    OUTBOUND = "outbound"
    INBOUND = "inbound"


class Outcome(StrEnum):
    """What came of one attempt."""

    TALKED = "talked"
    BOOKED = "booked"
    CALL_BACK = "call-back"
    MESSAGE_LEFT = "message-left"
    SENT = "sent"
    NO_ANSWER = "no-answer"
    WRONG_NUMBER = "wrong-number"
    NOT_SAFE = "not-safe"


REACHED: frozenset[Outcome] = frozenset({Outcome.TALKED, Outcome.BOOKED, Outcome.CALL_BACK})

OUTCOME_WORDS: Mapping[Outcome, str] = MappingProxyType(
    {
        Outcome.TALKED: "we talked",
        Outcome.BOOKED: "we agreed a time to talk",
        Outcome.CALL_BACK: "they asked us to ring again",
        Outcome.MESSAGE_LEFT: "left a message",
        Outcome.SENT: "sent, no reply yet",
        Outcome.NO_ANSWER: "no answer",
        Outcome.WRONG_NUMBER: "wrong number or address",
        Outcome.NOT_SAFE: "not a safe time, so we stopped",
    }
)


def quick_presses(contact: SafeContact) -> tuple[tuple[str, Channel, Outcome], ...]:
    """What is written down in one press, as words, channel and outcome: only ways that are safe for this person."""
    safe = safe_channels(contact)
    presses = (
        (Channel.PHONE in safe, "Rang, no answer", Channel.PHONE, Outcome.NO_ANSWER),
        (may_leave_voicemail(contact), "Left a voicemail", Channel.PHONE, Outcome.MESSAGE_LEFT),
        (Channel.TEXT in safe, "Sent a text", Channel.TEXT, Outcome.SENT),
        (Channel.EMAIL in safe, "Sent an email", Channel.EMAIL, Outcome.SENT),
        (Channel.LETTER in safe, "Sent a letter", Channel.LETTER, Outcome.SENT),
    )
    return tuple((words, channel, outcome) for may, words, channel, outcome in presses if may)


class Attempt(NamedTuple):
    """One contact: when (aware), how, and what came of it. `booked_on` is the day agreed for talking."""

    at: datetime
    channel: Channel
    outcome: Outcome
    direction: Direction = Direction.OUTBOUND
    booked_on: date | None = None


def reached(attempts: Sequence[Attempt]) -> bool:
    """Whether the person and we have been in touch: any contact of theirs counts."""
    return any(each.outcome in REACHED or each.direction is Direction.INBOUND for each in attempts)


def tries(attempts: Sequence[Attempt]) -> tuple[Attempt, ...]:
    """Our own attempts since we were last in touch, oldest first."""
    since: list[Attempt] = []
    for each in sorted(attempts, key=lambda attempt: attempt.at):
        if reached([each]):
            since.clear()
        else:
            since.append(each)
    return tuple(since)


def days_tried(attempts: Sequence[Attempt]) -> int:
    """On how many days we tried since we were last in touch: whoever is out today is out however often we ring."""
    return len({london_day(each.at) for each in tries(attempts)})


def when_of(on: date | None, at: time | None, now: datetime) -> datetime | None:
    """The moment that a day and a time of day mean; None for now. Of a day alone its noon; a time alone is today's."""
    if at is None and on in {None, london_day(now)}:
        return None
    return datetime.combine(on or london_day(now), at or time(12), tzinfo=LONDON)


def may_undo(recorded_at: datetime, now: datetime) -> bool:
    """Whether a contact was written down so lately that one press takes it back."""
    return now - recorded_at <= UNDO


def enough_tries(
    attempts: Sequence[Attempt], needed: int, channels: int, safe: Collection[Channel] | None = None
) -> bool:
    """Whether there were tries on `needed` days over `channels` channels.

    Where only one way is `safe`, one channel is enough: nobody is put at risk to meet a number.
    """
    made = tries(attempts)
    over = channels if safe is None else max(1, min(channels, len(safe)))
    return days_tried(attempts) >= needed and len({each.channel for each in made}) >= over


def check_uncontactable(
    attempts: Sequence[Attempt], needed: int, channels: int, safe: Collection[Channel] | None = None
) -> None:
    """Raise Refused unless enough was tried to say that a person cannot be reached."""
    if enough_tries(attempts, needed, channels, safe):
        return
    raise Refused(
        f"Try at least {needed} times, each on another day, in {channels} ways that are safe, before you close this. "
        f"You have tried {days_tried(attempts)} so far."
    )
