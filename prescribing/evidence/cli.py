"""`flask evidence`: publish figures."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from core.db import db
from core.errors import GoldenThreadError
from prescribing.evidence import services
from prescribing.evidence.rules import Period, read_period

evidence_cli = AppGroup(
    "evidence", help="Figures about the whole thread, for fixed periods, safe to be shown."
)


@evidence_cli.command("publish")
@click.option("--period", help="Only this one: 2026-03, 2026-Q1, or 2025-to-2026 for April to March.")
def publish(period: str | None) -> None:
    """Publish every period that has settled and is not published yet."""
    session = db.session()
    try:
        if period is not None:
            wanted = read_period(period)
            services.publish(session, wanted)
            done: tuple[Period, ...] = (wanted,)
        else:
            done = services.publish_due(session)
    except GoldenThreadError as error:
        raise click.ClickException(error.message) from error
    db.session.commit()
    for each in done:
        click.echo(f"Published: {each.say()}")
    if not done:
        click.echo("Nothing new to publish. A period is published 28 days after it ends.")
