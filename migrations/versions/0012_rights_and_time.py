"""What people ask about their record, what is held, what was deleted, and what was opened in an emergency.

Revision ID: 0012
Revises: 0011
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import core.db

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "disposals",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.String(length=12), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column(
            "why",
            sa.Enum("asked", "time-is-up", name="why", native_enum=False, create_constraint=True, length=20),
            nullable=False,
        ),
        sa.Column("rule", sa.String(length=20), nullable=True),
        sa.Column("request_reference", sa.String(length=12), nullable=True),
        sa.Column("at", core.db.UtcDateTime(), nullable=False),
        sa.Column("decided_by", sa.String(length=60), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disposals")),
        sa.UniqueConstraint("person_id", name=op.f("uq_disposals_person_id")),
        sa.UniqueConstraint("reference", name=op.f("uq_disposals_reference")),
    )
    op.create_index(op.f("ix_disposals_at"), "disposals", ["at"], unique=False)
    op.create_table(
        "rights_requests",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.String(length=12), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "access",
                "correction",
                "erasure",
                "objection",
                "complaint",
                name="requestkind",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column(
            "way",
            sa.Enum(
                "online",
                "letter",
                "email",
                "phone",
                "in-person",
                name="way",
                native_enum=False,
                create_constraint=True,
                length=19,
            ),
            nullable=False,
        ),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "open",
                "answered",
                "refused",
                name="requeststate",
                native_enum=False,
                create_constraint=True,
                length=18,
            ),
            nullable=False,
        ),
        sa.Column("words_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("made_by", sa.String(length=60), nullable=False),
        sa.Column("proof_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("proof_seen_at", core.db.UtcDateTime(), nullable=True),
        sa.Column("months_more", sa.Integer(), nullable=False),
        sa.Column("longer_because_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("told_longer_at", core.db.UtcDateTime(), nullable=True),
        sa.Column("answered_at", core.db.UtcDateTime(), nullable=True),
        sa.Column("answered_by", sa.String(length=60), nullable=True),
        sa.Column("answer_sealed", sa.LargeBinary(), nullable=True),
        sa.Column(
            "sent_by",
            sa.Enum(
                "signed-in",
                "handed-over",
                "tracked-post",
                name="sentby",
                native_enum=False,
                create_constraint=True,
                length=22,
            ),
            nullable=True,
        ),
        sa.Column("created_at", core.db.UtcDateTime(), nullable=False),
        sa.Column("updated_at", core.db.UtcDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["persons.id"], name=op.f("fk_rights_requests_person_id_persons")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rights_requests")),
        sa.UniqueConstraint("reference", name=op.f("uq_rights_requests_reference")),
    )
    op.create_index(op.f("ix_rights_requests_person_id"), "rights_requests", ["person_id"], unique=False)
    op.create_index(op.f("ix_rights_requests_state"), "rights_requests", ["state"], unique=False)
    op.create_table(
        "record_holds",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "legal", "keep-longer", name="holdkind", native_enum=False, create_constraint=True, length=21
            ),
            nullable=False,
        ),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("placed_at", core.db.UtcDateTime(), nullable=False),
        sa.Column("placed_by", sa.String(length=60), nullable=False),
        sa.Column("lifted_at", core.db.UtcDateTime(), nullable=True),
        sa.Column("lifted_by", sa.String(length=60), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["persons.id"], name=op.f("fk_record_holds_person_id_persons")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_record_holds")),
    )
    op.create_index(op.f("ix_record_holds_person_id"), "record_holds", ["person_id"], unique=False)
    op.create_table(
        "emergency_looks",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("started_at", core.db.UtcDateTime(), nullable=False),
        sa.Column("ended_at", core.db.UtcDateTime(), nullable=True),
        sa.Column("reviewed_at", core.db.UtcDateTime(), nullable=True),
        sa.Column("reviewed_by", sa.String(length=60), nullable=True),
        sa.Column("review_sealed", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_emergency_looks_account_id_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["persons.id"], name=op.f("fk_emergency_looks_person_id_persons")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_emergency_looks")),
    )
    op.create_index(op.f("ix_emergency_looks_account_id"), "emergency_looks", ["account_id"], unique=False)
    op.create_index(op.f("ix_emergency_looks_person_id"), "emergency_looks", ["person_id"], unique=False)
    op.create_table(
        "deletion_notices",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("consent_id", sa.Uuid(), nullable=False),
        sa.Column("told_at", core.db.UtcDateTime(), nullable=False),
        sa.Column("confirmed_at", core.db.UtcDateTime(), nullable=True),
        sa.Column("confirmed_by", sa.String(length=60), nullable=True),
        sa.ForeignKeyConstraint(
            ["consent_id"], ["consents.id"], name=op.f("fk_deletion_notices_consent_id_consents")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["persons.id"], name=op.f("fk_deletion_notices_person_id_persons")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deletion_notices")),
        sa.UniqueConstraint("consent_id", name=op.f("uq_deletion_notices_consent_id")),
    )
    op.create_index(op.f("ix_deletion_notices_person_id"), "deletion_notices", ["person_id"], unique=False)
    op.create_table(
        "passage_reviews",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("passage", sa.String(length=120), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("marked_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("decided_at", core.db.UtcDateTime(), nullable=False),
        sa.Column("decided_by", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(
            ["request_id"], ["rights_requests.id"], name=op.f("fk_passage_reviews_request_id_rights_requests")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passage_reviews")),
        sa.UniqueConstraint("request_id", "passage", name=op.f("uq_passage_reviews_request_id_passage")),
    )


def downgrade() -> None:
    """Take them away again."""
    op.drop_table("passage_reviews")
    op.drop_table("deletion_notices")
    op.drop_table("emergency_looks")
    op.drop_table("record_holds")
    op.drop_table("rights_requests")
    op.drop_table("disposals")
