"""Which listings of one part answer the words of a search, and how well: sums over posting lists, as arrays.

Work is bounded whatever was typed: `Budget` ends it, and no list is ever gone through one listing at a time.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from directory.search.columns import Array, Columns
from directory.search.lexicon import Lexicon
from directory.search.pack import Pack
from directory.search.ranking import Met, Pool, Scored
from directory.search.segments import token_number
from directory.search.understanding_rules import MOST_MEANINGS, MOST_WORDS, Asked, Words
from directory.search.words import pair, stem_of

# Every word, its other meanings and a pair with its neighbour.
MOST_LOOKUPS = MOST_WORDS * (MOST_MEANINGS + 2)
MOST_POSTINGS = 3_000_000

PAIR_WORTH = 0.5

# What a second word of the same meaning adds to the first.
ALSO_WORTH = 0.3

# The share of a score that is kept by an answer that meets none of what was required.
FLOOR = 0.4

# A sum of scores stays below this, so that the bits of what is met can be added on top of it in the same number.
_CEILING = 4096.0

# A list this many times as long as the other is looked into; a shorter one is laid out flat.
_LOOK_INTO = 8

# How many tokens' places are remembered.
_MOST_REMEMBERED = 4096

List = tuple[Array, Array]

_NOTHING: List = (np.empty(0, np.int32), np.empty(0, np.float32))


@dataclass
class Budget:
    """What is left of the work that one search may do."""

    lookups: int = MOST_LOOKUPS
    postings: int = MOST_POSTINGS


class Part:
    """Listings that were packed together. `gone` are those that have left since."""

    def __init__(self, pack: Pack, gone: Array) -> None:
        self.pack = pack
        self.columns = Columns(pack.arrays, pack.said["sets"])
        self.lexicon = Lexicon(pack.arrays)
        self._share(gone)

    def without(self, gone: Array) -> Part:
        """The same with others gone. What was read stays read."""
        other = object.__new__(Part)
        other.pack, other.columns, other.lexicon = self.pack, self.columns, self.lexicon
        other._share(gone)
        return other

    def _share(self, gone: Array) -> None:
        arrays = self.pack.arrays
        self._tokens = arrays["tokens"].data
        self._buckets = arrays["buckets"].data
        self._shift = 64 - (len(self._buckets) - 1).bit_length() + 1 if len(self._buckets) > 2 else 63
        self._starts = arrays["starts"].data
        self._telling_starts = arrays["telling_starts"].data
        self._lists = (arrays["documents"], arrays["scores"])
        self._telling_lists = (arrays["telling_documents"], arrays["telling_scores"])
        self._places: dict[str, int] = {}
        self._own = threading.local()
        self.alive: Array | None = None
        self.live = self.columns.all
        if len(gone):
            self.alive = np.ones(self.columns.size, bool)
            self.alive[gone] = False
            self.live = np.flatnonzero(self.alive).astype(np.int32)

    def place_of(self, token: str) -> int:
        """Where the token's lists stand; -1 where no listing ever held it."""
        known = self._places.get(token)
        if known is None:
            if len(self._places) >= _MOST_REMEMBERED:
                self._places.clear()
            known = self._places[token] = self._find(token_number(token.encode()))
        return known

    def _find(self, number: int) -> int:
        bucket = number >> self._shift
        for place in range(self._buckets[bucket], self._buckets[bucket + 1]):
            if self._tokens[place] == number:
                return place
        return -1

    def postings(self, token: str, budget: Budget, *, telling: bool = False) -> List:
        """Listings that hold the token, ascending, and what it scores there; in telling fields alone, if so asked.
        Cut short where the budget ends."""
        if budget.lookups <= 0:
            return _NOTHING
        budget.lookups -= 1
        place = self.place_of(token)
        if place < 0:
            return _NOTHING
        starts, (documents, scores) = (
            (self._telling_starts, self._telling_lists) if telling else (self._starts, self._lists)
        )
        start, end = starts[place], starts[place + 1]
        end = min(end, start + budget.postings)
        budget.postings -= end - start
        return documents[start:end], scores[start:end]

    def flat(self) -> Array:
        """A number for each listing, all nought, of this thread's own; whoever writes to it puts the nought back."""
        held: Array | None = getattr(self._own, "flat", None)
        if held is None:
            held = self._own.flat = np.zeros(self.columns.size)
        return held

    def pool(self, words: Words, budget: Budget) -> Pool:
        """This part as `ranking.choose` takes it."""
        return Pool(self.columns, self.live, PartMatches(self, words, budget) if words.asked else None)


