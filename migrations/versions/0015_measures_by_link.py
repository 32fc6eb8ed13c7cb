"""Measures by link, on paper and by goal; licences that were attested.

Revision ID: 0015
Revises: 0014
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import core.db

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns and the tables."""
    with op.batch_alter_table("measurements") as batch:
        batch.add_column(sa.Column("goal_id", sa.Uuid(), nullable=True))
        batch.add_column(sa.Column("typed_in_at", core.db.UtcDateTime(), nullable=True))
        batch.create_foreign_key(op.f("fk_measurements_goal_id_goals"), "goals", ["goal_id"], ["id"])
        batch.create_index(op.f("ix_measurements_goal_id"), ["goal_id"])
    op.create_table(
        "measure_links",
        sa.Column("episode_id", sa.Uuid(), nullable=False),
        sa.Column("instrument", sa.String(length=40), nullable=False),
        sa.Column(
            "point",
            sa.Enum(
                "baseline",
                "review",
                "exit",
                "follow-up",
                name="point",
                native_enum=False,
                length=19,
                create_constraint=True,
            ),
            nullable=False,
        ),
        sa.Column("token_digest", sa.String(length=64), nullable=False),
        sa.Column("created_at", core.db.UtcDateTime(), nullable=False),
        sa.Column("expires_at", core.db.UtcDateTime(), nullable=False),
        sa.Column("used_at", core.db.UtcDateTime(), nullable=True),
        sa.Column("sent_by_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["episode_id"], ["episodes.id"], name=op.f("fk_measure_links_episode_id_episodes")
        ),
        sa.ForeignKeyConstraint(
            ["sent_by_id"], ["accounts.id"], name=op.f("fk_measure_links_sent_by_id_accounts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_measure_links")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_measure_links_token_digest")),
    )
    op.create_index(op.f("ix_measure_links_episode_id"), "measure_links", ["episode_id"])
    op.create_table(
        "measure_licences",
        sa.Column("instrument", sa.String(length=40), nullable=False),
        sa.Column("holder", sa.String(length=160), nullable=False),
        sa.Column("number", sa.String(length=80), nullable=False),
        sa.Column("wording", sa.JSON(), nullable=False),
        sa.Column("attested_at", core.db.UtcDateTime(), nullable=False),
        sa.Column("attested_by_id", sa.Uuid(), nullable=False),
        sa.Column("ended_at", core.db.UtcDateTime(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["attested_by_id"], ["accounts.id"], name=op.f("fk_measure_licences_attested_by_id_accounts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_measure_licences")),
    )
    op.create_index(op.f("ix_measure_licences_instrument"), "measure_licences", ["instrument"])


def downgrade() -> None:
    """Take them away again."""
    op.drop_table("measure_licences")
    op.drop_table("measure_links")
    with op.batch_alter_table("measurements") as batch:
        batch.drop_index(op.f("ix_measurements_goal_id"))
        batch.drop_constraint(op.f("fk_measurements_goal_id_goals"), type_="foreignkey")
        batch.drop_column("typed_in_at")
        batch.drop_column("goal_id")
