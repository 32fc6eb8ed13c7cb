"""Choosing among listings that an engine matched: filters, what to give up, order, counts. For any engine, over arrays.

Listings lie in parts (`Pool`). What is chosen never goes through them one by one.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from uuid import UUID

import numpy as np

from directory.search.columns import Array, Point
from directory.search.facets import BY_NAME, RADIUS, WORDS
from directory.search.narrowing import Narrowed, Sight, counts_of, page_of
from directory.search.pools import Met, Pool, Scored, bits_of
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
    sights = [Sight(pool.columns, near, minute) for pool in pools]
    has_words = any(pool.matches is not None for pool in pools)
    ways = ways_to_relax(criteria, words=len(required) if has_words else 0)
    tries = ((), *ways)
    narrowed: list[Narrowed] = []
    total = 0
    relaxed: tuple[str, ...] = ()
    for given_up in tries:
        among = candidates.loose if WORDS in given_up else candidates.strict
        asked = criteria.without(given_up) if given_up else criteria
        narrowed = [Narrowed(sight, scored, asked) for sight, scored in zip(sights, among, strict=True)]
        total, relaxed = sum(len(one.found.documents) for one in narrowed), given_up
        if total:
            break
    else:
        relaxed = ()
        narrowed = [
            Narrowed(sight, scored, criteria) for sight, scored in zip(sights, candidates.strict, strict=True)
        ]
    whole = total
    if has_words and 0 < total < size and len(required) > 1 and WORDS not in relaxed:
        asked = criteria.without(relaxed) if relaxed else criteria
        narrowed = [
            Narrowed(sight, scored, asked) for sight, scored in zip(sights, candidates.filled, strict=True)
        ]
        total = sum(len(one.found.documents) for one in narrowed)
    start = (criteria.page - 1) * size
    return Hits(
        ids=page_of(narrowed, order, start, start + size),
        total=total,
        page=criteria.page,
        pages=max(1, math.ceil(total / size)),
        order=order,
        whole=whole,
        relaxed=relaxed,
        counts=counts_of(narrowed, counted),
        apart=_apart(pools, words) if has_words and total < size else (),
    )


class _Candidates:
    """What the words leave of each part: what is good, and what is left when some words are given up."""

    def __init__(self, pools: Sequence[Pool], words: Words, required: tuple[int, ...]) -> None:
        self._pools = pools
        self._words = words
        self._required = len(required)
        self._bits = bits_of(words)

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


def _apart(pools: Sequence[Pool], words: Words) -> tuple[tuple[str, int], ...]:
    """What each word alone would give, for those that tell something; nothing for a search of one word."""
    if len(words.required) < 2:
        return ()
    held = [pool.matches for pool in pools if pool.matches is not None]
    told = ((words.asked[at].label, sum(one.count(at) for one in held)) for at in words.required)
    return tuple((label, count) for label, count in told if count)