class PartMatches:
    """`ranking.Matches` of one part."""

    def __init__(self, part: Part, words: Words, budget: Budget) -> None:
        self._part = part
        self._words = words
        self._budget = budget
        some_are_soft = len(words.required) < len(words.asked)
        self._lists = [self._of(one, soft=one.soft and some_are_soft) for one in words.asked]

    def _of(self, one: Asked, *, soft: bool) -> List:
        """What each listing scores for one thing asked: its best token, and a little for each more."""
        part, lists, longest = self._part, [], 0
        for token, worth in one.tokens.items():
            found = part.postings(token, self._budget, telling=soft or worth < 1)
            if len(found[0]):
                lists.append(found if worth == 1 else (found[0], found[1] * worth))
                longest = max(longest, len(found[0]))
        if len(lists) < 2:
            return lists[0] if lists else _NOTHING
        documents = _each_once([documents for documents, _scores in lists], part.columns.size)
        flat = part.flat()
        best = np.zeros(len(documents))
        total = np.zeros(len(documents))
        for held, scores in lists:
            flat[held] = scores
            mine = flat[documents]
            flat[held] = 0
            total += mine
            np.maximum(best, mine, out=best)
        return documents, best + ALSO_WORTH * (total - best)

    @cached_property
    def _pairs(self) -> list[List]:
        """Words that were typed next to each other: listings that have them so answer better."""
        found = (self._part.postings(token, self._budget) for token in _pairs(self._words.asked))
        return [one for one in found if len(one[0])]

    def whole(self) -> Scored:
        """As the protocol says: from the shortest list, so that the longest hardly matter."""
        required = self._words.required
        shortest = min(required, key=lambda at: len(self._lists[at][0]))
        documents, scores = self._lists[shortest]
        total = scores.astype(np.float64)
        for at in required:
            if at != shortest and len(documents):
                more = self._looked_up(documents, self._lists[at])
                hit = more > 0
                documents, total = documents[hit], total[hit] + more[hit]
        if len(documents):
            for at, found in enumerate(self._lists):
                if at not in required and len(found[0]):
                    total += self._looked_up(documents, found)
            for found in self._pairs:
                total += PAIR_WORTH * self._looked_up(documents, found)
        alive = self._part.alive
        if alive is not None:
            keep = alive[documents]
            documents, total = documents[keep], total[keep]
        return Scored(documents, total)

    def _looked_up(self, documents: Array, found: List) -> Array:
        """What `found` scores for each of `documents`; nought where it has none."""
        held, scores = found
        if len(held) > _LOOK_INTO * len(documents):
            at = np.searchsorted(held, documents)
            told: Array = np.where(held.take(at, mode="clip") == documents, scores.take(at, mode="clip"), 0)
            return told
        flat = self._part.flat()
        flat[held] = scores
        told = flat[documents]
        flat[held] = 0
        return told

    def everything(self) -> Met:
        """As the protocol says."""
        held = [found for found in self._lists if len(found[0])]
        documents = _each_once([one for one, _scores in held], self._part.columns.size)
        alive = self._part.alive
        flat = self._part.flat()
        for at, (mine, scores) in enumerate(self._lists):
            flat[mine] += scores + _CEILING * (1 << at)
        if alive is not None:
            flat[documents[~alive[documents]]] = 0
            documents = documents[alive[documents]]
        total = flat[documents]
        for mine, _scores in held:
            flat[mine] = 0
        met = (total / _CEILING).astype(np.int64)
        total -= met * _CEILING
        for found in self._pairs:
            total += PAIR_WORTH * self._looked_up(documents, found)
        required = self._words.required
        whole = sum(1 << at for at in required)
        share = np.bitwise_count(met & whole) / len(required)
        return Met(documents, total * (FLOOR + (1 - FLOOR) * share), met)

    def count(self, at: int) -> int:
        """As the protocol says."""
        documents = self._lists[at][0]
        alive = self._part.alive
        return len(documents) if alive is None else int(np.count_nonzero(alive[documents]))


def _each_once(lists: Sequence[Array], size: int) -> Array:
    """All documents of the lists, ascending, each once."""
    if not lists:
        return _NOTHING[0]
    if len(lists) == 1:
        return lists[0]
    if sum(map(len, lists)) * 8 > size:
        among = np.zeros(size, bool)
        for one in lists:
            among[one] = True
        return np.flatnonzero(among).astype(np.int32)
    joined = np.sort(np.concatenate(lists))
    first = np.empty(len(joined), bool)
    first[:1] = True
    np.not_equal(joined[1:], joined[:-1], out=first[1:])
    return joined[first]


def _pairs(asked: Sequence[Asked]) -> list[str]:
    """The tokens of words that were typed next to each other: listings that have them so answer better."""
    return [
        pair(stem_of(one.label), stem_of(other.label))
        for one, other in pairwise(asked)
        if " " not in one.label and " " not in other.label
    ]
