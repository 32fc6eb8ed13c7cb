"""How long a listing's word is good for, and what happens when nobody has said that it is still right."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import IntEnum

# What volunteers run changes with the volunteers; what a public body runs seldom changes at all.
REVIEW_AFTER: Mapping[str, timedelta] = {
    "informal": timedelta(days=120),
    "club": timedelta(days=120),
    "charity": timedelta(days=180),
    "cic": timedelta(days=180),
    "faith": timedelta(days=180),
    "public": timedelta(days=365),
}
USUAL_REVIEW = timedelta(days=180)
# What a listing that nobody checks is worth at least in search, beside one that was checked in time.
LEAST_FACTOR = 0.6


class Urgency(IntEnum):
    """How badly a listing wants somebody's word. Each is reached so many days after the review date."""

    FRESH = 0
    DUE = 1
    OVERDUE = 2
    LAST = 3
    RING = 4
    HIDE = 5


# Days after the review date. An editor has three weeks to ring before a listing hides.
REACHED_AFTER: Mapping[Urgency, timedelta] = {
    Urgency.DUE: timedelta(0),
    Urgency.OVERDUE: timedelta(days=14),
    Urgency.LAST: timedelta(days=28),
    Urgency.RING: timedelta(days=42),
    Urgency.HIDE: timedelta(days=63),
}
REMINDERS = (Urgency.DUE, Urgency.OVERDUE, Urgency.LAST)
TIME_TO_RING = REACHED_AFTER[Urgency.HIDE] - REACHED_AFTER[Urgency.RING]


def review_after(kind: str) -> timedelta:
    """How long after somebody checked it a listing of a group of this kind wants to be checked again."""
    return REVIEW_AFTER.get(kind, USUAL_REVIEW)


def review_date(confirmed_at: datetime | None, created_at: datetime, kind: str) -> datetime:
    """When the listing wants to be checked next; one that nobody has checked counts from when it was written."""
    return (confirmed_at or created_at) + review_after(kind)


def urgency(due: datetime, now: datetime) -> Urgency:
    """How far past its review date a listing is."""
    reached = [stage for stage, after in REACHED_AFTER.items() if now >= due + after]
    return max(reached, default=Urgency.FRESH)


def factor(confirmed_at: datetime | None, created_at: datetime, kind: str, now: datetime) -> float:
    """What search multiplies a listing's score by: 1 until its review date, then less each day, down to 0.6."""
    late = (now - review_date(confirmed_at, created_at, kind)) / REACHED_AFTER[Urgency.HIDE]
    return 1 - (1 - LEAST_FACTOR) * min(1.0, max(0.0, late))


def may_hide(asked_to_ring_at: datetime, due: datetime, now: datetime) -> bool:
    """Whether a listing may hide: every reminder is long past, and an editor has had time to ring."""
    return urgency(due, now) is Urgency.HIDE and now >= asked_to_ring_at + TIME_TO_RING
