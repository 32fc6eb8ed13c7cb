"""What is somebody's own: rows for services, held for update. Nothing of a record that is flagged for safety."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session

from core.access.rules import Actor, Role
from core.errors import NotFound
from core.holding import held
from prescribing.episodes.models import Episode, Need
from prescribing.episodes.scope import episodes_for_update
from prescribing.people.models import Person
from prescribing.referrals.models import Referral
from prescribing.referrals.scope import referrals_for_update
from prescribing.residents.models import OfferOfHelp


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
    (own,) = held(session, select(Person).where(Person.id == own_person_id(session, actor)))
    return own


def shows_online(session: Session, actor: Actor) -> bool:
    """Whether the actor has a record of their own that they may see."""
    if not actor.person_ids(Role.RESIDENT):
        return False
    return session.scalar(select(Person.id).where(is_own(actor)).limit(1)) is not None


def own_need_for_update(session: Session, actor: Actor, need_id: UUID) -> Need:
    """A need of the actor's own, held with its episode. Raises `NotFound` for anybody else's."""
    own = and_(Need.id == need_id, Need.person_id == Person.id, is_own(actor))
    if not episodes_for_update(session, Episode.id.in_(select(Need.episode_id).where(own))):
        raise NotFound
    (need,) = held(session, select(Need).where(Need.id == need_id))
    return need


def own_referral_for_update(session: Session, actor: Actor, referral_id: UUID) -> Referral:
    """A referral of the actor's own. Raises `NotFound` for anybody else's."""
    return referral_for_update(session, is_own(actor), referral_id)


def referral_for_update(session: Session, whose: ColumnElement[bool], referral_id: UUID) -> Referral:
    """A referral of `whose` person. Raises `NotFound` for anybody else's."""
    rows = referrals_for_update(session, Referral.id == referral_id, Referral.person.has(whose))
    if not rows:
        raise NotFound
    return rows[0]


def offer_for_update(session: Session, offer_id: UUID) -> OfferOfHelp | None:
    """An offer of help, if there is one, its person held first: what comes of it may ask something of whoever supports
    them."""
    person_of_it = select(OfferOfHelp.person_id).where(OfferOfHelp.id == offer_id)
    held(session, select(Person).where(Person.id.in_(person_of_it)))
    return next(iter(held(session, select(OfferOfHelp).where(OfferOfHelp.id == offer_id))), None)
