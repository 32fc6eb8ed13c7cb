"""When a word of a vocabulary last changed.

Revision ID: 0039
Revises: 0038
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from core.db import UtcDateTime

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Those that are there count as changed long ago."""
    with op.batch_alter_table("taxonomy_terms") as batch:
        batch.add_column(
            sa.Column(
                "updated_at", UtcDateTime(), server_default=sa.text("'2000-01-01 00:00:00'"), nullable=False
            )
        )
    with op.batch_alter_table("taxonomy_terms") as batch:
        batch.alter_column(
            "updated_at", server_default=None, existing_type=UtcDateTime(), existing_nullable=False
        )


def downgrade() -> None:
    """Nobody knows any more."""
    with op.batch_alter_table("taxonomy_terms") as batch:
        batch.drop_column("updated_at")
