"""Engines that are measured side by side, each answering the same questions over the same tokens.

A plain question is: which listings hold any of these tokens; the best 20 of them, how many in all; with filters, what
four facets count among them; within a radius, the nearest 20.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID

from directory.listings.documents import SearchDocument
from directory.search.entries import tokens_of as tokens_by_field
from directory.search.facets import chosen_of
from directory.search.impacts import FIELD_WORTH
from directory.search.rules import Criteria, Sort
from directory.search.understanding_rules import understand
from tests.bench.synthetic import Question

TOP = 20
COUNTED = ("for", "cost", "access", "language")
COLUMNS = ("need", "how", *COUNTED)


@dataclass(frozen=True, slots=True)
class Outcome:
    """The best 20, how many in all, and counts by facet and value."""

    total: int
    top: tuple[UUID, ...]
    counts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)


class Contender(Protocol):
    """An engine that has been filled."""

    name: str

    def ask(self, question: Question) -> Outcome:
        """Answer one question."""
        ...


def criteria_of(question: Question) -> Criteria:
    """The question as the product's search takes it."""
    return Criteria(
        q=question.q,
        radius_km=question.radius_km,
        chosen=chosen_of(need=question.need, how=question.how),
        sort=Sort.NEAREST if question.near else Sort.BEST,
    )


def texts_of(document: SearchDocument) -> dict[str, str]:
    """The tokens of each field, as one text."""
    held = tokens_by_field(document)
    return {field: " ".join(held[field]) for field in FIELD_WORTH}


def tokens_of(question: Question) -> list[str]:
    """What is looked for, by the product's own reading."""
    return list(dict.fromkeys(token for one in understand(question.q).asked for token in one.tokens))


def counted(question: Question) -> Collection[str]:
    """The facets that the question asks to be counted."""
    return COUNTED if question.need else ()
