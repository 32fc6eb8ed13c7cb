"""What search may know of an activity: public words and facts only, streamed so that thousands fit in little memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from core.geography.queries import ward_names
from directory.listings import summaries
from directory.listings.cards import ACCESS, AUDIENCES, NEEDS, Term, terms_of
from directory.listings.models import Attribute, Location, Service, ServiceAtLocation, TaxonomyTerm
from directory.listings.recurrence import Weekday, weekdays
from directory.listings.rules import IN_SEARCH, DeliveryMode, JoinMode

BATCH = 200


@dataclass(frozen=True, slots=True)
class SearchDocument:
    """One activity as search sees it. `points` are (latitude, longitude); `weekdays` the days its times name.

    Where `is_public` is false the document must not be found: take it out of the index.
    """

    id: UUID
    is_public: bool
    name: str
    summary: str
    description: str
    group_id: UUID
    group: str
    needs: tuple[Term, ...]
    audiences: tuple[Term, ...]
    access: tuple[Term, ...]
    place_words: tuple[str, ...]
    postcodes: tuple[str, ...]
    ward_codes: tuple[str, ...]
    points: tuple[tuple[float, float], ...]
    weekdays: tuple[Weekday, ...]
    delivery: DeliveryMode
    join_mode: JoinMode
    is_free: bool
    minimum_age: int | None
    maximum_age: int | None
    languages: tuple[str, ...]
    accepting_referrals: bool
    confirmed_at: datetime | None
    updated_at: datetime


def search_documents(session: Session, ids: Sequence[UUID] | None = None) -> Iterator[SearchDocument]:
    """Documents of these activities, whatever their status; of every public one where `ids` is None.

    In order of id. An id that is no activity gives nothing.
    """
    if ids is None:
        public = select(Service.id).where(Service.status.in_(IN_SEARCH)).order_by(Service.id)
        ids = session.scalars(public).all()
    wanted = sorted(set(ids))
    for start in range(0, len(wanted), BATCH):
        yield from _documents(session, wanted[start : start + BATCH])


def _documents(session: Session, ids: Sequence[UUID]) -> list[SearchDocument]:
    rows = session.scalars(
        select(Service)
        .where(Service.id.in_(ids))
        .order_by(Service.id)
        .options(
            joinedload(Service.organization),
            selectinload(Service.places)
            .joinedload(ServiceAtLocation.location)
            .selectinload(Location.attributes)
            .joinedload(Attribute.term)
            .joinedload(TaxonomyTerm.taxonomy),
            selectinload(Service.schedules),
            selectinload(Service.cost_options),
            selectinload(Service.eligibilities),
            selectinload(Service.languages),
            selectinload(Service.attributes).joinedload(Attribute.term).joinedload(TaxonomyTerm.taxonomy),
        )
    ).all()
    codes = {one.location.ward_code for row in rows for one in row.places if one.location.ward_code}
    wards = ward_names(session, codes) if codes else {}
    return [_document(row, wards) for row in rows]


def _document(row: Service, wards: dict[str, str]) -> SearchDocument:
    places = [one.location for one in row.places]
    ages = row.eligibilities[0] if row.eligibilities else None
    access = terms_of([*row.attributes, *(one for place in places for one in place.attributes)], ACCESS)
    ward_codes = tuple(dict.fromkeys(place.ward_code for place in places if place.ward_code))
    words = [
        word
        for place in places
        for word in (place.name, place.address_1, place.city, wards.get(place.ward_code or "", ""))
        if word
    ]
    return SearchDocument(
        id=row.id,
        is_public=row.status in IN_SEARCH,
        name=row.name,
        summary=row.summary,
        description=row.description,
        group_id=row.organization_id,
        group=row.organization.name,
        needs=terms_of(row.attributes, NEEDS),
        audiences=terms_of(row.attributes, AUDIENCES),
        access=tuple(dict.fromkeys(access)),
        place_words=tuple(dict.fromkeys(words)),
        postcodes=tuple(dict.fromkeys(place.postal_code for place in places if place.postal_code)),
        ward_codes=ward_codes,
        points=tuple(
            (place.latitude, place.longitude)
            for place in places
            if place.latitude is not None and place.longitude is not None
        ),
        weekdays=weekdays(schedule.rule for schedule in row.schedules),
        delivery=row.delivery,
        join_mode=row.join_mode,
        is_free=summaries.is_free([summaries.Cost(one.label, one.pence) for one in row.cost_options]),
        minimum_age=ages.minimum_age if ages else None,
        maximum_age=ages.maximum_age if ages else None,
        languages=tuple(one.name for one in row.languages),
        accepting_referrals=row.accepting_referrals,
        confirmed_at=row.confirmed_at,
        updated_at=row.updated_at,
    )
