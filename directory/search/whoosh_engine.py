"""The engine: Whoosh finds and scores, one token at a time, by our own reading of the words.

The public never reaches Whoosh's query language. Every search looks up at most `MOST_LOOKUPS` tokens and reads at
most `MOST_POSTINGS` postings, whatever was typed.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import islice, pairwise
from pathlib import Path
from typing import Any
from uuid import UUID

from whoosh.scoring import BM25F

from directory.listings.documents import SearchDocument
from directory.search.engine import IndexUnusable
from directory.search.ranking import Hits, Match, Point, Row, choose
from directory.search.rules import Criteria
from directory.search.store import FIELD_WORTH, Files, Store, row_from
from directory.search.understanding_rules import (
    MOST_MEANINGS,
    MOST_WORDS,
    SHORTEST_PREFIX,
    Asked,
    Words,
    understand,
)
from directory.search.words import is_need, pair, stem_of

log = logging.getLogger(__name__)

# Every word, its other meanings and a pair with its neighbour, in every field; and each word's spelling.
MOST_LOOKUPS = MOST_WORDS * (MOST_MEANINGS + 2) * len(FIELD_WORTH)
MOST_POSTINGS = 150_000
MOST_ENDINGS = 8

# Where a word must stand to count when it is soft, or only means what was typed.
TELLING_FIELDS = ("name", "needs", "summary")
PAIR_WORTH = 0.5

# That a listing meets a need was chosen by its group: worth the same however many do.
NEED_SCORE = 8.0

# What a second word of the same meaning adds to the first.
ALSO_WORTH = 0.3

# The share of a score that is kept by an answer that meets none of what was required.
FLOOR = 0.4

_WEIGHTING = BM25F(B=0.5, K1=1.2, body_B=0.75)


class WhooshIndex:
    """A `directory.search.engine.Index` in a folder. Any thread may use it; each has a searcher of its own."""

    def __init__(self, folder: Path) -> None:
        self.store = Store(folder)
        self._mine = threading.local()

    def search(self, criteria: Criteria, near: Point | None) -> Hits:
        """As the protocol says; damage of any kind is reported and answered by `IndexUnusable`."""
        words = understand(criteria.q)
        try:
            snapshot = self._snapshot()
            words, corrected = snapshot.settle(words)
            matches = snapshot.match(words) if words.asked else None
        except IndexUnusable:
            raise
        except Exception as error:
            self.close()
            if self.store.report_damage():
                log.exception("the search index is damaged, the database answers")
            raise IndexUnusable(damaged=True) from error
        hits = choose(snapshot.rows, matches, words, criteria, near)
        return replace(hits, corrected=corrected)

    def update(self, documents: Iterable[SearchDocument], gone: Iterable[UUID] = ()) -> None:
        """As `Store.update`, under the lease."""
        with self.store.lease():
            self.store.update(documents, gone)

    def count(self) -> int:
        """How many listings can be found. Raises `IndexUnusable`."""
        try:
            return len(self._snapshot().rows)
        except IndexUnusable:
            raise
        except Exception as error:
            self.close()
            raise IndexUnusable(damaged=True) from error

    def ids(self) -> frozenset[UUID]:
        """Which listings can be found. Raises `IndexUnusable`."""
        self.count()
        snapshot: _Snapshot = self._mine.snapshot
        return frozenset(row.id for row in snapshot.rows)

    def close(self) -> None:
        """Give back the files that this thread holds open; the next search opens them again."""
        held: _Snapshot | None = getattr(self._mine, "snapshot", None)
        self._mine.snapshot = None
        if held is not None:
            held.close()

    def _snapshot(self) -> _Snapshot:
        """The index as it stands; opened again by this thread when it has changed."""
        if self.store.is_damaged():
            raise IndexUnusable(damaged=True)
        held: _Snapshot | None = getattr(self._mine, "snapshot", None)
        if held is not None and held.generation == self.store.generation():
            return held
        generation, index = self.store.open()
        known = held.segments if held is not None else {}
        try:
            fresh = _Snapshot(generation, index.storage, index.searcher(weighting=_WEIGHTING), known)
        except BaseException:
            index.storage.release()
            raise
        if held is not None:
            held.close()
        self._mine.snapshot = fresh
        return fresh


@dataclass
class _Budget:
    """What is left of the work that one search may do."""

    lookups: int = MOST_LOOKUPS
    postings: int = MOST_POSTINGS


class _Snapshot:
    """A searcher at one generation, and the rows of its listings. Rows of segments that stayed are not read again."""

    def __init__(
        self, generation: str, files: Files, searcher: Any, known: dict[str, dict[int, Row]]
    ) -> None:
        self.generation = generation
        self.searcher = searcher
        self.files: Files = files
        self.reader = searcher.reader()
        self.segments: dict[str, dict[int, Row]] = {}
        self.rows: list[Row] = []
        self.positions: dict[int, int] = {}
        self.last_budget = _Budget()
        if not self.reader.doc_count():
            return
        for leaf, offset in self.reader.leaf_readers():
            name = leaf.segment().segment_id()
            rows = known.get(name)
            if rows is None:
                rows = {number: row_from(stored["row"]) for number, stored in leaf.iter_docs()}
            self.segments[name] = rows
            for number, row in rows.items():
                if not leaf.is_deleted(number):
                    self.positions[offset + number] = len(self.rows)
                    self.rows.append(row)

    def close(self) -> None:
        """Give its files back."""
        if not self.searcher.is_closed:
            self.searcher.close()
            self.files.release()

    def __del__(self) -> None:
        # A thread that ends lets go of its snapshot without a word.
        self.close()

    # --- words that nobody uses here --------------------------------------------------------------------------

    def settle(self, words: Words) -> tuple[Words, tuple[tuple[str, str], ...]]:
        """The words in terms of what the index holds: a pair that nothing answers falls into its two words, a
        beginning becomes the words that begin so, a slip of one letter is mended. Gives what was mended too."""
        asked: list[Asked] = []
        corrected: list[tuple[str, str]] = []
        for one in words.asked:
            for part in (one,) if self._answers(one) or not one.parts else one.parts:
                settled = part if self._answers(part) else self._mended(part, corrected)
                asked.append(settled)
        return replace(words, asked=tuple(asked)), tuple(corrected)

    def _answers(self, one: Asked) -> bool:
        return any((field, token) in self.reader for token in one.tokens for field in FIELD_WORTH)

    def _mended(self, one: Asked, corrected: list[tuple[str, str]]) -> Asked:
        if len(one.label) < SHORTEST_PREFIX or not one.label.isalpha():
            return one
        endings = islice(self.reader.expand_prefix("spell", one.label), MOST_ENDINGS)
        if found := [ending.decode() for ending in endings]:
            return replace(one, tokens={stem_of(word): 1.0 for word in found})
        if len(one.label) <= SHORTEST_PREFIX:
            return one
        near = list(islice(self.reader.terms_within("spell", one.label, 1, prefix=1), MOST_ENDINGS))
        if not near:
            return one
        best = max(near, key=lambda word: (self.reader.doc_frequency("spell", word), word))
        corrected.append((one.label, best))
        return Asked(best, understand(best).asked[0].tokens) if understand(best).asked else one

    # --- scoring ------------------------------------------------------------------------------------------------

    def match(self, words: Words) -> dict[int, Match]:
        """Every listing that meets something asked, by its position in `rows`."""
        budget = self.last_budget = _Budget()
        total: dict[int, float] = {}
        met: dict[int, int] = {}
        for at, one in enumerate(words.asked):
            soft = one.soft and len(words.required) < len(words.asked)
            for document, score in self._scores_of(one, soft=soft, budget=budget).items():
                total[document] = total.get(document, 0.0) + score
                met[document] = met.get(document, 0) | 1 << at
        for token in _pairs(words.asked):
            for document, score in self._scores(token, tuple(FIELD_WORTH), budget).items():
                if document in total:
                    total[document] += PAIR_WORTH * score
        whole = sum(1 << at for at in words.required)
        return {
            self.positions[document]: Match(
                score * (FLOOR + (1 - FLOOR) * (met[document] & whole).bit_count() / whole.bit_count()),
                met[document],
            )
            for document, score in total.items()
            if document in self.positions
        }

    def _scores_of(self, one: Asked, *, soft: bool, budget: _Budget) -> dict[int, float]:
        """What each document scores for one thing asked: its best token, a little for each more, and the need."""
        best: dict[int, float] = {}
        more: dict[int, float] = {}
        for token, worth in one.tokens.items():
            fields = TELLING_FIELDS if soft or worth < 1 else tuple(FIELD_WORTH)
            for document, score in self._scores(token, fields, budget).items():
                best[document] = max(best.get(document, 0.0), worth * score)
                more[document] = more.get(document, 0.0) + worth * score
        return {document: score + ALSO_WORTH * (more[document] - score) for document, score in best.items()}

    def _scores(self, token: str, fields: Sequence[str], budget: _Budget) -> dict[int, float]:
        """What each document scores for one token, over the fields. Stops where the budget ends."""
        scores: dict[int, float] = {}
        for field in fields:
            if budget.lookups <= 0 or budget.postings <= 0:
                break
            budget.lookups -= 1
            if (field, token) not in self.reader:
                continue
            worth = FIELD_WORTH[field]
            fixed = NEED_SCORE if is_need(token) else None
            matcher = self.searcher.postings(field, token)
            while matcher.is_active() and budget.postings > 0:
                budget.postings -= 1
                document = matcher.id()
                scores[document] = scores.get(document, 0.0) + (fixed or worth * matcher.score())
                matcher.next()
        return scores


def _pairs(asked: Sequence[Asked]) -> list[str]:
    """The tokens of words that were typed next to each other: listings that have them so answer better."""
    return [
        pair(stem_of(one.label), stem_of(other.label))
        for one, other in pairwise(asked)
        if " " not in one.label and " " not in other.label
    ]
