"""Which listings of one part answer the words of a search, and how well: sums over posting lists, as arrays.

Work is bounded whatever was typed: `Budget` ends it, and no list is ever gone through one listing at a time.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise
from uuid import UUID

import numpy as np

from directory.search.beginnings import KINDS, Beginnings
from directory.search.columns import LOOK_INTO, Array, Columns
from directory.search.lexicon import Lexicon
from directory.search.numbering import token_number
from directory.search.pack import Pack
from directory.search.pools import Met, Pool, Scored
from directory.search.understanding_rules import MOST_MEANINGS, MOST_WORDS, Asked, Words
from directory.search.words import pair, stem_of

# Every word, its other meanings and a pair with its neighbour.
MOST_LOOKUPS = MOST_WORDS * (MOST_MEANINGS + 2)
MOST_POSTINGS = 3_000_000

PAIR_WORTH = 0.5

# What a second word of the same meaning adds to the first.
ALSO_WORTH = 0.1

# The share of a score that is kept by an answer that meets none of what was required.
FLOOR = 0.4

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
        self.names = {kind: Beginnings(pack.arrays, kind) for kind in KINDS}
        self._share(gone)

    def without(self, gone: Array) -> Part:
        """The same with others gone. What was read stays read."""
        other = object.__new__(Part)
        other.pack, other.columns, other.lexicon = self.pack, self.columns, self.lexicon
        other.names = self.names
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
            held = self._own.flat = np.zeros(self.columns.size, np.float32)
        return held

    def named(self, kind: str, begun: str, most: int) -> Iterator[tuple[str, UUID]]:
        """As `Beginnings.of`, of the listings that have not left, by their ids."""
        for name, document in self.names[kind].of(begun, self.alive, most):
            yield name, self.columns.id_of(document)

    def pool(self, words: Words, budget: Budget) -> Pool:
        """This part as `ranking.choose` takes it."""
        return Pool(self.columns, self.live, PartMatches(self, words, budget) if words.asked else None)


class PartMatches:
    """`ranking.Matches` of one part."""

    def __init__(self, part: Part, words: Words, budget: Budget) -> None:
        self._part = part
        self._words = words
        self._budget = budget
        self._required = words.required
        some_are_soft = len(self._required) < len(words.asked)
        self._lists = [self._of(one, soft=one.soft and some_are_soft) for one in words.asked]

    def _of(self, one: Asked, *, soft: bool) -> List:
        """What each listing scores for one thing asked: its best token, and a little for each more.

        What only means what was asked scores no more than that itself does at best, however rare the other word is.
        """
        part, lists, most = self._part, [], np.float32(0)
        for token, worth in one.tokens.items():
            documents, scores = part.postings(token, self._budget, telling=soft or worth < 1)
            if not len(documents):
                continue
            if worth == 1:
                most = max(most, scores.max())
            else:
                scores = (np.minimum(scores, most) if most else scores) * np.float32(worth)
            lists.append((documents, scores))
        if len(lists) < 2:
            return lists[0] if lists else _NOTHING
        documents = _each_once([documents for documents, _scores in lists], part.columns.size)
        flat = part.flat()
        best = np.zeros(len(documents), np.float32)
        total = np.zeros(len(documents), np.float32)
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
        required = self._required
        shortest = min(required, key=lambda at: len(self._lists[at][0]))
        documents, scores = self._lists[shortest]
        total = scores
        for at in required:
            if at != shortest and len(documents):
                more = self._looked_up(documents, self._lists[at])
                hit = more > 0
                documents, total = documents[hit], total[hit] + more[hit]
        if len(documents):
            for at, found in enumerate(self._lists):
                if at not in required and len(found[0]):
                    total = total + self._looked_up(documents, found)
            for found in self._pairs:
                total = total + PAIR_WORTH * self._looked_up(documents, found)
        alive = self._part.alive
        if alive is not None:
            keep = alive[documents]
            documents, total = documents[keep], total[keep]
        return Scored(documents, total)

    def _looked_up(self, documents: Array, found: List) -> Array:
        """What `found` scores for each of `documents`; nought where it has none."""
        held, scores = found
        if len(held) > LOOK_INTO * len(documents):
            at = np.searchsorted(held, documents)
            told: Array = np.where(held.take(at, mode="clip") == documents, scores.take(at, mode="clip"), 0)
            return told
        flat = self._part.flat()
        flat[held] = scores
        told = flat[documents]
        flat[held] = 0
        return told

    def everything(self, enough: float) -> Met:
        """As the protocol says: the shortest list is laid into the next one, that into the next. Lists that cannot
        lead to `enough` are only looked up for what the others hold."""
        among, weak = self._strong(enough)
        if not among:
            return Met(*_NOTHING, np.empty(0, np.int32))
        among.sort(key=lambda at: len(self._lists[at][0]))
        documents, scores = self._lists[among[0]]
        met = np.full(len(documents), 1 << among[0], np.int32)
        for at in among[1:]:
            documents, scores, met = self._laid(documents, scores, met, at)
        alive = self._part.alive
        if alive is not None:
            keep = alive[documents]
            documents, scores, met = documents[keep], scores[keep], met[keep]
        for at in weak:
            more = self._looked_up(documents, self._lists[at])
            scores, met = scores + more, met | (more > 0) * np.int32(1 << at)
        for found in self._pairs:
            scores = scores + PAIR_WORTH * self._looked_up(documents, found)
        return Met(documents, scores * self._shares()[met], met)

    def _laid(self, documents: Array, scores: Array, met: Array, at: int) -> tuple[Array, Array, Array]:
        """What was found so far, and the list of one thing more."""
        mine, told = self._lists[at]
        where = self._part.columns.positions(documents, mine)
        hit = where >= 0
        new, where = ~hit, where[hit]
        both, all_met = np.concatenate([told, scores[new]]), np.full(len(mine), 1 << at, np.int32)
        both[where] += scores[hit]
        all_met[where] |= met[hit]
        return np.concatenate([mine, documents[new]]), both, np.concatenate([all_met, met[new]])

    def _strong(self, enough: float) -> tuple[list[int], list[int]]:
        """Things asked whose lists must be gone through, and those of which all together lead to less than `enough`.

        A list of something required always stays among the first, as what meets everything is in it.
        """
        tops = self._tops
        order = sorted((at for at in range(len(tops)) if tops[at]), key=tops.__getitem__)
        share = self._shares()
        most = PAIR_WORTH * sum(float(scores.max()) for _documents, scores in self._pairs)
        bits = 0
        for place, at in enumerate(order):
            most, bits = most + tops[at], bits | 1 << at
            left = order[place + 1 :]
            if most * float(share[bits]) >= enough or not any(one in self._required for one in left):
                return order[place:], order[:place]
        return [], []

    @cached_property
    def _tops(self) -> list[float]:
        return [float(scores.max()) if len(scores) else 0.0 for _documents, scores in self._lists]

    def least_best(self) -> float:
        """As the protocol says. Where listings have gone the best may be one of them, so nothing is sure."""
        if self._part.alive is not None:
            return 0.0
        share = self._shares()
        return max(float(top * share[1 << at]) for at, top in enumerate(self._tops))

    def _shares(self) -> Array:
        """For each way to meet what was asked, the share of its score that an answer keeps."""
        return _shares(len(self._lists), self._required)

    def count(self, at: int) -> int:
        """As the protocol says."""
        documents = self._lists[at][0]
        alive = self._part.alive
        return len(documents) if alive is None else int(np.count_nonzero(alive[documents]))


@lru_cache(maxsize=256)
def _shares(asked: int, required: tuple[int, ...]) -> Array:
    ways = np.arange(1 << asked)
    share = np.bitwise_count(ways & sum(1 << at for at in required)) / len(required)
    told: Array = FLOOR + (1 - FLOOR) * share
    return told.astype(np.float32)


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
