"""`flask vocabularies ...`: take in what others publish."""

from __future__ import annotations

from pathlib import Path

import click
from flask.cli import AppGroup

from core.access.rules import SYSTEM
from core.db import db
from core.errors import Invalid
from directory.stewardship.taxonomies import services
from directory.stewardship.taxonomies.files import open_scheme

vocabularies_cli = AppGroup("vocabularies", help="The words that listings are found by.")


@vocabularies_cli.command("load")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, readable=True, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Say what would happen, and change nothing.")
def load(file: Path, dry_run: bool) -> None:
    """Take in a SKOS vocabulary in JSON-LD from FILE. Running it again changes nothing."""
    try:
        scheme = open_scheme(file.read_bytes())
    except Invalid as fault:
        raise click.ClickException(fault.message) from None
    made = services.load(db.session(), SYSTEM, scheme, dry_run=dry_run)
    db.session.commit()
    click.echo(f"{scheme.name}: {len(made.added)} added, {len(made.changed)} changed, {made.same} the same.")
    for line in (*scheme.problems, *(f"No longer in the file, and kept: {name}" for name in made.gone)):
        click.echo(line)
    if dry_run:
        click.echo("Nothing was changed.")
