"""Searching: which engine answers, the place to measure from, and the cards of what was found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from core import clock
from core.geography.queries import Place, UnknownPlace, locate
from core.geography.rules import say_distance
from directory.listings import offers
from directory.listings.cards import NEEDS, Card, cards
from directory.listings.models import Service, Taxonomy, TaxonomyTerm
from directory.listings.recurrence import WEEK, Weekday
from directory.listings.rules import IN_SEARCH, DeliveryMode
from directory.search import rules
from directory.search.database_engine import DatabaseEngine
from directory.search.engine import IndexUnusable
from directory.search.ranking import Hits, Point
from directory.search.rules import Criteria
from directory.search.whoosh_engine import WhooshIndex


@dataclass(frozen=True, slots=True)
class Need:
    """A need of the vocabulary. `count` is how many answers choosing it would give, None where nobody counted."""

    slug: str
    name: str
    description: str
    count: int | None = None
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the week, as `Need`."""

    day: Weekday
    count: int
    chosen: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """One thing found: its card, and how far it is. `far` is in words: "0.4 miles away", "Online".

    `distance_km` is None where nothing was measured, or there is no way to go.
    """

    card: Card
    far: str
    distance_km: float | None


@dataclass(frozen=True, slots=True)
class Found:
    """One page of a search. `place` is where distances are from; `unknown_place` says why there is none.

    `heading` says what was asked; `relaxed` is a sentence on what was given up.
    """

    criteria: Criteria
    hits: Hits
    answers: tuple[Answer, ...]
    place: Place | None
    unknown_place: str
    relaxed: str
    needs: tuple[Need, ...]
    days: tuple[Day, ...]
    heading: str
    words_cut: bool
    words_unusable: bool
    urgent: bool

    @property
    def total(self) -> int:
        return self.hits.total

    @property
    def distances_are_rough(self) -> bool:
        """Whether distances are from the middle of an area."""
        return self.place is not None and self.place.approximate


def index() -> WhooshIndex:
    """The index of the app at hand."""
    held: WhooshIndex = current_app.extensions["search_index"]
    return held


def search(session: Session, criteria: Criteria) -> Found:
    """What the public may find by `criteria`. The index gives ids; what it names wrongly the cards leave out."""
    located = locate(session, criteria.place) if criteria.place else None
    place = located if isinstance(located, Place) else None
    near = (place.lat, place.lon) if place else None
    hits = find(session, criteria, near)
    vocabulary = needs_vocabulary(session)
    names = {need.slug: need.name for need in vocabulary}
    words = rules.understand(criteria.q)
    return Found(
        criteria=criteria,
        hits=hits,
        answers=tuple(
            _answer(card, place) for card in cards(session, hits.ids, near=near, today=clock.today())
        ),
        place=place,
        unknown_place=located.message if isinstance(located, UnknownPlace) else "",
        relaxed=rules.say_relaxed(hits.relaxed, criteria, names),
        needs=tuple(
            replace(need, count=(hits.needs or {}).get(need.slug, 0), chosen=need.slug in criteria.needs)
            for need in vocabulary
        ),
        days=tuple(Day(day, (hits.days or {}).get(day.value, 0), day is criteria.day) for day in WEEK),
        heading=rules.say_search(criteria, names, place.label if place else ""),
        words_cut=words.cut,
        words_unusable=words.unusable,
        urgent=rules.sounds_urgent(criteria.q),
    )


def _answer(card: Card, place: Place | None) -> Answer:
    if card.delivery is not DeliveryMode.IN_PERSON:
        return Answer(card, card.how, None)
    if card.distance_km is None or place is None:
        return Answer(card, "", None)
    far = say_distance(card.distance_km, approximate=place.approximate)
    return Answer(card, f"{far[:1].upper()}{far[1:]} away", card.distance_km)


def find(session: Session, criteria: Criteria, near: Point | None) -> Hits:
    """Ids and counts: from the index, or, where there is none that is sound, from the database."""
    try:
        return index().search(criteria, near)
    except IndexUnusable:
        return DatabaseEngine(session).search(criteria, near)


def needs_vocabulary(session: Session) -> tuple[Need, ...]:
    """The needs in use, in the vocabulary's order."""
    return tuple(Need(term.slug, term.name, term.description) for term in offers.needs(session))


def known_needs(session: Session) -> Mapping[str, str]:
    """Every slug of a need that there ever was, with the slug in use."""
    into = aliased(TaxonomyTerm)
    query = (
        select(TaxonomyTerm.slug, into.slug)
        .join(Taxonomy, Taxonomy.id == TaxonomyTerm.taxonomy_id)
        .outerjoin(into, into.id == TaxonomyTerm.merged_into_id)
        .where(Taxonomy.slug == NEEDS)
    )
    return {slug: merged or slug for slug, merged in session.execute(query)}


def public_ids(session: Session) -> frozenset[UUID]:
    """Every listing that the public may find."""
    return frozenset(session.scalars(select(Service.id).where(Service.status.in_(IN_SEARCH))))
