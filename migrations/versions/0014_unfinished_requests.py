"""Requests for support that were begun and not sent, until their time is over.

Revision ID: 0014
Revises: 0013
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import core.db

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "ask_drafts",
        sa.Column("reference", sa.String(length=12), nullable=False),
        sa.Column("code_digest", sa.String(length=64), nullable=False),
        sa.Column("link_digest", sa.String(length=64), nullable=True),
        sa.Column("content_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("expires_at", core.db.UtcDateTime(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", core.db.UtcDateTime(), nullable=False),
        sa.Column("updated_at", core.db.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ask_drafts")),
        sa.UniqueConstraint("link_digest", name=op.f("uq_ask_drafts_link_digest")),
        sa.UniqueConstraint("reference", name=op.f("uq_ask_drafts_reference")),
    )
    with op.batch_alter_table("ask_drafts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ask_drafts_expires_at"), ["expires_at"], unique=False)


def downgrade() -> None:
    """Take it away again."""
    op.drop_table("ask_drafts")
