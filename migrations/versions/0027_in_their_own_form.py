"""An email may say the same as a page: in large print, in easy read, or with links that can be read out.

Revision ID: 0027
Revises: 0026
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the page, sealed like the words."""
    with op.batch_alter_table("messages") as batch:
        batch.add_column(sa.Column("html_sealed", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    """Send the words alone."""
    with op.batch_alter_table("messages") as batch:
        batch.drop_column("html_sealed")
