"""Reading what the open API gives: lists, one page or everything, and single objects."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from core import clock
from core.calendar.rules import start_of
from core.db import db, read_only
from core.errors import NotFound
from core.geography.queries import Place, locate
from core.geography.rules import distance_km
from directory.listings.models import (
    Attribute,
    Location,
    Organization,
    Service,
    ServiceAtLocation,
    Taxonomy,
    TaxonomyTerm,
)
from directory.listings.rules import ListingStatus
from directory.openreferral.filters import MOST_IDS, PUBLIC, conditions, ranked
from directory.openreferral.profiles import Json
from directory.openreferral.rules import Asked, Problems
from directory.openreferral.serializers import Writer

# How many objects a stream reads at a time.
BATCH = 200
MOST_WORDS = 12


@dataclass(frozen=True, slots=True)
class Moved:
    """The thing asked for was taken in by another."""

    into: UUID


class Gone(Exception):
    """It was public once and is closed for good."""


_TERMS = joinedload(Attribute.term).joinedload(TaxonomyTerm.taxonomy)
_FLAT: tuple[Any, ...] = (
    joinedload(Service.organization),
    selectinload(Service.eligibilities),
    selectinload(Service.cost_options),
)
_LOCATION: tuple[Any, ...] = (
    selectinload(Location.accessibility),
    selectinload(Location.attributes).options(_TERMS),
)
_ORGANIZATION: tuple[Any, ...] = (selectinload(Organization.phones), selectinload(Organization.contacts))
_ALONE: tuple[Any, ...] = (
    selectinload(Service.eligibilities),
    selectinload(Service.cost_options),
    selectinload(Service.schedules),
    selectinload(Service.exceptions),
    selectinload(Service.languages),
    selectinload(Service.contacts),
    selectinload(Service.phones),
    selectinload(Service.attributes).options(_TERMS),
    selectinload(Service.places).options(joinedload(ServiceAtLocation.location).options(*_LOCATION)),
)
_FULL: tuple[Any, ...] = (joinedload(Service.organization).options(*_ORGANIZATION), *_ALONE)


class Ids:
    """The ids that were asked for, in order. Where SQL alone decides they are cut by it, so that a page stays cheap."""

    def __init__(self, session: Session, which: Select[UUID] | Sequence[UUID]) -> None:
        self._session = session
        self._which = which

    @property
    def total(self) -> int:
        if isinstance(self._which, Select):
            count = select(func.count()).select_from(self._which.order_by(None).subquery())
            return self._session.scalar(count) or 0
        return len(self._which)

    def cut(self, start: int, most: int) -> Sequence[UUID]:
        """At most `most` ids from `start` on."""
        if isinstance(self._which, Select):
            return self._session.scalars(self._which.offset(start).limit(most)).all()
        return self._which[start : start + most]

    def all(self) -> Sequence[UUID]:
        """Every one of them."""
        return self._session.scalars(self._which).all() if isinstance(self._which, Select) else self._which


@dataclass(frozen=True, slots=True)
class Shelf:
    """How one resource is read: which ids are asked for, what they look like, and one of them by itself."""

    ids: Callable[[Session, Asked], Ids]
    write: Callable[[Session, Writer, Sequence[UUID], Asked], list[Json]]
    one: Callable[[Session, Writer, UUID, Asked], Json | Moved]


def page(session: Session, writer: Writer, resource: str, asked: Asked) -> tuple[int, int, list[Json]]:
    """How many there are in all, how many fit on a page, and the page that was asked for.

    Raises `Problems` for a place that we do not know.
    """
    shelf = SHELVES[resource]
    ids = shelf.ids(session, asked)
    total = ids.total
    size = max(1, total) if asked.flag("minimal") and "per_page" not in asked.values else asked.per_page
    start = (asked.page - 1) * size
    wanted = ids.cut(start, size) if start < total else ()
    parts = (wanted[first : first + MOST_IDS] for first in range(0, len(wanted), MOST_IDS))
    return total, size, [item for part in parts for item in shelf.write(session, writer, part, asked)]


def stream(session: Session, writer: Writer, resource: str, asked: Asked) -> Iterator[list[Json]]:
    """Everything that was asked for, a batch at a time, each read in a session of its own.

    What is wrong with the question is raised at once, before anything is streamed.
    """
    shelf = SHELVES[resource]
    ids = shelf.ids(session, asked).all()
    engine = db.engine

    def read(part: Sequence[UUID]) -> list[Json]:
        with read_only(), Session(engine) as reading:
            return shelf.write(reading, writer, part, asked)

    return (read(ids[start : start + BATCH]) for start in range(0, len(ids), BATCH))


def one(session: Session, writer: Writer, resource: str, wanted: UUID, asked: Asked) -> Json | Moved:
    """One object with all that hangs on it. Raises `NotFound`, and `Gone` for what is closed for good."""
    return SHELVES[resource].one(session, writer, wanted, asked)


def last_change(session: Session) -> datetime | None:
    """When anything that the API gives last changed: some of it speaks of days ahead, and does so at each midnight."""
    kinds = (Service, Organization, Location, TaxonomyTerm)
    latest = [select(func.max(kind.updated_at)).scalar_subquery() for kind in kinds]
    stamps = session.execute(select(*latest)).one()
    midnight = start_of(clock.today())
    return max((one for one in (*stamps, midnight) if one is not None), default=None)


# --- services -----------------------------------------------------------------------------------------------


def _service_ids(session: Session, asked: Asked) -> Ids:
    chosen = ranked(session, asked)
    if chosen is not None:
        return Ids(session, chosen)
    return Ids(session, select(Service.id).where(*conditions(asked)).order_by(Service.id))


def _services(session: Session, writer: Writer, ids: Sequence[UUID], asked: Asked) -> list[Json]:
    if asked.flag("minimal"):
        return _minimal(session, writer, ids)
    full = asked.flag("full")
    rows = session.scalars(
        select(Service).where(_among(Service.id, ids)).options(*(_FULL if full else _FLAT))
    )
    return _in_order(ids, {row.id: writer.service(row, full=full) for row in rows})


def _minimal(session: Session, writer: Writer, ids: Sequence[UUID]) -> list[Json]:
    query = select(Service.id, Service.name, Service.status, Service.updated_at).where(
        _among(Service.id, ids), PUBLIC
    )
    found = session.execute(query)
    return _in_order(
        ids, {one: writer.minimal(one, name, status.hsds, at) for one, name, status, at in found}
    )


def _service(session: Session, writer: Writer, wanted: UUID, _asked: Asked) -> Json | Moved:
    row = session.scalar(select(Service).where(Service.id == wanted).options(*_FULL))
    if row is None:
        raise NotFound
    if row.merged_into_id is not None:
        return Moved(row.merged_into_id)
    if row.status is ListingStatus.CLOSED:
        raise Gone
    _refuse_hidden(row)
    return writer.service(row, full=True)


def _refuse_hidden(row: Service) -> None:
    if row.status.hsds not in {"active", "temporarily closed"}:
        raise NotFound


# --- services at locations ----------------------------------------------------------------------------------

# What keeps its address private is at no place that anybody is told of.
_TOLD = Service.masked_location.is_(False)


def _place_ids(session: Session, asked: Asked) -> Ids:
    near = _place(session, asked.get("postcode")) if asked.get("postcode") else None
    chosen = ranked(session, asked)
    query = (
        select(ServiceAtLocation.id).join(Service, Service.id == ServiceAtLocation.service_id).where(_TOLD)
    )
    if chosen is None and near is None:
        return Ids(session, query.where(*conditions(asked)).order_by(ServiceAtLocation.id))
    rows = session.execute(
        query.join(Location, Location.id == ServiceAtLocation.location_id)
        .where(*conditions(asked))
        .order_by(ServiceAtLocation.id)
        .with_only_columns(ServiceAtLocation.id, Service.id, Location.latitude, Location.longitude)
    ).all()
    rank = None if chosen is None else {service: index for index, service in enumerate(chosen)}
    farthest: float | None = asked.get("proximity")
    found: list[tuple[float, int, UUID]] = []
    for place_id, service_id, latitude, longitude in rows:
        if rank is not None and service_id not in rank:
            continue
        away = _metres(near, latitude, longitude)
        if farthest is None or away <= farthest:
            found.append((away, 0 if rank is None else rank[service_id], place_id))
    return Ids(session, tuple(place_id for *_, place_id in sorted(found)))


def _place(session: Session, text: str) -> Place:
    found = locate(session, text)
    if isinstance(found, Place):
        return found
    raise Problems({"postcode": found.message})


def _metres(near: Place | None, latitude: float | None, longitude: float | None) -> float:
    if near is None:
        return 0.0
    if latitude is None or longitude is None:
        return float("inf")
    return distance_km(near.lat, near.lon, latitude, longitude) * 1000


def _places(session: Session, writer: Writer, ids: Sequence[UUID], asked: Asked) -> list[Json]:
    full = asked.flag("full")
    query = (
        select(ServiceAtLocation)
        .where(_among(ServiceAtLocation.id, ids))
        .options(joinedload(ServiceAtLocation.location).options(*(_LOCATION if full else ())))
    )
    places = session.scalars(query).all()
    of_services = select(Service).where(
        _among(Service.id, {place.service_id for place in places}), PUBLIC, _TOLD
    )
    services = {row.id: row for row in session.scalars(of_services.options(*(_FULL if full else _FLAT)))}
    return _in_order(
        ids,
        {
            place.id: writer.service_at_location(place, services[place.service_id], full=full)
            for place in places
            if place.service_id in services
        },
    )


def _service_at_location(session: Session, writer: Writer, wanted: UUID, _asked: Asked) -> Json:
    found = _places(session, writer, [wanted], Asked({"full": True}))
    if not found:
        raise NotFound
    return found[0]


# --- organizations ------------------------------------------------------------------------------------------

_OFFERS = Organization.id.in_(select(Service.organization_id).where(PUBLIC))


def _organization_ids(session: Session, asked: Asked) -> Ids:
    columns: list[ColumnElement[str]] = [
        Organization.name.expression,
        Organization.summary.expression,
        Organization.description.expression,
    ]
    query = select(Organization.id).where(_OFFERS, *_holds(asked.get("search"), columns))
    return Ids(session, query.order_by(Organization.id))


def _organizations(session: Session, writer: Writer, ids: Sequence[UUID], asked: Asked) -> list[Json]:
    whole = asked.flag("full_service")
    full = whole or asked.flag("full")
    query = select(Organization).where(_among(Organization.id, ids), _OFFERS)
    rows = session.scalars(query.options(*(_ORGANIZATION if full else ()))).all()
    if not full:
        return _in_order(ids, {row.id: writer.organization(row, full=False) for row in rows})
    offered: dict[UUID, list[Json]] = {row.id: [] for row in rows}
    of_rows = select(Service).where(_among(Service.organization_id, offered), PUBLIC).order_by(Service.id)
    for service in session.scalars(of_rows.options(*(_ALONE if whole else _FLAT[1:]))):
        offered[service.organization_id].append(writer.service(service, full=whole, organization=False))
    return _in_order(
        ids,
        {row.id: {**writer.organization(row, full=True), "services": offered[row.id]} for row in rows},
    )


def _organization(session: Session, writer: Writer, wanted: UUID, asked: Asked) -> Json | Moved:
    found = _organizations(session, writer, [wanted], Asked({**asked.values, "full": True}))
    if found:
        return found[0]
    row = session.get(Organization, wanted)
    if row is not None and row.merged_into_id is not None:
        return Moved(row.merged_into_id)
    raise NotFound


# --- vocabularies -------------------------------------------------------------------------------------------


def _taxonomy_ids(session: Session, asked: Asked) -> Ids:
    held = _holds(asked.get("search"), [Taxonomy.name.expression, Taxonomy.description.expression])
    return Ids(session, select(Taxonomy.id).where(*held).order_by(Taxonomy.id))


def _taxonomies(session: Session, writer: Writer, ids: Sequence[UUID], _asked: Asked) -> list[Json]:
    rows = session.scalars(select(Taxonomy).where(_among(Taxonomy.id, ids)))
    return _in_order(ids, {row.id: writer.taxonomy(row) for row in rows})


def _taxonomy(session: Session, writer: Writer, wanted: UUID, _asked: Asked) -> Json:
    row = session.get(Taxonomy, wanted)
    if row is None:
        raise NotFound
    return writer.taxonomy(row)


def _term_ids(session: Session, asked: Asked) -> Ids:
    said: list[ColumnElement[bool]] = [TaxonomyTerm.merged_into_id.is_(None)]
    said += _holds(asked.get("search"), [TaxonomyTerm.name.expression, TaxonomyTerm.description.expression])
    if (taxonomy := asked.get("taxonomy_id")) is not None:
        said.append(TaxonomyTerm.taxonomy_id == taxonomy)
    if (parent := asked.get("parent_id")) is not None:
        said.append(TaxonomyTerm.parent_id == parent)
    if asked.flag("top_only"):
        said.append(TaxonomyTerm.parent_id.is_(None))
    return Ids(session, select(TaxonomyTerm.id).where(*said).order_by(TaxonomyTerm.id))


def _terms(session: Session, writer: Writer, ids: Sequence[UUID], _asked: Asked) -> list[Json]:
    query = (
        select(TaxonomyTerm).where(_among(TaxonomyTerm.id, ids)).options(joinedload(TaxonomyTerm.taxonomy))
    )
    return _in_order(ids, {row.id: writer.taxonomy_term(row) for row in session.scalars(query)})


def _term(session: Session, writer: Writer, wanted: UUID, _asked: Asked) -> Json | Moved:
    row = session.scalar(
        select(TaxonomyTerm).where(TaxonomyTerm.id == wanted).options(joinedload(TaxonomyTerm.taxonomy))
    )
    if row is None:
        raise NotFound
    return writer.taxonomy_term(row) if row.merged_into_id is None else Moved(row.merged_into_id)


# --- helpers ------------------------------------------------------------------------------------------------


def _among(column: Any, ids: Sequence[UUID] | set[UUID] | dict[UUID, Any]) -> ColumnElement[bool]:
    condition: ColumnElement[bool] = column.in_(list(ids))
    return condition


def _holds(words: str | None, columns: Sequence[ColumnElement[str]]) -> list[ColumnElement[bool]]:
    """Each word must stand in one of the columns."""
    return [
        or_(*(column.icontains(word, autoescape=True) for column in columns))
        for word in (words or "").split()[:MOST_WORDS]
    ]


def _in_order(ids: Sequence[UUID], found: dict[UUID, Json]) -> list[Json]:
    return [found[one] for one in ids if one in found]


SHELVES: dict[str, Shelf] = {
    "services": Shelf(_service_ids, _services, _service),
    "service_at_locations": Shelf(_place_ids, _places, _service_at_location),
    "organizations": Shelf(_organization_ids, _organizations, _organization),
    "taxonomies": Shelf(_taxonomy_ids, _taxonomies, _taxonomy),
    "taxonomy_terms": Shelf(_term_ids, _terms, _term),
}
