"""`flask audit`: prove that the trail was not touched."""

from __future__ import annotations

from pathlib import Path

import click
from flask.cli import AppGroup

from core.audit import heads as heads_file
from core.audit import queries, rules, services
from core.db import db, read_only
from core.errors import Invalid
from core.settings import current_settings

audit_cli = AppGroup("audit", help="The audit trail.")


@audit_cli.command("export-head")
@click.option(
    "--to",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Append here instead of the instance folder.",
)
def export_head(to: Path | None) -> None:
    """Write down where the chain ends now, outside the database.

    Keep the file where the database's owner cannot write.
    """
    with read_only():
        sequence, mac = queries.head(db.session())
    heads_file.append(to or heads_file.file_of(current_settings()), sequence, mac)
    click.echo(f"Entry {sequence} is written down as the end of the chain.")


@audit_cli.command("verify")
@click.option(
    "--heads", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="A file of exported ends."
)
def verify(heads: Path | None) -> None:
    """Check every entry against its code and the one before it; name the first that does not hold."""
    source = heads or heads_file.file_of(current_settings())
    try:
        exported = heads_file.read(source) if source.exists() else []
    except Invalid as error:
        raise click.ClickException(error.message) from None
    with read_only():
        session = db.session()
        queries.steady(session)
        end = queries.head(session)
        fault = rules.first_fault(services.audit_key(), queries.chain(session), end, exported)
    if fault:
        raise click.ClickException(
            f"The audit trail does not hold at entry {fault.sequence}: {fault.problem}."
        )
    click.echo(f"The audit trail holds: {end[0]} entries, {len(exported)} exported ends found in it.")
