"""Somebody may act for a person, with limits.

Revision ID: 0025
Revises: 0024
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import core.db

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

_ROLES = (
    "resident",
    "referrer",
    "link-worker",
    "coordinator",
    "group-member",
    "editor",
    "commissioner",
    "data-protection-officer",
    "administrator",
)
_VOICES = ("person", "team", "change")


def upgrade() -> None:
    """Add the table, the role, the voice, and whose word a word is."""
    op.create_table(
        "proxies",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("name_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("ground", _enum("ground", 18, "own-word", "parent", "court"), nullable=False),
        sa.Column("understands", sa.Boolean(), nullable=False),
        sa.Column("how", sa.String(length=40), nullable=False),
        sa.Column("may_message", sa.Boolean(), nullable=False),
        sa.Column("may_say", sa.Boolean(), nullable=False),
        sa.Column("given_on", sa.Date(), nullable=False),
        sa.Column("given_by", sa.Uuid(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("ended_at", core.db.UtcDateTime(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", core.db.UtcDateTime(), nullable=False),
        sa.Column("updated_at", core.db.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_proxies_account_id_accounts")),
        sa.ForeignKeyConstraint(["given_by"], ["accounts.id"], name=op.f("fk_proxies_given_by_accounts")),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_proxies_person_id_persons")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proxies")),
    )
    with op.batch_alter_table("proxies") as batch:
        batch.create_index(batch.f("ix_proxies_account_id"), ["account_id"], unique=False)
        batch.create_index(batch.f("ix_proxies_person_id"), ["person_id"], unique=False)
    with op.batch_alter_table("referral_words") as batch:
        batch.add_column(sa.Column("by_proxy", sa.Boolean(), server_default=sa.false(), nullable=False))
    _let("memberships", "role", 33, _ROLES, (*_ROLES, "proxy"))
    _let("person_messages", "voice", 16, _VOICES, (*_VOICES, "proxy"))


def downgrade() -> None:
    """Take it away again, with what was said and held by it."""
    op.execute("DELETE FROM person_messages WHERE voice = 'proxy'")
    op.execute("DELETE FROM memberships WHERE role = 'proxy'")
    op.execute("DELETE FROM referral_words WHERE by_proxy")
    _let("person_messages", "voice", 16, (*_VOICES, "proxy"), _VOICES)
    _let("memberships", "role", 33, (*_ROLES, "proxy"), _ROLES)
    with op.batch_alter_table("referral_words") as batch:
        batch.drop_column("by_proxy")
    op.drop_table("proxies")


def _enum(name: str, length: int, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=length)


def _let(table: str, column: str, length: int, before: tuple[str, ...], after: tuple[str, ...]) -> None:
    with op.batch_alter_table(table) as batch:
        batch.alter_column(
            column,
            existing_type=_enum(column, length, *before),
            type_=_enum(column, length, *after),
            existing_nullable=False,
        )
