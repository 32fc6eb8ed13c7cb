"""Feeds and their imports, as an editor sees them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.access.rules import Actor, Permission
from core.db import among
from core.errors import NotFound
from core.paging import within
from directory.exchange.ended import OPEN
from directory.exchange.feed_rules import FeedKind, RunState
from directory.exchange.models import Feed, ImportedRecord, ImportRun
from directory.listings.content import content_of
from directory.listings.models import Service, Source
from directory.listings.queries import WHOLE
from directory.listings.rules import ListingStatus

SHOWN = 50
VANISHED_SHOWN = 20
MOST_RUNS = 20


@dataclass(frozen=True, slots=True)
class RunLine:
    """One import, shortly."""

    id: UUID
    feed_id: UUID
    feed: str
    state: RunState
    at: datetime
    is_automatic: bool
    file_name: str
    summary: dict[str, Any]
    error: str
    pages: int
    pages_in_all: int | None


@dataclass(frozen=True, slots=True)
class FeedLine:
    """One feed with its health. `seconds` is how long an answer takes on average; None before the first."""

    id: UUID
    name: str
    publisher: str
    licence: str
    kind: FeedKind
    address: str
    every_hours: int | None
    next_pull_at: datetime | None
    last_pull_at: datetime | None
    last_taken_at: datetime | None
    last_error: str
    failures: int
    pulls: int
    failed: int
    seconds: float | None
    records: int
    vanished: int

    @property
    def health(self) -> tuple[str, str]:
        """In a few words, and the colour of their tag."""
        if self.failures >= 3:
            return "Not working", "red"
        if self.failures:
            return "Failed last time", "orange"
        if self.last_taken_at is None:
            return "Nothing taken in yet", "grey"
        return "Working", "green"


@dataclass(frozen=True, slots=True)
class VanishedLine:
    """A listing whose source gives it no more `since` then, with how to ask its group."""

    record_id: UUID
    service_id: UUID
    name: str
    group: str
    phone: str
    email: str
    source: str
    since: datetime
    status: ListingStatus


@dataclass(frozen=True, slots=True)
class Vanished:
    """A page of them, those that have been gone longest first."""

    lines: tuple[VanishedLine, ...]
    total: int
    page: int
    pages: int


def vanished(session: Session, actor: Actor, page: int, feed_id: UUID | None = None) -> Vanished:
    """Listings that people can still find though their source gives them no more, of one feed or of all sources, until
    an editor has decided."""
    actor.must(Permission.MODERATE)
    wanted = select(ImportedRecord).where(*_UNDECIDED).join(Service, Service.id == ImportedRecord.service_id)
    if feed_id is not None:
        key = select(Feed.key).where(Feed.id == feed_id).scalar_subquery()
        wanted = wanted.join(Source, Source.id == ImportedRecord.source_id).where(Source.key == key)
    total = session.scalar(select(func.count()).select_from(wanted.subquery())) or 0
    page, pages = within(page, total, VANISHED_SHOWN)
    rows = session.scalars(
        wanted.order_by(ImportedRecord.vanished_at, ImportedRecord.id)
        .offset((page - 1) * VANISHED_SHOWN)
        .limit(VANISHED_SHOWN)
    ).all()
    services = {
        one.id: one
        for one in session.scalars(
            select(Service).where(among(Service.id, {row.service_id for row in rows})).options(*WHOLE)
        )
    }
    names = dict(session.execute(select(Source.id, Source.name)).all())
    lines = tuple(_vanished_line(row, services[row.service_id], names[row.source_id]) for row in rows)
    return Vanished(lines, total, page, pages)


def count_vanished(session: Session) -> int:
    """How many wait for an editor's word."""
    asked = select(func.count()).select_from(ImportedRecord)
    return (
        session.scalar(asked.join(Service, Service.id == ImportedRecord.service_id).where(*_UNDECIDED)) or 0
    )


def record_for_update(session: Session, record_id: UUID) -> ImportedRecord | None:
    """A record's row, held."""
    return session.get(ImportedRecord, record_id, with_for_update=True)


