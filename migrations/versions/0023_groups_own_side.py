"""What a group was paid for taking people in, and who meets newcomers.

Revision ID: 0023
Revises: 0022
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import core.db

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def _stamps() -> tuple[sa.Column[object], ...]:
    return (
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", core.db.UtcDateTime(), nullable=False),
        sa.Column("updated_at", core.db.UtcDateTime(), nullable=False),
    )


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "group_funding",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("pence", sa.BigInteger(), nullable=False),
        *_stamps(),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name=op.f("fk_group_funding_organization_id_organizations"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_group_funding")),
        sa.UniqueConstraint("organization_id", "year", name=op.f("uq_group_funding_organization_id_year")),
    )
    op.create_table(
        "buddies",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("name_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("gone", sa.Boolean(), nullable=False),
        *_stamps(),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_buddies_organization_id_organizations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_buddies")),
    )
    op.create_index(op.f("ix_buddies_organization_id"), "buddies", ["organization_id"])
    op.create_table(
        "buddy_turns",
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("buddy_id", sa.Uuid(), nullable=False),
        *_stamps(),
        sa.ForeignKeyConstraint(["buddy_id"], ["buddies.id"], name=op.f("fk_buddy_turns_buddy_id_buddies")),
        sa.ForeignKeyConstraint(
            ["service_id"], ["services.id"], name=op.f("fk_buddy_turns_service_id_services")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_buddy_turns")),
        sa.UniqueConstraint("service_id", "on", name=op.f("uq_buddy_turns_service_id_on")),
    )
    op.create_index(op.f("ix_buddy_turns_buddy_id"), "buddy_turns", ["buddy_id"])


def downgrade() -> None:
    """Take them away again."""
    op.drop_table("buddy_turns")
    op.drop_table("buddies")
    op.drop_table("group_funding")
