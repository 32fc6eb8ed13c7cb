"""What any search engine must do for us. Views and queries know this, and nothing of what is behind it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol
from uuid import UUID

from directory.listings.documents import SearchDocument
from directory.search.columns import Point
from directory.search.ranking import Hits
from directory.search.rules import Criteria
from directory.search.understanding_rules import Words


class Engine(Protocol):
    """Answers searches."""

    def search(self, criteria: Criteria, near: Point | None, words: Words) -> Hits:
        """One page of ids with counts. `words` are what `criteria.q` asks for; `near` is (latitude, longitude).
        Work is bounded whatever was typed.

        Raises `IndexUnusable` where it cannot answer; the caller then asks another engine.
        """
        ...


class Index(Engine, Protocol):
    """An engine that keeps a copy of what may be found. The copy may be lost at any time: it is built anew."""

    def update(self, documents: Iterable[SearchDocument], gone: Iterable[UUID]) -> None:
        """Put these in, in place of what was there under their ids, and take `gone` out."""
        ...

    def count(self) -> int:
        """How many listings it holds."""
        ...


class IndexUnusable(Exception):
    """There is no index, or it is damaged. `damaged` tells which."""

    def __init__(self, *, damaged: bool) -> None:
        super().__init__("the search index is damaged" if damaged else "there is no search index yet")
        self.damaged = damaged


class IndexBusy(Exception):
    """Another process is writing; try again in a moment."""


class HelperLost(Exception):
    """A process that wrote part of a new index ended before its time; the index that was there stays."""
