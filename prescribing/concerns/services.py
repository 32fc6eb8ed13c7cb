"""Saying that one is worried: written down, the coordinators told at once, and followed until something was done."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Session

from core import clock
from core.access.rules import Actor, Role
from core.audit import services as audit
from core.errors import Invalid, Refused
from core.notify import services as notify
from prescribing.concerns import queries
from prescribing.concerns.models import Concern
from prescribing.people.queries import person_for_update


def raise_concern(session: Session, actor: Actor, person_id: UUID, seen: str, told: str = "") -> Concern:
    """Write down what was seen and who was told, and tell every coordinator of the person's team at once.

    The email names nobody and holds a link. Raises `NotFound` outside the actor's teams, `Invalid` without words.
    """
    if not seen.strip():
        raise Invalid("Write down what you saw or heard.", "seen")
    person = person_for_update(session, actor, person_id)
    concern = Concern(
        person_id=person.id,
        team_id=person.team_id,
        at=clock.now(),
        author_id=actor.account_id,
        author_name=actor.name[:120],
        seen=seen.strip(),
        told=told.strip() or None,
    )
    session.add(concern)
    session.flush()
    audit.record(session, actor, "concern.raise", "person", person.id)
    for _name, address in queries.coordinators(session, [person.team_id]):
        if address:
            notify.send_email(
                session,
                to=address,
                template="concern-raised",
                context={"path": f"/concerns/{concern.id}"},
                about_id=concern.id,
            )
    return concern


def take_up(session: Session, actor: Actor, concern_id: UUID) -> Concern:
    """A coordinator has read it and sees to it. Doing so twice changes nothing."""
    concern = queries.concern_for_update(session, actor, concern_id, Role.COORDINATOR)
    if concern.taken_up_at is None:
        concern.taken_up_at, concern.taken_up_by_id = clock.now(), actor.account_id
        session.flush()
        audit.record(session, actor, "concern.take-up", "person", concern.person_id)
    return concern


def close(session: Session, actor: Actor, concern_id: UUID, done: str) -> Concern:
    """A coordinator says what was done. Raises `Refused` once closed, `Invalid` without words."""
    concern = queries.concern_for_update(session, actor, concern_id, Role.COORDINATOR)
    if concern.closed_at is not None:
        raise Refused("This is closed. Write down something new as a new concern.")
    if not done.strip():
        raise Invalid("Write down what was done.", "done")
    now = clock.now()
    concern.taken_up_at = concern.taken_up_at or now
    concern.taken_up_by_id = concern.taken_up_by_id or actor.account_id
    concern.done, concern.closed_at, concern.closed_by_id = done.strip(), now, actor.account_id
    session.flush()
    audit.record(session, actor, "concern.close", "person", concern.person_id)
    return concern
