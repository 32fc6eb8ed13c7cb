"""What a group writes down for itself."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from core import clock
from core.access.rules import Actor
from core.audit import services as audit
from core.db import hold
from core.errors import Invalid, NotFound
from prescribing.groups import queries
from prescribing.groups.models import Buddy, BuddyTurn, GroupFunding
from prescribing.groups.rules import check_pence
from prescribing.referrals import inbox

MOST_BUDDIES = 30


def set_funding(session: Session, actor: Actor, organization_id: UUID, year: int, pence: int) -> None:
    """Write down what a group of the actor's was paid in a year for taking in people who are referred. Raises
    `NotFound`, `Invalid`."""
    queries.own_groups(session, actor, organization_id)
    check_pence(pence)
    hold(session, f"funding {organization_id} {year}")
    row = session.scalar(
        select(GroupFunding).where(GroupFunding.organization_id == organization_id, GroupFunding.year == year)
    )
    if row is None:
        row = GroupFunding(organization_id=organization_id, year=year)
        session.add(row)
    row.pence = pence
    session.flush()
    audit.record(session, actor, "group.funding", "organization", organization_id, year=year)


def add_buddy(session: Session, actor: Actor, organization_id: UUID, name: str) -> UUID:
    """Somebody of the group meets newcomers. Raises `NotFound`, `Invalid`."""
    there = queries.buddies(session, actor, organization_id)
    if any(one.name.casefold() == name.strip().casefold() for one in there):
        raise Invalid("That name is there already. Add a letter to tell them apart.", "name")
    if len(there) >= MOST_BUDDIES:
        raise Invalid("Take somebody off before you add another.", "name")
    row = Buddy(organization_id=organization_id, name=name.strip())
    session.add(row)
    session.flush()
    audit.record(session, actor, "buddy.add", "buddy", row.id)
    return row.id


def take_off(session: Session, actor: Actor, organization_id: UUID, buddy_id: UUID) -> None:
    """Somebody meets newcomers no more: their turns to come are free, their name is forgotten. Raises `NotFound`."""
    groups = queries.own_groups(session, actor, organization_id)
    row = session.scalar(select(Buddy).where(Buddy.id == buddy_id, Buddy.organization_id.in_(groups)))
    if row is None:
        raise NotFound
    forget(session, actor, row)


def forget(session: Session, actor: Actor, row: Buddy) -> None:
    """As `take_off`, for a row that the caller holds."""
    row.gone, row.name = True, None
    session.execute(delete(BuddyTurn).where(BuddyTurn.buddy_id == row.id, BuddyTurn.on >= clock.today()))
    session.flush()
    audit.record(session, actor, "buddy.take-off", "buddy", row.id)


def set_turns(session: Session, actor: Actor, service_id: UUID, turns: Mapping[date, UUID | None]) -> None:
    """Write down who meets newcomers on which day; None for nobody. Days that are not named stay as they are. Raises
    `NotFound`, and `Invalid` for a day on which the activity has no session."""
    offer = inbox.own_offer(session, actor, service_id)
    rota = queries.rota(session, actor, service_id)
    known = {one.id for one in rota.buddies}
    if not set(turns) <= {turn.on for turn in rota.turns}:
        raise Invalid("That day has no session now. Open the page again.", "turns")
    if not {one for one in turns.values() if one} <= known:
        raise NotFound
    hold(session, f"rota {offer.service_id}")
    session.execute(
        delete(BuddyTurn).where(BuddyTurn.service_id == offer.service_id, BuddyTurn.on.in_(turns))
    )
    session.add_all(
        BuddyTurn(service_id=offer.service_id, on=day, buddy_id=buddy_id)
        for day, buddy_id in turns.items()
        if buddy_id is not None
    )
    session.flush()
    audit.record(session, actor, "buddy.rota", "service", offer.service_id)
