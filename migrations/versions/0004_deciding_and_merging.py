"""What editors decided and flagged, entries that are one, and vocabularies that can be kept on a page.

Revision ID: 0004
Revises: 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import core.db

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

MERGED = ("organizations", "services")


def upgrade() -> None:
    """Make the tables, and the columns that a merged or a loaded entry needs."""
    for table in MERGED:
        with op.batch_alter_table(table) as batch:
            batch.add_column(sa.Column("merged_into_id", sa.Uuid(), nullable=True))
            batch.create_foreign_key(
                op.f(f"fk_{table}_merged_into_id_{table}"), table, ["merged_into_id"], ["id"]
            )
            batch.create_index(op.f(f"ix_{table}_merged_into_id"), ["merged_into_id"], unique=False)
    with op.batch_alter_table("taxonomies") as batch:
        batch.add_column(sa.Column("uri", sa.String(length=300), nullable=True))
    with op.batch_alter_table("taxonomy_terms") as batch:
        batch.add_column(sa.Column("retired_at", core.db.UtcDateTime(), nullable=True))
        batch.add_column(sa.Column("uri", sa.String(length=300), nullable=True))
    _make_decisions()
    _make_duplicates()
    op.create_table(
        "term_mappings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("term_id", sa.Uuid(), nullable=False),
        sa.Column("other_id", sa.Uuid(), nullable=False),
        sa.Column("closeness", sa.String(length=15), nullable=False),
        sa.Column("created_at", core.db.UtcDateTime(), nullable=False),
        sa.Column("updated_at", core.db.UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "closeness IN ('exact', 'close', 'broad')", name=op.f("ck_term_mappings_closeness")
        ),
        sa.ForeignKeyConstraint(
            ["other_id"], ["taxonomy_terms.id"], name=op.f("fk_term_mappings_other_id_taxonomy_terms")
        ),
        sa.ForeignKeyConstraint(
            ["term_id"], ["taxonomy_terms.id"], name=op.f("fk_term_mappings_term_id_taxonomy_terms")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_term_mappings")),
        sa.UniqueConstraint("term_id", "other_id", name=op.f("uq_term_mappings_term_id_other_id")),
    )
    op.create_index(op.f("ix_term_mappings_term_id"), "term_mappings", ["term_id"], unique=False)
    op.create_index(op.f("ix_term_mappings_other_id"), "term_mappings", ["other_id"], unique=False)


def _make_decisions() -> None:
    op.create_table(
        "listing_decisions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("change_id", sa.Uuid(), nullable=True),
        sa.Column("verdict", sa.String(length=19), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=True),
        sa.Column("author_id", sa.Uuid(), nullable=True),
        sa.Column("author_name", sa.String(length=120), nullable=False),
        sa.Column("at", core.db.UtcDateTime(), nullable=False),
        sa.Column("undone_at", core.db.UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "verdict IN ('approved', 'sent-back', 'looked-at', 'put-back', 'published', 'returned', 'rejected')",
            name=op.f("ck_listing_decisions_verdict"),
        ),
        sa.ForeignKeyConstraint(
            ["author_id"], ["accounts.id"], name=op.f("fk_listing_decisions_author_id_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["change_id"], ["listing_changes.id"], name=op.f("fk_listing_decisions_change_id_listing_changes")
        ),
        sa.ForeignKeyConstraint(
            ["service_id"], ["services.id"], name=op.f("fk_listing_decisions_service_id_services")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_listing_decisions")),
    )
    for column in ("at", "batch_id", "change_id", "service_id"):
        op.create_index(op.f(f"ix_listing_decisions_{column}"), "listing_decisions", [column], unique=False)
    op.create_table(
        "listing_flags",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("change_id", sa.Uuid(), nullable=True),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("field", sa.String(length=40), nullable=False),
        sa.Column("because", sa.String(length=300), nullable=False),
        sa.Column("weight", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["change_id"], ["listing_changes.id"], name=op.f("fk_listing_flags_change_id_listing_changes")
        ),
        sa.ForeignKeyConstraint(
            ["service_id"], ["services.id"], name=op.f("fk_listing_flags_service_id_services")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_listing_flags")),
    )
    for column in ("change_id", "service_id"):
        op.create_index(op.f(f"ix_listing_flags_{column}"), "listing_flags", [column], unique=False)


def _make_duplicates() -> None:
    op.create_table(
        "duplicate_pairs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=18), nullable=False),
        sa.Column("first_id", sa.Uuid(), nullable=False),
        sa.Column("second_id", sa.Uuid(), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("found_at", core.db.UtcDateTime(), nullable=False),
        sa.Column("dismissed_at", core.db.UtcDateTime(), nullable=True),
        sa.Column("dismissed_by_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("kind IN ('activity', 'group')", name=op.f("ck_duplicate_pairs_kind")),
        sa.ForeignKeyConstraint(
            ["dismissed_by_id"], ["accounts.id"], name=op.f("fk_duplicate_pairs_dismissed_by_id_accounts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duplicate_pairs")),
        sa.UniqueConstraint(
            "kind", "first_id", "second_id", name=op.f("uq_duplicate_pairs_kind_first_id_second_id")
        ),
    )
    for column in ("first_id", "second_id"):
        op.create_index(op.f(f"ix_duplicate_pairs_{column}"), "duplicate_pairs", [column], unique=False)
    op.create_index("ix_duplicate_pairs_open", "duplicate_pairs", ["dismissed_at", "score"], unique=False)
    op.create_table(
        "merges",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=18), nullable=False),
        sa.Column("old_id", sa.Uuid(), nullable=False),
        sa.Column("into_id", sa.Uuid(), nullable=False),
        sa.Column("old_name", sa.String(length=200), nullable=False),
        sa.Column("into_name", sa.String(length=200), nullable=False),
        sa.Column("at", core.db.UtcDateTime(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=True),
        sa.Column("author_name", sa.String(length=120), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("undone_at", core.db.UtcDateTime(), nullable=True),
        sa.CheckConstraint("kind IN ('activity', 'group')", name=op.f("ck_merges_kind")),
        sa.ForeignKeyConstraint(["author_id"], ["accounts.id"], name=op.f("fk_merges_author_id_accounts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_merges")),
    )
    for column in ("at", "into_id", "old_id"):
        op.create_index(op.f(f"ix_merges_{column}"), "merges", [column], unique=False)


def downgrade() -> None:
    """Take them out again. Merged entries stay hidden, and nothing says any more where they went."""
    for table in ("term_mappings", "merges", "duplicate_pairs", "listing_flags", "listing_decisions"):
        op.drop_table(table)
    with op.batch_alter_table("taxonomy_terms") as batch:
        batch.drop_column("uri")
        batch.drop_column("retired_at")
    with op.batch_alter_table("taxonomies") as batch:
        batch.drop_column("uri")
    for table in MERGED:
        with op.batch_alter_table(table) as batch:
            batch.drop_index(op.f(f"ix_{table}_merged_into_id"))
            batch.drop_constraint(op.f(f"fk_{table}_merged_into_id_{table}"), type_="foreignkey")
            batch.drop_column("merged_into_id")
