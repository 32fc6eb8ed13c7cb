"""Finding the one record that somebody means."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.access.rules import Actor, Permission
from core.db import blind_index
from core.errors import Invalid, NotFound
from core.references.rules import parse_reference
from prescribing.episodes.models import Episode, SupportRequest
from prescribing.people.models import Person
from prescribing.people.rules import normalise_nhs_number, surname_and_birth


def find_person(session: Session, actor: Actor, text: str, surname: str, born: date | None) -> UUID:
    """The one record that a reference of ours, an NHS number, or a surname with a date of birth names exactly.

    Raises `Invalid` where there is none, or more than one.
    """
    if not (actor.can(Permission.PROTECT_DATA) or actor.can(Permission.OPEN_IN_EMERGENCY)):
        raise NotFound
    found = set(session.scalars(select(Person.id).where(Person.id.in_(_named(session, text)))))
    if not found and surname.strip() and born is not None:
        index = blind_index("name-birth", surname_and_birth(surname, born))
        found = set(session.scalars(select(Person.id).where(Person.name_birth_index == index)))
    if len(found) > 1:
        raise Invalid("There is more than one such record. Use a reference or the NHS number.", "text")
    if not found:
        raise Invalid(
            "We have no such record. Check the reference or the number, or give a surname and date of birth.",
            "text",
        )
    return found.pop()


def _named(session: Session, text: str) -> set[UUID]:
    """The people whom a reference or an NHS number means."""
    typed = text.strip()
    if not typed:
        return set()
    try:
        reference = parse_reference(typed)
    except Invalid:
        try:
            index = blind_index("nhs-number", normalise_nhs_number(typed))
        except Invalid:
            return set()
        return set(session.scalars(select(Person.id).where(Person.nhs_number_index == index)))
    by_episode = (
        select(Episode.person_id)
        .join(SupportRequest, SupportRequest.id == Episode.support_request_id)
        .where((Episode.reference == reference) | (SupportRequest.reference == reference))
    )
    return {
        *session.scalars(select(Person.id).where(Person.reference == reference)),
        *session.scalars(by_episode),
    }
