"""The history of the database: it ends at the models, and going up or down loses no row on the way."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy import Connection, func, inspect, select, text
from sqlalchemy.orm import Session

from core import clock
from core.access.rules import Role
from core.accounts.models import Account, MembershipRow
from core.cli import alembic_config
from core.db import Base, db, read_only
from directory.listings.models import Organization, Service, StatusEvent
from directory.listings.rules import ListingStatus
from prescribing.episodes.models import EpisodeEvent
from tests import build, build_directory
from tests.conftest import make_settings
from tests.integration.prescribing.episodes import walk

NEWEST = ScriptDirectory.from_config(alembic_config()).get_current_head() or ""
HEAD = (
    f"import sqlalchemy as sa\nfrom alembic import op\n\nrevision = 'trial'\ndown_revision = '{NEWEST}'\n\n"
)

# Changes that make SQLite build a table again, of tables that others point to.
CHANGES_PARENTS = f"""{HEAD}
PARENTS = {{
    "organizations": ("name", 200, False),
    "accounts": ("password_hash", 200, True),
    "services": ("name", 200, False),
}}


def upgrade():
    for table, (column, length, empty) in PARENTS.items():
        with op.batch_alter_table(table) as batch:
            batch.add_column(sa.Column("trial", sa.Integer(), nullable=True))
            batch.alter_column(
                column,
                existing_type=sa.String(length),
                type_=sa.String(length + 50),
                existing_nullable=empty,
            )


def downgrade():
    for table, (column, length, empty) in PARENTS.items():
        with op.batch_alter_table(table) as batch:
            batch.alter_column(
                column,
                existing_type=sa.String(length + 50),
                type_=sa.String(length),
                existing_nullable=empty,
            )
            batch.drop_column("trial")
"""
LOSES_PARENTS = f"""{HEAD}
def upgrade():
    organizations = sa.table("organizations", sa.column("summary"))
    op.execute(organizations.update().values(summary="lost"))
    op.execute(organizations.delete())


def downgrade():
    pass
"""
ROWS = (Account, MembershipRow, Organization, Service, StatusEvent)


@pytest.fixture
def migrated(empty_database_url: str, tmp_path: Path) -> Iterator[Flask]:
    """An app on a database that the history has just made, inside its context."""
    from wsgi import create_app

    app = create_app(make_settings(empty_database_url, tmp_path))
    with app.app_context():
        command.upgrade(alembic_config(), "head")
        yield app
        db.session.remove()
        db.engine.dispose()


def with_trial(folder: Path, script: str) -> Config:
    """The history with one more revision."""
    (folder / "trial.py").write_text(script, encoding="utf-8")
    config = alembic_config()
    ours = Path(str(config.get_main_option("script_location"))) / "versions"
    config.set_main_option("version_locations", os.pathsep.join([str(ours), str(folder)]))
    return config


def counted() -> dict[str, int]:
    with read_only(), Session(db.engine) as session:
        return {one.__tablename__: session.scalar(select(func.count()).select_from(one)) or 0 for one in ROWS}


def fill() -> dict[str, int]:
    """Parents and children in the tables; gives how many of each."""
    session = db.session()
    group = build_directory.organization(session)
    build_directory.listing(session, group)
    build.account(session, Role.GROUP_MEMBER, place_id=group)
    session.add(
        StatusEvent(
            service_id=session.scalars(select(Service.id)).one(),
            at=clock.now(),
            to_status=ListingStatus.DRAFT,
        )
    )
    session.commit()
    db.session.remove()
    made = counted()
    assert all(made.values()), made
    return made


def differences(connection: Connection) -> list[object]:
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    return list(compare_metadata(context, Base.metadata))


def test_the_history_ends_at_the_models(migrated: Flask) -> None:
    with read_only(), db.engine.connect() as connection:
        assert differences(connection) == []


def test_a_difference_would_be_seen(migrated: Flask) -> None:
    with db.engine.begin() as connection:
        connection.execute(text("DROP INDEX ix_jobs_key"))
        connection.execute(text("ALTER TABLE jobs ADD COLUMN trial INTEGER"))
    with read_only(), db.engine.connect() as connection:
        assert len(differences(connection)) == 2


def test_changing_a_parent_keeps_its_children_up_and_down(migrated: Flask, tmp_path: Path) -> None:
    made = fill()
    config = with_trial(tmp_path, CHANGES_PARENTS)
    command.upgrade(config, "head")
    assert "trial" in {column["name"] for column in inspect(db.engine).get_columns("organizations")}
    assert counted() == made
    command.downgrade(config, NEWEST)
    assert counted() == made
    with read_only(), db.engine.connect() as connection:
        assert differences(connection) == []


def test_children_without_parents_are_refused_and_nothing_is_changed(migrated: Flask, tmp_path: Path) -> None:
    made = fill()
    with pytest.raises(Exception, match=r"without parents|violates foreign key"):
        command.upgrade(with_trial(tmp_path, LOSES_PARENTS), "head")
    assert counted() == made
    with read_only(), Session(db.engine) as session:
        assert session.scalars(select(Organization.summary)).all() != ["lost"]


def test_names_that_stood_open_are_sealed_and_come_back_on_the_way_down(migrated: Flask) -> None:
    fill()
    name = db.session().scalars(select(Account)).one().name
    db.session.remove()
    command.downgrade(alembic_config(), "0025")
    with read_only(), db.engine.connect() as connection:
        assert connection.scalars(text("SELECT name FROM accounts")).all() == [name]
    command.upgrade(alembic_config(), "head")
    assert "name" not in {column["name"] for column in inspect(db.engine).get_columns("accounts")}
    assert db.session().scalars(select(Account)).one().name == name


def test_a_move_that_a_contact_led_to_before_this_was_kept_is_known_by_it(migrated: Flask) -> None:
    session = db.session()
    walk.active(session, walk.team(session))
    known = select(EpisodeEvent.target, EpisodeEvent.contact_id).order_by(EpisodeEvent.at, EpisodeEvent.id)
    before = session.execute(known).all()
    assert [target for target, contact in before if contact is not None] == ["contacting", "active"]
    session.commit()
    db.session.remove()
    command.downgrade(alembic_config(), "0047")
    command.upgrade(alembic_config(), "head")
    assert db.session().execute(known).all() == before


def test_going_back_to_nothing_and_up_again(migrated: Flask) -> None:
    fill()
    command.downgrade(alembic_config(), "base")
    assert inspect(db.engine).get_table_names() == ["alembic_version"]
    command.upgrade(alembic_config(), "head")
    with read_only(), db.engine.connect() as connection:
        assert differences(connection) == []
