"""The engine that is always there: the database itself. Plainer matching, the same choosing; used while there is
no sound index."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from flask import current_app
from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from core import clock
from directory.listings.documents import search_documents
from directory.listings.models import Location, Organization, Service, ServiceAtLocation
from directory.listings.rules import IN_SEARCH
from directory.search.columns import Point, Row
from directory.search.entries import row_of
from directory.search.facets import minute_of
from directory.search.pools import Match, pool_of
from directory.search.ranking import Hits, choose
from directory.search.rules import PAGE_SIZE, Criteria
from directory.search.understanding_rules import Asked, Words
from directory.search.words import is_need

NAME_WORTH = 4.0
TEXT_WORTH = 1.0

# From so many listings on they are kept in memory for a while.
MANY = 500
KEPT_FOR = timedelta(minutes=1)

_KEPT = "search_rows"


@dataclass(frozen=True, slots=True)
class _Kept:
    rows: Sequence[Row]
    until: datetime


class DatabaseEngine:
    """A `directory.search.engine.Engine` over one session. At most two questions for each word."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def search(self, criteria: Criteria, near: Point | None, words: Words, *, size: int = PAGE_SIZE) -> Hits:
        """As the protocol says, with `size` answers on a page; never raises `IndexUnusable`."""
        words = self._settled(words)
        rows = self._rows()
        matches = self._match(words, rows) if words.asked else None
        return choose(
            [pool_of(rows, matches, words)], words, criteria, near, minute_of(clock.now()), size=size
        )

    def _rows(self) -> Sequence[Row]:
        """What the public may find. Many listings take seconds to read, so they are read once a minute."""
        now = clock.now()
        held: _Kept | None = current_app.extensions.get(_KEPT)
        if held is not None and held.until > now:
            return held.rows
        rows = [row_of(document) for document in search_documents(self.session)]
        if len(rows) >= MANY:
            current_app.extensions[_KEPT] = _Kept(rows, now + KEPT_FOR)
        return rows

    def _settled(self, words: Words) -> Words:
        """A pair that nothing answers falls into its two words."""
        asked: list[Asked] = []
        for one in words.asked:
            asked.extend(one.parts if one.parts and not self._found(one.tokens, named=False) else (one,))
        return replace(words, asked=tuple(asked))

    def _match(self, words: Words, rows: Sequence[Row]) -> dict[int, Match]:
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
                    if need in row.atoms["need"]:
                        score[index] += TEXT_WORTH
                        met[index] |= 1 << at
        return {index: Match(score[index] * rows[index].worth, met[index]) for index in met}

    def _found(self, tokens: Iterable[str], *, named: bool) -> set[UUID]:
        """The services whose name, or any of whose texts, holds one of the tokens."""
        patterns = [_pattern(token) for token in tokens if not is_need(token)]
        if not patterns:
            return set()
        columns: list[ColumnElement[str]] = [Service.name.expression, Organization.name.expression]
        query = select(Service.id).join(Organization, Organization.id == Service.organization_id)
        if not named:
            columns += [Service.summary.expression, Service.description.expression]
            columns += [Location.name.expression, Location.city.expression]
            shown = and_(ServiceAtLocation.service_id == Service.id, ~Service.masked_location)
            query = query.outerjoin(ServiceAtLocation, shown)
            query = query.outerjoin(Location, Location.id == ServiceAtLocation.location_id)
        holds = [column.ilike(pattern, escape="\\") for column in columns for pattern in patterns]
        return set(self.session.scalars(query.where(Service.status.in_(IN_SEARCH), or_(*holds))))


def _pattern(token: str) -> str:
    """A pattern that meets the words of a token: stems end in i where words end in y or ies."""
    parts = [part.rstrip("i") if len(part) > 3 else part for part in token.split("_")]
    return f"%{'%'.join(parts)}%"


def _needs_of(one: Asked) -> list[str]:
    return [token.removeprefix("=") for token in one.tokens if is_need(token)]
