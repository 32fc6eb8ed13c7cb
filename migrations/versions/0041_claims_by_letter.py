"""A claim of a group may be proved by a letter to where it meets.

Revision ID: 0041
Revises: 0040
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

_CHECK = "ck_claims_proof_proof"
_PROOFS = ("email", "charity", "editor")


def upgrade() -> None:
    """Allow the letter."""
    _allow(*_PROOFS, "letter")


def downgrade() -> None:
    """Take it away; an editor decides on what waits for a letter."""
    op.execute("UPDATE claims SET proof = 'editor' WHERE proof = 'letter'")
    _allow(*_PROOFS)


def _allow(*proofs: str) -> None:
    """Hold the proofs of claims to these."""
    with op.batch_alter_table("claims") as batch:
        batch.drop_constraint(op.f(_CHECK), type_="check")
        batch.create_check_constraint(op.f(_CHECK), sa.column("proof").in_(proofs))
