"""SQLite FTS5, with facets and places by NumPy."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from directory.listings.documents import SearchDocument
from directory.search.impacts import (
    FIELD_WORTH,
)
from tests.bench.contender_columns import Beside
from tests.bench.contenders import (
    TOP,
    Outcome,
    texts_of,
    tokens_of,
)
from tests.bench.synthetic import Question


class Fts5:
    """SQLite's full-text search; facets and places by NumPy over its row numbers."""

    name = "SQLite FTS5 + NumPy facets"

    def __init__(self, folder: Path, documents: Sequence[SearchDocument], beside: Beside) -> None:
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
