"""Whoosh as it comes."""

from __future__ import annotations

import math
from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

from whoosh import fields as whoosh_fields
from whoosh import query as whoosh_query
from whoosh.filedb.filestore import FileStorage
from whoosh.scoring import BM25F
from whoosh.sorting import FieldFacet

from core.geography.rules import box_around, distance_km
from directory.listings.documents import SearchDocument
from directory.search.columns import MICRO
from directory.search.entries import row_of
from directory.search.impacts import (
    B_ELSEWHERE,
    FIELD_WORTH,
    K1,
    B,
)
from tests.bench.contenders import (
    COLUMNS,
    COUNTED,
    TOP,
    Outcome,
    texts_of,
    tokens_of,
)
from tests.bench.synthetic import Question


class Whoosh:
    """Whoosh with its own searcher, filters, facets and scores."""

    name = "Whoosh as it comes"

    def __init__(self, folder: Path, documents: Iterable[SearchDocument]) -> None:
        held: dict[str, Any] = {name: whoosh_fields.KEYWORD(scorable=True) for name in FIELD_WORTH}
        held |= {f"is_{name}": whoosh_fields.KEYWORD(commas=True) for name in COLUMNS}
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
                **{f"is_{name}": ",".join(sorted(atoms[name])) for name in COLUMNS},
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
