"""What failures do when somebody writes a contact down that came of one: it is marked there and then, for as long as
the contact stands."""

from __future__ import annotations

from sqlalchemy.orm import Session

from core import events
from prescribing.episodes.events import ContactCameOfFailure, ContactWasMistake
from prescribing.failures.queries import marked_as
from prescribing.failures.rules import about_contact
from prescribing.failures.services import decide, take_back


def mark_contact(session: Session, event: ContactCameOfFailure) -> None:
    """Mark the contact, with why and in the person's words."""
    about = about_contact(event.contact_id)
    decide(session, event.actor, event.episode_id, about, confirmed=True, failing=event.failing)


def unmark_contact(session: Session, event: ContactWasMistake) -> None:
    """What never was had no cause either."""
    mark_id = marked_as(session, about_contact(event.contact_id))
    if mark_id is not None:
        take_back(session, event.actor, mark_id)


def listen() -> None:
    """Hear from the episodes feature. Asked for once, when the product is put together."""
    events.subscribe(ContactCameOfFailure, mark_contact)
    events.subscribe(ContactWasMistake, unmark_contact)
