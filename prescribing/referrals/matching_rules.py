"""Which of the activities that can take somebody comes first. Pure; nothing here turns anybody away.

Five things count, each from 0 to 1: how well it suits what they need, how near it is, whether it has room, how often
people who were referred there really started, and how lately somebody said that its entry is true. What is not known
counts in the middle, so that a group that says little about itself stands behind one that fits and before one that
does not. An entry that nobody ever confirmed counts as old.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Generic, TypeVar

T = TypeVar("T")

# A Beta(3, 3) prior: before anybody was referred we expect that one in two starts, and hold that as if we had seen six
# people. One person who never came thus takes a new group from 50 to 43 in 100, and not to nothing.
PRIOR_STARTED = 3
PRIOR_NOT_STARTED = 3
PRIOR_RATE = PRIOR_STARTED / (PRIOR_STARTED + PRIOR_NOT_STARTED)
# However few started, this much of the weight stays: what went wrong may have been ours, and groups mend.
LOWEST_RATE = 0.25
# From here on a share is worth saying in words.
ENOUGH_TO_SAY = 5

WEIGHT_SUITS = 0.40
WEIGHT_NEAR = 0.20
WEIGHT_STARTS = 0.15
WEIGHT_ROOM = 0.15
WEIGHT_FRESH = 0.10

NOT_KNOWN = 0.5
HALF_AS_NEAR_KM = 2.0
FRESH_DAYS = 90
STALE_DAYS = 365
ASK_AFTER_DAYS = 180


class Room(StrEnum):
    """Whether there is a place."""

    FREE = "free"
    NOT_KNOWN = "not-known"
    FULL = "full"


_ROOM = {Room.FREE: 1.0, Room.NOT_KNOWN: 0.6, Room.FULL: 0.2}


@dataclass(frozen=True)
class History:
    """Of the people who were referred to one activity and whose story has an end: how many really started. Whoever
    took it back themself before the start is counted in neither."""

    started: int = 0
    referred: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.started <= self.referred:
            raise ValueError("no more can start than were referred")


@dataclass(frozen=True)
class Candidate(Generic[T]):
    """One activity to be ranked. `suits` runs from 0 to 1; `km` is None where nothing was measured or there is no way
    to go; `fresh_days` is None where nobody ever confirmed its entry; `stopped` says that nobody can be referred."""

    what: T
    suits: float
    km: float | None
    room: Room
    history: History
    fresh_days: int | None
    stopped: bool = False


def start_rate(history: History) -> float:
    """How likely somebody who is referred starts, shrunk towards one in two where few were referred, from
    `LOWEST_RATE` to 1."""
    seen = PRIOR_STARTED + PRIOR_NOT_STARTED + history.referred
    return max(LOWEST_RATE, (PRIOR_STARTED + history.started) / seen)


def score(candidate: Candidate[T]) -> float:
    """From 0 to 1; more is better."""
    return (
        WEIGHT_SUITS * candidate.suits
        + WEIGHT_NEAR * _near(candidate.km)
        + WEIGHT_STARTS * start_rate(candidate.history)
        + WEIGHT_ROOM * _ROOM[candidate.room]
        + WEIGHT_FRESH * _fresh(candidate.fresh_days)
    )


def rank(candidates: Iterable[Candidate[T]]) -> list[T]:
    """Best first; what can take nobody stands last. Among equals the order given stays."""
    ordered = sorted(candidates, key=lambda one: (one.stopped, -score(one)))
    return [one.what for one in ordered]


def say_history(history: History) -> tuple[str, str]:
    """What is worth saying of it: what speaks for it, and what to ask; empty where too few were referred."""
    if history.referred < ENOUGH_TO_SAY:
        return "", ""
    words = f"{history.started} of {history.referred} people who were referred really started"
    share = history.started / history.referred
    if share >= 0.6:
        return words, ""
    return "", f"{words}: ask what would help" if share < 0.4 else ""


def say_freshness(fresh_days: int | None) -> str:
    """What to do about an entry that nobody confirmed lately; empty where somebody did."""
    if fresh_days is None:
        return "Nobody has confirmed this entry yet: ring first"
    if fresh_days <= ASK_AFTER_DAYS:
        return ""
    months = fresh_days // 30
    return f"Nobody has confirmed this entry for {months} months: ring first"


def days_since(confirmed_at: datetime | None, now: datetime) -> int | None:
    """Whole days since then, never fewer than none; None for never."""
    return None if confirmed_at is None else max(0, (now - confirmed_at).days)


def _near(km: float | None) -> float:
    return NOT_KNOWN if km is None else HALF_AS_NEAR_KM / (HALF_AS_NEAR_KM + max(0.0, km))


def _fresh(days: int | None) -> float:
    if days is None:
        return 0.0
    left = (STALE_DAYS - days) / (STALE_DAYS - FRESH_DAYS)
    return min(1.0, max(0.0, left))
