"""The two engines: SQLite with encryption, PostgreSQL, and what each connection is told first."""

from __future__ import annotations

from typing import Any

import sqlcipher3
from flask import Flask
from sqlalchemy import Engine, Select, event, select
from sqlalchemy.dialects.postgresql.psycopg import PGCompiler_psycopg
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

from core.db import db, is_reading
from core.errors import UnsafeSettings
from core.settings import Settings

# What one connection may hold up at most; a file that is loaded or an evidence cube stays well below.
POSTGRESQL_LIMITS = {
    "lock_timeout": "10s",
    "statement_timeout": "60s",
    "idle_in_transaction_session_timeout": "300s",
}

# Pages of SQLite's file that are kept deciphered, in bytes: for one connection, and for all of a process together.
# Past the latter a connection makes room among its own.
SQLITE_CACHE = 16_000 * 1024
SQLITE_CACHES = 64 * 1024 * 1024

# SQLite 3.51.3 and later carry the fix for the write-ahead-log reset fault.
_OLDEST_SAFE_SQLITE = (3, 51, 3)


def init_app(app: Flask, settings: Settings) -> None:
    """Bind the database that `settings.database_url` names."""
    sqlite = settings.database_url.startswith("sqlite")
    options: dict[str, Any] = {}
    if sqlite:
        refuse_faulty_sqlite(sqlcipher3.sqlite_version)
        options = {
            "module": sqlcipher3,
            "pool_size": 16,
            "max_overflow": 16,
            # Few connections do most of the work, so that what they have read is still there the next time.
            "pool_use_lifo": True,
            "connect_args": {"timeout": 5},
        }
    else:
        limits = " ".join(f"-c {name}={limit}" for name, limit in POSTGRESQL_LIMITS.items())
        options = {
            "pool_size": 8,
            "max_overflow": 8,
            "pool_pre_ping": True,
            "connect_args": {"options": limits},
        }
    # An error of the database quotes the values that it was given, unless told not to.
    options["hide_parameters"] = True
    app.config["SQLALCHEMY_DATABASE_URI"] = settings.database_url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = options
    db.init_app(app)
    with app.app_context():
        prepare_engine(db.engine, settings)


def check() -> None:
    """Ask the database for something; raises what the database raises when it does not answer."""
    with db.engine.connect() as connection:
        connection.execute(select(1))


def refuse_faulty_sqlite(version: str) -> None:
    """Raise `UnsafeSettings` for an SQLite that can lose a committed transaction."""
    if tuple(int(part) for part in version.split(".")) < _OLDEST_SAFE_SQLITE:
        raise UnsafeSettings(
            f"SQLite {version} can lose data when its log is reset. Install the locked sqlcipher3 (3.51.3 or later)."
        )


class _Holding(PGCompiler_psycopg):
    """Rows that are held may still be pointed at: `FOR UPDATE` would also keep out whoever writes a row with a foreign
    key to them, who then waits out of the order in which rows are held. No key of ours ever changes."""

    def for_update_clause(self, select: Select[Any], **more: Any) -> str:
        """As the dialect's, but that an update leaves keys alone."""
        clause: str = super().for_update_clause(select, **more)  # type: ignore[no-untyped-call]
        return clause.replace(" FOR UPDATE", " FOR NO KEY UPDATE", 1)


def prepare_engine(engine: Engine, settings: Settings) -> None:
    """Set up how `engine` holds rows on PostgreSQL, and on SQLite each connection: its key, its log, its checks, and
    when it takes the write lock."""
    if engine.dialect.name != "sqlite":
        engine.dialect.statement_compiler = _Holding
        return
    key = settings.secrets.database_key

    @event.listens_for(engine, "connect")
    def prepare(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA key = \"x'{key}'\"")
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA synchronous = FULL")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.execute("PRAGMA busy_timeout = 5000")
        cursor.execute(f"PRAGMA cache_size = -{SQLITE_CACHE // 1024}")
        cursor.execute(f"PRAGMA soft_heap_limit = {SQLITE_CACHES}")
        cursor.close()

    def begin(dbapi_connection: PoolProxiedConnection) -> None:
        dbapi_connection.cursor().execute("BEGIN" if is_reading() else "BEGIN IMMEDIATE")

    # Not a listener: where anything of an engine is listened for, each of its statements looks for who listens, which
    # takes a tenth of a page.
    engine.dialect.do_begin = begin  # type: ignore[method-assign]
