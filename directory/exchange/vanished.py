"""Listings whose record their source gives no more: an editor asks, and says whether they are still there."""

from __future__ import annotations

from enum import StrEnum
from uuid import UUID

from sqlalchemy.orm import Session

from core import clock
from core.access.rules import Actor, Permission
from core.errors import NotFound, Refused
from directory.exchange import feed_queries
from directory.listings.rules import ListingStatus
from directory.listings.services import confirm, move_status


class Answer(StrEnum):
    """What an editor found out."""

    KEEP = "keep"
    CLOSE = "close"

    @property
    def words(self) -> str:
        return "It stays, as checked by you." if self is Answer.KEEP else "It is closed for good."


def decide(session: Session, actor: Actor, record_id: UUID, answer: Answer) -> None:
    """Keep the listing as it is, checked today, or close it for good. Nobody is asked about it again until its source
    has given it once more. Raises `NotFound`, and `Refused` where there is nothing to decide any more."""
    actor.must(Permission.MODERATE)
    row = feed_queries.record_for_update(session, record_id)
    if row is None:
        raise NotFound
    if row.vanished_at is None:
        raise Refused("Its source gives it again, so there is nothing to decide.")
    if row.kept_at is not None:
        raise Refused("Somebody has decided that already.")
    if answer is Answer.KEEP:
        confirm(session, actor, row.service_id)
    else:
        move_status(session, actor, row.service_id, ListingStatus.CLOSED, "Its source gives it no more.")
    row.kept_at = clock.now()
