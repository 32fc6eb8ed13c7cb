"""Searching: which engine answers, the place to measure from, and the cards of what was found."""

from __future__ import annotations

from dataclasses import dataclass, replace
from urllib.parse import urlencode
from uuid import UUID

from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock
from core.geography.queries import Place, UnknownPlace, place_near
from core.geography.rules import say_distance
from core.helplines import Helpline, Helplines
from directory.listings.cards import Card, cards
from directory.listings.models import Service
from directory.listings.rules import IN_SEARCH, DeliveryMode
from directory.listings.venues import find_place
from directory.search import rules, spelling_rules
from directory.search.columns import Point
from directory.search.database_engine import DatabaseEngine
from directory.search.engine import IndexUnusable
from directory.search.facets import FACETS, RADIUS, Facet
from directory.search.marking import Piece, marked, stems_asked
from directory.search.ranking import Hits
from directory.search.rules import Criteria
from directory.search.safety_rules import HELPS, Danger, dangers_in
from directory.search.thesaurus import queries as thesaurus
from directory.search.understanding_rules import LONGEST, Words, understand, without_marks
from directory.search.vocabularies import Vocabularies, vocabularies
from directory.search.whoosh_engine import WhooshIndex

# More answers than this no list of open data gives.
MOST_MATCHES = 100_000

