"""Somebody who offered to meet newcomers comes onto a group's list, or leaves it."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import events
from core.access.rules import SYSTEM
from core.audit import services as audit
from prescribing.groups.models import Buddy
from prescribing.groups.services import forget
from prescribing.residents.events import HelpOver, HelpTaken
from prescribing.residents.models import OfferOfHelp


def take_in(session: Session, event: HelpTaken) -> None:
    """Put them on the list by the name that they like, with a number where somebody there goes by it already."""
    there = {
        (row.name or "").casefold()
        for row in session.scalars(
            select(Buddy).where(Buddy.organization_id == event.organization_id, Buddy.gone.is_(False))
        )
    }
    names = (event.called, *(f"{event.called} {number}" for number in range(2, len(there) + 3)))
    row = Buddy(organization_id=event.organization_id)
    row.name = next(name for name in names if name.casefold() not in there)
    session.add(row)
    session.flush()
    session.get_one(OfferOfHelp, event.offer_id).buddy_id = row.id
    session.flush()
    audit.record(session, SYSTEM, "buddy.add", "buddy", row.id)


def let_go(session: Session, event: HelpOver) -> None:
    """Take them off the list; the turns that they had are free."""
    row = session.get(Buddy, event.buddy_id, with_for_update=True)
    if row is not None and not row.gone:
        forget(session, SYSTEM, row)


def listen() -> None:
    """Hear of helpers; saying it twice changes nothing."""
    events.subscribe(HelpTaken, take_in)
    events.subscribe(HelpOver, let_go)
