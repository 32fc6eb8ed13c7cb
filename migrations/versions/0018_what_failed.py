"""What was caused by a failure; what people say of pages; how far they get in the main tasks.

Revision ID: 0018
Revises: 0019
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import core.db

revision = "0018"
down_revision = "0019"
branch_labels = None
depends_on = None


def _choice(name: str, *values: str) -> sa.Enum:
    return sa.Enum(
        *values,
        name=name,
        native_enum=False,
        length=max(len(value) for value in values) + 10,
        create_constraint=True,
    )


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "failure_marks",
        sa.Column("episode_id", sa.Uuid(), nullable=False),
        sa.Column("about", sa.String(length=80), nullable=False),
        sa.Column(
            "kind",
            _choice("kind", "chase", "bounce", "hops", "retell", "duplicate", "return", "other"),
            nullable=False,
        ),
        sa.Column(
            "cause",
            _choice(
                "cause",
                "late",
                "no-answer",
                "listing-wrong",
                "no-room",
                "not-fitting",
                "not-passed-on",
                "not-understood",
                "closed-early",
                "other",
            ),
            nullable=True,
        ),
        sa.Column("confirmed", sa.Boolean(), nullable=False),
        sa.Column("suggested", sa.Boolean(), nullable=False),
        sa.Column("words_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("minutes", sa.Integer(), nullable=True),
        sa.Column("service_id", sa.Uuid(), nullable=True),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("at", core.db.UtcDateTime(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("minutes BETWEEN 0 AND 600", name=op.f("ck_failure_marks_minutes_range")),
        sa.ForeignKeyConstraint(
            ["author_id"], ["accounts.id"], name=op.f("fk_failure_marks_author_id_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["episode_id"], ["episodes.id"], name=op.f("fk_failure_marks_episode_id_episodes")
        ),
        sa.ForeignKeyConstraint(
            ["service_id"], ["services.id"], name=op.f("fk_failure_marks_service_id_services")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_failure_marks")),
        sa.UniqueConstraint("about", name=op.f("uq_failure_marks_about")),
    )
    for column in ("episode_id", "on", "service_id"):
        op.create_index(op.f(f"ix_failure_marks_{column}"), "failure_marks", [column])
    op.create_table(
        "page_feedback",
        sa.Column("at", core.db.UtcDateTime(), nullable=False),
        sa.Column("route", sa.String(length=80), nullable=False),
        sa.Column("ease", _choice("ease", "easy", "hard", "stuck"), nullable=False),
        sa.Column("words_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("done_at", core.db.UtcDateTime(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_page_feedback")),
    )
    op.create_index(op.f("ix_page_feedback_at"), "page_feedback", ["at"])
    op.create_table(
        "step_counts",
        sa.Column("task", sa.String(length=20), nullable=False),
        sa.Column("step", sa.String(length=20), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("reached", sa.Integer(), nullable=False),
        sa.CheckConstraint("reached >= 0", name=op.f("ck_step_counts_reached")),
        sa.PrimaryKeyConstraint("task", "step", "day", name=op.f("pk_step_counts")),
    )


def downgrade() -> None:
    """Take the tables away."""
    for table in ("step_counts", "page_feedback", "failure_marks"):
        op.drop_table(table)
