"""Everything that is kept about one person, found by following the tables' own foreign keys from the person's row: a
table that is added later belongs to the record the moment it points there."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import Column, LargeBinary, Table, select
from sqlalchemy.orm import Mapper, Session

from core.db import Base, Sealed

PERSONS = "persons"

# Rows that stand above what is the person's and are about nobody else: the table, the column that leads up.
_LEADS_UP = (("episodes", "support_request_id"),)

# How many ids one question names: SQLite and PostgreSQL both take far more.
_MOST_IDS = 500

Rows = dict[str, set[UUID]]


@dataclass(frozen=True)
class Link:
    """A column that leads from one table to a row of another. `owns` says that a row with it is about whoever the
    other row is about; else it only mentions it."""

    table: str
    column: str
    to: str
    owns: bool


@lru_cache(maxsize=1)
def links() -> tuple[Link, ...]:
    """Every link by which something belongs to a person's record, or mentions a part of it."""
    tables = Base.metadata.tables
    inside: set[str] = {PERSONS}
    found: dict[tuple[str, str], Link] = {}
    # First what must have its person; then, until nothing new turns up, what must have a part of that.
    while True:
        new = {
            (table.name, column.name): Link(table.name, column.name, to, owns=True)
            for table in tables.values()
            for column, to in _leads(table)
            if to in inside and not column.nullable and table.name != to
        }
        if new.keys() <= found.keys():
            break
        found |= new
        inside |= {link.table for link in new.values()}
    for table in tables.values():
        loose = table.name not in inside and any(isinstance(c.type, LargeBinary) for c in table.columns)
        for column, to in _leads(table):
            if to in inside and (table.name, column.name) not in found:
                # What holds words and can only be reached by a link that may be empty is the person's where it is not.
                owns = loose and table.name != to
                found[table.name, column.name] = Link(table.name, column.name, to, owns=owns)
    return tuple(found.values())


def tables_inside() -> frozenset[str]:
    """The names of the tables that hold parts of people's records."""
    owned = {link.table for link in links() if link.owns}
    above = {_target(table, column) for table, column in _LEADS_UP}
    return frozenset({PERSONS, *owned, *above})


def rows_of(session: Session, person_id: UUID) -> Rows:
    """The ids of every row of one person's record, by table. Empty where there is no such person."""
    tables = Base.metadata.tables
    found: Rows = {}
    known = set(session.scalars(select(tables[PERSONS].c.id).where(tables[PERSONS].c.id == person_id)))
    fresh: Rows = {PERSONS: known} if known else {}
    while fresh:
        for name, ids in fresh.items():
            found.setdefault(name, set()).update(ids)
        following: Rows = {}
        for link in links():
            if link.owns and fresh.get(link.to):
                table = tables[link.table]
                ids = ids_where(session, table, table.c[link.column], fresh[link.to])
                following.setdefault(link.table, set()).update(ids)
        for table_name, column in _LEADS_UP:
            if fresh.get(table_name):
                table = tables[table_name]
                up = _values(session, table.c[column], table.c.id, fresh[table_name])
                following.setdefault(_target(table_name, column), set()).update(up)
        fresh = {name: ids - found.get(name, set()) for name, ids in following.items()}
        fresh = {name: ids for name, ids in fresh.items() if ids}
    return found


def ids_where(session: Session, table: Table, column: Column[Any], among: Collection[UUID]) -> set[UUID]:
    """The ids of a table's rows whose `column` is one of `among`."""
    return _values(session, table.c.id, column, among)


def load(session: Session, table: str, ids: Collection[UUID]) -> Iterator[Base]:
    """The rows themselves, by id: in the order in which they were made."""
    mapper = mapper_of(table)
    for some in chunks(ids):
        yield from session.scalars(
            select(mapper.class_).where(mapper.class_.id.in_(some)).order_by(mapper.class_.id)
        )


def sealed_fields(table: str) -> tuple[str, ...]:
    """The names of the encrypted texts of a table, in its columns' order."""
    owner = mapper_of(table).class_
    by_column = {one.column: name for name, one in vars(owner).items() if isinstance(one, Sealed)}
    return tuple(by_column[c.name] for c in mapper_of(table).local_table.c if c.name in by_column)


def chunks(ids: Collection[UUID]) -> Iterator[list[UUID]]:
    """The ids in order, so many at a time as one question may name."""
    every = sorted(ids)
    for start in range(0, len(every), _MOST_IDS):
        yield every[start : start + _MOST_IDS]


@lru_cache(maxsize=256)
def mapper_of(table: str) -> Mapper[Any]:
    """What maps a table's rows."""
    return next(each for each in Base.registry.mappers if _name_of(each) == table)


def _name_of(mapper: Mapper[Any]) -> str:
    return str(getattr(mapper.local_table, "name", ""))


def _leads(table: Table) -> Iterator[tuple[Column[Any], str]]:
    for column in table.columns:
        for key in column.foreign_keys:
            yield column, key.column.table.name


def _target(table: str, column: str) -> str:
    return next(to for each, to in _leads(Base.metadata.tables[table]) if each.name == column)


def _values(session: Session, wanted: Column[Any], column: Column[Any], among: Collection[UUID]) -> set[UUID]:
    return {
        value
        for some in chunks(among)
        for value in session.scalars(select(wanted).where(column.in_(some)))
        if value is not None
    }
