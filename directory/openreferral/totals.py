"""How much open data there is, and who else is to be named with it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from directory.listings.models import Service, Source
from directory.openreferral.filters import PUBLIC
from directory.openreferral.queries import last_change

MOST_SOURCES = 100


@dataclass(frozen=True, slots=True)
class Origin:
    """Where entries came from, and its licence."""

    name: str
    licence: str


@dataclass(frozen=True, slots=True)
class Totals:
    """How much there is, and when it last changed."""

    services: int
    organizations: int
    changed: datetime | None
    sources: tuple[Origin, ...]


def totals(session: Session) -> Totals:
    """What the page about open data says."""
    services, organizations = session.execute(
        select(func.count(), func.count(Service.organization_id.distinct())).where(PUBLIC)
    ).one()
    used = select(Service.source_id).where(PUBLIC, Service.source_id.is_not(None))
    sources = session.execute(
        select(Source.name, Source.licence)
        .where(Source.id.in_(used))
        .order_by(Source.name)
        .limit(MOST_SOURCES)
    )
    return Totals(
        services,
        organizations,
        last_change(session),
        tuple(Origin(name, licence) for name, licence in sources),
    )
