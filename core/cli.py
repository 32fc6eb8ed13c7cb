"""Commands that belong to no feature: migrations, and the demo borough that every area adds its part to."""

from __future__ import annotations

from collections.abc import Callable

import click
from alembic import command
from alembic.config import Config
from flask.cli import AppGroup
from sqlalchemy.orm import Session

from core.db import db
from core.settings import ROOT

migrate_cli = AppGroup("migrate", help="The database's shape.")
demo_cli = AppGroup("demo", help="The example borough.")

DemoLoader = Callable[[Session, Callable[[str], None]], None]

_demo_loaders: list[tuple[int, DemoLoader]] = []
_emptiness: list[Callable[[Session], bool]] = []


def alembic_config() -> Config:
    """Alembic's settings: where the history lies."""
    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    config.set_main_option("path_separator", "os")
    return config


@migrate_cli.command("upgrade")
@click.argument("revision", default="head")
def upgrade(revision: str) -> None:
    """Bring the database to REVISION (the newest, unless told)."""
    command.upgrade(alembic_config(), revision)
    click.echo("The database has the shape that this version needs.")


@migrate_cli.command("downgrade")
@click.argument("revision")
def downgrade(revision: str) -> None:
    """Take the database back to REVISION."""
    command.downgrade(alembic_config(), revision)
    click.echo(f"The database is back at {revision}.")


@migrate_cli.command("revision")
@click.option("-m", "--message", required=True)
def revision(message: str) -> None:
    """Write a migration from how the models differ from the database."""
    command.revision(alembic_config(), message=message, autogenerate=True)


def add_demo_loader(order: int, loader: DemoLoader, *, is_loaded: Callable[[Session], bool]) -> None:
    """Have `flask demo load` call `loader(session, say)` in `order`; `is_loaded` tells that its part is there."""
    if (order, loader) not in _demo_loaders:
        _demo_loaders.append((order, loader))
        _emptiness.append(is_loaded)


@demo_cli.command("load")
@click.option("--if-empty", is_flag=True, help="Do nothing when the database holds anything already.")
def load(if_empty: bool) -> None:
    """Make the example borough: groups, activities, people in every state. Invented, and says so."""
    load_demo(db.session(), click.echo, if_empty=if_empty)


def load_demo(session: Session, say: Callable[[str], None], *, if_empty: bool = False) -> bool:
    """Run every area's loader in one transaction. Gives whether anything was loaded.

    Raises `click.ClickException` when the database already holds data and `if_empty` is off.
    """
    if any(is_loaded(session) for is_loaded in _emptiness):
        if if_empty:
            say("The database already holds data: nothing loaded.")
            return False
        raise click.ClickException(
            "The database already holds data. Start over with `python3 dev.py run --fresh`, or use --if-empty."
        )
    for _order, loader in sorted(_demo_loaders, key=lambda pair: pair[0]):
        loader(session, say)
        session.flush()
    session.commit()
    return True
