"""`flask geography ...`: load the files that say where things are. Each batch is committed, so that a load that
was interrupted is finished by running it again."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click
from flask.cli import AppGroup
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn
from sqlalchemy.orm import Session

from core import sources_page
from core.cli import add_demo_loader
from core.db import db
from core.errors import Invalid
from core.geography import files, records, services
from core.geography.records import Batch, Kind, Options
from core.spreadsheets import csv_file

geography_cli = AppGroup(
    "geography", help="Load postcodes, wards, deprivation and population from published files."
)


def _load_demo(session: Session, say: Callable[[str], None]) -> None:
    services.load_demo_facts(session)
    say("Places: the wards, towns and postcode areas of the borough.")


# The facts are ours and harmless to load again, so they never mean that the database is in use.
add_demo_loader(10, _load_demo, is_loaded=lambda _session: False)

_ROWS_AT_ONCE = 2000
_SHOWN = 10


@dataclass
class Outcome:
    """What became of a file's rows, and of ours. Problems are (row, "repaired" or "rejected", what)."""

    accepted: int = 0
    repaired: int = 0
    rejected: int = 0
    left_out: int = 0
    saved: services.Saved = field(default_factory=services.Saved)
    shown: list[tuple[int, str, str]] = field(default_factory=list)
    causes: Counter[tuple[str, str]] = field(default_factory=Counter)


def _file_command(kind: Kind, text: str) -> Callable[[Callable[..., None]], click.Command]:
    path = click.Path(exists=True, dir_okay=False, readable=True, path_type=Path)

    def decorate(function: Callable[..., None]) -> click.Command:
        function = click.option(
            "--report",
            type=click.Path(dir_okay=False, path_type=Path),
            help="Write every repair and rejection here, as CSV.",
        )(function)
        function = click.option(
            "--sources-page",
            "page",
            type=click.Path(dir_okay=False, path_type=Path),
            help="Write this file's part of the page of data sources here.",
        )(function)
        function = click.argument("file", type=path)(function)
        return geography_cli.command(kind.value, help=text)(function)

    return decorate


@_file_command(
    Kind.POSTCODES, "Load postcodes: the ONS Postcode Directory, or any CSV of postcode, latitude, longitude."
)
@click.option("--authority", metavar="CODE", help="Only rows of this local authority, for example E08000002.")
def load_postcodes(file: Path, report: Path | None, page: Path | None, authority: str | None) -> None:
    _load(Kind.POSTCODES, file, report, page, Options(authority=authority))


@_file_command(
    Kind.AREAS, "Load wards and small areas (LSOAs): GeoJSON boundaries, or CSV names and look-ups."
)
@click.option("--authority", metavar="CODE", help="Only rows of this local authority, for example E08000002.")
def load_areas(file: Path, report: Path | None, page: Path | None, authority: str | None) -> None:
    _load(Kind.AREAS, file, report, page, Options(authority=authority))


@_file_command(Kind.DEPRIVATION, "Load ranks from the English Indices of Deprivation.")
@click.option("--year", type=int, help="The edition, where the file does not say: 2015, 2019 or 2025.")
def load_deprivation(file: Path, report: Path | None, page: Path | None, year: int | None) -> None:
    _load(Kind.DEPRIVATION, file, report, page, Options(year=year))


@_file_command(Kind.POPULATION, "Load population estimates by single year of age.")
@click.option("--year", type=int, help="The year of the estimates, where the file's name does not say.")
def load_population(file: Path, report: Path | None, page: Path | None, year: int | None) -> None:
    _load(Kind.POPULATION, file, report, page, Options(year=year))


