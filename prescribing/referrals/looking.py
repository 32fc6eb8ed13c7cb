"""Keeping that somebody looked: reads of a referral are audited like writes."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy.orm import Session

from core.access.rules import Actor
from core.audit import services as audit
from prescribing.referrals.seen import GroupReferral


def record_look(session: Session, actor: Actor, referral_id: UUID) -> None:
    """The team looked at a referral."""
    audit.record(session, actor, "referral.read", "referral", referral_id)


def record_person_look(session: Session, actor: Actor, person_id: UUID) -> None:
    """The team looked at a person while choosing for them."""
    audit.record(session, actor, "person.read", "person", person_id)


def record_group_looks(session: Session, actor: Actor, shown: Iterable[GroupReferral]) -> None:
    """A group was shown these referrals, each at its tier."""
    for one in shown:
        audit.record(session, actor, "referral.read", "referral", one.id, tier=one.tier)
