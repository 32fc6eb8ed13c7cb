"""What somebody who is expected at a session was told of it.

Revision ID: 0010
Revises: 0009
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import core.db

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "session_notices",
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("starts", sa.String(length=5), nullable=False),
        sa.Column("off", sa.Boolean(), nullable=False),
        sa.Column("said_off", sa.Boolean(), nullable=False),
        sa.Column(
            "way",
            sa.Enum(
                "text", "email", "ring", name="heard", native_enum=False, length=15, create_constraint=True
            ),
            nullable=True,
        ),
        sa.Column("at", core.db.UtcDateTime(), nullable=False),
        sa.Column("action_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["action_id"], ["actions.id"], name=op.f("fk_session_notices_action_id_actions")
        ),
        sa.ForeignKeyConstraint(
            ["referral_id"], ["referrals.id"], name=op.f("fk_session_notices_referral_id_referrals")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session_notices")),
        sa.UniqueConstraint(
            "referral_id", "on", "starts", name=op.f("uq_session_notices_referral_id_on_starts")
        ),
    )


def downgrade() -> None:
    """Take it away again."""
    op.drop_table("session_notices")
