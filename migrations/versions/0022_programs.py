"""Programs of partners that ask by FHIR, and their tokens.

Revision ID: 0022
Revises: 0021
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import core.db

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "fhir_clients",
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("secret_digest", sa.String(length=64), nullable=False),
        sa.Column("ending", sa.String(length=8), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("created_by_id", sa.Uuid(), nullable=True),
        sa.Column("revoked_at", core.db.UtcDateTime(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", core.db.UtcDateTime(), nullable=False),
        sa.Column("updated_at", core.db.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["accounts.id"], name=op.f("fk_fhir_clients_created_by_id_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["partner_id"], ["partners.id"], name=op.f("fk_fhir_clients_partner_id_partners")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fhir_clients")),
    )
    op.create_index(op.f("ix_fhir_clients_partner_id"), "fhir_clients", ["partner_id"])
    op.create_table(
        "fhir_tokens",
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("expires_at", core.db.UtcDateTime(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"], ["fhir_clients.id"], name=op.f("fk_fhir_tokens_client_id_fhir_clients")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fhir_tokens")),
        sa.UniqueConstraint("digest", name=op.f("uq_fhir_tokens_digest")),
    )
    op.create_index(op.f("ix_fhir_tokens_client_id"), "fhir_tokens", ["client_id"])
    op.create_index(op.f("ix_fhir_tokens_expires_at"), "fhir_tokens", ["expires_at"])


def downgrade() -> None:
    """Take them away again."""
    op.drop_table("fhir_tokens")
    op.drop_table("fhir_clients")
