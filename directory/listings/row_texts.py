"""Rows of another table as one text: one question to the database brings a listing with all that belongs to it.

The text is also what things made of it can be kept by: the same text means the same rows.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, time
from operator import itemgetter
from types import SimpleNamespace
from typing import Any

from sqlalchemy import Enum, Label, Select, Text, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

Column = InstrumentedAttribute[Any] | Label[Any]

_READERS: dict[type[Any], Callable[[Any], Any]] = {date: date.fromisoformat, time: time.fromisoformat}


class _Rows(FunctionElement[str]):
    """All rows, each a list of these columns, as JSON."""

    name = "rows"
    type = Text()
    inherit_cache = True


_ROWS = {
    "sqlite": "json_group_array(json_array({columns}))",
    "postgresql": "CAST(json_agg(json_build_array({columns})) AS TEXT)",
}


@compiles(_Rows)
def _say_rows(element: _Rows, compiler: SQLCompiler, **more: Any) -> str:
    columns = ", ".join(compiler.process(each, **more) for each in element.clauses)
    return _ROWS[compiler.dialect.name].format(columns=columns)


class RowTexts:
    """These columns of some rows as a text. The first one is what the rows are sorted by when they are read."""

    def __init__(self, *columns: Column) -> None:
        self._columns = columns
        self._names = [column.key for column in columns]
        self._readers = [(at, reader) for at, column in enumerate(columns) if (reader := _reader(column))]

    def select(self) -> Select[str]:
        """Asks for the text; say of which rows by its `where`."""
        return select(_Rows(*self._columns))

    def read(self, text: str | None) -> list[Any]:
        """The rows of the text, their columns by name as attributes; none where there was none."""
        rows = sorted(json.loads(text), key=itemgetter(0)) if text else []
        for row in rows:
            for at, reader in self._readers:
                if row[at] is not None:
                    row[at] = reader(row[at])
        return [SimpleNamespace(**dict(zip(self._names, row, strict=True))) for row in rows]


def _reader(column: Column) -> Callable[[Any], Any] | None:
    kind = column.type
    return kind.enum_class if isinstance(kind, Enum) else _READERS.get(kind.python_type)
