"""Letters, texts and emails in the languages that translators gave, and a count of those that are missed.

Revision ID: 0045
Revises: 0044
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import core.db

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None

_KINDS = ("tried", "appointment", "agreed", "expected", "goodbye")
_MEDIA = ("letter", "message")


def upgrade() -> None:
    """Add both tables."""
    op.create_table(
        "letter_versions",
        *_which("letter_versions"),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("english", sa.Text(), nullable=False),
        sa.Column("translated_by", sa.String(120), nullable=False),
        sa.Column("checked_by", sa.String(120), nullable=False),
        sa.Column("entered_by_id", sa.Uuid(), nullable=True),
        sa.Column("entered_by", sa.String(120), nullable=False),
        sa.Column("entered_at", core.db.UtcDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["entered_by_id"], ["accounts.id"], name=op.f("fk_letter_versions_entered_by_id_accounts")
        ),
    )
    op.create_table(
        "letter_wishes",
        *_which("letter_wishes"),
        sa.Column("missing", sa.Integer(), nullable=False),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.Column("last_at", core.db.UtcDateTime(), nullable=False),
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_table("letter_wishes")
    op.drop_table("letter_versions")


def _enum(name: str, values: tuple[str, ...]) -> sa.Enum:
    length = max(map(len, values)) + 10
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=length)


def _which(table: str) -> tuple[sa.schema.SchemaItem, ...]:
    """The columns that say which template in which language."""
    return (
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("language", sa.String(12), nullable=False),
        sa.Column("medium", _enum("medium", _MEDIA), nullable=False),
        sa.Column("kind", _enum("kind", _KINDS), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("language", "medium", "kind", name=op.f(f"uq_{table}_language_medium_kind")),
    )
