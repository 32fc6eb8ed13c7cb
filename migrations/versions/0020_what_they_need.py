"""Who is around somebody, what they need and when to ask again, and safeguarding concerns.

Revision ID: 0020
Revises: 0018
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0018"
branch_labels = None
depends_on = None

_SEALED = ("household_sealed", "needs_met_sealed", "safeguarding_sealed", "safeguarding_told_sealed")


def upgrade() -> None:
    """Add what may be written down; nobody has been asked yet."""
    with op.batch_alter_table("persons") as batch:
        for name in _SEALED:
            batch.add_column(sa.Column(name, sa.LargeBinary(), nullable=True))
        batch.add_column(sa.Column("needs_asked_on", sa.Date(), nullable=True))
        batch.add_column(sa.Column("share_needs", sa.Boolean(), nullable=True))
        batch.add_column(sa.Column("needs_review_on", sa.Date(), nullable=True))


def downgrade() -> None:
    """Take them away again."""
    with op.batch_alter_table("persons") as batch:
        for name in ("needs_review_on", "share_needs", "needs_asked_on", *reversed(_SEALED)):
            batch.drop_column(name)
