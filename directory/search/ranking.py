"""Choosing among listings that an engine matched: filters, what to give up, order, counts. For any engine, over arrays.

Listings lie in parts (`Pool`). What is chosen never goes through them one by one.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol
from uuid import UUID

import numpy as np

from directory.search.columns import Array, Columns, Point, Row, chord_of, columns_of
from directory.search.facets import BY_NAME, FACETS, RADIUS, WORDS, Chosen, Facet
from directory.search.rules import PAGE_SIZE, Criteria, Sort, ways_to_relax
from directory.search.understanding_rules import Words

# How much of the best score an answer that meets only some of the words must have.
FAIR_SHARE = 0.6
LOOSE_SHARE = 0.4
FILL_SHARE = 0.2

# Sums in another order differ by less than this; a listing on the edge is in.
EVEN = 1 - 1e-6

ALL_FACETS: frozenset[str] = frozenset(BY_NAME)


@dataclass(frozen=True, slots=True)
class Hits:
    """One page of what was found, and what was found in all.

    `whole` counts those that meet everything required: where they do not fill a page, others that come close stand
    after them. `relaxed` names what was given up. `counts` says, by facet and value, what choosing it would give
    beside what else is chosen; values that would give nothing are left out unless they are chosen. `apart` counts, for
    a search that gave few answers, what each of its words gives alone. `corrected` pairs words as typed with those
    searched instead.
    """

    ids: tuple[UUID, ...]
    total: int
    page: int
    pages: int
    order: Sort
    whole: int = 0
    relaxed: tuple[str, ...] = ()
    counts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    apart: tuple[tuple[str, int], ...] = ()
    corrected: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Scored:
    """Listings with their scores; `scores` is None where no words were asked.

    `partly` marks those that meet only some of what was required; None where all meet all of it.
    """

    documents: Array
    scores: Array | None
    partly: Array | None = None

    def only(self, keep: Array) -> Scored:
        """Those that `keep` marks."""
        return Scored(
            self.documents[keep],
            None if self.scores is None else self.scores[keep],
            None if self.partly is None else self.partly[keep],
        )


@dataclass(frozen=True, slots=True)
class Met:
    """Every listing that meets something asked; in `met` a bit for each thing asked that it meets."""

    documents: Array
    scores: Array
    met: Array


class Matches(Protocol):
    """What the words of a search match in one part."""

    def whole(self) -> Scored:
        """What meets everything that is required."""
        ...

    def everything(self, enough: float) -> Met:
        """What meets anything that is asked. What scores less than `enough`, and does not meet everything that is
        required, may be left out."""
        ...

    def least_best(self) -> float:
        """A score that the best listing is sure to reach."""
        ...

    def count(self, at: int) -> int:
        """How many meet the thing at this position of `Words.asked`."""
        ...


@dataclass(frozen=True, slots=True)
class Matched:
    """`Matches` that are known already."""

    met: Met
    words: Words

    def whole(self) -> Scored:
        """As the protocol says."""
        bits = bits_of(self.words)
        keep = (self.met.met & bits) == bits
        return Scored(self.met.documents[keep], self.met.scores[keep])

    def everything(self, enough: float) -> Met:
        """As the protocol says."""
        return self.met

    def least_best(self) -> float:
        """As the protocol says."""
        return float(self.met.scores.max()) if len(self.met.scores) else 0.0

    def count(self, at: int) -> int:
        """As the protocol says."""
        return int(np.count_nonzero(self.met.met & (1 << at)))


@dataclass(frozen=True, slots=True)
class Pool:
    """One part: its columns, the listings of it that may be found, ascending, and where words were asked, matches."""

    columns: Columns
    live: Array
    matches: Matches | None


@dataclass(frozen=True, slots=True)
class Match:
    """How well one listing answers the words: a score, and a bit for each thing asked that it meets."""

    score: float
    met: int


def pool_of(rows: Sequence[Row], matches: Mapping[int, Match] | None, words: Words) -> Pool:
    """A part made of rows in memory. `matches` maps positions in `rows`; None where no words were asked."""
    columns = columns_of(rows)
    if matches is None:
        return Pool(columns, columns.all, None)
    told = sorted(matches.items())
    met = Met(
        np.array([position for position, _match in told], np.int32),
        np.array([match.score for _position, match in told], np.float64),
        np.array([match.met for _position, match in told], np.int64),
    )
    return Pool(columns, columns.all, Matched(met, words))


def bits_of(words: Words) -> int:
    """The bits of everything that is required."""
    return sum(1 << at for at in words.required)


def choose(
    pools: Sequence[Pool],
    words: Words,
    criteria: Criteria,
    near: Point | None,
    minute: int,
    *,
    size: int = PAGE_SIZE,
    counted: Collection[str] = ALL_FACETS,
) -> Hits:
    """The page of answers, of `size`, with counts for the facets `counted`. `minute` is now, since 1970 (UTC).

    With words, answers meet all of them, or come close to the best of three and more; where these do not fill a page,
    listings that meet some of them well stand after. When nothing is left, the first of `ways_to_relax` that leaves
    something is taken.
    """
    if near is None and criteria.radius_km is not None:
        criteria = criteria.without([RADIUS])
    order = criteria.order(has_place=near is not None)
    required = words.required
    candidates = _Candidates(pools, words, required)
    sights = [_Sight(pool.columns, near, minute) for pool in pools]
    has_words = any(pool.matches is not None for pool in pools)
    ways = ways_to_relax(criteria, words=len(required) if has_words else 0)
    tries = ((), *ways)
    narrowed: list[_Narrowed] = []
    total = 0
    relaxed: tuple[str, ...] = ()
    for given_up in tries:
        among = candidates.loose if WORDS in given_up else candidates.strict
        asked = criteria.without(given_up) if given_up else criteria
        narrowed = [_Narrowed(sight, scored, asked) for sight, scored in zip(sights, among, strict=True)]
        total, relaxed = sum(len(one.found.documents) for one in narrowed), given_up
        if total:
            break
    else:
        relaxed = ()
        narrowed = [
            _Narrowed(sight, scored, criteria)
            for sight, scored in zip(sights, candidates.strict, strict=True)
        ]
    whole = total
    if has_words and 0 < total < size and len(required) > 1 and WORDS not in relaxed:
        asked = criteria.without(relaxed) if relaxed else criteria
        narrowed = [
            _Narrowed(sight, scored, asked) for sight, scored in zip(sights, candidates.filled, strict=True)
        ]
        total = sum(len(one.found.documents) for one in narrowed)
    start = (criteria.page - 1) * size
    return Hits(
        ids=_page(narrowed, order, start, start + size),
        total=total,
        page=criteria.page,
        pages=max(1, math.ceil(total / size)),
        order=order,
        whole=whole,
        relaxed=relaxed,
        counts=_counts(narrowed, counted),
        apart=_apart(pools, words) if has_words and total < size else (),
    )


class _Candidates:
    """What the words leave of each part: what is good, and what is left when some words are given up."""

    def __init__(self, pools: Sequence[Pool], words: Words, required: tuple[int, ...]) -> None:
        self._pools = pools
        self._words = words
        self._required = len(required)
        self._bits = sum(1 << at for at in required)

    @cached_property
    def strict(self) -> list[Scored]:
        """Listings that meet all that was required; of three and more things, also half of them with a fair score."""
        if self._required < 3 or all(pool.matches is None for pool in self._pools):
            return self._whole
        kept = []
        for met in self._everything:
            good = self._good(met)
            kept.append(Scored(met.documents[good], met.scores[good]))
        return kept

    @cached_property
    def _whole(self) -> list[Scored]:
        return [
            Scored(pool.live, None) if pool.matches is None else pool.matches.whole() for pool in self._pools
        ]

    @cached_property
    def filled(self) -> list[Scored]:
        """What is `strict`, and beside it what meets some of the words, down to weak matches: the page has room."""
        enough = FILL_SHARE * self._best * EVEN
        kept = []
        for met in self._everything:
            good = self._good(met)
            keep = good | (met.scores >= enough)
            kept.append(Scored(met.documents[keep], met.scores[keep], ~good[keep]))
        return kept

    def _good(self, met: Met) -> Array:
        hit = met.met & self._bits
        good: Array = hit == self._bits
        if self._required >= 3:
            fair = FAIR_SHARE * self._best * EVEN
            good |= (met.scores >= fair) & (np.bitwise_count(hit) * 2 >= self._required)
        return good

    @cached_property
    def loose(self) -> list[Scored]:
        """Listings with a score that is not far from the best."""
        enough = LOOSE_SHARE * self._best * EVEN
        keeps = [met.scores >= enough for met in self._everything]
        return [
            Scored(met.documents[keep], met.scores[keep])
            for met, keep in zip(self._everything, keeps, strict=True)
        ]

    @cached_property
    def _everything(self) -> list[Met]:
        """Whatever else is given up, what stood in quotation marks is met. Matches too weak to fill a page with are
        left out where that is known beforehand."""
        asked = [pool.matches for pool in self._pools if pool.matches is not None]
        must = sum(1 << at for at, one in enumerate(self._words.asked) if one.must)
        if not must:
            best = max((one.least_best() for one in asked), default=0.0)
            if self._required < 3:
                found = [one.scores for one in self._whole if one.scores is not None and len(one.scores)]
                best = max([best, *(float(scores.max()) for scores in found)])
            return [one.everything(FILL_SHARE * best * EVEN) for one in asked]
        held = [one.everything(0.0) for one in asked]
        keeps = [(met.met & must) == must for met in held]
        return [
            Met(met.documents[keep], met.scores[keep], met.met[keep])
            for met, keep in zip(held, keeps, strict=True)
        ]

    @cached_property
    def _best(self) -> float:
        return max((float(met.scores.max()) for met in self._everything if len(met.scores)), default=0.0)


class _Sight:
    """One part as it is seen from a place at a minute; worked out when it is first needed."""

    def __init__(self, columns: Columns, near: Point | None, minute: int) -> None:
        self.columns = columns
        self.near = near
        self.minute = minute
        self._by_spot: Array | None = None

    def distances(self, documents: Array) -> Array | None:
        """How far each is, as a square; None where nobody knows from where."""
        if self.near is None:
            return None
        if self._by_spot is None:
            self._by_spot = self.columns.from_point(self.near)
        return self.columns.distances(documents, self._by_spot)


class _Narrowed:
    """Candidates of one part, and which of them pass each facet's column that is asked of, and the distance."""

    def __init__(self, sight: _Sight, among: Scored, asked: Criteria) -> None:
        self.sight = sight
        self.among = among
        self.chosen = asked.chosen
        self.wanted = _by_column(asked.chosen)
        self._passing: dict[str, Array] = {}
        documents = among.documents
        self._distances: Array | None = None
        if len(documents):
            for column, facets in self.wanted.items():
                held = sight.columns.by_name[column]
                self._passing[column] = held.allowed(facets)[held.codes[documents]]
            for facet in _live(asked.chosen):
                self._passing[facet.name] = sight.columns.on_at(sight.minute)[documents]
            if asked.radius_km is not None:
                distances = self._distances = sight.distances(documents)
                if distances is not None:
                    self._passing[RADIUS] = (distances <= chord_of(asked.radius_km)) | sight.columns.anywhere[
                        documents
                    ]
        self._keep = self._all_but(None)
        self.found = among if self._keep is None else among.only(self._keep)

    def _all_but(self, name: str | None) -> Array | None:
        """Which candidates pass everything but `name`; None where nothing else is asked."""
        keep: Array | None = None
        for other, passing in self._passing.items():
            if other != name:
                keep = passing if keep is None else keep & passing
        return keep

    def distances(self) -> Array | None:
        """How far each of what was found is, as a square."""
        if self._distances is None:
            return self.sight.distances(self.found.documents)
        return self._distances if self._keep is None else self._distances[self._keep]

    def count(self, counted: Collection[str]) -> dict[str, dict[str, int]]:
        """For each facet, how many there would be for each of its values."""
        told: dict[str, dict[str, int]] = {}
        whole: dict[str, Array] = {}
        for facet in FACETS:
            if facet.name not in counted:
                continue
            if facet.live:
                told[facet.name] = {facet.options[0].value: self._count_live(facet)}
                continue
            column = self.sight.columns.by_name[facet.column]
            sets = whole.get(facet.column)
            if sets is None:
                codes = column.codes[self._but(facet.column)]
                sets = whole[facet.column] = np.bincount(codes, minlength=len(column.sets)).astype(np.float32)
            others = tuple(one for one in self.wanted.get(facet.column, ()) if one[0] is not facet)
            values, covers = column.counted(facet, others)
            told[facet.name] = dict(zip(values, (sets @ covers).astype(np.int64).tolist(), strict=True))
        return told

    def _but(self, column: str) -> Array:
        """The listings that pass everything but what is asked of this column."""
        if column not in self._passing:
            return self.found.documents
        keep = self._all_but(column)
        return self.among.documents if keep is None else self.among.documents[keep]

    def _count_live(self, facet: Facet) -> int:
        on = self.sight.columns.on_at(self.sight.minute)
        return int(np.count_nonzero(on[self._but(facet.name)]))

    def first(self, order: Sort, most: int) -> Array:
        """Positions in what was found of the `most` that come first, in their order."""
        scores, distances = self.found.scores, self.distances()
        rank = self.sight.columns.rank[self.found.documents]
        best = None if scores is None else -scores
        keys = [best, distances] if order is Sort.BEST else [self.found.partly, distances, best]
        held = [key for key in keys if key is not None] + [rank]
        return _first(held, most)

    def keys(self, order: Sort, at: Array) -> list[tuple[bool, float, float, str, UUID]]:
        """What the listings at these positions of what was found are sorted by, across parts."""
        scores, partly, distances = self.found.scores, self.found.partly, self.distances()
        columns = self.sight.columns
        keys = []
        for position in at.tolist():
            document = int(self.found.documents[position])
            best = 0.0 if scores is None else -float(scores[position])
            far = 0.0 if distances is None else float(distances[position])
            pair = (best, far) if order is Sort.BEST else (far, best)
            later = order is Sort.NEAREST and partly is not None and bool(partly[position])
            keys.append((later, *pair, columns.name_of(document), columns.id_of(document)))
        return keys


