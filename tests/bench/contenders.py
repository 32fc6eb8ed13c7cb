"""Engines that are measured side by side, each answering the same questions over the same tokens.

A plain question is: which listings hold any of these tokens; the best 20 of them, how many in all; with filters, what
four facets count among them; within a radius, the nearest 20.
"""

from __future__ import annotations

import math
import sqlite3
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, Protocol
from uuid import UUID

import numpy as np
import tantivy
from whoosh import fields as whoosh_fields
from whoosh import query as whoosh_query
from whoosh.filedb.filestore import FileStorage
from whoosh.scoring import BM25F
from whoosh.sorting import FieldFacet
from whoosh.util.numeric import byte_to_length, length_to_byte

from core.geography.rules import box_around, distance_km
from directory.listings.documents import SearchDocument
from directory.search.columns import MICRO, Array
from directory.search.entries import row_of
from directory.search.entries import tokens_of as tokens_by_field
from directory.search.facets import chosen_of
from directory.search.impacts import (
    B_ELSEWHERE,
    FIELD_B,
    FIELD_WORTH,
    K1,
    WORTH,
    B,
    Postings,
    Statistics,
    means,
)
from directory.search.matching import Budget, PartMatches
from directory.search.pools import Pool, Scored
from directory.search.ranking import Hits, choose
from directory.search.rules import Criteria, Sort
from directory.search.understanding_rules import Words, understand
from directory.search.whoosh_engine import WhooshIndex
from tests.bench.synthetic import Question

TOP = 20
COUNTED = ("for", "cost", "access", "language")
_COLUMNS = ("need", "how", *COUNTED)
_MINUTE = 29_000_000


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


def _counted(question: Question) -> Collection[str]:
    return COUNTED if question.need else ()


def _outcome(hits: Hits) -> Outcome:
    return Outcome(hits.total, hits.ids, hits.counts)


# --- ours -------------------------------------------------------------------------------------------------


class Ours:
    """The product's search, whole: reading the words, mending slips, what meets all of them first."""

    name = "ours, as people get it"

    def __init__(self, index: WhooshIndex) -> None:
        self.index = index

    def ask(self, question: Question) -> Outcome:
        """As the protocol says."""
        words = understand(question.q)
        return _outcome(
            self.index.search(
                criteria_of(question), question.near, words, size=TOP, counted=_counted(question)
            )
        )


class _Any(PartMatches):
    """Every listing that holds any token, by the sum of its scores: the plain question."""

    def whole(self) -> Scored:
        told = self.everything(0.0)
        return Scored(told.documents, told.scores)

    @property
    def _pairs(self) -> list[Any]:
        return []

    def _shares(self) -> Array:
        return np.ones(1 << len(self._lists), np.float32)


class OursPlain:
    """The product's arrays, asked the plain question that the others are asked."""

    name = "ours, any word"

    def __init__(self, index: WhooshIndex) -> None:
        self.index = index

    def ask(self, question: Question) -> Outcome:
        """As the protocol says."""
        words = understand(question.q)
        budget = Budget()
        pools = [
            Pool(part.columns, part.live, _Any(part, words, budget)) for part in self.index.snapshot().parts
        ]
        alone = Words(words.asked[:1])
        criteria = criteria_of(question)
        hits = choose(pools, alone, criteria, question.near, _MINUTE, size=TOP, counted=_counted(question))
        # Where nothing is found the product gives something up; the others do not.
        return Outcome(0, ()) if hits.relaxed else _outcome(hits)


# Whoosh keeps lengths in a byte.
_LENGTHS = np.array([byte_to_length(length_to_byte(length)) for length in range(5_000)])


def summed(statistics: Statistics, postings: Postings) -> Array:
    """The scores that Whoosh gives: BM25 in each field by itself, added up."""
    fields = postings.fields
    b = FIELD_B[fields]
    holders = postings.holders[postings.places, fields]
    rarity = np.log(statistics.documents / (holders + 1.0)) + 1
    lengths = _LENGTHS[np.minimum(postings.lengths, len(_LENGTHS) - 1)]
    full = postings.times + K1 * ((1 - b) + b * lengths / means(statistics)[fields])
    told: Array = WORTH[fields] * rarity * postings.times * (K1 + 1) / full
    return np.add.reduceat(told, postings.first) if len(postings.first) else told


# --- Whoosh as it comes -----------------------------------------------------------------------------------


