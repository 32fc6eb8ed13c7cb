"""What is somebody's own: rows for services, held for update. Nothing of a record that is flagged for safety."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session

from core.access.rules import Actor, Role
from core.errors import NotFound
from prescribing.episodes.models import Need
from prescribing.people.models import Person
from prescribing.referrals.models import Referral


def is_own(actor: Actor) -> ColumnElement[bool]:
    """The actor's own record, where it may show online."""
    return and_(
        Person.id.in_(actor.person_ids(Role.RESIDENT)),
        Person.flagged_for_safety.is_(False),
        Person.died_at.is_(None),
    )


def own_person_id(session: Session, actor: Actor) -> UUID:
    """Whose record the actor sees as their own. Raises `NotFound` where there is none to show."""
    found = session.scalar(select(Person.id).where(is_own(actor)).order_by(Person.created_at).limit(1))
    if found is None:
        raise NotFound
    return found


def own_person_for_update(session: Session, actor: Actor) -> Person:
    """The actor's own row. Raises `NotFound` where there is none to show."""
    return session.get_one(Person, own_person_id(session, actor), with_for_update=True)


def own_referral_for_update(session: Session, actor: Actor, referral_id: UUID) -> Referral:
    """A referral of the actor's own. Raises `NotFound` for anybody else's."""
    return referral_for_update(session, is_own(actor), referral_id)


def referral_for_update(session: Session, whose: ColumnElement[bool], referral_id: UUID) -> Referral:
    """A referral of `whose` person. Raises `NotFound` for anybody else's."""
    found = session.scalars(
        select(Referral)
        .join(Person, Person.id == Referral.person_id)
        .where(Referral.id == referral_id, whose)
        .with_for_update(of=Referral)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        raise NotFound
    # Whatever moves a referral may move its need: taken in one order everywhere, nobody waits for each other.
    session.get(Need, found.need_id, with_for_update=True)
    return found
