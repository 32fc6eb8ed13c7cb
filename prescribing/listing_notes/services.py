"""Writing down what a team knows of a listing, and taking it down."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Session

from core import clock
from core.access.rules import Actor
from core.audit import services as audit
from core.errors import Invalid
from prescribing.listing_notes import queries
from prescribing.listing_notes.models import ListingNote
from prescribing.people.queries import TEAM_ROLES


def add_note(session: Session, actor: Actor, service_id: UUID, words: str) -> ListingNote:
    """Keep a note for the actor's team. Raises `NotFound` for no listing, `Invalid` without words."""
    queries.listing_name(session, service_id)
    if not words.strip():
        raise Invalid("Write down what your team should know.", "words")
    note = ListingNote(
        team_id=min(actor.team_ids(*TEAM_ROLES)),
        service_id=service_id,
        at=clock.now(),
        author_id=actor.account_id,
        author_name=actor.name[:120],
        words=words.strip(),
    )
    session.add(note)
    session.flush()
    audit.record(session, actor, "listing-note.add", "service", service_id)
    return note


def take_down(session: Session, actor: Actor, note_id: UUID) -> ListingNote:
    """It is no longer true. Doing so twice changes nothing."""
    note = queries.note_for_update(session, actor, note_id)
    note.taken_down_at = note.taken_down_at or clock.now()
    session.flush()
    audit.record(session, actor, "listing-note.take-down", "service", note.service_id)
    return note
