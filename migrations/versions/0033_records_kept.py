"""When an editor decided about a listing whose source gives it no more.

Revision ID: 0033
Revises: 0032
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from core.db import UtcDateTime

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nobody has decided about any of them yet."""
    with op.batch_alter_table("imported_records") as batch:
        batch.add_column(sa.Column("kept_at", UtcDateTime(), nullable=True))


def downgrade() -> None:
    """They are asked about again."""
    with op.batch_alter_table("imported_records") as batch:
        batch.drop_column("kept_at")
