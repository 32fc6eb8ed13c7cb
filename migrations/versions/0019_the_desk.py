"""Who stands in for whom, handovers, drafts of notes, concerns, and what a team knows of a listing.

Revision ID: 0019
Revises: 0015
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import core.db

revision = "0019"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "covers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("team_id", sa.Uuid(), nullable=False),
        sa.Column("away_id", sa.Uuid(), nullable=False),
        sa.Column("stand_in_id", sa.Uuid(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("arranged_by_id", sa.Uuid(), nullable=False),
        sa.Column("ended_at", core.db.UtcDateTime(), nullable=True),
        sa.Column("created_at", core.db.UtcDateTime(), nullable=False),
        sa.Column("updated_at", core.db.UtcDateTime(), nullable=False),
        sa.CheckConstraint("last_day >= first_day", name=op.f("ck_covers_days_in_order")),
        sa.ForeignKeyConstraint(
            ["arranged_by_id"], ["accounts.id"], name=op.f("fk_covers_arranged_by_id_accounts")
        ),
        sa.ForeignKeyConstraint(["away_id"], ["accounts.id"], name=op.f("fk_covers_away_id_accounts")),
        sa.ForeignKeyConstraint(
            ["stand_in_id"], ["accounts.id"], name=op.f("fk_covers_stand_in_id_accounts")
        ),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_covers_team_id_teams")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_covers")),
    )
    op.create_index(op.f("ix_covers_stand_in_id"), "covers", ["stand_in_id"])
    op.create_index(op.f("ix_covers_team_id"), "covers", ["team_id"])

    op.create_table(
        "concerns",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("team_id", sa.Uuid(), nullable=False),
        sa.Column("at", core.db.UtcDateTime(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("author_name", sa.String(length=120), nullable=False),
        sa.Column("seen_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("told_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("taken_up_at", core.db.UtcDateTime(), nullable=True),
        sa.Column("taken_up_by_id", sa.Uuid(), nullable=True),
        sa.Column("done_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("closed_at", core.db.UtcDateTime(), nullable=True),
        sa.Column("closed_by_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["accounts.id"], name=op.f("fk_concerns_author_id_accounts")),
        sa.ForeignKeyConstraint(
            ["closed_by_id"], ["accounts.id"], name=op.f("fk_concerns_closed_by_id_accounts")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_concerns_person_id_persons")),
        sa.ForeignKeyConstraint(
            ["taken_up_by_id"], ["accounts.id"], name=op.f("fk_concerns_taken_up_by_id_accounts")
        ),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_concerns_team_id_teams")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_concerns")),
    )
    op.create_index(op.f("ix_concerns_person_id"), "concerns", ["person_id"])
    op.create_index(op.f("ix_concerns_team_id"), "concerns", ["team_id"])

    op.create_table(
        "drafts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("episode_id", sa.Uuid(), nullable=False),
        sa.Column("form", sa.String(length=40), nullable=False),
        sa.Column("saved_at", core.db.UtcDateTime(), nullable=False),
        sa.Column("content_sealed", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_drafts_account_id_accounts")),
        sa.ForeignKeyConstraint(["episode_id"], ["episodes.id"], name=op.f("fk_drafts_episode_id_episodes")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drafts")),
        sa.UniqueConstraint(
            "account_id", "episode_id", "form", name=op.f("uq_drafts_account_id_episode_id_form")
        ),
    )
    op.create_index(op.f("ix_drafts_episode_id"), "drafts", ["episode_id"])
    op.create_index(op.f("ix_drafts_saved_at"), "drafts", ["saved_at"])

    op.create_table(
        "handovers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("episode_id", sa.Uuid(), nullable=False),
        sa.Column("at", core.db.UtcDateTime(), nullable=False),
        sa.Column("from_id", sa.Uuid(), nullable=True),
        sa.Column("to_id", sa.Uuid(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("author_name", sa.String(length=120), nullable=False),
        sa.Column("note_sealed", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["author_id"], ["accounts.id"], name=op.f("fk_handovers_author_id_accounts")),
        sa.ForeignKeyConstraint(
            ["episode_id"], ["episodes.id"], name=op.f("fk_handovers_episode_id_episodes")
        ),
        sa.ForeignKeyConstraint(["from_id"], ["accounts.id"], name=op.f("fk_handovers_from_id_accounts")),
        sa.ForeignKeyConstraint(["to_id"], ["accounts.id"], name=op.f("fk_handovers_to_id_accounts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handovers")),
    )
    op.create_index(op.f("ix_handovers_episode_id"), "handovers", ["episode_id"])

    op.create_table(
        "listing_notes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("team_id", sa.Uuid(), nullable=False),
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("at", core.db.UtcDateTime(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("author_name", sa.String(length=120), nullable=False),
        sa.Column("words", sa.String(length=500), nullable=False),
        sa.Column("taken_down_at", core.db.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["author_id"], ["accounts.id"], name=op.f("fk_listing_notes_author_id_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["service_id"], ["services.id"], name=op.f("fk_listing_notes_service_id_services")
        ),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_listing_notes_team_id_teams")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_listing_notes")),
    )
    op.create_index(op.f("ix_listing_notes_service_id"), "listing_notes", ["service_id"])
    op.create_index(op.f("ix_listing_notes_team_id"), "listing_notes", ["team_id"])


def downgrade() -> None:
    """Take them away again."""

    op.drop_table("listing_notes")

    op.drop_table("handovers")

    op.drop_table("drafts")

    op.drop_table("concerns")

    op.drop_table("covers")
