"""Each episode has a mark that is new whenever something is written of it.

Revision ID: 0040
Revises: 0039
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table. An episode without a mark is one that nothing was written of since."""
    op.create_table(
        "episode_marks",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("mark", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_episode_marks")),
    )


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("episode_marks")
