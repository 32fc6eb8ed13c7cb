"""What people ask of whom there is no record, and whether worries about somebody go into their copy.

Revision ID: 0028
Revises: 0027
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import core.db

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table, and the decision."""
    op.create_table(
        "unknown_requests",
        sa.Column("reference", sa.String(length=12), nullable=False),
        sa.Column(
            "kind",
            _enum("requestkind", 20, "access", "correction", "erasure", "objection", "complaint"),
            nullable=False,
        ),
        sa.Column("way", _enum("way", 19, "online", "letter", "email", "phone", "in-person"), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("state", _enum("requeststate", 18, "open", "answered", "refused"), nullable=False),
        sa.Column("name_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("reach_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("words_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("made_by", sa.String(length=60), nullable=False),
        sa.Column("answered_at", core.db.UtcDateTime(), nullable=True),
        sa.Column("answered_by", sa.String(length=60), nullable=True),
        sa.Column("answer_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", core.db.UtcDateTime(), nullable=False),
        sa.Column("updated_at", core.db.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unknown_requests")),
        sa.UniqueConstraint("reference", name=op.f("uq_unknown_requests_reference")),
    )
    op.create_index(op.f("ix_unknown_requests_state"), "unknown_requests", ["state"], unique=False)
    with op.batch_alter_table("rights_requests") as batch:
        batch.add_column(sa.Column("with_concerns", sa.Boolean(), nullable=True))


def downgrade() -> None:
    """Take them away again."""
    with op.batch_alter_table("rights_requests") as batch:
        batch.drop_column("with_concerns")
    op.drop_index(op.f("ix_unknown_requests_state"), table_name="unknown_requests")
    op.drop_table("unknown_requests")


def _enum(name: str, length: int, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=length)
