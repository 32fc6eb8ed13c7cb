"""What cards are made of, read as plain columns: a query for each table, however many cards there are.

A results page is read more often than anything else; rows with their mappings cost it most of its time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, Executable, Row, bindparam, select
from sqlalchemy.orm import Session

from directory.listings.almanac import TermDates
from directory.listings.models import (
    Attribute,
    CostOption,
    Eligibility,
    Location,
    Organization,
    Schedule,
    ScheduleException,
    Service,
    ServiceAtLocation,
    Taxonomy,
    TaxonomyTerm,
    exception_of,
    rule_of,
    school_terms,
)
from directory.listings.recurrence import ScheduleException as DatedException
from directory.listings.recurrence import ScheduleRule
from directory.listings.rules import IN_SEARCH
from directory.listings.summaries import Cost
from directory.listings.timetables import Timetable, timetable_on

_IDS: BindParameter[Any] = bindparam("ids", expanding=True)

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
    )
    .join(Organization, Organization.id == Service.organization_id)
    .outerjoin(Eligibility, Eligibility.service_id == Service.id)
    .outerjoin(ServiceAtLocation, ServiceAtLocation.service_id == Service.id)
    .outerjoin(Location, Location.id == ServiceAtLocation.location_id)
    .where(Service.id.in_(_IDS))
)
_SCHEDULES = (
    select(
        Schedule.service_id,
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
    .where(Schedule.service_id.in_(_IDS))
    .order_by(Schedule.position)
)
_EXCEPTIONS = select(
    ScheduleException.service_id,
    ScheduleException.on,
    ScheduleException.note,
    ScheduleException.moved_to,
    ScheduleException.opens_at,
    ScheduleException.closes_at,
    ScheduleException.session,
).where(ScheduleException.service_id.in_(_IDS))
_COSTS = (
    select(CostOption.service_id, CostOption.label, CostOption.pence)
    .where(CostOption.service_id.in_(_IDS))
    .order_by(CostOption.position)
)
_TERMS = (
    select(Attribute.service_id, Taxonomy.slug.label("taxonomy"), TaxonomyTerm.slug, TaxonomyTerm.name)
    .join(TaxonomyTerm, TaxonomyTerm.id == Attribute.term_id)
    .join(Taxonomy, Taxonomy.id == TaxonomyTerm.taxonomy_id)
    .where(Attribute.service_id.in_(_IDS))
    .order_by(TaxonomyTerm.position)
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
    """All that one card is made of. `service` has the columns of its listing, the `group`'s name and the ages; `places`
    are those that anybody may know; `terms` are those of every vocabulary, in their order; `school` are the borough's
    school terms, where its timetable keeps to them."""

    service: Row[Any]
    places: list[Spot] = field(default_factory=list)
    rules: list[ScheduleRule] = field(default_factory=list)
    exceptions: list[DatedException] = field(default_factory=list)
    costs: list[Cost] = field(default_factory=list)
    terms: list[Row[Any]] = field(default_factory=list)
    school: list[TermDates] = field(default_factory=list)

    def timetable(self, today: date) -> Timetable:
        """When it is on, as that stands on the day."""
        return timetable_on(today, tuple(self.rules), tuple(self.exceptions), tuple(self.school))


def card_rows(session: Session, ids: Sequence[UUID]) -> list[CardRows]:
    """Those of the listings that the public may find, in the order of `ids`, each once."""
    wanted = list(dict.fromkeys(ids))
    if not wanted:
        return []
    # What the session has not written yet counts too; past that, rows need no session.
    session.flush()
    connection = session.connection()

    def read(query: Executable) -> Sequence[Row[Any]]:
        return connection.execute(query, {"ids": wanted}).all()

    found = _services(read(_SERVICES))
    wanted = [one for one in wanted if one in found]
    if not wanted:
        return []
    for row in read(_SCHEDULES):
        held = found[row.service_id]
        terms = school_terms(session) if row.term_time else ()
        held.school[:] = terms or held.school
        held.rules.append(rule_of(row, terms))
    for row in read(_EXCEPTIONS):
        found[row.service_id].exceptions.append(exception_of(row))
    for row in read(_COSTS):
        found[row.service_id].costs.append(Cost(row.label, row.pence))
    for row in read(_TERMS):
        found[row.service_id].terms.append(row)
    return [found[one] for one in wanted]


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
