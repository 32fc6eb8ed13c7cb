"""The engine: an index that Whoosh writes and keeps, searched over arrays that lie beside it.

The public never reaches Whoosh's query language. Every search looks up at most `MOST_LOOKUPS` tokens and reads at
most `MOST_POSTINGS` postings, whatever was typed.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable
from dataclasses import replace
from pathlib import Path
from uuid import UUID

from core import clock
from directory.listings.documents import SearchDocument
from directory.search.columns import Point
from directory.search.engine import IndexUnusable
from directory.search.facets import minute_of
from directory.search.impacts import Formula, folded
from directory.search.lexicon import Lexicons
from directory.search.matching import Budget, Part
from directory.search.pack import Damaged
from directory.search.ranking import ALL_FACETS, Hits, choose
from directory.search.rules import PAGE_SIZE, Criteria
from directory.search.settling import Corrected, settle
from directory.search.store import Store
from directory.search.understanding_rules import Words

log = logging.getLogger(__name__)

# How often a reader looks again when the index changes while it opens it.
_TRIES = 5


class Snapshot:
    """The index at one generation. Any number of threads may read it at once; nothing in it changes."""

    def __init__(self, generation: str, parts: dict[str, Part]) -> None:
        self.generation = generation
        self.by_file = parts
        self.parts = list(parts.values())
        self.lexicons = Lexicons([part.lexicon for part in self.parts])

    def settle(self, words: Words) -> tuple[Words, Corrected]:
        """As `settling.settle`."""
        return settle(words, self.holds, self.lexicons)

    def holds(self, token: str) -> bool:
        """Whether a listing ever held the token."""
        return any(part.place_of(token) >= 0 for part in self.parts)

    def search(
        self,
        words: Words,
        criteria: Criteria,
        near: Point | None,
        minute: int,
        budget: Budget,
        *,
        size: int = PAGE_SIZE,
        counted: Collection[str] = ALL_FACETS,
    ) -> Hits:
        """One page of answers to words that were settled."""
        pools = [part.pool(words, budget) for part in self.parts]
        return choose(pools, words, criteria, near, minute, size=size, counted=counted)

    def named(self, kind: str, begun: str, most: int) -> list[UUID]:
        """A listing for each of the first `most` names of this kind (see `beginnings`) of which a word begins so."""
        found: dict[str, UUID] = {}
        for part in self.parts:
            for name, listing in part.named(kind, begun, most):
                found.setdefault(name, listing)
        return [found[name] for name in sorted(found)[:most]]

    def ids(self) -> frozenset[UUID]:
        """Every listing that can be found."""
        return frozenset(
            part.columns.id_of(document) for part in self.parts for document in part.live.tolist()
        )

    def __len__(self) -> int:
        return sum(len(part.live) for part in self.parts)


def _known(held: Snapshot | None, generation: str) -> dict[str, Part]:
    """The parts that are open already. Another build gives its files the same names, so only those of its own count."""
    folder, _counter = generation.split()
    return held.by_file if held is not None and held.generation.split()[0] == folder else {}


class WhooshIndex:
    """A `directory.search.engine.Index` in a folder. Any thread may use it; all of a process share one snapshot."""

    def __init__(self, folder: Path, formula: Formula = folded) -> None:
        self.store = Store(folder, formula)
        self._held: Snapshot | None = None

    def search(
        self,
        criteria: Criteria,
        near: Point | None,
        words: Words,
        *,
        size: int = PAGE_SIZE,
        counted: Collection[str] = ALL_FACETS,
    ) -> Hits:
        """As the protocol says; damage of any kind is reported and answered by `IndexUnusable`.

        A page has `size` answers; choices are counted for the facets named by `counted`.
        """
        try:
            snapshot = self.snapshot()
            settled, corrected = snapshot.settle(words)
            hits = snapshot.search(
                settled, criteria, near, minute_of(clock.now()), Budget(), size=size, counted=counted
            )
        except IndexUnusable:
            raise
        except Exception as error:
            self.close()
            if self.store.report_damage():
                log.exception("the search index is damaged, the database answers")
            raise IndexUnusable(damaged=True) from error
        return replace(hits, corrected=corrected) if corrected else hits

    def update(self, documents: Iterable[SearchDocument], gone: Iterable[UUID] = ()) -> None:
        """As `Store.update`, under the lease."""
        with self.store.lease():
            self.store.update(documents, gone)

    def count(self) -> int:
        """How many listings can be found. Raises `IndexUnusable`."""
        return len(self.sound())

    def ids(self) -> frozenset[UUID]:
        """Which listings can be found. Raises `IndexUnusable`."""
        return self.sound().ids()

    def lexicons(self) -> Lexicons:
        """The words that listings use. Raises `IndexUnusable`."""
        return self.sound().lexicons

    def sound(self) -> Snapshot:
        """The index as it stands. Raises `IndexUnusable` for any damage, without leaving word of it."""
        try:
            return self.snapshot()
        except IndexUnusable:
            raise
        except Exception as error:
            self.close()
            raise IndexUnusable(damaged=True) from error

    def close(self) -> None:
        """Let go of what is held open; the next search opens it again."""
        self._held = None

    def snapshot(self) -> Snapshot:
        """The index as it stands; opened again when it has changed. Raises `IndexUnusable`, or whatever damage
        makes a reader raise."""
        if self.store.is_damaged():
            raise IndexUnusable(damaged=True)
        held = self._held
        for _attempt in range(_TRIES):
            generation = self.store.generation()
            if held is not None and held.generation == generation:
                if not all(part.pack.is_whole() for part in held.parts):
                    raise Damaged(generation)
                return held
            shelf, counter = self.store.shelf(generation)
            try:
                held = Snapshot(generation, shelf.open(counter, _known(held, generation)))
            except FileNotFoundError:
                # It changed while we looked, and what we were opening has been taken away.
                if self.store.generation() == generation:
                    raise
            else:
                self._held = held
                return held
        raise Damaged("the index changes faster than it can be opened")
