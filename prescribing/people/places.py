"""Teams and partners as places that an account can belong to: how an administrator finds and names them."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.access.rules import Place
from core.accounts import places
from prescribing.people.models import Partner, Team


def register() -> None:
    """Offer teams and partners where roles are given."""
    for place, table in ((Place.TEAM, Team), (Place.PARTNER, Partner)):
        places.register(place, choices=_chooser(table), names_of=_namer(table))


def _chooser(table: type[Team | Partner]) -> places.Chooser:
    def choices(session: Session, words: str) -> list[places.Choice]:
        found = session.execute(
            select(table.id, table.name)
            .where(table.name.icontains(words.strip(), autoescape=True))
            .order_by(table.name)
            .limit(places.MOST_CHOICES)
        )
        return [(row.id, row.name) for row in found]

    return choices


def _namer(table: type[Team | Partner]) -> places.Namer:
    def names_of(session: Session, ids: Collection[UUID]) -> dict[UUID, str]:
        return dict(session.execute(select(table.id, table.name).where(table.id.in_(ids))).all())

    return names_of
