"""When somebody was put off: what came in since brings them back.

Revision ID: 0036
Revises: 0035
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from core.db import UtcDateTime

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nobody knows when those who are put off now were; they wait until their day, as before."""
    with op.batch_alter_table("episodes") as batch:
        batch.add_column(sa.Column("snoozed_at", UtcDateTime(), nullable=True))


def downgrade() -> None:
    """Forget when."""
    with op.batch_alter_table("episodes") as batch:
        batch.drop_column("snoozed_at")
