"""What a contact set going is known by the contact: a move, a message, a task.

Revision ID: 0049
Revises: 0047
"""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa
from alembic import op

revision = "0049"
down_revision = "0047"
branch_labels = None
depends_on = None

_LED_TO = ("episode_events", "actions")
# All that one press set going was written within this time; from now on it is known.
_IN_ONE_GO = timedelta(seconds=5)
_MOVES = (("allocated", "contacting"), ("contacting", "active"), ("paused", "active"))


def upgrade() -> None:
    """Add the links, and give the moves that are there theirs."""
    for table in _LED_TO:
        with op.batch_alter_table(table) as batch:
            batch.add_column(sa.Column("contact_id", sa.Uuid(), nullable=True))
            batch.create_foreign_key(
                op.f(f"fk_{table}_contact_id_contact_attempts"), "contact_attempts", ["contact_id"], ["id"]
            )
            batch.create_index(op.f(f"ix_{table}_contact_id"), ["contact_id"])
    with op.batch_alter_table("messages") as batch:
        batch.add_column(sa.Column("part_of_id", sa.Uuid(), nullable=True))
        batch.create_index(op.f("ix_messages_part_of_id"), ["part_of_id"])
    _link_moves()


def downgrade() -> None:
    """Forget what led to what."""
    with op.batch_alter_table("messages") as batch:
        batch.drop_index(op.f("ix_messages_part_of_id"))
        batch.drop_column("part_of_id")
    for table in _LED_TO:
        with op.batch_alter_table(table) as batch:
            batch.drop_index(op.f(f"ix_{table}_contact_id"))
            batch.drop_constraint(op.f(f"fk_{table}_contact_id_contact_attempts"), type_="foreignkey")
            batch.drop_column("contact_id")


def _link_moves() -> None:
    at = sa.DateTime(timezone=True)
    contacts = sa.table(
        "contact_attempts",
        sa.column("id", sa.Uuid()),
        sa.column("episode_id", sa.Uuid()),
        sa.column("recorded_at", at),
    )
    moves = sa.table(
        "episode_events",
        sa.column("id", sa.Uuid()),
        sa.column("episode_id", sa.Uuid()),
        sa.column("at", at),
        sa.column("kind", sa.String()),
        sa.column("source", sa.String()),
        sa.column("target", sa.String()),
        sa.column("contact_id", sa.Uuid()),
    )
    near = (
        sa.select(moves.c.id, moves.c.at, contacts.c.id, contacts.c.recorded_at)
        .join(contacts, contacts.c.episode_id == moves.c.episode_id)
        .where(
            moves.c.kind == "move",
            sa.or_(*(sa.and_(moves.c.source == one, moves.c.target == other) for one, other in _MOVES)),
            moves.c.at >= contacts.c.recorded_at,
        )
        .order_by(contacts.c.recorded_at)
    )
    # The last contact before a move is the one that led there.
    links = {
        move: contact
        for move, moved, contact, recorded in op.get_bind().execute(near)
        if moved - recorded <= _IN_ONE_GO
    }
    for move, contact in links.items():
        op.execute(moves.update().where(moves.c.id == move).values(contact_id=contact))
