"""Taking a whole database out and putting it back: SQLite by its own backup, PostgreSQL by its own programs."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlcipher3
from sqlalchemy import Connection, Engine, inspect, select, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError

from core.backup.archive import BLOCK
from core.db import Base, db
from core.errors import Invalid
from core.settings import Settings


def is_empty(engine: Engine) -> bool:
    """Whether the database holds no table of ours."""
    if engine.dialect.name == "sqlite" and not _file_of(engine).exists():
        return True
    try:
        return not set(inspect(engine).get_table_names()) & set(Base.metadata.tables)
    except DBAPIError:
        return False


def counts(connection: Connection) -> dict[str, int]:
    """How many rows each table holds."""
    names = sorted(inspect(connection).get_table_names())
    quote = connection.dialect.identifier_preparer.quote
    return {name: connection.scalar(text(f"SELECT count(*) FROM {quote(name)}")) or 0 for name in names}  # noqa: S608 - names of our own tables


def revision(connection: Connection) -> str:
    """The migration that the database stands at."""
    return str(connection.scalar(text("SELECT version_num FROM alembic_version")) or "")


@contextmanager
def taken_out(connection: Connection, settings: Settings) -> Iterator[Iterable[bytes]]:
    """The database as `connection`'s transaction sees it, as a stream of bytes."""
    if connection.dialect.name == "sqlite":
        with tempfile.TemporaryDirectory(dir=_file_of(connection.engine).parent) as folder:
            copy = Path(folder) / "copy.db"
            source = connection.connection.dbapi_connection
            target = sqlcipher3.connect(str(copy))
            # Under the same key: what lies on the disk meanwhile is as unreadable as the database itself.
            target.execute(f"PRAGMA key = \"x'{settings.secrets.database_key}'\"")
            getattr(source, "backup")(target)  # noqa: B009 - SQLAlchemy knows no driver's own methods
            target.close()
            yield _read(copy)
        return
    snapshot = connection.scalar(select(text("pg_export_snapshot()")))
    command = ("pg_dump", "--format=custom", "--schema=public", "--no-owner", f"--snapshot={snapshot}")
    yield _dumped(connection.engine.url, command)


def put_in(engine: Engine, content: Iterable[bytes]) -> None:
    """Replace the database by a stream that `taken_out` gave. Whoever is connected is cut off."""
    if engine.dialect.name == "sqlite":
        path = _file_of(engine)
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_name(path.name + ".restoring")
        with unfinished.open("wb") as file:
            for block in content:
                file.write(block)
            file.flush()
            os.fsync(file.fileno())
        engine.dispose()
        for leftover in ("-wal", "-shm"):
            path.with_name(path.name + leftover).unlink(missing_ok=True)
        unfinished.replace(path)
        return
    # What is there steps aside until the backup stands in its place, and comes back where it cannot.
    _statements(engine, "ALTER SCHEMA public RENAME TO before_restore")
    engine.dispose()
    try:
        _restore(engine, content)
    except BaseException:
        _statements(
            engine, "DROP SCHEMA IF EXISTS public CASCADE", "ALTER SCHEMA before_restore RENAME TO public"
        )
        raise
    _statements(engine, "DROP SCHEMA before_restore CASCADE")


def _statements(engine: Engine, *statements: str) -> None:
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))


def _restore(engine: Engine, content: Iterable[bytes]) -> None:
    _run_with_input(
        engine.url, ("pg_restore", "--no-owner", "--exit-on-error", "--single-transaction"), content
    )


def _read(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            yield block


def _dumped(url: URL, command: tuple[str, ...]) -> Iterator[bytes]:
    with (
        subprocess.Popen(  # noqa: S603 - our own words
            [_program(command[0]), *command[1:]], stdout=subprocess.PIPE, env=_environment(url)
        ) as running
    ):
        if running.stdout is None:
            raise Invalid("pg_dump gave nothing to read.")
        while block := running.stdout.read(BLOCK):
            yield block
    if running.returncode:
        raise Invalid(f"{command[0]} failed: what it says above is what to mend.")


def _run_with_input(url: URL, command: tuple[str, ...], content: Iterable[bytes]) -> None:
    arguments = [_program(command[0]), *command[1:], f"--dbname={url.database}"]
    with subprocess.Popen(arguments, stdin=subprocess.PIPE, env=_environment(url)) as running:  # noqa: S603 - our own words
        if running.stdin is None:
            raise Invalid("pg_restore takes nothing.")
        try:
            for block in content:
                running.stdin.write(block)
        except BrokenPipeError:
            pass
        running.stdin.close()
    if running.returncode:
        raise Invalid(f"{command[0]} failed: what it says above is what to mend.")


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise Invalid(f"{name} is not on this machine. Install PostgreSQL's client programs.")
    return found


def _environment(url: URL) -> dict[str, str]:
    """How PostgreSQL's programs reach the database; a password is not written where others can list it."""
    values = {
        "PGHOST": url.host,
        "PGPORT": str(url.port) if url.port else None,
        "PGUSER": url.username,
        "PGPASSWORD": str(url.password) if url.password else None,
        "PGDATABASE": url.database,
    }
    return {**os.environ, **{name: value for name, value in values.items() if value}}


def _file_of(engine: Engine) -> Path:
    return Path(engine.url.database or "")


def engine() -> Engine:
    """The database that the settings name."""
    return db.engine
