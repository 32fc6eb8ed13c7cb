"""`flask accounts`: the first administrator."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from core.access.rules import SYSTEM, Membership, Role
from core.accounts import services
from core.db import db
from core.errors import Invalid

accounts_cli = AppGroup("accounts", help="Who can sign in.")


@accounts_cli.command("create-admin")
@click.option("--name", prompt="Name")
@click.option("--email", prompt="Email address")
@click.password_option(prompt="Password (three random words)")
def create_admin(name: str, email: str, password: str) -> None:
    """Make an administrator. They set up an authenticator app when they sign in for the first time."""
    try:
        services.create_account(
            db.session(), SYSTEM, name, email, [Membership(Role.ADMINISTRATOR)], password=password
        )
    except Invalid as error:
        raise click.ClickException(error.message) from None
    db.session.commit()
    click.echo(f"{name} can sign in now.")
