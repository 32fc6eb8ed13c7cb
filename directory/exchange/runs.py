"""Feeds and imports: set up by an editor, read and taken in by the work in the background. Never commits."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock, outbound
from core.access.rules import Actor, Permission
from core.audit import services as audit
from core.errors import Invalid, NotFound
from core.jobs.services import enqueue
from core.outbound import OutboundFailed
from core.settings import current_settings
from directory.exchange import feed_rules, reading, tables
from directory.exchange.feed_rules import FeedKind, RunState
from directory.exchange.mapping_file import Credit
from directory.exchange.models import Feed, ImportRun
from directory.exchange.reading import UPLOAD, Given

MOST_UPLOADED = 50 * 1024 * 1024
READ = "exchange.read"
TAKE = "exchange.take"
_PIECE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class FeedValues:
    """What an editor says of a feed."""

    name: str
    publisher: str
    licence: str
    kind: FeedKind
    address: str
    every_hours: int | None


def folder_of(run_id: UUID) -> Path:
    """Where what an import reads lies; outside the web root."""
    return current_settings().instance / "imports" / str(run_id)


def credit_of(feed: Feed) -> Credit:
    """Whose records the feed's are."""
    return Credit(feed.key, feed.name, feed.licence, feed.publisher, feed.address or "")


def given_of(run: ImportRun) -> Given:
    """What the import was given."""
    feed = run.feed
    return Given(folder_of(run.id), feed.kind, credit_of(feed), dict(feed.columns))


def create_feed(session: Session, actor: Actor, values: FeedValues) -> UUID:
    """A new feed. Raises `Invalid`, naming the field, for an address that is none of the public internet."""
    _check(actor)
    _check_address(values.address)
    key = feed_rules.source_key(values.name, frozenset(session.scalars(select(Feed.key))))
    feed = Feed(
        key=key,
        name=values.name,
        publisher=values.publisher,
        licence=values.licence,
        kind=values.kind,
        address=values.address or None,
        columns={},
        every_hours=values.every_hours if values.address else None,
    )
    session.add(feed)
    session.flush()
    audit.record(session, actor, "exchange.feed", "feed", feed.id)
    return feed.id


def change_feed(session: Session, actor: Actor, feed_id: UUID, address: str, every_hours: int | None) -> None:
    """Another address, or another rhythm. Raises `Invalid` as `create_feed`, and `NotFound`."""
    feed = feed_for_update(session, actor, feed_id)
    _check_address(address)
    feed.address = address or None
    feed.every_hours = every_hours if address else None
    feed.failures = 0
    feed.next_pull_at = _next(feed)
    audit.record(session, actor, "exchange.feed", "feed", feed.id)


def _check_address(address: str) -> None:
    if not address:
        return
    try:
        outbound.check_url(address)
    except OutboundFailed as error:
        raise Invalid(error.message, "address") from None


def start_run(
    session: Session,
    actor: Actor,
    feed_id: UUID,
    name: str = "",
    file: BinaryIO | None = None,
    *,
    automatic: bool = False,
) -> UUID:
    """Begin an import of the feed: from the file that is given, or else from its address. Raises `Invalid`."""
    feed = feed_for_update(session, actor, feed_id)
    if file is None and not feed.address:
        raise Invalid("Choose the file to take in.", "file")
    run = ImportRun(
        feed=feed, state=RunState.READING, is_automatic=automatic, summary={}, created_by_id=actor.account_id
    )
    if file is not None:
        suffix = reading.suffix_of(name, feed.kind)
        run.file_name = Path(name.replace("\\", "/")).name[:200]
        _keep(file, folder_of(run.id) / f"{UPLOAD}{suffix}")
        run.pages = run.pages_in_all = 1
    session.add(run)
    session.flush()
    feed.next_pull_at = _next(feed)
    _enqueue(session, READ, run.id)
    audit.record(session, actor, "exchange.read", "import", run.id)
    return run.id


