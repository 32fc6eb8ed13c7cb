"""What cards are made of, read as plain columns by one query, however many cards there are.

A results page is read more often than anything else; a query for each table, and rows with their mappings, cost it most
of its time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import Label, Row, Select, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from core.db import among
from directory.listings.models import (
    Attribute,
    CostOption,
    Eligibility,
    Location,
    Organization,
    Schedule,
    ScheduleException,
    SchoolTerm,
    Service,
    ServiceAtLocation,
    Taxonomy,
    TaxonomyTerm,
)
from directory.listings.row_texts import RowTexts
from directory.listings.rules import IN_SEARCH

SCHEDULES = RowTexts(
    Schedule.position,
    Schedule.freq,
    Schedule.interval,
    Schedule.dtstart,
    Schedule.byday,
    Schedule.nth,
    Schedule.opens_at,
    Schedule.closes_at,
    Schedule.valid_from,
    Schedule.valid_to,
    Schedule.term_time,
    Schedule.season_from,
    Schedule.season_to,
    Schedule.bank_holidays,
    Schedule.holiday_opens_at,
    Schedule.holiday_closes_at,
    Schedule.pence,
)
EXCEPTIONS = RowTexts(
    ScheduleException.on,
    ScheduleException.note,
    ScheduleException.moved_to,
    ScheduleException.opens_at,
    ScheduleException.closes_at,
    ScheduleException.session,
)
SCHOOL_TERMS = RowTexts(SchoolTerm.starts, SchoolTerm.ends)
COSTS = RowTexts(CostOption.position, CostOption.label, CostOption.pence)
TERMS = RowTexts(TaxonomyTerm.position, TaxonomyTerm.slug, TaxonomyTerm.name, Taxonomy.slug.label("taxonomy"))


def own_rows(texts: RowTexts, listing: InstrumentedAttribute[Any], name: str) -> Label[str]:
    """The text of the rows that are a listing's own; `listing` is the column that says whose they are."""
    return texts.select().where(listing == Service.id).correlate(Service).scalar_subquery().label(name)


def applied_terms() -> Select[str]:
    """The text of the terms that are applied to something; say to what by its `where`."""
    return (
        TERMS.select()
        .select_from(Attribute)
        .join(TaxonomyTerm, TaxonomyTerm.id == Attribute.term_id)
        .join(Taxonomy, Taxonomy.id == TaxonomyTerm.taxonomy_id)
    )


# The status is looked at below: asked for here, SQLite goes through all that is published to find ten.
_SERVICES = (
    select(
        Service.id,
        Service.name,
        Service.summary,
        Service.status,
        Service.organization_id,
        Organization.name.label("group"),
        Service.join_mode,
        Service.delivery,
        Service.opening_times_text,
        Service.confirmed_at,
        Service.confirmed_by,
        Service.notice,
        Service.is_example,
        Service.masked_location,
        Eligibility.minimum_age,
        Eligibility.maximum_age,
        Location.id.label("place_id"),
        Location.name.label("place_name"),
        Location.address_1,
        Location.city,
        Location.latitude,
        Location.longitude,
        own_rows(SCHEDULES, Schedule.service_id, "schedules"),
        own_rows(EXCEPTIONS, ScheduleException.service_id, "exceptions"),
        own_rows(COSTS, CostOption.service_id, "costs"),
        applied_terms()
        .where(Attribute.service_id == Service.id)
        .correlate(Service)
        .scalar_subquery()
        .label("terms"),
        SCHOOL_TERMS.select().scalar_subquery().label("school_terms"),
    )
    .join(Organization, Organization.id == Service.organization_id)
    .outerjoin(Eligibility, Eligibility.service_id == Service.id)
    .outerjoin(ServiceAtLocation, ServiceAtLocation.service_id == Service.id)
    .outerjoin(Location, Location.id == ServiceAtLocation.location_id)
    .where(among(Service.id, "ids"))
)


@dataclass(frozen=True, slots=True)
class Spot:
    """One place of a listing. Coordinates are degrees (WGS 84)."""

    name: str
    address_1: str
    city: str
    latitude: float | None
    longitude: float | None


@dataclass(frozen=True, slots=True)
class CardRows:
    """All that one card is made of. `service` has the columns of its listing, the `group`'s name and the ages, and as
    texts the rows of `schedules`, `exceptions`, `costs`, `terms` (those of every vocabulary) and the borough's
    `school_terms`; `places` are those that anybody may know."""

    service: Row[Any]
    places: list[Spot] = field(default_factory=list)


def card_rows(session: Session, ids: Sequence[UUID]) -> list[CardRows]:
    """Those of the listings that the public may find, in the order of `ids`, each once."""
    wanted = list(dict.fromkeys(ids))
    if not wanted:
        return []
    # What the session has not written yet counts too; past that, rows need no session.
    session.flush()
    rows: Sequence[Any] = session.connection().execute(_SERVICES, {"ids": wanted}).all()
    found = _services(rows)
    return [found[one] for one in wanted if one in found]


def _services(rows: Sequence[Row[Any]]) -> dict[UUID, CardRows]:
    """A row stands for a listing at one of its places: the listings that are public, with all of theirs."""
    found: dict[UUID, CardRows] = {}
    seen: set[tuple[UUID, UUID]] = set()
    for row in rows:
        if row.status not in IN_SEARCH:
            continue
        held = found.setdefault(row.id, CardRows(row))
        if row.place_id is None or row.masked_location or (row.id, row.place_id) in seen:
            continue
        seen.add((row.id, row.place_id))
        held.places.append(Spot(row.place_name, row.address_1, row.city, row.latitude, row.longitude))
    return found
