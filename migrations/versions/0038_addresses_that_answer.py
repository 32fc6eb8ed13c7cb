"""At which published email addresses somebody reads what we send.

Revision ID: 0038
Revises: 0037
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import core.db

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "answering_addresses",
        sa.Column("address_index", sa.String(length=64), nullable=False),
        sa.Column("at", core.db.UtcDateTime(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answering_addresses")),
        sa.UniqueConstraint("address_index", name=op.f("uq_answering_addresses_address_index")),
    )


def downgrade() -> None:
    """Take it away; pages no longer say that email is answered."""
    op.drop_table("answering_addresses")
