"""Times as groups run them: seasons, bank holidays, a price for one session, and the borough's school terms.

Revision ID: 0002
Revises: 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import core.db

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add what timetables may say, and a table of school terms."""
    op.create_table(
        "school_terms",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("starts", sa.Date(), nullable=False),
        sa.Column("ends", sa.Date(), nullable=False),
        sa.Column("created_at", core.db.UtcDateTime(), nullable=False),
        sa.Column("updated_at", core.db.UtcDateTime(), nullable=False),
        sa.CheckConstraint("ends >= starts", name=op.f("ck_school_terms_in_order")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_school_terms")),
    )
    with op.batch_alter_table("schedules") as batch:
        batch.add_column(sa.Column("season_from", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("season_to", sa.Integer(), nullable=True))
        batch.add_column(
            sa.Column("bank_holidays", sa.String(length=21), nullable=False, server_default="as-usual")
        )
        batch.add_column(sa.Column("holiday_opens_at", sa.Time(), nullable=True))
        batch.add_column(sa.Column("holiday_closes_at", sa.Time(), nullable=True))
        batch.add_column(sa.Column("pence", sa.Integer(), nullable=True))
        batch.create_check_constraint(
            op.f("ck_schedules_bankholidays"), "bank_holidays IN ('as-usual', 'off', 'other-times')"
        )


def downgrade() -> None:
    """Take them out again; lines that used them become plain weekly ones."""
    with op.batch_alter_table("schedules") as batch:
        batch.drop_constraint(op.f("ck_schedules_bankholidays"), type_="check")
        batch.drop_column("pence")
        batch.drop_column("holiday_closes_at")
        batch.drop_column("holiday_opens_at")
        batch.drop_column("bank_holidays")
        batch.drop_column("season_to")
        batch.drop_column("season_from")
    op.drop_table("school_terms")
