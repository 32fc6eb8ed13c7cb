"""Saying that one is worried: written down, the coordinators told at once, and followed until something was done."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Session

from core import clock
from core.access.rules import SYSTEM, Actor, Role
from core.accounts.queries import addresses_of_role
from core.audit import services as audit
from core.errors import Invalid, Refused
from core.jobs.services import enqueue
from core.notify import services as notify
from prescribing.concerns import queries
from prescribing.concerns.models import Concern
from prescribing.concerns.rules import an_hour_at_work_after
from prescribing.people.queries import person_for_update

# The job that tells the team again.
CHASE = "concerns.chase"


def raise_concern(session: Session, actor: Actor, person_id: UUID, seen: str, told: str = "") -> Concern:
    """Write down what was seen and who was told, and tell every coordinator of the person's team at once; the team is
    told again until one of them takes it up.

    An email names nobody and holds a link. Where no coordinator has an address the administrators hear that nobody
    could be told. Raises `NotFound` outside the actor's teams, `Invalid` without words.
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
    _tell(session, concern, "concern-raised")
    _chase_later(session, concern)
    return concern


def chase(session: Session, concern_id: UUID) -> None:
    """Tell the coordinators and link workers of the team again where nobody has taken a concern up, and again later."""
    concern = session.get(Concern, concern_id, with_for_update=True)
    if concern is None or concern.taken_up_at is not None:
        return
    _tell(session, concern, "concern-waiting", Role.LINK_WORKER)
    audit.record(session, SYSTEM, "concern.chase", "person", concern.person_id)
    _chase_later(session, concern)


def _chase_later(session: Session, concern: Concern) -> None:
    run_at = an_hour_at_work_after(clock.now())
    enqueue(session, CHASE, {"concern_id": str(concern.id)}, run_at=run_at, key=f"{CHASE} {concern.id}")


def _tell(session: Session, concern: Concern, template: str, *others: Role) -> None:
    """Email the coordinators of the person's team, and whoever holds one of the `others` in it. Where no coordinator is
    reached, the administrators hear that."""
    to_act = _addresses(session, concern, Role.COORDINATOR)
    for address in sorted(to_act.union(*(_addresses(session, concern, role) for role in others))):
        _send(session, concern, template, address)
    for address in () if to_act else addresses_of_role(session, Role.ADMINISTRATOR):
        _send(session, concern, "concern-unheard", address)


def _addresses(session: Session, concern: Concern, role: Role) -> set[str]:
    return {address for _name, address in queries.of_teams(session, [concern.team_id], role) if address}


def _send(session: Session, concern: Concern, template: str, address: str) -> None:
    context = {"path": f"/concerns/{concern.id}"}
    notify.send_email(session, to=address, template=template, context=context, about_id=concern.id)


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