def _keep(file: BinaryIO, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    done = 0
    with path.open("wb") as kept:
        while piece := file.read(_PIECE):
            done += len(piece)
            if done > MOST_UPLOADED:
                raise Invalid(
                    f"The file is larger than {MOST_UPLOADED // _PIECE} MB. Give it in parts.", "file"
                )
            kept.write(piece)
    if not done:
        raise Invalid("The file is empty. Choose another.", "file")


def name_columns(session: Session, actor: Actor, run_id: UUID, columns: dict[str, str]) -> None:
    """Say which column of a table holds which field, and have it read again. Raises `Invalid`."""
    run = run_for_update(session, actor, run_id)
    tables.mapping_of(credit_of(run.feed), columns)
    run.feed.columns = columns
    move(run, RunState.READING)
    _enqueue(session, READ, run.id)


def take_in(session: Session, actor: Actor, run_id: UUID) -> None:
    """Say yes to what was read: the work in the background writes it, all or nothing. Raises `Refused`."""
    run = run_for_update(session, actor, run_id)
    move(run, RunState.TAKING)
    run.created_by_id = actor.account_id
    _enqueue(session, TAKE, run.id)
    audit.record(session, actor, "exchange.take-in", "import", run.id)


def drop(session: Session, actor: Actor, run_id: UUID) -> None:
    """Say no: nothing is taken in. Raises `Refused`."""
    run = run_for_update(session, actor, run_id)
    move(run, RunState.DROPPED)
    audit.record(session, actor, "exchange.drop", "import", run.id)


def stop(session: Session, actor: Actor, run_id: UUID) -> None:
    """Stop reading; what is here already is kept. Raises `Refused`."""
    move(run_for_update(session, actor, run_id), RunState.STOPPED)


def go_on(session: Session, actor: Actor, run_id: UUID) -> None:
    """Go on reading where it stopped or failed. Raises `Refused`."""
    run = run_for_update(session, actor, run_id)
    move(run, RunState.READING)
    run.error = None
    _enqueue(session, READ, run.id)


def move(run: ImportRun, state: RunState) -> None:
    """Move an import on. Raises `Refused`."""
    run.state = feed_rules.move(run.state, state)
    run.finished_at = clock.now() if state in feed_rules.ENDS else None


def feed_for_update(session: Session, actor: Actor, feed_id: UUID) -> Feed:
    """The feed's row. Raises `NotFound`."""
    _check(actor)
    feed = session.get(Feed, feed_id)
    if feed is None:
        raise NotFound
    return feed


def run_for_update(session: Session, actor: Actor, run_id: UUID) -> ImportRun:
    """The import's row. Raises `NotFound`."""
    _check(actor)
    run = session.get(ImportRun, run_id)
    if run is None:
        raise NotFound
    return run


def start_due(session: Session, actor: Actor) -> int:
    """Begin an import of every feed whose time has come, unless one of it is under way. Gives how many."""
    busy = select(ImportRun.feed_id).where(ImportRun.state.in_([RunState.READING, RunState.TAKING]))
    due = session.scalars(
        select(Feed.id).where(
            Feed.next_pull_at <= clock.now(), Feed.address.is_not(None), Feed.id.not_in(busy)
        )
    ).all()
    for feed_id in due:
        start_run(session, actor, feed_id, automatic=True)
    return len(due)


def forget_files(session: Session) -> None:
    """Take away what ended imports have read: as long after as `feed_rules.days_kept` says."""
    settings = current_settings()
    runs = {
        str(run): (state, ended)
        for run, state, ended in session.execute(select(ImportRun.id, ImportRun.state, ImportRun.finished_at))
    }
    now = clock.now()
    for folder in (settings.instance / "imports").glob("*"):
        state, ended = runs.get(folder.name, (None, None))
        days = feed_rules.days_kept(state)
        since = ended or datetime.fromtimestamp(folder.stat().st_mtime, UTC)
        if days is not None and since < now - timedelta(days=days):
            shutil.rmtree(folder, ignore_errors=True)


def _next(feed: Feed) -> datetime | None:
    return feed_rules.next_pull(feed.every_hours, feed.failures, clock.now()) if feed.every_hours else None


def _enqueue(session: Session, kind: str, run_id: UUID) -> None:
    enqueue(session, kind, {"run_id": str(run_id)}, key=f"{kind}:{run_id}")


def _check(actor: Actor) -> None:
    if actor.kind == "account" and not actor.can(Permission.MODERATE):
        raise NotFound
