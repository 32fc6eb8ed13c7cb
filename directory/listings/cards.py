"""Cards: what a list says of each activity. One query for any number of cards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import Row
from sqlalchemy.orm import Session

from core import clock
from core.geography.rules import distance_km
from directory.listings import summaries
from directory.listings.card_rows import (
    COSTS,
    TERMS,
    CardRows,
    Spot,
    card_rows,
)
from directory.listings.dated_sessions import read_timetable
from directory.listings.models import Attribute, Location, Service
from directory.listings.recurrence import Occurrence
from directory.listings.rules import DeliveryMode, JoinMode, ListingStatus
from directory.listings.summaries import Cost
from directory.listings.timetables import Timetable, timetable_on

# So many timetables, and sets of prices and of terms, are kept; a borough's groups share a few hundred of each.
MOST = 4_000

NEEDS = "needs"
AUDIENCES = "audiences"
ACCESS = "access"


@dataclass(frozen=True, slots=True)
class Term:
    """A word of a vocabulary."""

    slug: str
    name: str


@dataclass(frozen=True, slots=True)
class Card:
    """One activity in a list. Words are ready to show; an empty text means that nothing is known.

    `next_session` is the first session that is on; `timetable` says all times, a line each. `distance_km` is in a
    straight line to the nearest of its places, None without a point to measure from or a place. `is_private` marks
    one whose place nobody is told here.
    """

    id: UUID
    name: str
    summary: str
    group_id: UUID
    group: str
    path: str
    group_path: str
    next_session: Occurrence | None
    when: str
    timetable: tuple[str, ...]
    cost: str
    is_free: bool
    who_for: str
    join_mode: JoinMode
    delivery: DeliveryMode
    needs: tuple[Term, ...]
    place: str
    town: str
    latitude: float | None
    longitude: float | None
    distance_km: float | None
    confirmed: str
    notice: str
    paused: bool
    is_example: bool
    is_private: bool = False
    confirmed_at: datetime | None = None

    @property
    def how_to_join(self) -> str:
        return self.join_mode.label

    @property
    def how(self) -> str:
        """In person, online, by phone or across the borough."""
        return self.delivery.label


def cards(
    session: Session, ids: Sequence[UUID], *, near: tuple[float, float] | None = None, today: date
) -> list[Card]:
    """Cards in the order of `ids`, without those that the public may not find. `near` is (latitude, longitude)."""
    return [_card(rows, near, today) for rows in card_rows(session, ids)]


def terms_of(attributes: Sequence[Attribute], taxonomy: str) -> tuple[Term, ...]:
    """The terms of one vocabulary among `attributes`, in the vocabulary's order."""
    terms = [one.term for one in attributes if one.term.taxonomy.slug == taxonomy]
    return tuple(Term(term.slug, term.name) for term in sorted(terms, key=lambda term: term.position))


def nearest(locations: Sequence[Spot], near: tuple[float, float] | None) -> tuple[Spot | None, float | None]:
    """The place nearest to the point and how many kilometres that is; the first place where nothing measures."""
    placed = [
        (distance_km(*near, place.latitude, place.longitude), index)
        for index, place in enumerate(locations)
        if near and place.latitude is not None and place.longitude is not None
    ]
    if placed:
        distance, index = min(placed)
        return locations[index], distance
    return (locations[0] if locations else None), None


def _card(rows: CardRows, near: tuple[float, float] | None, today: date) -> Card:
    row = rows.service
    place, distance = nearest(rows.places, near)
    paused = row.status is ListingStatus.PAUSED
    times = _timetable(today, row.schedules, row.exceptions, row.school_terms)
    cost, is_free = _prices(row.costs)
    needs, people = _terms(row.terms, row.minimum_age, row.maximum_age)
    following = None if paused else times.following(clock.now())
    return Card(
        id=row.id,
        name=row.name,
        summary=row.summary,
        group_id=row.organization_id,
        group=row.group,
        path=f"/activities/{row.id}",
        group_path=f"/groups/{row.organization_id}",
        next_session=following.occurrence if following else None,
        when=following.words if following else "",
        timetable=times.lines or ((row.opening_times_text,) if row.opening_times_text else ()),
        cost=cost,
        is_free=is_free,
        who_for=people,
        join_mode=row.join_mode,
        delivery=row.delivery,
        needs=needs,
        place=where_in_words(row, place),
        town=place.city if place else "",
        latitude=place.latitude if place else None,
        longitude=place.longitude if place else None,
        distance_km=distance,
        confirmed=summaries.confirmed_in_words(row.confirmed_at, row.confirmed_by, today),
        notice=row.notice or "",
        paused=paused,
        is_example=row.is_example,
        is_private=row.masked_location,
        confirmed_at=row.confirmed_at,
    )


# Many listings have the same times, prices and terms. What is worked out of them is kept by the whole of what it is
# made of, as the database gave it, so that none can be out of date.


@lru_cache(maxsize=MOST)
def _timetable(today: date, schedules: str | None, exceptions: str | None, school: str | None) -> Timetable:
    return timetable_on(today, *read_timetable(schedules, exceptions, school))


@lru_cache(maxsize=MOST)
def _prices(costs: str | None) -> tuple[str, bool]:
    """What it costs in words, and whether nobody pays."""
    found = [Cost(row.label, row.pence) for row in COSTS.read(costs)]
    return summaries.cost_summary(found), summaries.is_free(found)


@lru_cache(maxsize=MOST)
def _terms(
    terms: str | None, minimum_age: int | None, maximum_age: int | None
) -> tuple[tuple[Term, ...], str]:
    """The needs that it meets, and whom it is for in words."""
    found = TERMS.read(terms)
    audiences = [(term.slug, term.name) for term in found if term.taxonomy == AUDIENCES]
    needs = tuple(Term(term.slug, term.name) for term in found if term.taxonomy == NEEDS)
    return needs, summaries.who_for(audiences, minimum_age, maximum_age)


def where_in_words(row: Service | Row[Any], place: Location | Spot | None) -> str:
    """The place in a few words: "Peel Mill Hall, Radcliffe"; what is said of one that is kept private."""
    if row.masked_location:
        return summaries.PRIVATE_PLACE
    return summaries.place_in_words(place.name or place.address_1, place.city) if place else ""
