"""Making a backup, and coming back from one: whole, proved, and without anybody who was erased meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from alembic import command
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy.exc import DBAPIError

from core import clock
from core.access.rules import SYSTEM
from core.accounts import sessions
from core.audit import heads, queries, rules
from core.audit import services as audit
from core.backup import archive, databases
from core.backup.archive import Manifest
from core.backup.hooks import CARRIED, TombstonesMissing
from core.cli import alembic_config
from core.db import db, read_only
from core.errors import Invalid, Refused
from core.notify.services import count_as_sent
from core.settings import Settings, current_settings

Say = Callable[[str], None]


def create(path: Path) -> Manifest:
    """Write a backup of the whole database to `path`, while everything goes on. Raises `Invalid` where a file stands
    there already, or one of PostgreSQL's programs fails."""
    settings = current_settings()
    if path.exists():
        raise Invalid(f"{path.name} is there already. Give each backup a name of its own.")
    with read_only():
        session = db.session()
        session.rollback()
        queries.steady(session)
        connection = session.connection()
        sequence, mac = queries.head(session)
        manifest = Manifest(
            made_at=clock.now().isoformat(timespec="seconds"),
            dialect=connection.dialect.name,
            revision=databases.revision(connection),
            counts=databases.counts(connection),
            audit_sequence=sequence,
            audit_mac=mac,
        )
        with databases.taken_out(connection, settings) as content:
            archive.write(path, settings.secrets.database_key, manifest, content)
        session.rollback()
    return manifest


def check(path: Path) -> Manifest:
    """Read a backup to its end. Raises `Invalid` for one that is damaged or needs another key."""
    return archive.check(path, current_settings().secrets.database_key)


def restore(path: Path, say: Say, *, replace: bool = False, without_tombstones: bool = False) -> Manifest:
    """Put a backup in the place of the database, bring it to this version's shape, prove it, and do again what must
    survive: records that were deleted after the backup was made are deleted again.

    Raises `Invalid` for a backup that cannot be used and where what must survive cannot be trusted, `Refused` when the
    database holds something and `replace` is off, when the file of tombstones is missing and `without_tombstones` is
    off, and when what came back is not what went in.
    """
    settings, engine = current_settings(), databases.engine()
    manifest = check(path)
    if manifest.dialect != engine.dialect.name:
        raise Invalid(f"This backup is of a {manifest.dialect} database, and the settings name another kind.")
    _refuse_newer(manifest)
    if not databases.is_empty(engine) and not replace:
        raise Refused("The database holds something already. To put the backup in its place use --replace.")
    held = _hold(say, without_tombstones=without_tombstones)
    db.session.remove()
    databases.put_in(engine, archive.content(path, settings.secrets.database_key))
    _prove(manifest)
    command.upgrade(alembic_config(), "head")
    session = db.session()
    # What waited to leave then has most likely left since: nobody gets it twice.
    quiet = count_as_sent(session, before=clock.now())
    sessions.end_everybodys(session, "backup restored")
    detail = {"without_tombstones": True} if without_tombstones else {}
    audit.record(
        session, SYSTEM, "backup.restore", "database", None, sequence=manifest.audit_sequence, **detail
    )
    session.commit()
    say(f"{sum(manifest.counts.values()):,} rows are back, as of {manifest.made_at}.")
    say(f"Everybody is signed out; {quiet} messages that waited then are not sent again.")
    for one in CARRIED.values():
        say(one.after(session, held.get(one.name)))
        session.commit()
    _start_ends_anew(settings, say)
    return manifest


def _hold(say: Say, *, without_tombstones: bool) -> dict[str, object]:
    """What the database that is about to go still knows and the backup may not, and what stands beside it."""
    held: dict[str, object] = {}
    for one in CARRIED.values():
        try:
            with read_only():
                held[one.name] = one.before(db.session())
        except TombstonesMissing:
            if not without_tombstones:
                raise
        except DBAPIError:
            say(
                f"The database that is replaced could not be asked for {one.name}: the files beside it are used."
            )
        finally:
            db.session.rollback()
    return held


def _refuse_newer(manifest: Manifest) -> None:
    try:
        ScriptDirectory.from_config(alembic_config()).get_revision(manifest.revision)
    except CommandError:
        raise Refused(
            f"This backup stands at migration {manifest.revision}, which this version does not know. Update first."
        ) from None


def _prove(manifest: Manifest) -> None:
    """Raise `Refused` unless every row and the whole audit trail came back."""
    with read_only():
        session = db.session()
        found = databases.counts(session.connection())
        fault = rules.first_fault(
            audit.audit_key(),
            queries.chain(session),
            queries.head(session),
            [(manifest.audit_sequence, manifest.audit_mac)] if manifest.audit_sequence else [],
        )
        session.rollback()
    wrong = sorted(name for name, count in manifest.counts.items() if found.get(name) != count)
    if wrong:
        raise Refused(f"Not every row came back: {', '.join(wrong)}. Use another backup.")
    if fault:
        raise Refused(f"The audit trail does not hold at entry {fault.sequence}: {fault.problem}.")


def _start_ends_anew(settings: Settings, say: Say) -> None:
    """Ends of the trail that were exported after the backup belong to what is gone: they are kept by another name."""
    file = heads.file_of(settings)
    if file.exists():
        aside = file.with_name(f"{file.stem}-before-{clock.now():%Y%m%d%H%M%S}{file.suffix}")
        file.replace(aside)
        say(f"The trail's exported ends up to now are kept in {aside.name}.")
    with read_only():
        heads.append(file, *queries.head(db.session()))
        db.session.rollback()


def words_of(manifest: Manifest) -> str:
    """A backup in a line."""
    return (
        f"{sum(manifest.counts.values()):,} rows in {len(manifest.counts)} tables of {manifest.dialect}, made"
        f" {manifest.made_at} at migration {manifest.revision}, audit entry {manifest.audit_sequence}."
    )
