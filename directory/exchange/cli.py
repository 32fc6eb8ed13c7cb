"""`flask exchange ...`: take in what others publish."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from flask.cli import AppGroup
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from core import sources_page
from core.access.rules import SYSTEM
from core.db import db, reading_beside
from core.errors import Invalid
from directory.exchange import files, report, services
from directory.exchange.mapping import MappedRow, map_rows
from directory.exchange.mapping_file import ColumnMapping

exchange_cli = AppGroup("exchange", help="Take in listings that others publish.")

_FILE = click.Path(dir_okay=False, path_type=Path)


@exchange_cli.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, readable=True, path_type=Path))
@click.option(
    "--mapping",
    "mapping_name",
    required=True,
    metavar="NAME",
    help="A TOML file that says which column holds what, or the bare name of one of ours.",
)
@click.option("--dry-run", is_flag=True, help="Say what would happen, and change nothing.")
@click.option("--report", "report_path", type=_FILE, help="Write what became of every row here, as CSV.")
@click.option(
    "--sources-page", "page", type=_FILE, help="Write this file's part of the page of data sources here."
)
def import_file(
    file: Path, mapping_name: str, dry_run: bool, report_path: Path | None, page: Path | None
) -> None:
    """Take in the listings of a CSV FILE. Running it again changes nothing."""
    try:
        for path in filter(None, (report_path, page)):
            files.refuse_unwritable(path)
        mapping = files.open_mapping(mapping_name)
        rows = _read(file, mapping)
        outcome = _import(mapping, rows, dry_run=dry_run)
        summary = report.summarise(rows)
        if report_path is not None:
            report.write_csv(report_path, rows, outcome)
        if page is not None:
            sources_page.write_part(page, file.name, report.page_part(mapping.credit, summary, outcome))
    except Invalid as error:
        raise click.ClickException(error.message) from None
    for line in report.lines(file.name, summary, outcome):
        click.echo(line)
    if dry_run:
        click.echo("This was a dry run: nothing was written.")


def _read(file: Path, mapping: ColumnMapping) -> tuple[MappedRow, ...]:
    with _progress(f"Reading {file.name}", file.stat().st_size) as at:
        return map_rows(mapping, files.read_rows(file, mapping, at))


def _import(mapping: ColumnMapping, rows: tuple[MappedRow, ...], *, dry_run: bool) -> services.Outcome:
    """Write, and commit unless it is a dry run: the whole file is one transaction."""
    done = 0
    total = sum(row.listing is not None for row in rows)
    with _progress("Checking" if dry_run else "Writing", total) as at:

        def advance(records: int) -> None:
            nonlocal done
            done += records
            at(done)

        if dry_run:
            with reading_beside(db.session()) as reading:
                return services.compare_rows(reading, mapping.credit, rows, advance)
        try:
            outcome = services.import_rows(db.session(), SYSTEM, mapping.credit, rows, advance)
        except Invalid:
            db.session.rollback()
            raise
        db.session.commit()
    return outcome


@contextmanager
def _progress(words: str, total: int) -> Iterator[Callable[[int], None]]:
    """A bar on the error stream; gives what tells it how far the work is."""
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(words, total=total)
        yield lambda done: bar.update(task, completed=done)
