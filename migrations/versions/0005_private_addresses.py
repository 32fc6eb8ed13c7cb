"""Listings whose address is kept private, such as a refuge.

Revision ID: 0005
Revises: 0004
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the mark; nothing is private so far."""
    with op.batch_alter_table("services") as batch:
        batch.add_column(
            sa.Column("masked_location", sa.Boolean(), nullable=False, server_default=sa.false())
        )


def downgrade() -> None:
    """Take the mark out again."""
    with op.batch_alter_table("services") as batch:
        batch.drop_column("masked_location")
