"""Residents and groups sign in by an emailed link instead of a password.

Revision ID: 0024
Revises: 0023
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

_BEFORE = ("invitation", "password-reset")
_AFTER = (*_BEFORE, "sign-in")


def _purpose(*values: str) -> sa.Enum:
    return sa.Enum(*values, name="linkpurpose", native_enum=False, create_constraint=True, length=24)


def upgrade() -> None:
    """Let links be for signing in."""
    _let(_AFTER, _BEFORE)


def downgrade() -> None:
    """Drop such links, and let none be written."""
    op.execute("DELETE FROM emailed_links WHERE purpose = 'sign-in'")
    _let(_BEFORE, _AFTER)


def _let(values: tuple[str, ...], before: tuple[str, ...]) -> None:
    with op.batch_alter_table("emailed_links") as batch:
        batch.alter_column(
            "purpose", existing_type=_purpose(*before), type_=_purpose(*values), existing_nullable=False
        )
