"""What the actor's teams know of a listing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.access.rules import Actor
from core.errors import NotFound
from directory import published
from prescribing.listing_notes.models import ListingNote
from prescribing.people.queries import TEAM_ROLES

# A listing with more notes than this wants a change of its entry instead.
MOST = 20


@dataclass(frozen=True)
class NoteView:
    """One note, as the team reads it."""

    id: UUID
    words: str
    author: str
    at: datetime


def listing_name(session: Session, service_id: UUID) -> str:
    """What a listing is called. Raises `NotFound`."""
    found = published.briefs(session, [service_id])
    if service_id not in found:
        raise NotFound
    return found[service_id].name


def notes(session: Session, actor: Actor, service_id: UUID) -> tuple[NoteView, ...]:
    """The notes of the actor's teams on one listing, the newest first."""
    rows = session.scalars(
        select(ListingNote)
        .where(
            ListingNote.service_id == service_id,
            ListingNote.team_id.in_(actor.team_ids(*TEAM_ROLES)),
            ListingNote.taken_down_at.is_(None),
        )
        .order_by(ListingNote.at.desc(), ListingNote.id.desc())
        .limit(MOST)
    )
    return tuple(NoteView(row.id, row.words, row.author_name, row.at) for row in rows)


def note_for_update(session: Session, actor: Actor, note_id: UUID) -> ListingNote:
    """The row of a note of the actor's teams. Raises `NotFound` outside."""
    found = select(ListingNote).where(
        ListingNote.id == note_id, ListingNote.team_id.in_(actor.team_ids(*TEAM_ROLES))
    )
    note = session.scalars(found.with_for_update()).one_or_none()
    if note is None:
        raise NotFound
    return note
