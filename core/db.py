"""The database: one metadata, and what every table and statement stands on, on both engines (see `engines`)."""

from __future__ import annotations

import hmac
import json
import os
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import cached_property, lru_cache
from hashlib import sha256
from typing import Any, overload
from uuid import UUID

import uuid_utils.compat
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    ARRAY,
    JSON,
    CheckConstraint,
    ColumnElement,
    Constraint,
    DateTime,
    Dialect,
    Enum,
    Integer,
    MetaData,
    Select,
    String,
    Table,
    Text,
    Uuid,
    bindparam,
    func,
    literal_column,
    select,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import (
    DeclarativeBase,
    InstrumentedAttribute,
    Mapped,
    Session,
    declared_attr,
    mapped_column,
)
from sqlalchemy.orm import registry as orm_registry
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator

from core import clock
from core.columns import Code, Id
from core.errors import UnsafeSettings
from core.settings import Secrets, current_settings
from core.statements import rows_of

JsonDict = dict[str, Any]


def _bound_column(constraint: Constraint, _table: Table) -> str:
    """What keeps apart the checks of two columns of one table that take the same values."""
    columns = list(constraint.columns) if isinstance(constraint, CheckConstraint) else []
    return f"_{columns[0].name}" if len(columns) == 1 and isinstance(columns[0].type, Enum) else ""