class Whoosh:
    """Whoosh with its own searcher, filters, facets and scores."""

    name = "Whoosh as it comes"

    def __init__(self, folder: Path, documents: Iterable[SearchDocument]) -> None:
        held: dict[str, Any] = {name: whoosh_fields.KEYWORD(scorable=True) for name in FIELD_WORTH}
        held |= {f"is_{name}": whoosh_fields.KEYWORD(commas=True) for name in _COLUMNS}
        number = whoosh_fields.NUMERIC(int, sortable=True)
        schema = whoosh_fields.Schema(
            id=whoosh_fields.ID(stored=True),
            lat=number,
            lon=number,
            point=whoosh_fields.STORED(),
            atoms=whoosh_fields.STORED(),
            **held,
        )
        folder.mkdir()
        index = FileStorage(str(folder)).create_index(schema)
        writer = index.writer(procs=2, multisegment=True, compound=False, limitmb=128)
        for document in documents:
            told = texts_of(document)
            atoms = row_of(document).atoms
            writer.add_document(
                id=str(document.id),
                lat=round(document.points[0][0] * MICRO),
                lon=round(document.points[0][1] * MICRO),
                atoms={name: {*atoms[name], ""} for name in ("need", "how")},
                point=None if document.anywhere else document.points[0],
                **{name: told[name] for name in FIELD_WORTH},
                **{f"is_{name}": ",".join(sorted(atoms[name])) for name in _COLUMNS},
            )
        writer.commit()
        named = {f"{name}_B": value for name, value in B.items()}
        self._searcher = index.searcher(weighting=BM25F(B=B_ELSEWHERE, K1=K1, **named))

    def ask(self, question: Question) -> Outcome:
        """As the protocol says."""
        wanted = self._wanted(question)
        if question.near is not None and question.radius_km is not None:
            return self._nearest(wanted, question.near, question.radius_km)
        narrow: dict[str, Any] = {}
        if question.need:
            narrow["filter"] = whoosh_query.And(
                [
                    whoosh_query.Term("is_need", question.need),
                    whoosh_query.Term("is_how", question.how),
                ]
            )
            narrow["groupedby"] = {name: FieldFacet(f"is_{name}", allow_overlap=True) for name in COUNTED}
        results = self._searcher.search(wanted, limit=TOP, **narrow)
        counts = {
            name: {value: len(held) for value, held in results.groups(name).items() if value}
            for name in (COUNTED if question.need else ())
        }
        # With facets it gives all there are.
        top = tuple(UUID(hit["id"]) for hit in islice(results, TOP))
        return Outcome(len(results), top, counts)

    def good_enough(self, question: Question) -> tuple[int, frozenset[UUID]]:
        """How many match, and which of them score no less than the twentieth."""
        told = []
        for hit in self._searcher.search(self._wanted(question), limit=None, optimize=False):
            if question.need in hit["atoms"]["need"] and question.how in hit["atoms"]["how"]:
                told.append((hit.score, UUID(hit["id"])))
        told.sort(reverse=True)
        edge = told[TOP - 1][0] - 1e-4 if len(told) >= TOP else 0.0
        return len(told), frozenset(one for score, one in told if score >= edge)

    def _wanted(self, question: Question) -> Any:
        return whoosh_query.Or(
            [
                whoosh_query.Term(name, token, boost=worth)
                for token in tokens_of(question)
                for name, worth in FIELD_WORTH.items()
            ]
        )

    def _nearest(self, wanted: Any, near: tuple[float, float], radius_km: float) -> Outcome:
        # It has no places: a box, and then the distances of what lies in it, or needs no journey.
        box = box_around(*near, radius_km)
        inside = whoosh_query.Or(
            [
                whoosh_query.And(
                    [
                        whoosh_query.NumericRange("lat", round(box.south * MICRO), round(box.north * MICRO)),
                        whoosh_query.NumericRange("lon", round(box.west * MICRO), round(box.east * MICRO)),
                    ]
                ),
                whoosh_query.Not(whoosh_query.Term("is_how", "in-person")),
            ]
        )
        found = []
        for hit in self._searcher.search(wanted, limit=None, filter=inside):
            point = hit.get("point")
            far = math.inf if point is None else distance_km(*near, *point)
            if point is None or far <= radius_km:
                found.append((far, -hit.score, hit["id"]))
        found.sort()
        return Outcome(len(found), tuple(UUID(told[-1]) for told in found[:TOP]))


# --- NumPy facets and places, for engines that have none ---------------------------------------------------


