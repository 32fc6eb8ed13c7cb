"""`flask backup`: make one, look whether one is whole, come back from one."""

from __future__ import annotations

from pathlib import Path

import click
from flask.cli import AppGroup

from core.backup import services
from core.errors import GoldenThreadError

backup_cli = AppGroup("backup", help="Backups: encrypted, proved, and without anybody who was erased.")

_FILE = click.Path(dir_okay=False, path_type=Path)
_THERE = click.Path(exists=True, dir_okay=False, path_type=Path)


@backup_cli.command("create")
@click.argument("file", type=_FILE)
def create(file: Path) -> None:
    """Write the whole database to FILE, encrypted. Nothing stops meanwhile. The keys are not in it."""
    try:
        click.echo(services.words_of(services.create(file)))
    except GoldenThreadError as error:
        raise click.ClickException(error.message) from None


@backup_cli.command("check")
@click.argument("file", type=_THERE)
def check(file: Path) -> None:
    """Read FILE to its end, and say what it holds."""
    try:
        click.echo(services.words_of(services.check(file)))
    except GoldenThreadError as error:
        raise click.ClickException(error.message) from None


@backup_cli.command("restore")
@click.argument("file", type=_THERE)
@click.option("--replace", is_flag=True, help="Also where the database holds something: it is lost.")
@click.option(
    "--without-tombstones",
    is_flag=True,
    help="Also where the file of what was deleted for good is lost: whom only it knew comes back. This is audited.",
)
def restore(file: Path, replace: bool, without_tombstones: bool) -> None:
    """Put FILE in the place of the database, while web server and worker are stopped."""
    try:
        services.restore(file, click.echo, replace=replace, without_tombstones=without_tombstones)
    except GoldenThreadError as error:
        raise click.ClickException(error.message) from None
    click.echo("Done. Start the web server and the worker.")
