"""A contact that was written down by mistake is marked so, and counts for nothing.

Revision ID: 0037
Revises: 0036
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from core.db import UtcDateTime

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Room for when, by whom and why."""
    with op.batch_alter_table("contact_attempts") as batch:
        batch.add_column(sa.Column("mistake_at", UtcDateTime(), nullable=True))
        batch.add_column(sa.Column("mistake_by_id", sa.Uuid(), nullable=True))
        batch.add_column(sa.Column("mistake_reason_sealed", sa.LargeBinary(), nullable=True))
        batch.create_foreign_key(
            op.f("fk_contact_attempts_mistake_by_id_accounts"), "accounts", ["mistake_by_id"], ["id"]
        )


def downgrade() -> None:
    """What was a mistake counts again."""
    with op.batch_alter_table("contact_attempts") as batch:
        batch.drop_constraint(op.f("fk_contact_attempts_mistake_by_id_accounts"), type_="foreignkey")
        batch.drop_column("mistake_reason_sealed")
        batch.drop_column("mistake_by_id")
        batch.drop_column("mistake_at")