class _Beside:
    """Facet columns and points of listings by number, as those would write them who take an engine without any."""

    def __init__(self, documents: Sequence[SearchDocument]) -> None:
        self.ids = [document.id for document in documents]
        atoms = [row_of(document).atoms for document in documents]
        self.masks: dict[str, Array] = {}
        self.values: dict[str, list[str]] = {}
        for name in _COLUMNS:
            values = sorted({value for one in atoms for value in one[name]})
            self.values[name] = values
            self.masks[name] = np.array(
                [sum(1 << values.index(value) for value in one[name]) for one in atoms], np.int64
            )
        self.anywhere = np.array([document.anywhere for document in documents])
        self.points = np.radians(np.array([document.points[0] for document in documents]))

    def narrow(self, found: Array, question: Question) -> Array:
        """Which of `found` pass the filters."""
        keep = np.ones(len(found), bool)
        for name, value in (("need", question.need), ("how", question.how)):
            keep &= (self.masks[name][found] >> self.values[name].index(value) & 1).astype(bool)
        return found[keep]

    def count(self, found: Array) -> dict[str, dict[str, int]]:
        """Counts of the facets among `found`."""
        told: dict[str, dict[str, int]] = {}
        for name in COUNTED:
            sets, times = np.unique(self.masks[name][found], return_counts=True)
            counts: Counter[str] = Counter()
            for bits, often in zip(sets.tolist(), times.tolist(), strict=True):
                for at, value in enumerate(self.values[name]):
                    if bits >> at & 1:
                        counts[value] += often
            told[name] = dict(counts)
        return told

    def nearest(self, found: Array, near: tuple[float, float], radius_km: float) -> Outcome:
        """The nearest of `found` within the radius, and what needs no journey."""
        at = np.radians(near)
        points = self.points[found]
        across = np.sin((points[:, 0] - at[0]) / 2) ** 2
        along = np.cos(at[0]) * np.cos(points[:, 0]) * np.sin((points[:, 1] - at[1]) / 2) ** 2
        far = 2 * 6371.0088 * np.arcsin(np.sqrt(across + along))
        far[self.anywhere[found]] = np.inf
        keep = (far <= radius_km) | self.anywhere[found]
        found, far = found[keep], far[keep]
        order = np.argsort(far, kind="stable")[:TOP]
        return Outcome(len(found), tuple(self.ids[number] for number in found[order].tolist()))


# --- SQLite FTS5 ------------------------------------------------------------------------------------------


class Fts5:
    """SQLite's full-text search; facets and places by NumPy over its row numbers."""

    name = "SQLite FTS5 + NumPy facets"

    def __init__(self, folder: Path, documents: Sequence[SearchDocument], beside: _Beside) -> None:
        self._beside = beside
        self._base = sqlite3.connect(folder / "fts5.db", check_same_thread=False)
        names = ", ".join(f'"{name}"' for name in FIELD_WORTH)
        self._base.execute(
            f"CREATE VIRTUAL TABLE told USING fts5({names}, tokenize=\"unicode61 tokenchars '_='\")"
        )
        marks = ", ".join("?" * (len(FIELD_WORTH) + 1))
        self._base.executemany(
            f"INSERT INTO told(rowid, {names}) VALUES ({marks})",  # noqa: S608 - names of ours
            ((number, *texts_of(document).values()) for number, document in enumerate(documents)),
        )
        self._base.execute("INSERT INTO told(told) VALUES ('optimize')")
        self._base.commit()
        worths = ", ".join(str(worth) for worth in FIELD_WORTH.values())
        self._best = f"SELECT rowid FROM told WHERE told MATCH ? ORDER BY bm25(told, {worths}) LIMIT {TOP}"  # noqa: S608
        self._scored = f"SELECT rowid, bm25(told, {worths}) FROM told WHERE told MATCH ?"  # noqa: S608

    def ask(self, question: Question) -> Outcome:
        """As the protocol says."""
        wanted = " OR ".join(f'"{token}"' for token in tokens_of(question))
        ask = self._base.execute
        if question.near is not None and question.radius_km is not None:
            rows = ask("SELECT rowid FROM told WHERE told MATCH ?", (wanted,)).fetchall()
            return self._beside.nearest(
                np.array(rows, np.int64).reshape(-1), question.near, question.radius_km
            )
        if question.need:
            scored = np.array(ask(self._scored, (wanted,)).fetchall()).reshape(-1, 2)
            order = np.argsort(scored[:, 1], kind="stable")
            found = self._beside.narrow(scored[order, 0].astype(np.int64), question)
            top = tuple(self._beside.ids[number] for number in found[:TOP].tolist())
            return Outcome(len(found), top, self._beside.count(found))
        (total,) = ask("SELECT count(*) FROM told WHERE told MATCH ?", (wanted,)).fetchone()
        top = tuple(self._beside.ids[number] for (number,) in ask(self._best, (wanted,)))
        return Outcome(total, top)


# --- Tantivy ----------------------------------------------------------------------------------------------


class Tantivy:
    """Tantivy with its own filters, aggregations and fast fields."""

    name = "Tantivy"

    def __init__(self, folder: Path, documents: Sequence[SearchDocument], beside: _Beside) -> None:
        builder = tantivy.SchemaBuilder()
        for name in FIELD_WORTH:
            builder.add_text_field(name, tokenizer_name="whitespace", index_option="freq")
        for name in _COLUMNS:
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
            for name in _COLUMNS:
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


def beside(documents: Sequence[SearchDocument]) -> _Beside:
    """Columns for engines that have none."""
    return _Beside(documents)
