"""Choosing among listings that an engine matched: filters, what to give up, order, counts. Pure, for any engine."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from core.geography.rules import distance_km
from directory.search.facets import RADIUS, WORDS
from directory.search.rules import PAGE_SIZE, Criteria, Sort, ways_to_relax
from directory.search.understanding_rules import Words

MICRO = 1_000_000

# How much of the best score an answer that meets only some of the words must have.
FAIR_SHARE = 0.6
LOOSE_SHARE = 0.4

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Row:
    """What is needed of a listing to choose it. `points` are (latitude, longitude) in millionths of a degree;
    `anywhere` marks what needs no journey: online, by phone, all over the borough."""

    id: UUID
    name: str
    needs: frozenset[str]
    days: frozenset[str]
    points: tuple[tuple[int, int], ...]
    anywhere: bool


@dataclass(frozen=True, slots=True)
class Match:
    """How well a listing answers the words: a score, and a bit for each thing asked that it meets."""

    score: float
    met: int


@dataclass(frozen=True, slots=True)
class Hits:
    """One page of what was found, and what was found in all.

    `counts` says, by facet and value, what choosing it would give beside what else is chosen. `apart` counts, for
    a search that gave few answers, what each of its words gives alone. `corrected` pairs words as typed with those
    searched instead.
    """

    ids: tuple[UUID, ...]
    total: int
    page: int
    pages: int
    order: Sort
    relaxed: tuple[str, ...] = ()
    counts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    apart: tuple[tuple[str, int], ...] = ()
    corrected: tuple[tuple[str, str], ...] = ()


def choose(
    rows: Sequence[Row],
    matches: Mapping[int, Match] | None,
    words: Words,
    criteria: Criteria,
    near: Point | None,
) -> Hits:
    """The page of answers. `matches` maps positions in `rows` to matches; None where no words were asked.

    With words, answers meet all of them, or come close to the best of three and more; when nothing is left, the
    first of `ways_to_relax` that leaves something is taken.
    """
    if near is None and criteria.radius_km is not None:
        criteria = criteria.without([RADIUS])
    order = criteria.order(has_place=near is not None)
    measure = _Distances(rows, near)
    strict = _good(matches, words) if matches is not None else range(len(rows))
    loose: Iterable[int] = strict
    if matches is not None:
        loose = _loose(matches)
    for given_up in ((), *ways_to_relax(criteria, words=len(words.required) if matches is not None else 0)):
        among = loose if WORDS in given_up else strict
        asked = criteria.without(given_up)
        found = [index for index in among if _passes(rows[index], asked, measure, index)]
        if found:
            break
    else:
        given_up, among, asked, found = (), strict, criteria, []
    _sort(found, rows, matches, order, measure)
    pages = max(1, math.ceil(len(found) / PAGE_SIZE))
    start = (criteria.page - 1) * PAGE_SIZE
    return Hits(
        ids=tuple(rows[index].id for index in found[start : start + PAGE_SIZE]),
        total=len(found),
        page=criteria.page,
        pages=pages,
        order=order,
        relaxed=given_up,
        counts={
            "need": _count(
                rows, among, asked.without(["need"]), measure, lambda row: row.needs, frozenset(asked.needs)
            ),
            "day": _count(rows, among, asked.without(["day"]), measure, lambda row: row.days, frozenset()),
        },
        apart=_apart(matches, words) if matches is not None and len(found) < PAGE_SIZE else (),
    )


class _Distances:
    """Kilometres from the point to each row, worked out once each; infinite where there is no way to go."""

    def __init__(self, rows: Sequence[Row], near: Point | None) -> None:
        self._rows = rows
        self._near = near
        self._known: dict[int, float] = {}

    def __call__(self, index: int) -> float:
        if self._near is None or self._rows[index].anywhere:
            return math.inf
        known = self._known.get(index)
        if known is None:
            known = self._known[index] = min(
                (distance_km(*self._near, lat / MICRO, lon / MICRO) for lat, lon in self._rows[index].points),
                default=math.inf,
            )
        return known


def _good(matches: Mapping[int, Match], words: Words) -> list[int]:
    required = words.required
    whole = sum(1 << index for index in required)
    best = max((match.score for match in matches.values()), default=0.0)
    several = len(required) >= 3
    return [
        index
        for index, match in matches.items()
        if match.met & whole == whole
        or (
            several
            and match.score >= FAIR_SHARE * best
            and (match.met & whole).bit_count() * 2 >= len(required)
        )
    ]


def _loose(matches: Mapping[int, Match]) -> list[int]:
    best = max((match.score for match in matches.values()), default=0.0)
    return [index for index, match in matches.items() if match.score >= LOOSE_SHARE * best]


def _passes(row: Row, asked: Criteria, measure: _Distances, index: int) -> bool:
    if asked.needs and row.needs.isdisjoint(asked.needs):
        return False
    if "day" in asked.chosen and row.days.isdisjoint(asked.chosen["day"]):
        return False
    return asked.radius_km is None or row.anywhere or measure(index) <= asked.radius_km


def _sort(
    found: list[int],
    rows: Sequence[Row],
    matches: Mapping[int, Match] | None,
    order: Sort,
    measure: _Distances,
) -> None:
    def best(index: int) -> float:
        return -matches[index].score if matches is not None else 0.0

    def tie(index: int) -> tuple[str, str]:
        return rows[index].name.casefold(), str(rows[index].id)

    if order is Sort.NEAREST:
        found.sort(key=lambda index: (measure(index), best(index), tie(index)))
    else:
        found.sort(key=lambda index: (best(index), measure(index), tie(index)))


def _count(
    rows: Sequence[Row],
    among: Iterable[int],
    asked: Criteria,
    measure: _Distances,
    values: Callable[[Row], frozenset[str]],
    chosen: frozenset[str],
) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for index in among:
        if _passes(rows[index], asked, measure, index):
            counts.update(values(rows[index]))
    for value in chosen:
        counts.setdefault(value, 0)
    return dict(counts)


def _apart(matches: Mapping[int, Match], words: Words) -> tuple[tuple[str, int], ...]:
    """What each word alone would give, for those that tell something; nothing for a search of one word."""
    if len(words.required) < 2:
        return ()
    counts = ((words.asked[at].label, at) for at in words.required)
    told = ((label, sum(1 for match in matches.values() if match.met >> at & 1)) for label, at in counts)
    return tuple((label, count) for label, count in told if count)
