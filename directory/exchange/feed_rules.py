"""When a feed is asked, when an import needs a person's look, and when a notice is tried again. Pure decisions."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from core.errors import Refused


class FeedKind(StrEnum):
    OPEN_REFERRAL = "open-referral"
    TABLE = "table"
    CALENDAR = "calendar"

    @property
    def label(self) -> str:
        return KIND_LABELS[self]


class RunState(StrEnum):
    """Reading until all of it is here and looked through; ready for a person's yes; taking in; and the ends."""

    READING = "reading"
    STOPPED = "stopped"
    COLUMNS = "columns"
    READY = "ready"
    TAKING = "taking"
    DONE = "done"
    FAILED = "failed"
    DROPPED = "dropped"

    @property
    def label(self) -> str:
        return STATE_LABELS[self]


class DeliveryState(StrEnum):
    WAITING = "waiting"
    DELIVERED = "delivered"
    GIVEN_UP = "given-up"

    @property
    def label(self) -> str:
        return DELIVERY_LABELS[self]


KIND_LABELS: Mapping[FeedKind, str] = {
    FeedKind.OPEN_REFERRAL: "Open Referral (JSON, or a zip file of tables)",
    FeedKind.TABLE: "A table (CSV or Excel)",
    FeedKind.CALENDAR: "A calendar (iCalendar)",
}
STATE_LABELS: Mapping[RunState, str] = {
    RunState.READING: "Being read",
    RunState.STOPPED: "Stopped",
    RunState.COLUMNS: "Needs its columns named",
    RunState.READY: "Ready for you to look at",
    RunState.TAKING: "Being taken in",
    RunState.DONE: "Taken in",
    RunState.FAILED: "Failed",
    RunState.DROPPED: "Not taken in",
}
DELIVERY_LABELS: Mapping[DeliveryState, str] = {
    DeliveryState.WAITING: "Waiting",
    DeliveryState.DELIVERED: "Delivered",
    DeliveryState.GIVEN_UP: "Given up",
}

# From where an import may go where. A person moves it, or the work in the background.
MOVES: Mapping[RunState, frozenset[RunState]] = {
    RunState.READING: frozenset({RunState.COLUMNS, RunState.READY, RunState.FAILED, RunState.STOPPED}),
    RunState.STOPPED: frozenset({RunState.READING, RunState.DROPPED}),
    RunState.COLUMNS: frozenset({RunState.READING, RunState.DROPPED}),
    RunState.READY: frozenset({RunState.TAKING, RunState.DROPPED, RunState.READING}),
    RunState.TAKING: frozenset({RunState.DONE, RunState.FAILED}),
    RunState.DONE: frozenset(),
    RunState.FAILED: frozenset({RunState.READING}),
    RunState.DROPPED: frozenset(),
}
ENDS = frozenset({RunState.DONE, RunState.FAILED, RunState.DROPPED})
# Days for which what an import read is kept once it has ended: its report may be asked for, a failed one tried again.
DAYS_KEPT: Mapping[RunState, int] = {RunState.DONE: 30, RunState.FAILED: 7, RunState.DROPPED: 1}

LONGEST_WAIT = timedelta(days=7)
# A feed that drops this share of what it gave is broken more often than it is right.
MOST_VANISHING = 0.25
FEW = 4
MOST_TRIES = 8


def move(before: RunState, after: RunState) -> RunState:
    """The state after a move. Raises `Refused` for one that cannot be made, as when somebody else made another."""
    if after not in MOVES[before]:
        raise Refused(f"This import is “{before.label.lower()}” now, so that cannot be done.")
    return after


def days_kept(state: RunState | None) -> int | None:
    """For how many days the files of an import are kept once it has ended; None for as long as it goes on.
    `state` is None for files that no import owns, which count from their last change."""
    if state is None:
        return 1
    return DAYS_KEPT.get(state)


def next_pull(every_hours: int, failures: int, now: datetime) -> datetime:
    """When to ask a feed again: after its interval, doubled for each failure in a row, at most a week later."""
    wait = timedelta(hours=every_hours * pow(2.0, min(failures, 10)))
    return now + max(timedelta(hours=every_hours), min(wait, LONGEST_WAIT))


def needs_a_look(accepted: int, rejected: int, held: int, vanishing: int) -> str:
    """Why an import that nobody started must wait for a person; empty where it may be taken in by itself."""
    if vanishing > FEW and vanishing > held * MOST_VANISHING:
        return f"It leaves out {vanishing:,} of the {held:,} records that it gave before."
    if rejected > FEW and rejected > accepted:
        return "More of its records were rejected than accepted."
    return ""


def next_try(attempts: int, now: datetime) -> datetime | None:
    """When to send a notice again after `attempts` failures: a minute, then four times as long each time, at most a
    day; None when it is given up."""
    if attempts >= MOST_TRIES:
        return None
    return now + min(timedelta(minutes=pow(4.0, attempts - 1)), timedelta(days=1))


def signature(secret: str, timestamp: int, body: bytes) -> str:
    """What shows that a notice is ours: HMAC-SHA256 over "timestamp.body", as 64 hex digits."""
    return hmac.new(secret.encode(), b"%d." % timestamp + body, hashlib.sha256).hexdigest()


def source_key(name: str, taken: frozenset[str]) -> str:
    """A short key for a new source, from its name; a number is put behind one that is taken."""
    plain = re.sub(r"[^a-z0-9]+", "-", name.casefold()).strip("-")[:60].strip("-") or "source"
    return next(
        key
        for key in (plain, *(f"{plain}-{number}" for number in range(2, len(taken) + 3)))
        if key not in taken
    )
