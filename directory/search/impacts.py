"""What a token is worth to a listing. Worked out once, when the index changes, for all that the index holds.

BM25 for each field by itself, with the field's own rarity and mean length, times what the field is worth, summed: what
Whoosh calls BM25F. `Statistics` are of the whole index, whichever part of it is scored.
"""

from __future__ import annotations

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

_WORTH = np.array([FIELD_WORTH[field] for field in FIELDS])
_B = np.array([B.get(field, B_ELSEWHERE) for field in FIELDS])


@dataclass(frozen=True, slots=True)
class Statistics:
    """Of the whole index: how many listings, what is gone counted in; and how long each field is altogether."""

    documents: int
    lengths: Array

    def __add__(self, other: Statistics) -> Statistics:
        return Statistics(self.documents + other.documents, self.lengths + other.lengths)


def scores(
    statistics: Statistics, fields: Array, holders: Array, times: Array, lengths: Array, is_need: Array
) -> Array:
    """What each posting scores: in field `fields`, for a token that `holders` listings have there, which stands
    `times` times in a field of `lengths` tokens. `is_need` marks tokens that stand for a need."""
    mean = statistics.lengths / max(1, statistics.documents)
    mean[mean == 0] = 1
    rarity = np.log(max(1, statistics.documents) / (holders + 1.0)) + 1
    b = _B[fields]
    full = times + K1 * ((1 - b) + b * lengths / mean[fields])
    told = _WORTH[fields] * (rarity * (times * (K1 + 1)) / full)
    return np.where(is_need, NEED_SCORE, told)
