"""What people look for, counted by week without anybody in it.

Revision ID: 0009
Revises: 0008
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import core.db

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "search_counts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "words", "need", "gap", name="kind", native_enum=False, length=15, create_constraint=True
            ),
            nullable=False,
        ),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("ward_code", sa.String(length=9), nullable=False),
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("found_nothing", sa.Integer(), nullable=False),
        sa.Column("found_few", sa.Integer(), nullable=False),
        sa.Column("gave_up", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "people >= 0 AND found_nothing >= 0 AND found_few >= 0 AND gave_up >= 0",
            name=op.f("ck_search_counts_counts"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_counts")),
        sa.UniqueConstraint(
            "kind", "key", "ward_code", "week", name=op.f("uq_search_counts_kind_key_ward_code_week")
        ),
    )
    op.create_index(op.f("ix_search_counts_week"), "search_counts", ["week"])
    op.create_table(
        "searched_words",
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("words", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_searched_words")),
    )
    op.create_table(
        "search_salts",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("salt", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_search_salts")),
    )
    op.create_table(
        "search_marks",
        sa.Column("mark", sa.String(length=32), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("mark", name=op.f("pk_search_marks")),
    )
    op.create_index(op.f("ix_search_marks_day"), "search_marks", ["day"])
    op.create_table(
        "search_gaps",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("need_slug", sa.String(length=80), nullable=False),
        sa.Column("ward_code", sa.String(length=9), nullable=True),
        sa.Column("words", sa.String(length=200), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("at", core.db.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["author_id"], ["accounts.id"], name=op.f("fk_search_gaps_author_id_accounts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_gaps")),
    )
    op.create_index(op.f("ix_search_gaps_need_slug"), "search_gaps", ["need_slug"])


def downgrade() -> None:
    """Take the tables away."""
    for table in ("search_gaps", "search_marks", "search_salts", "searched_words", "search_counts"):
        op.drop_table(table)
