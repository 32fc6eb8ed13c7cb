"""Whoever offers help is put to a group, with a consent of its own.

Revision ID: 0047
Revises: 0046
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None

_CHECK = "ck_consents_consentpurpose_purpose"
_PURPOSES = ("support", "share-offer", "share-accepted", "feedback-to-referrer")
_POINTS_TO = {"service_id": "services", "organization_id": "organizations", "buddy_id": "buddies"}


def upgrade() -> None:
    """Allow the consent; an offer knows where it was put, and how the group answered."""
    _allow(*_PURPOSES, "help-group")
    with op.batch_alter_table("offers_of_help") as batch:
        batch.add_column(sa.Column("service_id", sa.Uuid(), nullable=True))
        batch.add_column(sa.Column("organization_id", sa.Uuid(), nullable=True))
        batch.add_column(sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True))
        batch.add_column(sa.Column("said_yes", sa.Boolean(), nullable=True))
        batch.add_column(sa.Column("buddy_id", sa.Uuid(), nullable=True))
        for column, table in _POINTS_TO.items():
            batch.create_foreign_key(op.f(f"fk_offers_of_help_{column}_{table}"), table, [column], ["id"])
        batch.create_index(op.f("ix_offers_of_help_organization_id"), ["organization_id"])


def downgrade() -> None:
    """Take them off the groups' lists, with what they agreed to."""
    op.execute(
        "DELETE FROM deletion_notices"
        " WHERE consent_id IN (SELECT id FROM consents WHERE purpose = 'help-group')"
    )
    op.execute("DELETE FROM consents WHERE purpose = 'help-group'")
    with op.batch_alter_table("offers_of_help") as batch:
        batch.drop_index(op.f("ix_offers_of_help_organization_id"))
        for column, table in _POINTS_TO.items():
            batch.drop_constraint(op.f(f"fk_offers_of_help_{column}_{table}"), type_="foreignkey")
        for column in ("buddy_id", "said_yes", "asked_at", "organization_id", "service_id"):
            batch.drop_column(column)
    _allow(*_PURPOSES)


def _allow(*purposes: str) -> None:
    """Hold the purposes of consents to these."""
    with op.batch_alter_table("consents") as batch:
        batch.drop_constraint(op.f(_CHECK), type_="check")
        batch.create_check_constraint(op.f(_CHECK), sa.column("purpose").in_(purposes))
