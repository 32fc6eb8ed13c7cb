"""`flask synonyms load`: take in a list of synonyms that somebody else publishes."""

from __future__ import annotations

from pathlib import Path

import click
from flask.cli import AppGroup

from core.access.rules import SYSTEM
from core.db import db
from directory.search.thesaurus import services
from directory.search.thesaurus.rules import read_list

MOST_SHOWN = 20

synonyms_cli = AppGroup("synonyms", help="Words that mean the same to a search.")


@synonyms_cli.command("load")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def load(file: Path) -> None:
    """Add the entries of FILE that are not there yet.

    Lines look like "- search: car, vehicle => car, vehicle", as GOV.UK publishes its own list.
    """
    try:
        lines = file.read_text("utf-8-sig").splitlines()
    except UnicodeDecodeError:
        raise click.ClickException("The file is not text in UTF-8. Save it so and try again.") from None
    listed = read_list(lines)
    for number, problem in listed.problems[:MOST_SHOWN]:
        click.echo(f"Line {number}: {problem}", err=True)
    if len(listed.problems) > MOST_SHOWN:
        click.echo(f"... and {len(listed.problems) - MOST_SHOWN} more lines like these.", err=True)
    if not listed.rings:
        raise click.ClickException("There is no entry in the file that searches could use.")
    added = services.load(db.session(), SYSTEM, listed.rings)
    db.session.commit()
    click.echo(
        f"Added {added:,} entries. {len(listed.rings) - added:,} were there already, and {listed.needless:,} "
        "lines say what searches know by themselves. Searches use the new ones from now on."
    )
