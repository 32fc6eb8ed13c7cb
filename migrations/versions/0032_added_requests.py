"""A request about somebody who has a support already may be added to that support.

Revision ID: 0032
Revises: 0031
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Room for the support that a request was added to."""
    with op.batch_alter_table("episodes") as batch:
        batch.add_column(sa.Column("joined_to_id", sa.Uuid(), nullable=True))
        batch.create_foreign_key("fk_episodes_joined_to_id_episodes", "episodes", ["joined_to_id"], ["id"])
        batch.create_index("ix_episodes_joined_to_id", ["joined_to_id"])


def downgrade() -> None:
    """Each request by itself again."""
    with op.batch_alter_table("episodes") as batch:
        batch.drop_index("ix_episodes_joined_to_id")
        batch.drop_constraint("fk_episodes_joined_to_id_episodes", type_="foreignkey")
        batch.drop_column("joined_to_id")
