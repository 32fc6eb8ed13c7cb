"""Keys for the open API, and finding what changed last without reading every row.

Revision ID: 0006
Revises: 0005
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import core.db

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

STAMPED = ("locations", "organizations", "services")


def upgrade() -> None:
    """Add the table of keys and the indexes."""
    op.create_table(
        "api_keys",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("ending", sa.String(length=8), nullable=False),
        sa.Column("per_minute", sa.Integer(), nullable=False),
        sa.Column("created_by_id", sa.Uuid(), nullable=True),
        sa.Column("revoked_at", core.db.UtcDateTime(), nullable=True),
        sa.Column("created_at", core.db.UtcDateTime(), nullable=False),
        sa.Column("updated_at", core.db.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["accounts.id"], name=op.f("fk_api_keys_created_by_id_accounts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_keys")),
        sa.UniqueConstraint("digest", name=op.f("uq_api_keys_digest")),
    )
    for table in STAMPED:
        with op.batch_alter_table(table) as batch:
            batch.create_index(f"ix_{table}_updated_at", ["updated_at"])


def downgrade() -> None:
    """Take them out again."""
    for table in STAMPED:
        with op.batch_alter_table(table) as batch:
            batch.drop_index(f"ix_{table}_updated_at")
    op.drop_table("api_keys")
