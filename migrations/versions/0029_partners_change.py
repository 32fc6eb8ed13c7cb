"""Whoever changes a body that refers knows which version they read.

Revision ID: 0029
Revises: 0028
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Count the versions of a partner; those that are there are at their first."""
    with op.batch_alter_table("partners") as batch:
        batch.add_column(sa.Column("version", sa.Integer(), server_default="1", nullable=False))


def downgrade() -> None:
    """Count no more."""
    with op.batch_alter_table("partners") as batch:
        batch.drop_column("version")
