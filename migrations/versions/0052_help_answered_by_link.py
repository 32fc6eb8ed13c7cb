"""A group answers an offer of help by the same kind of link as a referral, knows it by a reference, and says why not.

Revision ID: 0052
Revises: 0051
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0052"
down_revision = "0051"
branch_labels = None
depends_on = None

_WHY_NOT = "ck_offers_of_help_helpno_why_not"
_REASONS = ("enough-helpers", "not-needed", "not-ready", "not-running")


def upgrade() -> None:
    """An offer that is put to a group has a reference, and links."""
    with op.batch_alter_table("offers_of_help") as batch:
        batch.add_column(sa.Column("reference", sa.String(12), nullable=True))
        batch.add_column(sa.Column("why_not", sa.String(max(map(len, _REASONS)) + 10), nullable=True))
        batch.create_unique_constraint(op.f("uq_offers_of_help_reference"), ["reference"])
        batch.create_check_constraint(op.f(_WHY_NOT), sa.column("why_not").in_(_REASONS))
    op.create_table(
        "help_links",
        sa.Column("offer_id", sa.Uuid(), nullable=False),
        sa.Column("token_digest", sa.String(64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["offer_id"], ["offers_of_help.id"], name=op.f("fk_help_links_offer_id_offers_of_help")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_help_links")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_help_links_token_digest")),
    )
    op.create_index(op.f("ix_help_links_offer_id"), "help_links", ["offer_id"])


def downgrade() -> None:
    """Such offers are answered by telephone again."""
    op.drop_table("help_links")
    with op.batch_alter_table("offers_of_help") as batch:
        batch.drop_constraint(op.f(_WHY_NOT), type_="check")
        batch.drop_constraint(op.f("uq_offers_of_help_reference"), type_="unique")
        batch.drop_column("why_not")
        batch.drop_column("reference")
