"""Whoever signs in, and whoever wrote or moved something, is named in no open column.

Revision ID: 0026
Revises: 0025
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from alembic import op

from core.db import seal, sealed_context, unseal

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

# Table, the name of its model, and the column that held a name.
_NAMES = (
    ("accounts", "Account", "name"),
    ("person_messages", "PersonMessage", "author_name"),
    ("episode_events", "EpisodeEvent", "author_name"),
    ("referral_events", "ReferralEvent", "author_name"),
)
_AT_ONCE = 1000


def upgrade() -> None:
    """Seal every name, and drop the column where it stood open."""
    for table, model, column in _NAMES:
        with op.batch_alter_table(table) as batch:
            batch.add_column(sa.Column(f"{column}_sealed", sa.LargeBinary(), nullable=True))
        _copy(table, column, f"{column}_sealed", _sealing(model, column))
        with op.batch_alter_table(table) as batch:
            batch.drop_column(column)


def downgrade() -> None:
    """Write every name open again."""
    for table, model, column in _NAMES:
        with op.batch_alter_table(table) as batch:
            batch.add_column(sa.Column(column, sa.String(length=120), server_default="", nullable=False))
        _copy(table, f"{column}_sealed", column, _unsealing(model, column))
        with op.batch_alter_table(table) as batch:
            batch.alter_column(column, existing_type=sa.String(length=120), server_default=None)
            batch.drop_column(f"{column}_sealed")


def _sealing(model: str, column: str) -> Callable[[Any, Any], Any]:
    return lambda row_id, name: seal(name, sealed_context(model, row_id, f"{column}_sealed"))


def _unsealing(model: str, column: str) -> Callable[[Any, Any], Any]:
    return lambda row_id, sealed: unseal(sealed, sealed_context(model, row_id, f"{column}_sealed"))


def _copy(table: str, source: str, target: str, change: Callable[[Any, Any], Any]) -> None:
    sealed = sa.LargeBinary()
    rows = sa.table(
        table,
        sa.column("id", sa.Uuid()),
        sa.column(source, sealed if source.endswith("_sealed") else sa.String()),
        sa.column(target, sealed if target.endswith("_sealed") else sa.String()),
    )
    connection = op.get_bind()
    update = (
        rows.update().where(rows.c.id == sa.bindparam("row_id")).values({target: sa.bindparam("changed")})
    )
    found = connection.execute(sa.select(rows.c.id, rows.c[source]))
    held = [(row_id, what) for row_id, what in found if what]
    for start in range(0, len(held), _AT_ONCE):
        connection.execute(
            update,
            [{"row_id": one, "changed": change(one, what)} for one, what in held[start : start + _AT_ONCE]],
        )
