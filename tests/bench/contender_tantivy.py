"""Tantivy."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import tantivy

from core.geography.rules import box_around
from directory.listings.documents import SearchDocument
from directory.search.columns import MICRO
from directory.search.entries import row_of
from directory.search.impacts import (
    FIELD_WORTH,
)
from tests.bench.contender_columns import Beside
from tests.bench.contenders import (
    COLUMNS,
    COUNTED,
    TOP,
    Outcome,
    texts_of,
    tokens_of,
)
from tests.bench.synthetic import Question


class Tantivy:
    """Tantivy with its own filters, aggregations and fast fields."""

    name = "Tantivy"

    def __init__(self, folder: Path, documents: Sequence[SearchDocument], beside: Beside) -> None:
        builder = tantivy.SchemaBuilder()
        for name in FIELD_WORTH:
            builder.add_text_field(name, tokenizer_name="whitespace", index_option="freq")
        for name in COLUMNS:
            builder.add_text_field(f"is_{name}", tokenizer_name="raw", fast=True, index_option="basic")
        builder.add_unsigned_field("number", fast=True)
        builder.add_integer_field("lat", indexed=True, fast=True)
        builder.add_integer_field("lon", indexed=True, fast=True)
        self._schema = builder.build()
        folder.mkdir()
        self._index = tantivy.Index(self._schema, path=str(folder))
        writer = self._index.writer(256_000_000, 1)
        self._beside = beside
        for number, document in enumerate(documents):
            told, atoms = texts_of(document), row_of(document).atoms
            held = tantivy.Document()
            for name in FIELD_WORTH:
                held.add_text(name, told[name])
            for name in COLUMNS:
                for value in atoms[name]:
                    held.add_text(f"is_{name}", value)
            held.add_unsigned("number", number)
            held.add_integer("lat", round(document.points[0][0] * MICRO))
            held.add_integer("lon", round(document.points[0][1] * MICRO))
            writer.add_document(held)
        writer.commit()
        writer.wait_merging_threads()
        self._index.reload()
        self._searcher = self._index.searcher()
        self._facets = {name: {"terms": {"field": f"is_{name}", "size": 64}} for name in COUNTED}

    def _is(self, name: str, value: str) -> Any:
        term = tantivy.Query.term_query(self._schema, f"is_{name}", value, "basic")
        return tantivy.Query.const_score_query(term, 0.0)

    def ask(self, question: Question) -> Outcome:
        """As the protocol says."""
        query = tantivy.Query
        should, must = tantivy.Occur.Should, tantivy.Occur.Must
        wanted = query.boolean_query(
            [
                (should, query.boost_query(query.term_query(self._schema, name, token, "freq"), worth))
                for token in tokens_of(question)
                for name, worth in FIELD_WORTH.items()
            ]
        )
        if question.near is not None and question.radius_km is not None:
            return self._nearest(wanted, question.near, question.radius_km)
        counts: dict[str, dict[str, int]] = {}
        if question.need:
            wanted = query.boolean_query(
                [
                    (must, wanted),
                    (must, self._is("need", question.need)),
                    (must, self._is("how", question.how)),
                ]
            )
            told = self._searcher.aggregate(wanted, self._facets)
            counts = {
                name: {one["key"]: one["doc_count"] for one in told[name]["buckets"]} for name in COUNTED
            }
        # Its type hints do not know `count`.
        result: Any = self._searcher.search(wanted, limit=TOP, count=True)
        numbers: list[Any] = self._searcher.fast_field_values("number", [hit for _score, hit in result.hits])
        return Outcome(result.count, tuple(self._beside.ids[number] for number in numbers), counts)

    def _nearest(self, wanted: Any, near: tuple[float, float], radius_km: float) -> Outcome:
        query, must, should = tantivy.Query, tantivy.Occur.Must, tantivy.Occur.Should
        box = box_around(*near, radius_km)
        kind = tantivy.FieldType.Integer
        inside = [
            query.range_query(
                self._schema, name, kind, round(low * MICRO), round(high * MICRO), True, True, False
            )
            for name, low, high in (("lat", box.south, box.north), ("lon", box.west, box.east))
        ]
        held = query.boolean_query(
            [
                (should, query.boolean_query([(must, one) for one in inside])),
                *((should, self._is("how", how)) for how in self._beside.values["how"] if how != "in-person"),
            ]
        )
        both = query.boolean_query([(must, wanted), (must, query.const_score_query(held, 0.0))])
        hits = self._searcher.search(both, limit=len(self._beside.ids), count=False).hits
        numbers = self._searcher.fast_field_values("number", [address for _score, address in hits])
        return self._beside.nearest(np.array(numbers, np.int64), near, radius_km)
