"""Alembic's environment: one history for SQLite and PostgreSQL, inside one transaction each run."""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection, PoolProxiedConnection, text

from core.db import Base, db


def _migrate(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=True,
        compare_type=True,
        transactional_ddl=True,
    )
    context.run_migrations()


def _pragma(raw: PoolProxiedConnection, statement: str) -> None:
    cursor = raw.cursor()
    cursor.execute(statement)
    cursor.close()


def run() -> None:
    """Bring the bound database to the wanted revision.

    On SQLite a batch change drops and renames tables: with foreign keys on, dropping a parent empties its
    children. They are off while it runs, checked before the commit, and on again after it.
    """
    engine = db.engine
    with engine.connect() as connection:
        sqlite = connection.dialect.name == "sqlite"
        raw = connection.connection
        if sqlite:
            _pragma(raw, "PRAGMA foreign_keys = OFF")
        try:
            with connection.begin():
                if not sqlite:
                    connection.execute(text("SET LOCAL lock_timeout = '5s'"))
                    connection.execute(text("SET LOCAL statement_timeout = '300s'"))
                _migrate(connection)
                if sqlite:
                    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
                    if broken:
                        raise RuntimeError(
                            f"the migration would leave rows without parents in {broken[0][0]}"
                        )
        finally:
            if sqlite:
                _pragma(raw, "PRAGMA foreign_keys = ON")


run()
