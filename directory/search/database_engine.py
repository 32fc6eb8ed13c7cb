"""The engine that is always there: the database itself. Plainer matching, the same choosing; used while there is
no sound index."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from directory.listings.models import (
    Attribute,
    Location,
    Organization,
    Schedule,
    Service,
    ServiceAtLocation,
    Taxonomy,
    TaxonomyTerm,
)
from directory.listings.recurrence import ScheduleRule, weekdays
from directory.listings.rules import IN_SEARCH, DeliveryMode
from directory.search.ranking import MICRO, Hits, Match, Point, Row, choose
from directory.search.rules import Criteria
from directory.search.understanding_rules import Asked, Words, understand
from directory.search.words import is_need

NAME_WORTH = 4.0
TEXT_WORTH = 1.0


class DatabaseEngine:
    """A `directory.search.engine.Engine` over one session. At most two questions for each word."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def search(self, criteria: Criteria, near: Point | None) -> Hits:
        """As the protocol says; never raises `IndexUnusable`."""
        words = self._settled(understand(criteria.q))
        rows = self._rows()
        matches = self._match(words, rows) if words.asked else None
        return choose(rows, matches, words, criteria, near)

    def _rows(self) -> list[Row]:
        session = self.session
        public = Service.status.in_(IN_SEARCH)
        points: defaultdict[UUID, list[tuple[int, int]]] = defaultdict(list)
        placed = (
            select(ServiceAtLocation.service_id, Location.latitude, Location.longitude)
            .join(Location, Location.id == ServiceAtLocation.location_id)
            .where(Location.latitude.is_not(None), Location.longitude.is_not(None))
        )
        for service, latitude, longitude in session.execute(placed):
            if latitude is not None and longitude is not None:
                points[service].append((round(latitude * MICRO), round(longitude * MICRO)))
        needs: defaultdict[UUID, set[str]] = defaultdict(set)
        met = (
            select(Attribute.service_id, TaxonomyTerm.slug)
            .join(TaxonomyTerm, TaxonomyTerm.id == Attribute.term_id)
            .join(Taxonomy, Taxonomy.id == TaxonomyTerm.taxonomy_id)
            .where(Taxonomy.slug == "needs", Attribute.service_id.is_not(None))
        )
        for owner, slug in session.execute(met):
            if owner is not None:
                needs[owner].add(slug)
        timetables: defaultdict[UUID, list[ScheduleRule]] = defaultdict(list)
        for schedule in session.scalars(select(Schedule)):
            timetables[schedule.service_id].append(schedule.rule)
        listed = select(Service.id, Service.name, Service.delivery).where(public).order_by(Service.id)
        return [
            Row(
                id=service,
                name=name,
                needs=frozenset(needs[service]),
                days=frozenset(day.value for day in weekdays(timetables[service])),
                points=tuple(points[service]),
                anywhere=delivery is not DeliveryMode.IN_PERSON,
            )
            for service, name, delivery in session.execute(listed)
        ]

    def _settled(self, words: Words) -> Words:
        """A pair that nothing answers falls into its two words."""
        asked: list[Asked] = []
        for one in words.asked:
            asked.extend(one.parts if one.parts and not self._found(one.tokens, named=False) else (one,))
        return Words(tuple(asked), words.cut, words.unusable)

    def _match(self, words: Words, rows: list[Row]) -> dict[int, Match]:
        at_row = {row.id: index for index, row in enumerate(rows)}
        score: defaultdict[int, float] = defaultdict(float)
        met: defaultdict[int, int] = defaultdict(int)
        for at, one in enumerate(words.asked):
            for named, worth in ((False, TEXT_WORTH), (True, NAME_WORTH)):
                for service in self._found(one.tokens, named=named):
                    if service in at_row:
                        score[at_row[service]] += worth
                        met[at_row[service]] |= 1 << at
            for need in _needs_of(one):
                for index, row in enumerate(rows):
                    if need in row.needs:
                        score[index] += TEXT_WORTH
                        met[index] |= 1 << at
        return {index: Match(score[index], met[index]) for index in met}

    def _found(self, tokens: Iterable[str], *, named: bool) -> set[UUID]:
        """The services whose name, or any of whose texts, holds one of the tokens."""
        patterns = [_pattern(token) for token in tokens if not is_need(token)]
        columns: list[ColumnElement[str]] = [Service.name.expression, Organization.name.expression]
        query = select(Service.id).join(Organization, Organization.id == Service.organization_id)
        if not named:
            columns += [Service.summary.expression, Service.description.expression]
            columns += [Location.name.expression, Location.city.expression]
            query = query.outerjoin(ServiceAtLocation, ServiceAtLocation.service_id == Service.id)
            query = query.outerjoin(Location, Location.id == ServiceAtLocation.location_id)
        holds = [column.ilike(pattern, escape="\\") for column in columns for pattern in patterns]
        return set(self.session.scalars(query.where(Service.status.in_(IN_SEARCH), or_(*holds))))


def _pattern(token: str) -> str:
    """A pattern that meets the words of a token: stems end in i where words end in y or ies."""
    parts = [part.rstrip("i") if len(part) > 3 else part for part in token.split("_")]
    return f"%{'%'.join(parts)}%"


def _needs_of(one: Asked) -> list[str]:
    return [token.removeprefix("=") for token in one.tokens if is_need(token)]
