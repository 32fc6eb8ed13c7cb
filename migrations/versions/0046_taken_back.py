"""What a contact ended, and how urgent a support is without what was added to it, is known, so that it can be put back.

Revision ID: 0046
Revises: 0045
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None

_CHECK = "ck_episodes_own_priority_priority"


def upgrade() -> None:
    """Add both."""
    with op.batch_alter_table("contact_attempts") as batch:
        batch.add_column(sa.Column("put_off_until", sa.Date(), nullable=True))
    with op.batch_alter_table("episodes") as batch:
        batch.add_column(sa.Column("own_priority", sa.String(17), nullable=True))
        batch.create_check_constraint(
            op.f(_CHECK), sa.column("own_priority").in_(("urgent", "soon", "routine"))
        )


def downgrade() -> None:
    """Forget both."""
    with op.batch_alter_table("episodes") as batch:
        batch.drop_constraint(op.f(_CHECK), type_="check")
        batch.drop_column("own_priority")
    with op.batch_alter_table("contact_attempts") as batch:
        batch.drop_column("put_off_until")
