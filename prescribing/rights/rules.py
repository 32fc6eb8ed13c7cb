"""What people may ask of us about their record, by when we answer, how long we keep it, and what stops us. Pure.

Sources: UK GDPR articles 12, 15 to 17 and 21; the Information Commissioner's guidance on time limits for responding;
NHS England's Records Management Code of Practice, appendix II, for how long records are kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from core.calendar.rules import add_months, next_working_day
from core.errors import Invalid

MONTHS_TO_ANSWER = 1
MOST_MONTHS_MORE = 2
GLASS_STAYS_BROKEN = timedelta(minutes=60)
# How long a right code stands for another try at the same form.
PROOF_STANDS = timedelta(minutes=5)
SHORTEST_REASON = 15


class RequestKind(StrEnum):
    """What somebody asks."""

    ACCESS = "access"
    CORRECTION = "correction"
    ERASURE = "erasure"
    OBJECTION = "objection"
    COMPLAINT = "complaint"


KIND_WORDS: Mapping[RequestKind, str] = MappingProxyType(
    {
        RequestKind.ACCESS: "A copy of everything",
        RequestKind.CORRECTION: "Put something right",
        RequestKind.ERASURE: "Delete it",
        RequestKind.OBJECTION: "Stop using it in some way",
        RequestKind.COMPLAINT: "A complaint about how we look after it",
    }
)


class Way(StrEnum):
    """How a request came, or an answer went."""

    ONLINE = "online"
    LETTER = "letter"
    EMAIL = "email"
    PHONE = "phone"
    IN_PERSON = "in-person"


WAY_WORDS: Mapping[Way, str] = MappingProxyType(
    {
        Way.ONLINE: "online, signed in",
        Way.LETTER: "by letter",
        Way.EMAIL: "by email",
        Way.PHONE: "by phone",
        Way.IN_PERSON: "face to face",
    }
)


@dataclass(frozen=True)
class Asked:
    """A request as it came: what, in whose words, when and how. `words` may be empty for a copy or a deletion."""

    kind: RequestKind
    words: str
    way: Way
    received_on: date


class SentBy(StrEnum):
    """How a copy reaches somebody. A plain email is not among them: it is no safe way."""

    SIGNED_IN = "signed-in"
    HANDED_OVER = "handed-over"
    TRACKED_POST = "tracked-post"


SENT_WORDS: Mapping[SentBy, str] = MappingProxyType(
    {
        SentBy.SIGNED_IN: "They read it signed in",
        SentBy.HANDED_OVER: "Put into their own hand",
        SentBy.TRACKED_POST: "By tracked post to the safe address",
    }
)


class RequestState(StrEnum):
    """Where a request is. An answered or refused one never opens again; a new one is made."""

    OPEN = "open"
    ANSWERED = "answered"
    REFUSED = "refused"


def due_on(received: date, months_more: int = 0) -> date:
    """The last day to answer: the same day of the next month, or that month's last; the next working day where that
    is none. `months_more` is what was added for a hard case, at most two.

    Raises ValueError for more than the law allows.
    """
    if not 0 <= months_more <= MOST_MONTHS_MORE:
        raise ValueError("A month can be made longer by one or two months, no more.")
    return next_working_day(add_months(received, MONTHS_TO_ANSWER + months_more))


def check_received(received: date, today: date) -> None:
    """Raise `Invalid` for a request that would have come tomorrow."""
    if received > today:
        raise Invalid("The day on which it came can't be ahead of today.", "received_on")


def check_extension(received: date, months_more: int, reason: str, today: date) -> None:
    """Raise `Invalid` unless the time to answer may be made so much longer: once asked within the first month, with a
    reason that the person is told."""
    if months_more not in range(1, MOST_MONTHS_MORE + 1):
        raise Invalid("Choose one month more or two.", "months")
    if len(reason.strip()) < SHORTEST_REASON:
        raise Invalid("Say why it takes longer, in words that the person can read.", "reason")
    if today > due_on(received):
        raise Invalid(
            "The first month is over, so it can't be made longer now. Answer as soon as you can.", "months"
        )


# --- words about other people ------------------------------------------------------------------------------

OPEN_MARK, CLOSE_MARK = "[[", "]]"
TAKEN_OUT = "[words about somebody else, taken out]"


def unmarked(text: str) -> str:
    """`text` without the marks."""
    return text.replace(OPEN_MARK, "").replace(CLOSE_MARK, "")


def check_marks(original: str, marked: str) -> None:
    """Raise `Invalid` unless `marked` is the original with pairs of marks set into it, and nothing else. Marks that
    somebody had typed into the original may stay or go."""
    depth, rest = 0, marked
    while rest:
        if rest.startswith(OPEN_MARK):
            depth, rest = depth + 1, rest[len(OPEN_MARK) :]
        elif rest.startswith(CLOSE_MARK):
            depth, rest = depth - 1, rest[len(CLOSE_MARK) :]
        else:
            rest = rest[1:]
        if depth not in {0, 1}:
            break
    if depth:
        raise Invalid("Each [[ needs one ]] after it. Check the marks.", "marked")
    if _lines(unmarked(marked)) != _lines(unmarked(original)):
        raise Invalid(
            "Only set [[ and ]] around words: the words themselves must stay as they are.", "marked"
        )


def without_marked(marked: str) -> str:
    """What the person gets: every marked passage replaced by words that say so. `marked` passed `check_marks`."""
    parts = marked.split(OPEN_MARK)
    return parts[0] + "".join(TAKEN_OUT + part.split(CLOSE_MARK, 1)[1] for part in parts[1:])


def _lines(text: str) -> list[str]:
    # A browser sends line ends of its own; spaces at the ends of lines are not seen.
    return [line.rstrip() for line in text.replace("\r\n", "\n").strip().split("\n")]


# --- how long it is kept -----------------------------------------------------------------------------------


class KeptFor(StrEnum):
    """Which line of the schedule a record falls under."""

    ADULT = "adult"
    CHILD = "child"
    DIED = "died"
    NOT_TAKEN_ON = "not-taken-on"
    NEVER_SENT = "never-sent"


@dataclass(frozen=True)
class Rule:
    """One line of the schedule: what it is about, for how long it is kept, and from when."""

    words: str
    how_long: str
    since: str


SCHEDULE: Mapping[KeptFor, Rule] = MappingProxyType(
    {
        KeptFor.ADULT: Rule("An adult who was supported", "8 years", "the last support ended"),
        KeptFor.CHILD: Rule(
            "Somebody who was under 18 when it ended",
            "until their 25th birthday, or the 26th if they were 17; never less than 8 years",
            "they were born",
        ),
        KeptFor.DIED: Rule("Somebody who died", "8 years", "they died"),
        KeptFor.NOT_TAKEN_ON: Rule(
            "A request that came to nothing: sent elsewhere, not wanted, nobody reached",
            "2 years",
            "it was closed",
        ),
        KeptFor.NEVER_SENT: Rule("A request that was begun and never sent", "90 days", "it was last changed"),
    }
)


@dataclass(frozen=True)
class Kept:
    """What decides how long a record is kept. `ended` is the last day of anything that was done; None while support
    goes on. `supported` says that support began in any of it."""

    ended: date | None
    supported: bool
    sent: bool = True
    born: date | None = None
    died: date | None = None


def keep_until(record: Kept) -> tuple[KeptFor, date] | None:
    """Which line of the schedule holds and on which day it is over; None while support goes on."""
    if record.ended is None:
        return None
    if not record.sent:
        return KeptFor.NEVER_SENT, record.ended + timedelta(days=90)
    if record.died is not None:
        return KeptFor.DIED, add_months(max(record.died, record.ended), 8 * 12)
    if not record.supported:
        return KeptFor.NOT_TAKEN_ON, add_months(record.ended, 2 * 12)
    eight_years = add_months(record.ended, 8 * 12)
    if record.born is not None and record.ended < add_months(record.born, 18 * 12):
        birthday = 26 if record.ended >= add_months(record.born, 17 * 12) else 25
        return KeptFor.CHILD, max(eight_years, add_months(record.born, birthday * 12))
    return KeptFor.ADULT, eight_years


class HoldKind(StrEnum):
    """Why a record stays that would go."""

    LEGAL = "legal"
    KEEP_LONGER = "keep-longer"


class Why(StrEnum):
    """Why a record was deleted."""

    ASKED = "asked"
    TIME_IS_UP = "time-is-up"


class Stop(StrEnum):
    """What stands in the way of deleting a record."""

    LEGAL_HOLD = "legal-hold"
    KEPT_LONGER = "kept-longer"
    SUPPORT_GOES_ON = "support-goes-on"
    NOT_DUE = "not-due"
    ASKED_SOMETHING = "asked-something"


STOP_WORDS: Mapping[Stop, str] = MappingProxyType(
    {
        Stop.LEGAL_HOLD: "A legal hold is in force. Nothing of this record may be deleted until it is lifted.",
        Stop.KEPT_LONGER: "It was decided to keep this record longer.",
        Stop.SUPPORT_GOES_ON: "Support is still going on. End it with the person first.",
        Stop.NOT_DUE: "The time for which we keep this record is not over.",
        Stop.ASKED_SOMETHING: "The person asked something about their record that is not answered yet.",
    }
)


def stops(
    why: Why, holds: Iterable[HoldKind], until: date | None, today: date, *, other_requests: bool
) -> tuple[Stop, ...]:
    """What stands in the way of deleting a record, the gravest first; empty when it may go.

    `until` is the day on which its time is over, None while support goes on. Where the person asked, neither the
    schedule nor our own wish to keep it longer counts; a legal hold always does.
    """
    kinds, found = frozenset(holds), []
    if HoldKind.LEGAL in kinds:
        found.append(Stop.LEGAL_HOLD)
    if until is None:
        found.append(Stop.SUPPORT_GOES_ON)
    if why is Why.TIME_IS_UP:
        if HoldKind.KEEP_LONGER in kinds:
            found.append(Stop.KEPT_LONGER)
        if until is not None and today < until:
            found.append(Stop.NOT_DUE)
        if other_requests:
            found.append(Stop.ASKED_SOMETHING)
    return tuple(found)


# --- opening a record in an emergency ----------------------------------------------------------------------


def check_emergency(reason: str) -> None:
    """Raise `Invalid` unless somebody says, in a sentence, why they must look now."""
    if len(reason.strip()) < SHORTEST_REASON:
        raise Invalid("Say in a sentence why you must look now.", "reason")


def is_proved(at: float, now: datetime) -> bool:
    """Whether a right code that was given at `at` (seconds since the epoch) stands still for a second try."""
    return 0 <= now.timestamp() - at < PROOF_STANDS.total_seconds()


def is_broken(started: datetime, ended: datetime | None, now: datetime) -> bool:
    """Whether a record that was opened in an emergency is open still."""
    return ended is None and started <= now < started + GLASS_STAYS_BROKEN
