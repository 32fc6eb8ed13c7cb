"""What search may know of an activity: public words and facts only, streamed so that thousands fit in little memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from core import clock
from core.geography.queries import ward_names
from directory.listings import freshness_rules, summaries
from directory.listings.cards import ACCESS, AUDIENCES, NEEDS, Term, terms_of
from directory.listings.day_parts import LOOK_AHEAD, day_parts
from directory.listings.models import Attribute, Location, Service, ServiceAtLocation, TaxonomyTerm
from directory.listings.recurrence import Occurrence, Weekday, occurrences, weekdays
from directory.listings.rules import IN_SEARCH, DeliveryMode, JoinMode, ListingStatus

BATCH = 200


@dataclass(frozen=True, slots=True)
class SearchDocument:
    """One activity as search sees it. `points` are (latitude, longitude); `weekdays` the days its times name.

    `sessions` are those that are on in the weeks to come, as start and end in minutes since 1970 (UTC), and
    `day_parts` says when they are: "WE-afternoon". So a document is good for a day or two, then it is read anew.
    `price` is what one is asked to pay, in pence, None where nothing is said. `anywhere` marks what no distance
    hides: it needs no journey, or its place is kept private.

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
    day_parts: frozenset[str]
    sessions: tuple[tuple[int, int], ...]
    delivery: DeliveryMode
    anywhere: bool
    join_mode: JoinMode
    is_free: bool
    price: int | None
    minimum_age: int | None
    maximum_age: int | None
    languages: tuple[str, ...]
    accepting_referrals: bool
    confirmed_at: datetime | None
    freshness: float
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
            selectinload(Service.exceptions),
            selectinload(Service.cost_options),
            selectinload(Service.eligibilities),
            selectinload(Service.languages),
            selectinload(Service.attributes).joinedload(Attribute.term).joinedload(TaxonomyTerm.taxonomy),
        )
    ).all()
    codes = {one.location.ward_code for row in rows for one in row.public_places if one.location.ward_code}
    wards = ward_names(session, codes) if codes else {}
    now = clock.now()
    return [_document(row, wards, now) for row in rows]


def _sessions(row: Service, now: datetime) -> list[Occurrence]:
    if row.status is ListingStatus.PAUSED:
        return []
    rules, exceptions = [one.rule for one in row.schedules], [one.exception for one in row.exceptions]
    ahead = occurrences(rules, exceptions, now, now + LOOK_AHEAD)
    return [one for one in ahead if not one.cancelled]


def _minute(moment: datetime) -> int:
    return int(moment.timestamp() // 60)


def _document(row: Service, wards: dict[str, str], now: datetime) -> SearchDocument:
    places = [one.location for one in row.public_places]
    ages = row.eligibilities[0] if row.eligibilities else None
    held = [one.location for one in row.places]
    access = terms_of([*row.attributes, *(one for place in held for one in place.attributes)], ACCESS)
    sessions = _sessions(row, now)
    costs = [summaries.Cost(one.label, one.pence) for one in row.cost_options]
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
        day_parts=day_parts(sessions),
        sessions=tuple((_minute(one.start), _minute(one.finish)) for one in sessions),
        delivery=row.delivery,
        anywhere=row.delivery is not DeliveryMode.IN_PERSON or row.masked_location,
        join_mode=row.join_mode,
        is_free=summaries.is_free(costs),
        price=summaries.price_to_expect(costs),
        minimum_age=ages.minimum_age if ages else None,
        maximum_age=ages.maximum_age if ages else None,
        languages=tuple(one.name for one in row.languages),
        accepting_referrals=row.accepting_referrals,
        confirmed_at=row.confirmed_at,
        freshness=freshness_rules.factor(row.confirmed_at, row.created_at, row.organization.kind, now),
        updated_at=row.updated_at,
    )
