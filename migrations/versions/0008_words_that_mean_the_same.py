"""Words that mean the same to a search, kept by editors, with the entries that a new database starts with.

Revision ID: 0008
Revises: 0007
"""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

import core.db
from migrations import synonym_seeds

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

# When the entries were written; a database made later starts with the same.
WRITTEN = datetime(2026, 11, 22, tzinfo=UTC)


def upgrade() -> None:
    """Make the tables, and write the first entries."""
    rings = op.create_table(
        "synonym_rings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("same", sa.JSON(), nullable=False),
        sa.Column("typed", sa.JSON(), nullable=False),
        sa.Column("need_id", sa.Uuid(), nullable=True),
        sa.Column("removed_at", core.db.UtcDateTime(), nullable=True),
        sa.Column("created_at", core.db.UtcDateTime(), nullable=False),
        sa.Column("updated_at", core.db.UtcDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["need_id"], ["taxonomy_terms.id"], name=op.f("fk_synonym_rings_need_id_taxonomy_terms")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_synonym_rings")),
    )
    versions = op.create_table(
        "synonym_versions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("ring_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("same", sa.JSON(), nullable=False),
        sa.Column("typed", sa.JSON(), nullable=False),
        sa.Column("need_id", sa.Uuid(), nullable=True),
        sa.Column("removed", sa.Boolean(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=True),
        sa.Column("author_name", sa.String(length=120), nullable=False),
        sa.Column("at", core.db.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["author_id"], ["accounts.id"], name=op.f("fk_synonym_versions_author_id_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["need_id"], ["taxonomy_terms.id"], name=op.f("fk_synonym_versions_need_id_taxonomy_terms")
        ),
        sa.ForeignKeyConstraint(
            ["ring_id"], ["synonym_rings.id"], name=op.f("fk_synonym_versions_ring_id_synonym_rings")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_synonym_versions")),
        sa.UniqueConstraint("ring_id", "number", name=op.f("uq_synonym_versions_ring_id_number")),
    )
    states = op.create_table(
        "thesaurus_states",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_thesaurus_states")),
    )
    needs = _needs()
    op.bulk_insert(
        rings,
        [
            {
                "id": synonym_seeds.id_of(entry),
                "same": list(entry[0]),
                "typed": list(entry[1]),
                "need_id": needs.get(entry[2] or ""),
                "removed_at": None,
                "created_at": WRITTEN,
                "updated_at": WRITTEN,
                "version": 1,
            }
            for entry in synonym_seeds.ENTRIES
        ],
    )
    op.bulk_insert(
        versions,
        [
            {
                "id": synonym_seeds.version_id_of(entry),
                "ring_id": synonym_seeds.id_of(entry),
                "number": 1,
                "same": list(entry[0]),
                "typed": list(entry[1]),
                "need_id": needs.get(entry[2] or ""),
                "removed": False,
                "author_id": None,
                "author_name": "Golden Thread",
                "at": WRITTEN,
            }
            for entry in synonym_seeds.ENTRIES
        ],
    )
    op.bulk_insert(states, [{"id": 1, "token": core.db.new_id()}])


def _needs() -> dict[str, object]:
    """The needs of this database: slug to id."""
    terms = sa.table(
        "taxonomy_terms", sa.column("id", sa.Uuid()), sa.column("slug"), sa.column("taxonomy_id", sa.Uuid())
    )
    taxonomies = sa.table("taxonomies", sa.column("id", sa.Uuid()), sa.column("slug"))
    query = (
        sa.select(terms.c.slug, terms.c.id)
        .join(taxonomies, taxonomies.c.id == terms.c.taxonomy_id)
        .where(taxonomies.c.slug == "needs")
    )
    return {row.slug: row.id for row in op.get_bind().execute(query)}


def downgrade() -> None:
    """Take the tables away."""
    op.drop_table("thesaurus_states")
    op.drop_table("synonym_versions")
    op.drop_table("synonym_rings")
