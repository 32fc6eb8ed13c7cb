"""What the work in the background does with an import: fetch, look through, and, at a yes, take in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core import clock
from core.access.rules import SYSTEM
from core.db import read_only, reading_beside
from core.errors import GoldenThreadError, Invalid
from core.jobs.services import enqueue
from directory.exchange import feed_rules, pulling, queries, reading, report, runs, services
from directory.exchange.feed_rules import FeedKind, RunState
from directory.exchange.mapping import MappedRow
from directory.exchange.models import Feed, ImportedRecord, ImportRun
from directory.exchange.reading import Given
from directory.exchange.services import Fate, Outcome
from directory.listings.models import Source
from directory.listings.suggesting import likely_needs

REPORT = "report.csv"
MOST_LINES = 100


@dataclass(frozen=True, slots=True)
class _Plan:
    """What to fetch, read before anything is asked so that no transaction is open meanwhile."""

    kind: FeedKind
    address: str
    pages: int
    pages_in_all: int | None


@dataclass(frozen=True, slots=True)
class _Look:
    """What looking through an import found: what to take in and what to say of it, or why there is nothing."""

    summary: Mapping[str, Any] = field(default_factory=dict)
    rows: Sequence[MappedRow] = ()
    asks_for_columns: bool = False
    problem: str = ""


def read(session: Session, run_id: UUID) -> None:
    """Fetch what is missing; then look through it without changing a listing."""
    with read_only():
        plan = _plan(session, run_id)
        session.rollback()
    if plan is None:
        return
    step, problem = None, ""
    if reading.upload_in(runs.folder_of(run_id)) is None:
        try:
            step = pulling.pull(
                plan.kind, plan.address, runs.folder_of(run_id), plan.pages, plan.pages_in_all
            )
        except GoldenThreadError as error:
            problem = error.message
    look = None
    if not problem and (step is None or step.done):
        # Here, before the caller's transaction begins: a large feed takes many seconds to read and to compare.
        with reading_beside(session) as reading_session:
            look = _look_through(reading_session, run_id)
    run = session.get(ImportRun, run_id, populate_existing=True)
    if run is None or run.state is not RunState.READING:
        return
    if step is not None:
        run.pages, run.pages_in_all = step.pages, step.pages_in_all
        run.feed.answers += step.answers
        run.feed.seconds += step.seconds
        run.seconds += step.seconds
    if problem:
        _fail(run, problem)
    elif look is None:
        enqueue(session, runs.READ, {"run_id": str(run_id)}, key=f"{runs.READ}:{run_id}")
    else:
        _settle(session, run, look)


def _plan(session: Session, run_id: UUID) -> _Plan | None:
    run = session.get(ImportRun, run_id)
    if run is None or run.state is not RunState.READING:
        return None
    return _Plan(run.feed.kind, run.feed.address or "", run.pages, run.pages_in_all)


def _look_through(session: Session, run_id: UUID) -> _Look:
    """What the import would do, by reading alone, its report written."""
    run = session.get_one(ImportRun, run_id)
    given = runs.given_of(run)
    try:
        if given.kind is FeedKind.TABLE and not _columns_known(given):
            return _Look(asks_for_columns=True)
        rows = reading.rows_of(given, queries.slugs_by_name(session))
        outcome = services.compare_rows(session, given.credit, rows)
    except Invalid as error:
        return _Look(problem=error.message)
    summary = report.summarise(outcome.given)
    # Calendars keep what is over for years: nothing is wrong with those rows.
    wrong = summary.rejected - sum(row.is_over for row in outcome.given)
    look = feed_rules.needs_a_look(summary.accepted, wrong, _held(session, run.feed), len(outcome.vanished))
    report.write_csv(given.folder / REPORT, outcome.given, outcome)
    return _Look(summary=_summary(session, outcome.given, outcome, summary) | {"look": look}, rows=rows)


def _settle(session: Session, run: ImportRun, look: _Look) -> None:
    if look.asks_for_columns:
        runs.move(run, RunState.COLUMNS)
        return
    if look.problem:
        _fail(run, look.problem)
        return
    run.summary = dict(look.summary)
    _answered(run.feed)
    runs.move(run, RunState.READY)
    if run.is_automatic and not look.summary["look"]:
        runs.move(run, RunState.TAKING)
        _take(session, run, look.rows)


def _columns_known(given: Given) -> bool:
    heading = reading.heading_of(given.folder)
    return bool(given.columns) and set(given.columns.values()) <= set(heading)


def take(session: Session, run_id: UUID) -> None:
    """Write what was read: all of it, or nothing."""
    with reading_beside(session) as reading_session:
        run = reading_session.get(ImportRun, run_id)
        if run is None or run.state is not RunState.TAKING:
            return
        try:
            rows = reading.rows_of(runs.given_of(run), queries.slugs_by_name(reading_session))
        except Invalid as error:
            rows, problem = (), error.message
        else:
            problem = ""
    run = session.get(ImportRun, run_id, populate_existing=True)
    if run is None or run.state is not RunState.TAKING:
        return
    if problem:
        _fail(run, problem)
    else:
        _take(session, run, rows)


def _take(session: Session, run: ImportRun, rows: Sequence[MappedRow]) -> None:
    given = runs.given_of(run)
    try:
        with session.begin_nested():
            outcome = services.import_rows(session, SYSTEM, given.credit, rows)
    except Invalid as error:
        _fail(run, error.message)
        return
    run.summary = _summary(session, outcome.given, outcome, report.summarise(outcome.given)) | {"look": ""}
    report.write_csv(given.folder / REPORT, outcome.given, outcome)
    runs.move(run, RunState.DONE)
    run.feed.last_taken_at = clock.now()


def _answered(feed: Feed) -> None:
    feed.pulls += 1
    feed.failures, feed.last_error = 0, None
    feed.last_pull_at = clock.now()
    feed.next_pull_at = _next(feed)


def _fail(run: ImportRun, problem: str) -> None:
    runs.move(run, RunState.FAILED)
    run.error = problem[:300]
    feed = run.feed
    feed.pulls += 1
    feed.failed += 1
    feed.failures += 1
    feed.last_error = run.error
    feed.last_pull_at = clock.now()
    feed.next_pull_at = _next(feed)


def _next(feed: Feed) -> Any:
    return feed_rules.next_pull(feed.every_hours, feed.failures, clock.now()) if feed.every_hours else None


def _held(session: Session, feed: Feed) -> int:
    held = (
        select(func.count()).select_from(ImportedRecord).join(Source, Source.id == ImportedRecord.source_id)
    )
    return session.scalar(held.where(Source.key == feed.key, ImportedRecord.vanished_at.is_(None))) or 0


def _summary(
    session: Session, rows: Sequence[MappedRow], outcome: Outcome, summary: report.Summary
) -> dict[str, Any]:
    """The report as the page shows it: counts, causes, and the first lines."""
    lines = [line for line in report.csv_lines(rows, outcome) if line[1] in {"rejected", "repaired", "kept"}]
    names = {row.row: row.listing.name for row in rows if row.listing is not None}
    return {
        "rows": summary.rows,
        "accepted": summary.accepted,
        "repaired": summary.repaired,
        "rejected": summary.rejected,
        "rejections": [[one.words, one.rows] for one in summary.rejections[:20]],
        "repairs": [[one.words, one.rows] for one in summary.repairs[:20]],
        "new": outcome.count(Fate.CREATED),
        "changed": outcome.count(Fate.CHANGED),
        "unchanged": outcome.count(Fate.UNCHANGED),
        "kept": sum(bool(one.kept) for one in outcome.rows),
        "vanished": len(outcome.vanished),
        "ended": len(outcome.ended),
        "returned": outcome.returned,
        "lines": [[*line, names.get(int(line[0]), "") if line[0] else ""] for line in lines[:MOST_LINES]],
        "more_lines": max(0, len(lines) - MOST_LINES),
        "suggested": _suggested(rows, queries.names_of_needs(session)),
    }


def _suggested(rows: Sequence[MappedRow], names: Mapping[str, str]) -> list[list[str]]:
    """Needs that the words of a record without any speak of: shown to the editor, never set."""
    found = []
    for row in rows:
        listing = row.listing
        if listing is None or listing.needs:
            continue
        said = likely_needs(listing.name, listing.summary, listing.description)
        needs = [names[one.slug] for one in said if one.slug in names]
        if needs:
            found.append([str(row.row), listing.name, ", ".join(needs)])
        if len(found) >= 20:
            break
    return found


def report_file(run_id: UUID) -> Path | None:
    """The whole report as CSV, while it is kept."""
    path = runs.folder_of(run_id) / REPORT
    return path if path.is_file() else None
