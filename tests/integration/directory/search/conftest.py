"""Listings to be found, and the worker that keeps the index true."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.geography.services import load_demo_facts
from core.jobs.services import work_once
from directory.listings.models import (
    Attribute,
    CostOption,
    Location,
    Organization,
    Schedule,
    Service,
    ServiceAtLocation,
    TaxonomyTerm,
)
from directory.listings.recurrence import Frequency
from directory.listings.rules import DeliveryMode, JoinMode, ListingStatus

Listing = Callable[..., UUID]


@pytest.fixture
def places(session: Session) -> None:
    """The borough's own small table of places."""
    load_demo_facts(session)
    session.commit()


@pytest.fixture
def listing(session: Session) -> Listing:
    """Makes a listing that the public may find; keywords change it. Gives its id."""

    def make(name: str, **values: Any) -> UUID:
        needs, days = values.pop("needs", ()), values.pop("days", "")
        at: tuple[float, float] | None = values.pop("at", None)
        group = Organization(name=values.pop("group", "A group"))
        session.add(group)
        session.flush()
        service = Service(
            organization_id=group.id,
            name=name,
            status=values.pop("status", ListingStatus.PUBLISHED),
            join_mode=values.pop("join_mode", JoinMode.TURN_UP),
            delivery=values.pop("delivery", DeliveryMode.IN_PERSON),
            **values,
        )
        session.add(service)
        session.flush()
        if at is not None:
            place = Location(name="The hall", city="Bury", latitude=at[0], longitude=at[1])
            session.add(place)
            session.flush()
            session.add(ServiceAtLocation(service_id=service.id, location_id=place.id))
        for slug in needs:
            term = session.scalars(select(TaxonomyTerm).where(TaxonomyTerm.slug == slug)).one()
            session.add(Attribute(term_id=term.id, service_id=service.id))
        if days:
            session.add(
                Schedule(
                    service_id=service.id,
                    freq=Frequency.WEEKLY,
                    dtstart=date(2026, 1, 5),
                    byday=days,
                    opens_at=time(10),
                    closes_at=time(12),
                )
            )
        session.add(CostOption(service_id=service.id, label="Each time", pence=0))
        session.commit()
        return service.id

    return make


@pytest.fixture
def work(session: Session) -> Callable[[], int]:
    """Does every job that waits, as the worker would. Gives how many it ran."""

    def do() -> int:
        session.commit()
        done = 0
        while work_once(session):
            done += 1
        return done

    return do
