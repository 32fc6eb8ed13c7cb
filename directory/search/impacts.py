"""What a token is worth to a listing. Worked out once, when the index changes, for all that the index holds.

BM25F (Robertson, Zaragoza and Taylor, 2004): how often a token stands in each field, by the field's worth and length,
is added up first; one saturation and one rarity apply to the sum, so that a word which stands in three fields does not
count as three words. `Statistics` are of the whole index, whichever part of it is scored.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from directory.search.columns import Array

# What a word is worth by where it stands. A field's number is its place here.
FIELD_WORTH = {"name": 4.0, "needs": 2.0, "summary": 2.0, "group": 1.5, "place": 1.2, "body": 1.0}
FIELDS = tuple(FIELD_WORTH)

# Where a word must stand to count when it is soft, or only means what was typed.
TELLING_FIELDS = ("name", "needs", "summary")

# That a listing meets a need was chosen by its group: worth the same however many do.
NEED_SCORE = 8.0

# How soon a word's repeats add little, and how much a long field dilutes its words.
K1 = 1.2
B = {"body": 0.75}
B_ELSEWHERE = 0.5

WORTH = np.array([FIELD_WORTH[field] for field in FIELDS])
FIELD_B = np.array([B.get(field, B_ELSEWHERE) for field in FIELDS])


@dataclass(frozen=True, slots=True)
class Statistics:
    """Of the whole index: how many listings, what is gone counted in; and how long each field is altogether."""

    documents: int
    lengths: Array

    def __add__(self, other: Statistics) -> Statistics:
        return Statistics(self.documents + other.documents, self.lengths + other.lengths)


@dataclass(frozen=True, slots=True)
class Postings:
    """Postings in the order of token, listing, field. `places` number the tokens; `first` are the positions at which
    another listing or token begins. `holders` says how many listings of the whole index hold each token (down) in
    each field (across), and last in any. `needs` marks tokens that stand for a need."""

    places: Array
    fields: Array
    times: Array
    lengths: Array
    first: Array
    holders: Array
    needs: Array


Formula = Callable[[Statistics, Postings], Array]


def folded(statistics: Statistics, postings: Postings) -> Array:
    """What each listing scores for each token: one number for each of `postings.first`."""
    fields = postings.fields
    mean = means(statistics)[fields]
    b = FIELD_B[fields]
    told = WORTH[fields] * postings.times / ((1 - b) + b * postings.lengths / mean)
    often = np.add.reduceat(told, postings.first) if len(postings.first) else told
    token = postings.places[postings.first]
    holders = postings.holders[token, -1]
    rarity = np.log1p((statistics.documents - holders + 0.5) / (holders + 0.5))
    scores: Array = rarity * often * (K1 + 1) / (often + K1)
    return np.where(postings.needs[token], NEED_SCORE, scores)


def means(statistics: Statistics) -> Array:
    """The mean length of each field, in tokens."""
    mean: Array = statistics.lengths / max(1, statistics.documents)
    return np.where(mean == 0, 1.0, mean)
