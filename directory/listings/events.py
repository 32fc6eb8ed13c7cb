"""What listings tell the rest of the product, inside the transaction in which it happens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True)
class ListingChanged:
    """What the public sees of a listing is different now. `fields` are names of `rules.FIELDS`, or "status"."""

    service_id: UUID
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SessionCancelled:
    """One session is off: all of the day `on`, or the session that starts at `session`. London's clocks."""

    service_id: UUID
    on: date
    session: time | None
    note: str


@dataclass(frozen=True, slots=True)
class SessionMoved:
    """One session is on another day or at another time: named as in `SessionCancelled`. `starts` is when it begins on
    its new day, None where the timetable does not say."""

    service_id: UUID
    on: date
    session: time | None
    moved_to: date
    starts: time | None
    note: str


@dataclass(frozen=True, slots=True)
class SessionRestored:
    """One session that was off or moved is as planned after all: named as it was in `SessionCancelled`."""

    service_id: UUID
    on: date
    session: time | None


@dataclass(frozen=True, slots=True)
class ListingClosed:
    """A listing is closed, for good or (`for_good` false) for now: nobody can be sent there."""

    service_id: UUID
    organization_id: UUID
    for_good: bool


@dataclass(frozen=True, slots=True)
class ChangeSubmitted:
    """A group's change is on the editors' list, whether it waits or is public already. `before` and `after` are the
    change's own."""

    change_id: UUID
    service_id: UUID
    before: Mapping[str, Any]
    after: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ListingSent:
    """A whole listing waits for an editor."""

    service_id: UUID


@dataclass(frozen=True, slots=True)
class ListingCreated:
    """A listing was begun, as a draft."""

    service_id: UUID
