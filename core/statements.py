"""Statements that are made once and kept, sent straight to the driver: a person's page sends two dozen of them, and
what SQLAlchemy does with each takes several times as long as what the database does."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Dialect, Select
from sqlalchemy.engine import result_tuple
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.compiler import SQLCompiler

# More than the product has. One that is not kept is made again each time, and is right all the same.
MOST = 1_024

Put = Callable[[Any], Any]


def rows_of(
    connection: Connection, statement: Select[*tuple[Any, ...]], values: Mapping[str, object]
) -> Sequence[Any]:
    """What `statement` gives for these values, a row each with its columns by name, as `connection.execute` does:
    whoever listens for what is sent hears of it, and errors of the driver are SQLAlchemy's."""
    known = _known(statement, connection.dialect)
    return known.rows(connection, values) if known else connection.execute(statement, values).all()


@lru_cache(maxsize=MOST)
def _known(statement: Select[*tuple[Any, ...]], dialect: Dialect) -> _Known | None:
    """None where a list of values is spelled out, of which nothing can be made beforehand."""
    compiled = statement.compile(dialect=dialect)
    spelled_out = any(bind.expanding for bind in compiled.binds.values())
    return None if spelled_out else _Known(statement, compiled)


class _Known:
    """A statement as one database takes it, and what its values and its columns are put through on their way."""

    def __init__(self, statement: Select[*tuple[Any, ...]], compiled: SQLCompiler) -> None:
        self._dialect = dialect = compiled.dialect
        self._text = compiled.string
        self._order = compiled.positiontup
        self._asked: list[tuple[str, Put]] = []
        self._told: list[tuple[str, Put, Callable[[], Any]]] = []
        self._written: dict[str, Any] = {}
        for name, bind in compiled.binds.items():
            put = bind.type.dialect_impl(dialect).bind_processor(dialect) or _as_it_is
            if bind.required:
                self._asked.append((name, put))
            elif bind.callable:
                # Such as the present moment: another each time.
                self._told.append((name, put, bind.callable))
            else:
                self._written[name] = put(bind.effective_value)
        self._columns = statement.selected_columns
        self._row = result_tuple(self._columns.keys())
        self._made_of: list[tuple[int, Put]] | None = None

    def rows(self, connection: Connection, values: Mapping[str, object]) -> Sequence[Any]:
        given = self._given(values)
        cursor = connection.connection.cursor()
        for hears in connection.dispatch.before_cursor_execute:
            hears(connection, cursor, self._text, given, None, False)
        try:
            cursor.execute(self._text, given)
            found = cursor.fetchall()
        except self._dialect.loaded_dbapi.Error as error:
            raise DBAPIError.instance(
                self._text,
                given,
                error,
                self._dialect.loaded_dbapi.Error,
                hide_parameters=connection.engine.hide_parameters,
                dialect=self._dialect,
            ) from error
        return self._rows(found, cursor)

    def _given(self, values: Mapping[str, object]) -> Any:
        """The values as the driver takes them: in the order of the statement, or by name."""
        given = self._written | {name: put(values[name]) for name, put in self._asked}
        for name, put, tell in self._told:
            given[name] = put(tell())
        return given if self._order is None else tuple([given[name] for name in self._order])

    def _rows(self, found: Sequence[Sequence[Any]], cursor: DBAPICursor) -> Sequence[Any]:
        if not found:
            return ()
        if self._made_of is None:
            # Only the driver says of what kind its numbers are.
            kinds = zip(self._columns, cursor.description or (), strict=True)
            made = [
                column.type.dialect_impl(self._dialect).result_processor(self._dialect, kind[1])
                for column, kind in kinds
            ]
            self._made_of = [(at, make) for at, make in enumerate(made) if make is not None]
        if not self._made_of:
            return list(map(self._row, found))
        columns: list[Any] = list(zip(*found, strict=True))
        for at, make in self._made_of:
            columns[at] = map(make, columns[at])
        return list(map(self._row, zip(*columns, strict=True)))


def _as_it_is(value: Any) -> Any:
    return value
