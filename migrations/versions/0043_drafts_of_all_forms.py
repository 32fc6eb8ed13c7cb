"""What is typed is kept for forms that are not about one episode, too.

Revision ID: 0043
Revises: 0042
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A draft may be about an episode, about a person, or about nobody's record."""
    with op.batch_alter_table("drafts") as batch:
        batch.alter_column("episode_id", existing_type=sa.Uuid(), nullable=True)
        batch.alter_column(
            "form", existing_type=sa.String(length=40), type_=sa.String(length=60), existing_nullable=False
        )
        batch.add_column(sa.Column("person_id", sa.Uuid(), nullable=True))
        batch.create_foreign_key(op.f("fk_drafts_person_id_persons"), "persons", ["person_id"], ["id"])
        batch.create_index(op.f("ix_drafts_person_id"), ["person_id"])


def downgrade() -> None:
    """Drafts are about one episode each; the others, which live for days only, are dropped."""
    op.execute("DELETE FROM drafts WHERE episode_id IS NULL OR length(form) > 40")
    with op.batch_alter_table("drafts") as batch:
        batch.drop_index(op.f("ix_drafts_person_id"))
        batch.drop_constraint(op.f("fk_drafts_person_id_persons"), type_="foreignkey")
        batch.drop_column("person_id")
        batch.alter_column(
            "form", existing_type=sa.String(length=60), type_=sa.String(length=40), existing_nullable=False
        )
        batch.alter_column("episode_id", existing_type=sa.Uuid(), nullable=False)
