"""What failures do when somebody writes a contact down that came of one: it is marked there and then."""

from __future__ import annotations

from sqlalchemy.orm import Session

from core import events
from prescribing.episodes.events import ContactCameOfFailure
from prescribing.failures.rules import about_contact
from prescribing.failures.services import decide


def mark_contact(session: Session, event: ContactCameOfFailure) -> None:
    """Mark the contact, with why and in the person's words."""
    about = about_contact(event.contact_id)
    decide(session, event.actor, event.episode_id, about, confirmed=True, failing=event.failing)


def listen() -> None:
    """Hear from the episodes feature. Asked for once, when the product is put together."""
    events.subscribe(ContactCameOfFailure, mark_contact)