_UNDECIDED = (
    ImportedRecord.vanished_at.is_not(None),
    ImportedRecord.kept_at.is_(None),
    Service.merged_into_id.is_(None),
    Service.status.in_(OPEN),
)


def _vanished_line(row: ImportedRecord, service: Service, source: str) -> VanishedLine:
    content = content_of(service)
    return VanishedLine(
        record_id=row.id,
        service_id=service.id,
        name=service.name,
        group=service.organization.name,
        phone=content["phone"] or "",
        email=content["email"] or "",
        source=source,
        since=row.vanished_at or row.updated_at,
        status=service.status,
    )


def feeds(session: Session, actor: Actor, page: int) -> tuple[list[FeedLine], int, int]:
    """A page of feeds by name, which page that is, and how many there are."""
    actor.must(Permission.MODERATE)
    total = session.scalar(select(func.count()).select_from(Feed)) or 0
    page, pages = within(page, total, SHOWN)
    rows = session.scalars(
        select(Feed).order_by(Feed.name, Feed.id).offset((page - 1) * SHOWN).limit(SHOWN)
    ).all()
    counts = _counts(session, [row.key for row in rows])
    return [_line(row, *counts.get(row.key, (0, 0))) for row in rows], page, pages


def feed(session: Session, actor: Actor, feed_id: UUID) -> FeedLine:
    """One feed. Raises `NotFound`."""
    actor.must(Permission.MODERATE)
    row = session.get(Feed, feed_id)
    if row is None:
        raise NotFound
    return _line(row, *_counts(session, [row.key]).get(row.key, (0, 0)))


def runs_of(session: Session, actor: Actor, feed_id: UUID | None = None) -> list[RunLine]:
    """The last imports, newest first: of one feed, or all that wait for a person."""
    actor.must(Permission.MODERATE)
    asked = select(ImportRun, Feed.name).join(Feed, Feed.id == ImportRun.feed_id)
    if feed_id is None:
        waits = [RunState.READY, RunState.COLUMNS, RunState.STOPPED]
        asked = asked.where(ImportRun.state.in_(waits))
    else:
        asked = asked.where(ImportRun.feed_id == feed_id)
    rows = session.execute(asked.order_by(ImportRun.created_at.desc(), ImportRun.id.desc()).limit(MOST_RUNS))
    return [_run(row, name) for row, name in rows]


def run(session: Session, actor: Actor, run_id: UUID) -> RunLine:
    """One import. Raises `NotFound`."""
    actor.must(Permission.MODERATE)
    row = session.get(ImportRun, run_id)
    if row is None:
        raise NotFound
    return _run(row, row.feed.name)


def _run(row: ImportRun, name: str) -> RunLine:
    return RunLine(
        id=row.id,
        feed_id=row.feed_id,
        feed=name,
        state=row.state,
        at=row.created_at,
        is_automatic=row.is_automatic,
        file_name=row.file_name,
        summary=dict(row.summary),
        error=row.error or "",
        pages=row.pages,
        pages_in_all=row.pages_in_all,
    )


def _line(row: Feed, records: int, vanished: int) -> FeedLine:
    return FeedLine(
        id=row.id,
        name=row.name,
        publisher=row.publisher,
        licence=row.licence,
        kind=row.kind,
        address=row.address or "",
        every_hours=row.every_hours,
        next_pull_at=row.next_pull_at,
        last_pull_at=row.last_pull_at,
        last_taken_at=row.last_taken_at,
        last_error=row.last_error or "",
        failures=row.failures,
        pulls=row.pulls,
        failed=row.failed,
        seconds=row.seconds / row.answers if row.answers else None,
        records=records,
        vanished=vanished,
    )


def _counts(session: Session, keys: list[str]) -> dict[str, tuple[int, int]]:
    """How many records each source has that its feed still gives, and how many it gives no more."""
    rows = session.execute(
        select(Source.key, func.count(), func.count(ImportedRecord.vanished_at))
        .join(ImportedRecord, ImportedRecord.source_id == Source.id)
        .where(Source.key.in_(keys))
        .group_by(Source.key)
    )
    return {key: (total - gone, gone) for key, total, gone in rows}
