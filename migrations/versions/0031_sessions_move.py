"""A session that somebody is expected at may have moved: how it stands is a word or a time, no longer yes or no.

Revision ID: 0031
Revises: 0030
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

_NOTICES = sa.table(
    "session_notices",
    *(sa.column(name, sa.String) for name in ("stands", "said", "knew")),
    *(sa.column(name, sa.Boolean) for name in ("off", "said_off")),
)


def upgrade() -> None:
    """Say yes and no in words. What somebody knew before is the other of what they were told."""
    with op.batch_alter_table("session_notices") as batch:
        for name in ("stands", "said", "knew"):
            batch.add_column(sa.Column(name, sa.String(16), server_default="on", nullable=False))
    op.execute(sa.update(_NOTICES).where(_NOTICES.c.off).values(stands="off"))
    op.execute(sa.update(_NOTICES).where(_NOTICES.c.said_off).values(said="off"))
    op.execute(sa.update(_NOTICES).where(~_NOTICES.c.said_off).values(knew="off"))
    with op.batch_alter_table("session_notices") as batch:
        for name in ("off", "said_off"):
            batch.drop_column(name)
        for name in ("stands", "said", "knew"):
            batch.alter_column(
                name, server_default=None, existing_type=sa.String(16), existing_nullable=False
            )


def downgrade() -> None:
    """Yes or no again; one that moved counts as off."""
    with op.batch_alter_table("session_notices") as batch:
        for name in ("off", "said_off"):
            batch.add_column(sa.Column(name, sa.Boolean(), server_default=sa.false(), nullable=False))
    op.execute(sa.update(_NOTICES).where(_NOTICES.c.stands != "on").values(off=True))
    op.execute(sa.update(_NOTICES).where(_NOTICES.c.said != "on").values(said_off=True))
    with op.batch_alter_table("session_notices") as batch:
        for name in ("stands", "said", "knew"):
            batch.drop_column(name)
        for name in ("off", "said_off"):
            batch.alter_column(name, server_default=None, existing_type=sa.Boolean(), existing_nullable=False)
