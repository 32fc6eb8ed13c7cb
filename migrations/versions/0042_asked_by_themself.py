"""A referral knows whether the person asked for it themself.

Revision ID: 0042
Revises: 0041
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Those that are there were all made by a link worker."""
    with op.batch_alter_table("referrals") as batch:
        batch.add_column(sa.Column("by_person", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    """Forget who asked."""
    with op.batch_alter_table("referrals") as batch:
        batch.drop_column("by_person")