def _load(kind: Kind, path: Path, report: Path | None, page: Path | None, options: Options) -> None:
    outcome = Outcome()
    try:
        with ExitStack() as stack:
            opened = stack.enter_context(files.open_file(path))
            read = records.reader_for(kind, opened.header, path.name, options)
            note = stack.enter_context(_report_to(report))
            advance = stack.enter_context(_progress(path.name, opened.size))
            for batch in _batches(opened.rows, read, outcome, note):
                outcome.saved += services.save(db.session(), batch)
                db.session.commit()
                advance(opened.position())
            outcome.saved += _refresh(kind)
            db.session.commit()
        if page is not None:
            sources_page.write_part(page, path.name, _page_part(kind, outcome))
    except Invalid as error:
        db.session.rollback()
        raise click.ClickException(error.message) from None
    _say(path, outcome, report)


def _cause(why: str) -> str:
    """The reason without the row's own words and figures."""
    return re.sub(r"\S*\d[^\s,;]*", "…", re.sub(r"^.+? (?=is not a|was read as)", "… ", why))


def _page_part(kind: Kind, outcome: Outcome) -> str:
    rows = outcome.accepted + outcome.repaired + outcome.rejected + outcome.left_out
    tables = [
        (heading, [(why, rows) for (what, why), rows in outcome.causes.most_common() if what == kept])
        for heading, kept in (("Rejected because", "rejected"), ("Repaired", "repaired"))
    ]
    return sources_page.part_of(
        f"Loaded by `flask geography {kind.value}`.",
        sources_page.Counts(rows, outcome.accepted + outcome.repaired, outcome.repaired, outcome.rejected),
        [*tables, ("Left out", [("as asked", outcome.left_out)] if outcome.left_out else [])],
    )


def _refresh(kind: Kind) -> services.Saved:
    session = db.session()
    return services.refresh_sectors(session) if kind is Kind.POSTCODES else services.refresh_wards(session)


def _batches(
    rows: Iterator[files.Row],
    read: records.RowReader,
    outcome: Outcome,
    note: Callable[[int, str, str], None],
) -> Iterator[Batch]:
    batch, size = Batch(), 0

    def tell(number: int, what: str, why: str) -> None:
        note(number, what, why)
        outcome.causes[what, _cause(why)] += 1
        if sum(shown[1] == what for shown in outcome.shown) < _SHOWN:
            outcome.shown.append((number, what, why))

    for number, row in rows:
        try:
            found = read(row)
        except Invalid as error:
            outcome.rejected += 1
            tell(number, "rejected", error.message)
            continue
        if found is None:
            outcome.left_out += 1
            continue
        if found.repairs:
            outcome.repaired += 1
            tell(number, "repaired", "; ".join(found.repairs))
        else:
            outcome.accepted += 1
        batch.add(found)
        size += 1
        if size == _ROWS_AT_ONCE:
            yield batch
            batch, size = Batch(), 0
    yield batch


@contextmanager
def _progress(name: str, size: int) -> Iterator[Callable[[int], None]]:
    columns: tuple[Any, ...] = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(name, total=size)
        yield lambda done: progress.update(task, completed=done)


@contextmanager
def _report_to(path: Path | None) -> Iterator[Callable[[int, str, str], None]]:
    if path is None:
        yield lambda _number, _what, _why: None
        return
    with csv_file(path, ("row", "outcome", "reason")) as write:
        yield lambda number, what, why: write((number, what, why))


def _say(path: Path, outcome: Outcome, report: Path | None) -> None:
    click.echo(
        f"{path.name}: {outcome.accepted:,} accepted, {outcome.repaired:,} repaired, {outcome.rejected:,} rejected"
        + (f", {outcome.left_out:,} left out as asked" if outcome.left_out else "")
        + "."
    )
    for number, what, why in sorted(outcome.shown):
        click.echo(f"  row {number} {what}: {why}")
    hidden = outcome.repaired + outcome.rejected - len(outcome.shown)
    if hidden:
        where = f"in {report}" if report else "listed by --report FILE"
        click.echo(f"  and {hidden:,} more, {where}.")
    saved = outcome.saved
    if saved.nothing_new:
        click.echo("Nothing changed: all of it was here already.")
    else:
        click.echo(f"{saved.created:,} new, {saved.changed:,} changed, {saved.unchanged:,} as they were.")
