"""Answers to reminders by email: where they go, what they said, and what an editor reads of them.

Revision ID: 0034
Revises: 0033
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import core.db

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

_CHECK = "ck_reports_reportkind_kind"
_KINDS = ("wrong", "missing", "declined", "website", "email", "nobody")


def upgrade() -> None:
    """Add the table of replies, the tokens by which they are known, and a kind of report."""
    with op.batch_alter_table("messages") as batch:
        batch.add_column(sa.Column("reply_to_sealed", sa.LargeBinary(), nullable=True))
    with op.batch_alter_table("check_links") as batch:
        batch.add_column(sa.Column("reply_digest", sa.String(length=64), nullable=True))
        batch.add_column(sa.Column("replied_at", core.db.UtcDateTime(), nullable=True))
        batch.create_unique_constraint(op.f("uq_check_links_reply_digest"), ["reply_digest"])
    _allow(*_KINDS, "wrote")
    op.create_table(
        "replies",
        sa.Column("letter_index", sa.String(length=64), nullable=False),
        sa.Column("link_id", sa.Uuid(), nullable=False),
        sa.Column("received_at", core.db.UtcDateTime(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "waiting",
                "editor",
                "done",
                "late",
                name="replystate",
                native_enum=False,
                create_constraint=True,
                length=17,
            ),
            nullable=False,
        ),
        sa.Column("text_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("dropped", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["link_id"],
            ["check_links.id"],
            name=op.f("fk_replies_link_id_check_links"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_replies")),
        sa.UniqueConstraint("letter_index", name=op.f("uq_replies_letter_index")),
    )
    op.create_index(op.f("ix_replies_link_id"), "replies", ["link_id"], unique=False)
    op.create_index(op.f("ix_replies_received_at"), "replies", ["received_at"], unique=False)


def downgrade() -> None:
    """Take them away; what a group wrote counts as before."""
    op.drop_index(op.f("ix_replies_received_at"), table_name="replies")
    op.drop_index(op.f("ix_replies_link_id"), table_name="replies")
    op.drop_table("replies")
    op.execute("UPDATE reports SET kind = 'declined' WHERE kind = 'wrote'")
    _allow(*_KINDS)
    with op.batch_alter_table("check_links") as batch:
        batch.drop_constraint(op.f("uq_check_links_reply_digest"), type_="unique")
        batch.drop_column("replied_at")
        batch.drop_column("reply_digest")
    with op.batch_alter_table("messages") as batch:
        batch.drop_column("reply_to_sealed")


def _allow(*kinds: str) -> None:
    """Hold the kinds of reports to these."""
    with op.batch_alter_table("reports") as batch:
        batch.drop_constraint(op.f(_CHECK), type_="check")
        batch.create_check_constraint(op.f(_CHECK), sa.column("kind").in_(kinds))
