"""Hearing from groups, by their answers to referrals, that they are full or have room again."""

from __future__ import annotations

from datetime import date
from typing import Protocol
from uuid import UUID

from sqlalchemy.orm import Session

from core import clock
from core.calendar.rules import london_day, say_day
from core.db import hold
from directory.listings.merged import current
from directory.listings.models import ListingRoom, Service
from directory.listings.room_rules import full_since


class RoomSaid(Protocol):
    """An event that says that a group has no room for more people, or has some again."""

    @property
    def service_id(self) -> UUID: ...
    @property
    def full(self) -> bool: ...


def on_capacity_changed(session: Session, event: RoomSaid) -> None:
    """Keep what was said last, so that the listing and whoever matches people know at once."""
    service_id = current(session, [event.service_id])[event.service_id]
    hold(session, f"room {service_id}")
    room = session.get(ListingRoom, service_id, populate_existing=True)
    if room is None:
        room = ListingRoom(service_id=service_id)
        session.add(room)
    if room.full is not event.full:
        room.full, room.said_at = event.full, clock.now()
    session.flush()


def full_on(row: Service, today: date) -> date | None:
    """The day since which an activity is said to be full; None where it is not."""
    if row.room is None:
        return None
    return full_since(row.room.full, london_day(row.room.said_at), today)


def room_in_words(row: Service, today: date) -> str:
    """What visitors read of it; empty where there is room or nobody said."""
    since = full_on(row, today)
    return f"Full since {say_day(since, today)}: ask about the waiting list." if since is not None else ""
