"""Listings in parts (`Pool`), and what the words of a search match in each. For any engine, over arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from directory.search.columns import Array, Columns, Row, columns_of
from directory.search.understanding_rules import Words


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
