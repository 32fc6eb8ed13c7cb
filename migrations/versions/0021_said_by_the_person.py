"""What a person says by themself: messages with their team, what helps and what does not, what they offer to others.

Revision ID: 0021
Revises: 0020
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import core.db

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "person_messages",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("at", core.db.UtcDateTime(), nullable=False),
        sa.Column(
            "voice",
            sa.Enum(
                "person", "team", "change", name="voice", native_enum=False, length=16, create_constraint=True
            ),
            nullable=False,
        ),
        sa.Column("author_id", sa.Uuid(), nullable=True),
        sa.Column("author_name", sa.String(length=120), nullable=False),
        sa.Column("words_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("read_at", core.db.UtcDateTime(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["author_id"], ["accounts.id"], name=op.f("fk_person_messages_author_id_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["persons.id"], name=op.f("fk_person_messages_person_id_persons")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person_messages")),
    )
    with op.batch_alter_table("person_messages", schema=None) as batch_op:
        batch_op.create_index("ix_person_messages_person_id_at", ["person_id", "at"], unique=False)
    op.create_table(
        "referral_words",
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("at", core.db.UtcDateTime(), nullable=False),
        sa.Column(
            "verdict",
            sa.Enum(
                "helps", "not-for-me", name="verdict", native_enum=False, length=20, create_constraint=True
            ),
            nullable=False,
        ),
        sa.Column("words_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["referral_id"], ["referrals.id"], name=op.f("fk_referral_words_referral_id_referrals")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referral_words")),
    )
    with op.batch_alter_table("referral_words", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_referral_words_referral_id"), ["referral_id"], unique=False)
    op.create_table(
        "offers_of_help",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "skill",
                "buddy",
                "volunteer",
                name="helpkind",
                native_enum=False,
                length=19,
                create_constraint=True,
            ),
            nullable=False,
        ),
        sa.Column("words_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("may_count", sa.Boolean(), nullable=False),
        sa.Column("started_at", core.db.UtcDateTime(), nullable=True),
        sa.Column("ended_at", core.db.UtcDateTime(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", core.db.UtcDateTime(), nullable=False),
        sa.Column("updated_at", core.db.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["persons.id"], name=op.f("fk_offers_of_help_person_id_persons")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offers_of_help")),
    )
    with op.batch_alter_table("offers_of_help", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_offers_of_help_person_id"), ["person_id"], unique=False)


def downgrade() -> None:
    """Take them away again."""
    op.drop_table("offers_of_help")
    op.drop_table("referral_words")
    op.drop_table("person_messages")
