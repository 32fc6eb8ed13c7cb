"""What is on between two days: real sessions, cancelled ones marked, in the order in which they begin."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from core import clock
from core.calendar.rules import say_day, say_times
from core.db import among
from core.geography.queries import Place, UnknownPlace
from core.geography.rules import KM_PER_MILE, coarse_place, distance_km, say_distance
from core.paging import within
from directory.listings.cards import NEEDS, Card, cards
from directory.listings.dated_sessions import sessions_between
from directory.listings.models import (
    Attribute,
    Location,
    Schedule,
    ScheduleException,
    Service,
    ServiceAtLocation,
    Taxonomy,
    TaxonomyTerm,
)
from directory.listings.recurrence import Frequency, Occurrence, Weekday
from directory.listings.rules import DeliveryMode, ListingStatus
from directory.listings.venues import find_place
from directory.listings.wording import cost_in_words
from directory.whats_on import rules
from directory.whats_on.rules import PAGE_SIZE, Wanted


@dataclass(frozen=True, slots=True)
class Held:
    """One session: when in words, its activity's card, how far it is, what it costs."""

    session: Occurrence
    times: str
    card: Card
    far: str
    cost: str
    moved: str


@dataclass(frozen=True, slots=True)
class Day:
    """The sessions of one day on this page."""

    heading: str
    sessions: tuple[Held, ...]


@dataclass(frozen=True, slots=True)
class WhatsOn:
    """One page of what is on. `further` counts what is on beyond the distance; `unknown_place` says why there is
    none to measure from."""

    wanted: Wanted
    heading: str
    days: tuple[Day, ...]
    total: int
    pages: int
    further: int
    place: Place | None
    unknown_place: str

    @property
    def saved(self) -> dict[str, str]:
        """The parameters for an address that is kept outside: a place in it is never closer than its sector."""
        return self.wanted.address(postcode=coarse_place(self.wanted.place))


def whats_on(session: Session, wanted: Wanted, *, most: int = PAGE_SIZE) -> WhatsOn:
    """The page of `wanted` that it names, of `most` sessions."""
    located = find_place(session, wanted.place) if wanted.place else None
    place = located if isinstance(located, Place) else None
    found = _sessions(session, wanted)
    distances = _distances(session, {service_id for _, service_id in found}, place) if place else {}
    near = [one for one in found if _is_near(distances, one[1], wanted.radius_miles, place)]
    near.sort(key=lambda one: (one[0].start, distances.get(one[1], 0.0), one[0].cancelled, one[1]))
    page, pages = within(wanted.page, len(near), most)
    shown = near[(page - 1) * most : page * most]
    where = f" near {place.label.removeprefix('near ')}" if place else ""
    return WhatsOn(
        wanted=wanted,
        heading=f"What’s on {rules.say_days(wanted.days, wanted.part)}{where}",
        days=_by_day(session, shown, place),
        total=len(near),
        pages=pages,
        further=len(found) - len(near),
        place=place,
        unknown_place=located.message if isinstance(located, UnknownPlace) else "",
    )


Found = tuple[Occurrence, UUID]


def _sessions(session: Session, wanted: Wanted) -> list[Found]:
    now = clock.now()
    on = sessions_between(session, wanted.days.first, wanted.days.last, *_candidates(wanted))
    return [
        (one, service_id)
        for service_id, sessions in on
        for one in sessions
        if rules.is_wanted(one, wanted.part) and one.finish > now
    ]


def _candidates(wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    """Activities whose timetable names one of the days, or that moved a session there."""
    first, last = wanted.days.first, wanted.days.last
    span = [first + timedelta(days=n) for n in range(min(7, (last - first).days + 1))]
    named = [Schedule.byday.contains(Weekday.of(day).value) for day in span]
    once = and_(Schedule.freq == Frequency.ONCE, Schedule.dtstart.between(first, last))
    moved = select(ScheduleException.service_id).where(ScheduleException.moved_to.between(first, last))
    yield Service.status == ListingStatus.PUBLISHED
    yield or_(
        Service.id.in_(select(Schedule.service_id).where(or_(once, *named))),
        Service.id.in_(moved),
    )
    if wanted.needs:
        tagged = (
            select(Attribute.service_id)
            .join(TaxonomyTerm, TaxonomyTerm.id == Attribute.term_id)
            .join(Taxonomy, Taxonomy.id == TaxonomyTerm.taxonomy_id)
            .where(Taxonomy.slug == NEEDS, TaxonomyTerm.slug.in_(wanted.needs))
        )
        yield Service.id.in_(tagged)


def _distances(session: Session, ids: Collection[UUID], place: Place) -> dict[UUID, float]:
    """Kilometres to the nearest place of each activity that one has to go to; nought for the rest."""
    rows = session.execute(
        select(Service.id, Service.delivery, Service.masked_location, Location.latitude, Location.longitude)
        .outerjoin(ServiceAtLocation, ServiceAtLocation.service_id == Service.id)
        .outerjoin(Location, Location.id == ServiceAtLocation.location_id)
        .where(among(Service.id, ids))
    )
    found: dict[UUID, float] = {}
    for one, delivery, is_private, lat, lon in rows:
        if delivery is not DeliveryMode.IN_PERSON or is_private:
            found[one] = 0.0
        elif lat is not None and lon is not None:
            far = distance_km(place.lat, place.lon, lat, lon)
            found[one] = min(far, found.get(one, far))
    return found


def _is_near(
    distances: dict[UUID, float], service_id: UUID, radius_miles: int | None, place: Place | None
) -> bool:
    if place is None or radius_miles is None:
        return True
    far = distances.get(service_id)
    return far is not None and far <= radius_miles * KM_PER_MILE


def _by_day(session: Session, shown: list[Found], place: Place | None) -> tuple[Day, ...]:
    near = (place.lat, place.lon) if place else None
    today = clock.today()
    ids = [service_id for _, service_id in shown]
    by_id = {card.id: card for card in cards(session, ids, near=near, today=today)}
    days: dict[date, list[Held]] = defaultdict(list)
    for one, service_id in shown:
        if service_id in by_id:
            days[one.start.date()].append(_held(one, by_id[service_id], place, today))
    return tuple(Day(say_day(day, today), tuple(held)) for day, held in days.items())


def _held(one: Occurrence, card: Card, place: Place | None, today: date) -> Held:
    moved = ""
    if one.moved_to is not None:
        moved = f"Moved to {say_day(one.moved_to, today)}"
    elif one.moved_from is not None:
        moved = f"Moved from {say_day(one.moved_from, today)}"
    far = ""
    if place is not None and card.distance_km is not None and card.delivery is DeliveryMode.IN_PERSON:
        far = say_distance(card.distance_km, approximate=place.approximate)
    return Held(
        session=one,
        times=say_times(one.start.time(), one.end.time() if one.end else None),
        card=card,
        far=far,
        cost=card.cost if one.pence is None else cost_in_words(one.pence),
        moved=moved,
    )
