"""The product's own search, as people get it and asked the plain question."""

from __future__ import annotations

from typing import Any

import numpy as np
from whoosh.util.numeric import byte_to_length, length_to_byte

from directory.search.columns import Array
from directory.search.impacts import (
    FIELD_B,
    K1,
    WORTH,
    Postings,
    Statistics,
    means,
)
from directory.search.matching import Budget, PartMatches
from directory.search.pools import Pool, Scored
from directory.search.ranking import Hits, choose
from directory.search.understanding_rules import Words, understand
from directory.search.whoosh_engine import WhooshIndex
from tests.bench.contenders import (
    TOP,
    Outcome,
    counted,
    criteria_of,
)
from tests.bench.synthetic import Question

_MINUTE = 29_000_000


def _outcome(hits: Hits) -> Outcome:
    return Outcome(hits.total, hits.ids, hits.counts)


class Ours:
    """The product's search, whole: reading the words, mending slips, what meets all of them first."""

    name = "ours, as people get it"

    def __init__(self, index: WhooshIndex) -> None:
        self.index = index

    def ask(self, question: Question) -> Outcome:
        """As the protocol says."""
        words = understand(question.q)
        return _outcome(
            self.index.search(
                criteria_of(question), question.near, words, size=TOP, counted=counted(question)
            )
        )


class _Any(PartMatches):
    """Every listing that holds any token, by the sum of its scores: the plain question."""

    def whole(self) -> Scored:
        told = self.everything(0.0)
        return Scored(told.documents, told.scores)

    @property
    def _pairs(self) -> list[Any]:
        return []

    def _shares(self) -> Array:
        return np.ones(1 << len(self._lists), np.float32)


class OursPlain:
    """The product's arrays, asked the plain question that the others are asked."""

    name = "ours, any word"

    def __init__(self, index: WhooshIndex) -> None:
        self.index = index

    def ask(self, question: Question) -> Outcome:
        """As the protocol says."""
        words = understand(question.q)
        budget = Budget()
        pools = [
            Pool(part.columns, part.live, _Any(part, words, budget)) for part in self.index.snapshot().parts
        ]
        alone = Words(words.asked[:1])
        criteria = criteria_of(question)
        hits = choose(pools, alone, criteria, question.near, _MINUTE, size=TOP, counted=counted(question))
        # Where nothing is found the product gives something up; the others do not.
        return Outcome(0, ()) if hits.relaxed else _outcome(hits)


# Whoosh keeps lengths in a byte.
_LENGTHS = np.array([byte_to_length(length_to_byte(length)) for length in range(5_000)])


def summed(statistics: Statistics, postings: Postings) -> Array:
    """The scores that Whoosh gives: BM25 in each field by itself, added up."""
    fields = postings.fields
    b = FIELD_B[fields]
    holders = postings.holders[postings.places, fields]
    rarity = np.log(statistics.documents / (holders + 1.0)) + 1
    lengths = _LENGTHS[np.minimum(postings.lengths, len(_LENGTHS) - 1)]
    full = postings.times + K1 * ((1 - b) + b * lengths / means(statistics)[fields])
    told: Array = WORTH[fields] * rarity * postings.times * (K1 + 1) / full
    return np.add.reduceat(told, postings.first) if len(postings.first) else told
