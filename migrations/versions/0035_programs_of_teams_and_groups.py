"""Programs of teams and groups, secrets that are made anew, and how often a program asks.

Revision ID: 0035
Revises: 0034
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import core.db

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

_ONE_PLACE = (
    "(CASE WHEN partner_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN team_id IS NULL THEN 0 ELSE 1 END)"
    " + (CASE WHEN organization_id IS NULL THEN 0 ELSE 1 END) = 1"
)


def upgrade() -> None:
    """A program may belong to a team or a group, and its secret be followed by another."""
    with op.batch_alter_table("fhir_clients") as batch:
        batch.alter_column("partner_id", existing_type=sa.Uuid(), nullable=True)
        batch.add_column(sa.Column("team_id", sa.Uuid(), nullable=True))
        batch.add_column(sa.Column("organization_id", sa.Uuid(), nullable=True))
        batch.add_column(sa.Column("secret_made_at", core.db.UtcDateTime(), nullable=True))
        batch.add_column(sa.Column("earlier_digest", sa.String(length=64), nullable=True))
        batch.add_column(sa.Column("earlier_until", core.db.UtcDateTime(), nullable=True))
        batch.add_column(sa.Column("counted_since", core.db.UtcDateTime(), nullable=True))
        batch.add_column(sa.Column("counted", sa.Integer(), server_default="0", nullable=False))
        batch.create_foreign_key(op.f("fk_fhir_clients_team_id_teams"), "teams", ["team_id"], ["id"])
        batch.create_foreign_key(
            op.f("fk_fhir_clients_organization_id_organizations"),
            "organizations",
            ["organization_id"],
            ["id"],
        )
        batch.create_check_constraint(op.f("ck_fhir_clients_one_place"), _ONE_PLACE)
        batch.create_index(op.f("ix_fhir_clients_team_id"), ["team_id"])
        batch.create_index(op.f("ix_fhir_clients_organization_id"), ["organization_id"])


def downgrade() -> None:
    """Only partners' programs are left."""
    clients = sa.table("fhir_clients", sa.column("id", sa.Uuid()), sa.column("partner_id", sa.Uuid()))
    tokens = sa.table("fhir_tokens", sa.column("client_id", sa.Uuid()))
    others = sa.select(clients.c.id).where(clients.c.partner_id.is_(None))
    op.execute(tokens.delete().where(tokens.c.client_id.in_(others)))
    op.execute(clients.delete().where(clients.c.partner_id.is_(None)))
    with op.batch_alter_table("fhir_clients") as batch:
        batch.drop_index(op.f("ix_fhir_clients_organization_id"))
        batch.drop_index(op.f("ix_fhir_clients_team_id"))
        batch.drop_constraint(op.f("ck_fhir_clients_one_place"), type_="check")
        batch.drop_constraint(op.f("fk_fhir_clients_organization_id_organizations"), type_="foreignkey")
        batch.drop_constraint(op.f("fk_fhir_clients_team_id_teams"), type_="foreignkey")
        for column in (
            *("counted", "counted_since", "earlier_until", "earlier_digest"),
            *("secret_made_at", "organization_id", "team_id"),
        ):
            batch.drop_column(column)
        batch.alter_column("partner_id", existing_type=sa.Uuid(), nullable=False)
