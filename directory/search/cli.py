"""`flask search ...`: build the index, and see whether it is true."""

from __future__ import annotations

import click
from flask.cli import AppGroup
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from core.db import db, read_only
from directory.search import queries, services
from directory.search.engine import HelperLost, IndexBusy
from directory.search.services import IndexState

search_cli = AppGroup("search", help="The search index: a copy of what the public may find.")


@search_cli.command("rebuild")
def rebuild() -> None:
    """Build the index anew from the database. Searches go on meanwhile."""
    with read_only():
        total = len(queries.public_ids(db.session()))
        db.session.commit()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("Listings", total=total)
        try:
            held = services.rebuild(db.session(), lambda done: bar.advance(task, done))
        except IndexBusy:
            raise click.ClickException(
                "Another process is writing the index. Wait until it is done and try again."
            ) from None
        except HelperLost:
            raise click.ClickException(
                "A process that wrote part of the new index ended before its time: it may have run out of memory. "
                "The old index is still in use. See that there is memory free, then try again."
            ) from None
    click.echo(f"The index holds {held:,} listings.")


@search_cli.command("check")
def check() -> None:
    """Compare the index with the database. Ends with 1 where they differ."""
    with read_only():
        seen = services.state(db.session())
    click.echo(seen.words)
    if seen is not IndexState.TRUE:
        raise click.ClickException("Build it anew with `flask search rebuild`.")
