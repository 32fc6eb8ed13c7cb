"""More kinds of partners; people whom only an unsent draft names are their senders's affair.

Revision ID: 0011
Revises: 0010
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_BEFORE = ("gp-practice", "housing", "council", "police", "fire", "school", "voluntary", "other")
_NEW = ("probation", "employer", "hospital", "pharmacy", "jobcentre")


def _kind(*values: str) -> sa.Enum:
    return sa.Enum(*values, name="partnerkind", native_enum=False, create_constraint=True, length=21)


def upgrade() -> None:
    """Let more kinds be written, and mark whom nobody was told of yet."""
    _let((*_BEFORE[:-2], *_NEW, *_BEFORE[-2:]), _BEFORE)
    with op.batch_alter_table("persons") as batch:
        batch.add_column(sa.Column("unsent", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.execute(
        "UPDATE persons SET unsent = true WHERE id IN (SELECT person_id FROM episodes WHERE state = 'draft')"
        " AND id NOT IN (SELECT person_id FROM episodes WHERE state <> 'draft')"
    )


def downgrade() -> None:
    """Take the mark out again; partners of the new kinds become others."""
    kind = sa.column("kind", sa.String)
    op.execute(sa.update(sa.table("partners", kind)).where(kind.in_(_NEW)).values(kind="other"))
    _let(_BEFORE, (*_BEFORE[:-2], *_NEW, *_BEFORE[-2:]))
    with op.batch_alter_table("persons") as batch:
        batch.drop_column("unsent")


def _let(values: tuple[str, ...], before: tuple[str, ...]) -> None:
    with op.batch_alter_table("partners") as batch:
        batch.alter_column(
            "kind", existing_type=_kind(*before), type_=_kind(*values), existing_nullable=False
        )