def _first(keys: Sequence[Array], most: int) -> Array:
    """Positions of the first `most` when sorted by `keys`, the first of them first. The last one has no equals."""
    size = len(keys[0])
    if size > 4 * most:
        edge = np.partition(keys[0], most - 1)[most - 1]
        among = np.flatnonzero(keys[0] <= edge)
        order = np.lexsort([key[among] for key in reversed(keys)])
        return among[order[:most]]
    return np.lexsort(keys[::-1])[:most]


def _page(narrowed: Sequence[_Narrowed], order: Sort, start: int, end: int) -> tuple[UUID, ...]:
    """Ids of what stands from `start` to before `end`, over all parts."""
    holding = [one for one in narrowed if len(one.found.documents)]
    if len(holding) == 1:
        one = holding[0]
        documents = one.found.documents[one.first(order, end)[start:]].tolist()
        return tuple(map(one.sight.columns.id_of, documents))
    merged = sorted(key for one in holding for key in one.keys(order, one.first(order, end)))
    return tuple(key[-1] for key in merged[start:end])


def _counts(narrowed: Sequence[_Narrowed], counted: Collection[str]) -> dict[str, dict[str, int]]:
    told: dict[str, dict[str, int]] = {}
    for number, one in enumerate(narrowed):
        for name, values in one.count(counted).items():
            kept = told.setdefault(name, {})
            if not number:
                chosen = one.chosen.get(name, ())
                kept |= dict.fromkeys(chosen, 0)
            for value, count in values.items():
                if count:
                    kept[value] = kept.get(value, 0) + count
    return told


def _by_column(chosen: Chosen) -> dict[str, tuple[tuple[Facet, tuple[str, ...]], ...]]:
    wanted: dict[str, tuple[tuple[Facet, tuple[str, ...]], ...]] = {}
    for name, values in chosen.items():
        facet = BY_NAME[name]
        if not facet.live:
            wanted[facet.column] = (*wanted.get(facet.column, ()), (facet, values))
    return wanted


def _live(chosen: Chosen) -> list[Facet]:
    return [BY_NAME[name] for name in chosen if BY_NAME[name].live]


def _apart(pools: Sequence[Pool], words: Words) -> tuple[tuple[str, int], ...]:
    """What each word alone would give, for those that tell something; nothing for a search of one word."""
    if len(words.required) < 2:
        return ()
    held = [pool.matches for pool in pools if pool.matches is not None]
    told = ((words.asked[at].label, sum(one.count(at) for one in held)) for at in words.required)
    return tuple((label, count) for label, count in told if count)