NAMING: dict[str, Any] = {
    "bound_column": _bound_column,
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s%(bound_column)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcDateTime(TypeDecorator[datetime]):
    """An aware moment; stored as UTC, given back as UTC."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        return dialect.type_descriptor(DateTime(timezone=dialect.name == "postgresql"))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs its time zone before it is stored")
        utc = value.astimezone(UTC)
        return utc if dialect.name == "postgresql" else utc.replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.astimezone(UTC)

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        """SQLite gives text, of which an aware moment is made at once."""
        return _utc_of if dialect.name == "sqlite" else super().result_processor(dialect, coltype)


def _utc_of(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(f"{text}+00:00")


def new_id() -> UUID:
    """A UUID version 7: sortable by when it was made."""
    return uuid_utils.compat.uuid7()


class Base(DeclarativeBase):
    """What every table subclasses. A row has its id from the moment it is made, so that children and
    encrypted fields can name it before anything is written."""

    metadata = MetaData(naming_convention=NAMING)
    # The map goes by way of a registry: Flask-SQLAlchemy subclasses this class, and refuses a map of its own.
    registry = orm_registry(
        metadata=metadata,
        type_annotation_map={
            datetime: UtcDateTime,
            JsonDict: JSON(),
            list[str]: JSON(),
            UUID: Id(),
            str: String(),
        },
    )

    def __init__(self, **values: Any) -> None:
        if HasId in type(self).__mro__:
            values = {"id": values.pop("id", None) or new_id(), **values}
        for name, value in values.items():
            if not hasattr(type(self), name):
                raise TypeError(f"{type(self).__name__} has no field {name!r}")
            setattr(self, name, value)


class HasId:
    """A UUID version 7 as primary key."""

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id, sort_order=-10)


class Stamped:
    """When the row was made and last changed."""

    created_at: Mapped[datetime] = mapped_column(default=lambda: clock.now(), sort_order=90)
    updated_at: Mapped[datetime] = mapped_column(
        default=lambda: clock.now(), onupdate=lambda: clock.now(), sort_order=91
    )


class Versioned:
    """A counter that refuses the second of two writers (SQLAlchemy raises `StaleDataError`)."""

    version: Mapped[int] = mapped_column(Integer, default=1, sort_order=92)

    @declared_attr.directive
    @classmethod
    def __mapper_args__(cls) -> dict[str, Any]:
        return {"version_id_col": cls.version}


def enum_column(values: type[StrEnum]) -> Enum:
    """A column type for `values`: stored as their text, held to them by a named check."""
    return Code(
        values,
        native_enum=False,
        length=max(len(v.value) for v in values) + 10,
        values_callable=lambda e: [m.value for m in e],
        create_constraint=True,
        name=values.__name__.lower(),
        validate_strings=True,
    )


db = SQLAlchemy(model_class=Base, session_options={"expire_on_commit": True})


def hold(session: Session, name: str) -> None:
    """Let nobody else past the same `name` until this transaction ends.

    On SQLite the transaction that writes is alone already, from where it begins.
    """
    if session.get_bind().dialect.name == "postgresql":
        number = int.from_bytes(sha256(name.encode()).digest()[:8], signed=True)
        session.execute(select(func.pg_advisory_xact_lock(number)))
    else:
        session.connection()


def read(session: Session, statement: Select[*tuple[Any, ...]], **values: object) -> Sequence[Any]:
    """The columns that a statement gives which was made once and is kept, past what SQLAlchemy does with each: most of
    what asking costs. It makes no rows of models. What waits to be written is written first."""
    if session.new or session.dirty or session.deleted:
        session.flush()
    return rows_of(session.connection(), statement, values)


# --- what the database is told to do ------------------------------------------------------------------------


@dataclass(frozen=True)
class Ids(Collection[UUID]):
    """Ids that several statements are given: they are said to the database in the same words, made once."""

    each: tuple[UUID, ...]

    def __contains__(self, one: object) -> bool:
        return one in self.each

    def __iter__(self) -> Iterator[UUID]:
        return iter(self.each)

    def __len__(self) -> int:
        return len(self.each)

    @cached_property
    def text(self) -> str:
        return json.dumps([one.hex for one in self.each])


class _Ids(TypeDecorator[Collection[UUID]]):
    """Ids as one value: JSON text for SQLite, an array for PostgreSQL."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        return dialect.type_descriptor(ARRAY(Uuid()) if dialect.name == "postgresql" else Text())

    def process_bind_param(self, value: Collection[UUID] | None, dialect: Dialect) -> Any:
        ids = value if isinstance(value, Ids) else Ids(tuple(value or ()))
        return list(ids.each) if dialect.name == "postgresql" else ids.text


class _Among(FunctionElement[bool]):
    """That a column holds one of the ids that a parameter lists. Of no type, lest it be compared with 1, which no index
    answers."""

    name = "among"
    inherit_cache = True


_AMONG = {
    "sqlite": "{column} IN (SELECT value FROM json_each({ids}))",
    "postgresql": "{column} = ANY({ids})",
}


@compiles(_Among)
def _say_among(element: _Among, compiler: SQLCompiler, **more: Any) -> str:
    column, ids = (compiler.process(each, **more) for each in element.clauses)
    return _AMONG[compiler.dialect.name].format(column=column, ids=ids)


def among(
    column: InstrumentedAttribute[UUID] | InstrumentedAttribute[UUID | None] | ColumnElement[UUID],
    ids: Collection[UUID] | str,
) -> ColumnElement[bool]:
    """`column.in_(ids)` as one parameter, however many there are: a parameter each costs more than the rows do.

    A name in place of the ids is for a statement that is made once and kept: the ids come with each asking, as that.
    """
    if isinstance(ids, str):
        return _Among(column, bindparam(ids, type_=_Ids()))
    return _Among(column, bindparam(None, ids, type_=_Ids(), unique=True))


def one_of(column: InstrumentedAttribute[Any], codes: Collection[StrEnum]) -> ColumnElement[bool]:
    """`column.in_(codes)` with the codes written out, for a statement that is made once and kept: a list of parameters
    is spelled out anew each time that it is sent, which takes longer than to find one row."""
    return column.in_([literal_column(f"'{code.value}'") for code in sorted(codes)])


def at_most(rows: int) -> ColumnElement[int]:
    """For `limit`, the number written out, in a statement that is made once and kept: where it is a parameter, SQLite
    plans the statement anew each time that it is sent."""
    return literal_column(f"{rows:d}", Integer())


class _Unindexed(FunctionElement[UUID]):
    """A column, with what keeps SQLite from using an index on it."""

    name = "unindexed"
    type = Uuid()
    inherit_cache = True


@compiles(_Unindexed)
def _say_unindexed(element: _Unindexed, compiler: SQLCompiler, **more: Any) -> str:
    (column,) = (compiler.process(each, **more) for each in element.clauses)
    return f"+{column}" if compiler.dialect.name == "sqlite" else column


def unindexed(
    column: InstrumentedAttribute[UUID] | InstrumentedAttribute[UUID | None],
) -> ColumnElement[UUID]:
    """The column, for a condition beside one that narrows more: SQLite keeps no figures by which to know that."""
    return _Unindexed(column)


# --- encrypted fields -------------------------------------------------------------------------------------


def _secrets() -> Secrets:
    return current_settings().secrets


def seal(text: str, context: str) -> bytes:
    """Encrypt `text` by AES-256-GCM under the ring's writing key; `context` is bound in and must be given back."""
    secrets = _secrets()
    key_id = secrets.field_key_id.encode()
    nonce = os.urandom(12)
    cipher = _cipher(secrets.field_keys[secrets.field_key_id])
    return bytes([len(key_id)]) + key_id + nonce + cipher.encrypt(nonce, text.encode(), context.encode())


def unseal(sealed: bytes, context: str) -> str:
    """Undo `seal`. Raises `UnsafeSettings` when the key is not on the ring or the bytes were tampered with."""
    length = sealed[0]
    key_id = sealed[1 : 1 + length].decode()
    nonce, body = sealed[1 + length : 13 + length], sealed[13 + length :]
    key = _secrets().field_keys.get(key_id)
    if key is None:
        raise UnsafeSettings(f"An encrypted field needs the key {key_id!r}, which is not on the key ring.")
    try:
        return _cipher(key).decrypt(nonce, body, context.encode()).decode()
    except InvalidTag:
        raise UnsafeSettings(
            "An encrypted field does not belong where it stands, or its key is wrong."
        ) from None


@lru_cache(maxsize=16)
def _cipher(key: str) -> AESGCM:
    """The cipher of a key (hex digits), which is made anew less quickly than a field is read."""
    return AESGCM(bytes.fromhex(key))


class Sealed:
    """A text attribute kept encrypted in the column that it names.

    The table, the row's id and the field are bound in, so that a value cannot be moved to another row.
    """

    def __init__(self, column: str) -> None:
        self.column = column

    @overload
    def __get__(self, row: None, owner: type[Any]) -> Sealed: ...
    @overload
    def __get__(self, row: HasId, owner: type[Any]) -> str | None: ...
    def __get__(self, row: HasId | None, owner: type[Any]) -> Sealed | str | None:
        if row is None:
            return self
        sealed: bytes | None = getattr(row, self.column)
        return None if sealed is None else unseal(sealed, self._context(row))

    def __set__(self, row: HasId, value: str | None) -> None:
        setattr(row, self.column, None if not value else seal(value, self._context(row)))

    def read(self, owner: type[HasId], row_id: UUID, sealed: bytes | None) -> str | None:
        """The text of a column that was read on its own, without its row."""
        return None if sealed is None else unseal(sealed, sealed_context(owner.__name__, row_id, self.column))

    def _context(self, row: HasId) -> str:
        return sealed_context(type(row).__name__, row.id, self.column)


def sealed_context(model: str, row_id: UUID, column: str) -> str:
    """What is bound into a sealed field: the name of its model, its row and its column."""
    return f"{model.lower()}|{row_id}|{column}"


def blind_index(kind: str, value: str) -> str:
    """A keyed digest (64 hex digits) by which an encrypted value can be found exactly; `kind` keeps uses apart."""
    key = bytes.fromhex(_secrets().index_key)
    return hmac.new(key, f"{kind}|{value}".encode(), sha256).hexdigest()


# --- reading ------------------------------------------------------------------------------------------------

_reading: ContextVar[bool] = ContextVar("reading", default=False)


@contextmanager
def read_only() -> Iterator[None]:
    """Transactions begun inside take no write lock on SQLite. For requests that change and audit nothing."""
    token = _reading.set(True)
    try:
        yield
    finally:
        _reading.reset(token)


@contextmanager
def reading_beside(session: Session) -> Iterator[Session]:
    """A session beside this one, on the same database, that sees what is committed and takes no write lock."""
    with read_only(), Session(session.get_bind()) as reading:
        yield reading


def set_reading(reading: bool) -> None:
    """Say for the rest of this request whether its transactions only read."""
    _reading.set(reading)


def is_reading() -> bool:
    """Whether transactions that begin now only read."""
    return _reading.get()
