"""Opening a record in an emergency that is shut otherwise: with the second step again, a reason, for an hour, and the
data protection officer told at once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock
from core.access.rules import Actor, Permission
from core.accounts import second_factor
from core.audit import services as audit
from core.errors import Invalid, NotFound, Refused
from prescribing.episodes.models import Episode
from prescribing.episodes.rules import EPISODE_CLOSED, EPISODE_WORDS
from prescribing.people import queries as people
from prescribing.people.models import Person
from prescribing.people.queries import PersonRecord
from prescribing.people.services import author_of
from prescribing.rights import services
from prescribing.rights.models import EmergencyLook
from prescribing.rights.rules import GLASS_STAYS_BROKEN, check_emergency, is_broken


@dataclass(frozen=True)
class OpenLook:
    """A record that this actor has open in an emergency, and until when."""

    id: UUID
    person_id: UUID
    until: datetime


@dataclass(frozen=True)
class Support:
    """One of the person's episodes in a line, with whom to ring about it."""

    reference: str
    said: str
    team: str
    team_phone: str


@dataclass(frozen=True)
class EmergencyPage:
    """What keeps somebody safe, and nothing else of their record; `team` and its phone are whose record it is."""

    look: OpenLook
    person: PersonRecord
    support: tuple[Support, ...]
    team: str
    team_phone: str


def prove(session: Session, actor: Actor, code: str) -> bool:
    """Ask for the second step again; commit either way, so that tries count."""
    actor.must(Permission.OPEN_IN_EMERGENCY)
    return second_factor.confirm_with_app(session, actor, code)


def open_record(session: Session, actor: Actor, person_id: UUID, reason: str) -> UUID:
    """Open a record for an hour, after `prove`. Gives the look's id. The data protection officer is told at once.

    Raises `Invalid` without a sentence of reason, `Refused` where the record is open to the actor anyway, or already.
    """
    actor.must(Permission.OPEN_IN_EMERGENCY)
    check_emergency(reason)
    person = session.get(Person, person_id)
    if person is None:
        raise NotFound
    if person.team_id in actor.team_ids(*people.TEAM_ROLES):
        raise Refused("This record is your own team's: you can open it as always.")
    if any(one.person_id == person_id for one in open_looks(session, actor)):
        raise Refused("You have this record open already.")
    if actor.account_id is None:
        raise NotFound
    made = EmergencyLook(
        person_id=person_id, account_id=actor.account_id, reason=reason.strip(), started_at=clock.now()
    )
    session.add(made)
    session.flush()
    audit.record(session, actor, "person.emergency", "person", person_id, look=str(made.id))
    services.tell_officers(session, "glass-broken", "/data-protection", made.id)
    return made.id


def page(session: Session, actor: Actor, look_id: UUID) -> EmergencyPage:
    """What the actor may see while the hour lasts. Raises `NotFound` after it, and for anybody else's. Whoever shows it
    audits the look."""
    look = next((one for one in open_looks(session, actor) if one.id == look_id), None)
    if look is None:
        raise NotFound
    person = session.get_one(Person, look.person_id)
    episodes = session.scalars(
        select(Episode).where(Episode.person_id == person.id).order_by(Episode.created_at.desc()).limit(5)
    )
    support = tuple(
        Support(one.reference, EPISODE_WORDS[one.state], one.team.name, one.team.phone or "")
        for one in sorted(episodes, key=lambda one: one.state in EPISODE_CLOSED)
    )
    team = person.team
    return EmergencyPage(look, people.as_record(session, person), support, team.name, team.phone or "")


def open_looks(session: Session, actor: Actor) -> tuple[OpenLook, ...]:
    """The records that this actor has open in an emergency now."""
    now = clock.now()
    rows = session.scalars(
        select(EmergencyLook).where(
            EmergencyLook.account_id == actor.account_id,
            EmergencyLook.ended_at.is_(None),
            EmergencyLook.started_at > now - GLASS_STAYS_BROKEN,
        )
    )
    return tuple(
        OpenLook(row.id, row.person_id, row.started_at + GLASS_STAYS_BROKEN)
        for row in rows
        if is_broken(row.started_at, row.ended_at, now)
    )


def close(session: Session, actor: Actor, look_id: UUID) -> None:
    """Shut it before the hour is over. Raises `NotFound` for what the actor has not open."""
    if all(one.id != look_id for one in open_looks(session, actor)):
        raise NotFound
    row = session.get_one(EmergencyLook, look_id, with_for_update=True)
    row.ended_at = clock.now()
    session.flush()
    audit.record(session, actor, "person.emergency-over", "person", row.person_id, look=str(row.id))


def review(session: Session, actor: Actor, look_id: UUID, words: str) -> UUID:
    """Write down what the data protection officer makes of it; gives the person's id. Raises `Invalid` for no words."""
    actor.must(Permission.PROTECT_DATA)
    row = session.get(EmergencyLook, look_id, with_for_update=True)
    if row is None:
        raise NotFound
    if row.reviewed_at is not None:
        raise Refused("This was looked into already.")
    if not words.strip():
        raise Invalid("Say whether it was right to open the record, and what follows.", "words")
    row.review, row.reviewed_at, row.reviewed_by = words.strip(), clock.now(), author_of(actor)
    session.flush()
    audit.record(session, actor, "rights.review-emergency", "person", row.person_id, look=str(row.id))
    return row.person_id
