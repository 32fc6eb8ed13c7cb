"""What search may know of an activity: public words and facts only, streamed so that thousands fit in little memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock
from core.geography.queries import ward_names
from directory.listings import freshness_rules, summaries
from directory.listings.card_rows import COSTS, SCHOOL_TERMS, TERMS
from directory.listings.cards import ACCESS, AUDIENCES, NEEDS, Term
from directory.listings.dated_sessions import read_timetable
from directory.listings.day_parts import LOOK_AHEAD, day_parts
from directory.listings.document_rows import AGES, LANGUAGES, DocumentRows, document_rows
from directory.listings.models import Service
from directory.listings.recurrence import Weekday, occurrences, weekdays
from directory.listings.rules import IN_SEARCH, DeliveryMode, JoinMode, ListingStatus

BATCH = 200
# Many listings share their times; so many are kept while documents are read.
MOST = 4_000


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
    reader = _Reader(clock.now(), session.scalar(SCHOOL_TERMS.select()))
    for start in range(0, len(wanted), BATCH):
        rows = list(document_rows(session, wanted[start : start + BATCH]))
        codes = {place.ward_code for row in rows for place in row.public_places if place.ward_code}
        wards = ward_names(session, codes) if codes else {}
        yield from (reader.document(row, wards) for row in rows)


@dataclass(frozen=True, slots=True)
class _Times:
    """What the times of a listing come to, from the moment of reading on."""

    weekdays: tuple[Weekday, ...]
    day_parts: frozenset[str]
    sessions: tuple[tuple[int, int], ...]


def _minute(moment: datetime) -> int:
    return int(moment.timestamp() // 60)


class _Reader:
    """Makes documents as of one moment. What many listings share is worked out once."""

    def __init__(self, now: datetime, school: str | None) -> None:
        self._now, self._school = now, school
        self._times = lru_cache(maxsize=MOST)(self._work_out_times)
        self._terms = lru_cache(maxsize=MOST)(TERMS.read)

    def _work_out_times(self, schedules: str | None, exceptions: str | None) -> _Times:
        rules, exceptional = read_timetable(schedules, exceptions, self._school)
        ahead = occurrences(rules, exceptional, self._now, self._now + LOOK_AHEAD)
        on = [one for one in ahead if not one.cancelled]
        return _Times(
            weekdays(rules), day_parts(on), tuple((_minute(one.start), _minute(one.finish)) for one in on)
        )

    def _of(self, taxonomy: str, *texts: str | None) -> tuple[Term, ...]:
        """The terms of one vocabulary in these texts, in the vocabulary's order, each once."""
        found = [term for text in texts for term in self._terms(text) if term.taxonomy == taxonomy]
        found.sort(key=lambda term: term.position)
        return tuple(dict.fromkeys(Term(term.slug, term.name) for term in found))

    def document(self, rows: DocumentRows, wards: dict[str, str]) -> SearchDocument:
        """The document of one listing; `wards` has the names of its wards by their codes."""
        row, places = rows.listing, rows.public_places
        ages = next(iter(AGES.read(row.ages)), None)
        times = self._times(row.schedules, row.exceptions)
        paused = row.status is ListingStatus.PAUSED
        costs = [summaries.Cost(one.label, one.pence) for one in COSTS.read(row.costs)]
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
            group=row.group,
            needs=self._of(NEEDS, row.terms),
            audiences=self._of(AUDIENCES, row.terms),
            access=self._of(ACCESS, row.terms, *(place.terms for place in rows.places)),
            place_words=tuple(dict.fromkeys(words)),
            postcodes=tuple(dict.fromkeys(place.postal_code for place in places if place.postal_code)),
            ward_codes=tuple(dict.fromkeys(place.ward_code for place in places if place.ward_code)),
            points=tuple(
                (place.latitude, place.longitude)
                for place in places
                if place.latitude is not None and place.longitude is not None
            ),
            weekdays=times.weekdays,
            day_parts=frozenset() if paused else times.day_parts,
            sessions=() if paused else times.sessions,
            delivery=row.delivery,
            anywhere=row.delivery is not DeliveryMode.IN_PERSON or row.masked_location,
            join_mode=row.join_mode,
            is_free=summaries.is_free(costs),
            price=summaries.price_to_expect(costs),
            minimum_age=ages.minimum_age if ages else None,
            maximum_age=ages.maximum_age if ages else None,
            languages=tuple(one.name for one in LANGUAGES.read(row.languages)),
            accepting_referrals=row.accepting_referrals,
            confirmed_at=row.confirmed_at,
            freshness=freshness_rules.factor(row.confirmed_at, row.created_at, row.group_kind, self._now),
            updated_at=row.updated_at,
        )
