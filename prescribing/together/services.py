"""One entry for many people: who came to a group or a drop-in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from core.access.rules import Actor
from core.errors import Invalid
from prescribing.episodes.contact_log import ContactNote, record_contact
from prescribing.episodes.contacts import Outcome
from prescribing.people.safe_contact import Channel


def record_meeting(
    session: Session, actor: Actor, what: str, came: Mapping[UUID, str], at: datetime | None = None
) -> int:
    """Write down a contact for everybody who came: `came` holds what to note about each, by episode; `at` is
    when it was (aware), None for now. Gives how many.

    Raises `NotFound` where one is not of the actor's team, `Refused` where one is with nobody, `Invalid` where nobody
    came.
    """
    if not came:
        raise Invalid("Choose at least one person", "people")
    for episode_id in sorted(came):
        note = "\n".join(text for text in (what.strip(), came[episode_id].strip()) if text)
        contact = ContactNote(Channel.IN_PERSON, Outcome.TALKED, at=at, note=note)
        record_contact(session, actor, episode_id, contact)
    return len(came)