HOW = "how"
_IN_PERSON = DeliveryMode.IN_PERSON.value


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a facet. `count` is how many answers choosing it would give beside what else is chosen."""

    value: str
    label: str
    description: str
    count: int
    chosen: bool


@dataclass(frozen=True, slots=True)
class Narrowing:
    """One facet with the values that would give something, and those that are chosen."""

    facet: Facet
    choices: tuple[Choice, ...]

    @property
    def chosen(self) -> int:
        """How many of its values are chosen."""
        return sum(choice.chosen for choice in self.choices)


@dataclass(frozen=True, slots=True)
class Chip:
    """Something that was asked, and the address of the same search without it."""

    label: str
    href: str


@dataclass(frozen=True, slots=True)
class Answer:
    """One thing found: its card, and how far it is. `far` is in words: "0.4 miles away", "Online".

    `distance_km` is None where nothing was measured, or there is no way to go. In `summary`, the card's, the words
    that were asked for are marked. `number` is its place in the whole
    list, from 1, where it can stand on a map; else 0.
    """

    card: Card
    far: str
    distance_km: float | None
    number: int = 0
    summary: tuple[Piece, ...] = ()


@dataclass(frozen=True, slots=True)
class Mended:
    """A search whose slips of the keyboard were mended: as it was answered, and the address that takes it as typed."""

    meant: str
    typed: str
    as_typed: str


@dataclass(frozen=True, slots=True)
class Offer:
    """Another search that would give more: how many it gives, and its address."""

    count: int
    href: str


@dataclass(frozen=True, slots=True)
class Found:
    """One page of a search. `place` is where distances are from; `unknown_place` says why there is none.

    `heading` says what was asked; `relaxed` is a sentence on what was given up; `apart` offers the words of a
    quotation that nothing has, `further` what one can go to beyond the distance within which there is nothing to go to.
    """

    criteria: Criteria
    hits: Hits
    answers: tuple[Answer, ...]
    place: Place | None
    unknown_place: str
    relaxed: str
    narrowings: tuple[Narrowing, ...]
    chips: tuple[Chip, ...]
    heading: str
    words_cut: bool
    words_unusable: bool
    dangers: frozenset[Danger]
    mended: Mended | None = None
    apart: Offer | None = None
    further: Offer | None = None

    @property
    def total(self) -> int:
        return self.hits.total

    @property
    def some_come_close(self) -> bool:
        """Whether what has all the words stands first, and after it what has only some of them."""
        return 0 < self.hits.whole < self.total and self.hits.order is rules.Sort.BEST

    @property
    def points(self) -> list[dict[str, str | int | float]]:
        """The answers of this page that have a place, for a map; numbered as in the list."""
        return [
            {
                "number": answer.number,
                "name": answer.card.name,
                "lat": answer.card.latitude,
                "lon": answer.card.longitude,
                "href": answer.card.path,
                "text": ", ".join(part for part in (answer.card.when, answer.card.place) if part),
            }
            for answer in self.answers
            if answer.card.latitude is not None and answer.card.longitude is not None
        ]

    @property
    def helping_needs(self) -> frozenset[str]:
        """The needs whose groups help in the danger that was heard."""
        return frozenset(HELPS[danger] for danger in self.dangers)

    def helplines(self, held: Helplines) -> list[Helpline]:
        """Whom to ring for the danger that was heard, the first one first."""
        lines = [held.emergency]
        if Danger.ABUSE in self.dangers:
            lines.append(held.abuse)
        lines.append(held.samaritans)
        if Danger.SELF_HARM in self.dangers:
            lines.append(held.mental_health)
        return lines


def index() -> WhooshIndex:
    """The index of the app at hand."""
    held: WhooshIndex = current_app.extensions["search_index"]
    return held


def search(
    session: Session,
    criteria: Criteria,
    known: Vocabularies | None = None,
    *,
    size: int = rules.PAGE_SIZE,
) -> Found:
    """What the public may find by `criteria`. The index gives ids; what it names wrongly the cards leave out.

    `known` are the vocabularies, where the caller has read them already; a page has `size` answers.
    """
    known = known or vocabularies(session)
    place, unknown = _place(session, criteria)
    near = _point(place)
    words = words_of(session, criteria, known)
    hits = find(session, criteria, near, words, size=size)
    stems = stems_asked(words, hits.corrected)
    mended = _mended(criteria, hits)
    return Found(
        criteria=criteria,
        hits=hits,
        answers=tuple(
            replace(_answer(card, place, number), summary=marked(card.summary, stems))
            for number, card in enumerate(
                cards(session, hits.ids, near=near, today=clock.today()),
                1 + (hits.page - 1) * size,
            )
        ),
        place=place,
        unknown_place=unknown,
        relaxed=rules.say_relaxed(hits.relaxed, criteria, known.names),
        narrowings=tuple(_narrowing(facet, criteria, hits, known) for facet in FACETS),
        chips=_chips(criteria, known, place),
        heading=rules.say_search(criteria, known.names, place.label if place else ""),
        words_cut=words.cut,
        words_unusable=words.unusable,
        dangers=dangers_in(mended.meant if mended else criteria.q, criteria.needs),
        mended=mended,
        apart=_apart(session, criteria, near, words) if not hits.total else None,
        further=_further(session, criteria, near, words, hits),
    )


def everything(
    session: Session, criteria: Criteria, known: Vocabularies, *, most: int
) -> tuple[str, tuple[UUID, ...]]:
    """The heading of a search, and the ids of all that it finds, best first, `most` of them at the most."""
    place, _ = _place(session, criteria)
    hits = find(session, criteria, _point(place), size=most)
    return rules.say_search(criteria, known.names, place.label if place else ""), hits.ids


def _place(session: Session, criteria: Criteria) -> tuple[Place | None, str]:
    """Where the search measures from, and what to say of a place that nobody knows."""
    if not criteria.place:
        return (place_near(*criteria.near) if criteria.near is not None else None), ""
    located = find_place(session, criteria.place)
    return (None, located.message) if isinstance(located, UnknownPlace) else (located, "")


def _point(place: Place | None) -> Point | None:
    return (place.lat, place.lon) if place else None


def _mended(criteria: Criteria, hits: Hits) -> Mended | None:
    if not hits.corrected:
        return None
    typed = rules.readable(criteria.q, LONGEST).strip()
    meant = spelling_rules.mended_text(typed, hits.corrected)
    return Mended(meant, typed, _address(replace(criteria, page=1, exact=True)))


def _apart(session: Session, criteria: Criteria, near: Point | None, words: Words) -> Offer | None:
    if not any(one.must for one in words.asked):
        return None
    other = replace(criteria, q=without_marks(rules.readable(criteria.q, LONGEST)), page=1)
    count = find(session, other, near).total
    return Offer(count, _address(other)) if count else None


def _further(
    session: Session, criteria: Criteria, near: Point | None, words: Words, hits: Hits
) -> Offer | None:
    """What is further away than was asked, where all that was found comes to them or needs no journey."""
    how = criteria.chosen.get(HOW, (_IN_PERSON,))
    if near is None or criteria.radius_km is None or RADIUS in hits.relaxed or _IN_PERSON not in how:
        return None
    if not hits.total or hits.counts.get(HOW, {}).get(_IN_PERSON):
        return None
    other = replace(criteria, radius_km=None, page=1)
    count = find(session, other, near, words).counts.get(HOW, {}).get(_IN_PERSON, 0)
    return Offer(count, _address(other)) if count else None


def _narrowing(facet: Facet, criteria: Criteria, hits: Hits, known: Vocabularies) -> Narrowing:
    counts = hits.counts.get(facet.name, {})
    chosen = criteria.chosen.get(facet.name, ())
    words = [(option.value, option.label, "") for option in facet.options] or [
        (word.slug, word.name, word.description) for word in known.words.get(facet.name, ())
    ]
    return Narrowing(
        facet,
        tuple(
            Choice(value, label, description, counts.get(value, 0), value in chosen)
            for value, label, description in words
            if counts.get(value) or value in chosen
        ),
    )


def _chips(criteria: Criteria, known: Vocabularies, place: Place | None) -> tuple[Chip, ...]:
    chips = []
    if place is not None:
        label = place.label if place.label.startswith("near ") else f"near {place.label}"
        left = replace(criteria, place="", near=None, radius_km=None, sort=None)
        chips.append(Chip(label[:1].upper() + label[1:], _address(left)))
    if place is not None and criteria.radius_km is not None:
        left = replace(criteria, radius_km=None)
        chips.append(Chip(f"Within {rules.say_radius(criteria.radius_km)}", _address(left)))
    for facet in FACETS:
        names = {**known.names.get(facet.name, {}), **{one.value: one.label for one in facet.options}}
        for value in criteria.chosen.get(facet.name, ()):
            chips.append(Chip(names.get(value, value), _address(criteria.less(facet.name, value))))
    return tuple(chips)


def _address(criteria: Criteria) -> str:
    return f"/search?{urlencode(criteria.pairs())}"


def _answer(card: Card, place: Place | None, position: int) -> Answer:
    number = position if card.latitude is not None else 0
    if card.delivery is not DeliveryMode.IN_PERSON:
        return Answer(card, card.how, None, number)
    if card.distance_km is None or place is None:
        return Answer(card, "", None, number)
    far = say_distance(card.distance_km, approximate=place.approximate)
    return Answer(card, f"{far[:1].upper()}{far[1:]} away", card.distance_km, number)


def words_of(session: Session, criteria: Criteria, known: Vocabularies | None = None) -> Words:
    """What the words of a search ask for, by the thesaurus as it is now, or as `known` was read with."""
    in_force = thesaurus.current(session, known.token if known else None)
    return understand(criteria.q, in_force, exact=criteria.exact)


def find(
    session: Session,
    criteria: Criteria,
    near: Point | None,
    words: Words | None = None,
    *,
    size: int = rules.PAGE_SIZE,
) -> Hits:
    """Ids and counts: from the index, or, where there is none that is sound, from the database.

    `words` are those of `criteria`, where the caller has them already.
    """
    words = words or words_of(session, criteria)
    try:
        return index().search(criteria, near, words, size=size)
    except IndexUnusable:
        return DatabaseEngine(session).search(criteria, near, words, size=size)


def matching_ids(session: Session, q: str) -> tuple[UUID, ...]:
    """Every public listing that holds what the words of `q` ask for, best first; nothing is given up to find more."""
    criteria = Criteria(q=q)
    words = words_of(session, criteria)
    if words.unusable:
        return ()
    try:
        hits = index().search(criteria, None, words, size=MOST_MATCHES, counted=())
    except IndexUnusable:
        hits = DatabaseEngine(session).search(criteria, None, words, size=MOST_MATCHES)
    return () if hits.relaxed else hits.ids[: hits.whole]


def public_ids(session: Session) -> frozenset[UUID]:
    """Every listing that the public may find."""
    return frozenset(session.scalars(select(Service.id).where(Service.status.in_(IN_SEARCH))))
