"""Whether a group has room, as it said; whether somebody brought someone.

Revision ID: 0013
Revises: 0012
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import core.db

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table and the column."""
    op.create_table(
        "listing_rooms",
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("full", sa.Boolean(), nullable=False),
        sa.Column("said_at", core.db.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["service_id"], ["services.id"], name=op.f("fk_listing_rooms_service_id_services")
        ),
        sa.PrimaryKeyConstraint("service_id", name=op.f("pk_listing_rooms")),
    )
    with op.batch_alter_table("attendances") as table:
        table.add_column(
            sa.Column("brought_someone", sa.Boolean(), nullable=False, server_default=sa.false())
        )


def downgrade() -> None:
    """Take them away again."""
    with op.batch_alter_table("attendances") as table:
        table.drop_column("brought_someone")
    op.drop_table("listing_rooms")
