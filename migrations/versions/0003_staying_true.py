"""Keeping listings true: links to check them, calls, reports, websites' answers, claims, a group's own details.

Revision ID: 0003
Revises: 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import core.db

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "refused_addresses",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("address_index", sa.String(length=64), nullable=False),
        sa.Column("at", core.db.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refused_addresses")),
        sa.UniqueConstraint("address_index", name=op.f("uq_refused_addresses_address_index")),
    )
    op.create_table(
        "website_checks",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("url", sa.String(length=500), nullable=False),
        sa.Column("host", sa.String(length=255), nullable=False),
        sa.Column("checked_at", core.db.UtcDateTime(), nullable=True),
        sa.Column("answered_at", core.db.UtcDateTime(), nullable=True),
        sa.Column("failing_since", core.db.UtcDateTime(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("forbidden", sa.Boolean(), nullable=False),
        sa.Column("etag", sa.String(length=200), nullable=True),
        sa.Column("last_modified", sa.String(length=60), nullable=True),
        sa.Column("next_at", core.db.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_website_checks")),
        sa.UniqueConstraint("url", name=op.f("uq_website_checks_url")),
    )
    op.create_index(op.f("ix_website_checks_host"), "website_checks", ["host"], unique=False)
    op.create_index(op.f("ix_website_checks_next_at"), "website_checks", ["next_at"], unique=False)

    op.create_table(
        "website_hosts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("host", sa.String(length=255), nullable=False),
        sa.Column("robots", sa.Text(), nullable=False),
        sa.Column("robots_at", core.db.UtcDateTime(), nullable=True),
        sa.Column("free_at", core.db.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_website_hosts")),
        sa.UniqueConstraint("host", name=op.f("uq_website_hosts_host")),
    )
    op.create_table(
        "check_links",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("token_digest", sa.String(length=64), nullable=False),
        sa.Column("to_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("to_index", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", core.db.UtcDateTime(), nullable=False),
        sa.Column("expires_at", core.db.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_check_links_account_id_accounts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_check_links")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_check_links_token_digest")),
    )
    op.create_index(op.f("ix_check_links_to_index"), "check_links", ["to_index"], unique=False)

    op.create_table(
        "claims",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column(
            "proof",
            sa.Enum(
                "email",
                "charity",
                "editor",
                name="proof",
                native_enum=False,
                create_constraint=True,
                length=17,
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "open",
                "proved",
                "refused",
                name="claimstate",
                native_enum=False,
                create_constraint=True,
                length=17,
            ),
            nullable=False,
        ),
        sa.Column("name_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("email_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("mobile_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("words_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("code_digest", sa.String(length=64), nullable=True),
        sa.Column("code_expires_at", core.db.UtcDateTime(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("letter_at", core.db.UtcDateTime(), nullable=True),
        sa.Column("decided_at", core.db.UtcDateTime(), nullable=True),
        sa.Column("decided_by_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", core.db.UtcDateTime(), nullable=False),
        sa.Column("updated_at", core.db.UtcDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_claims_account_id_accounts")),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["accounts.id"], name=op.f("fk_claims_decided_by_id_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_claims_organization_id_organizations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claims")),
    )
    op.create_index(op.f("ix_claims_organization_id"), "claims", ["organization_id"], unique=False)
    op.create_index(op.f("ix_claims_state"), "claims", ["state"], unique=False)

    op.create_table(
        "group_changes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "waiting",
                "approved",
                "sent-back",
                "published",
                "reviewed",
                "superseded",
                name="changestate",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("after", sa.JSON(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=True),
        sa.Column("author_name", sa.String(length=120), nullable=False),
        sa.Column("decided_by_id", sa.Uuid(), nullable=True),
        sa.Column("decided_at", core.db.UtcDateTime(), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=True),
        sa.Column("created_at", core.db.UtcDateTime(), nullable=False),
        sa.Column("updated_at", core.db.UtcDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["author_id"], ["accounts.id"], name=op.f("fk_group_changes_author_id_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["accounts.id"], name=op.f("fk_group_changes_decided_by_id_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name=op.f("fk_group_changes_organization_id_organizations"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_group_changes")),
    )
    op.create_index(
        op.f("ix_group_changes_organization_id"), "group_changes", ["organization_id"], unique=False
    )
    op.create_index(
        "ix_group_changes_state_created_at", "group_changes", ["state", "created_at"], unique=False
    )

    op.create_table(
        "check_items",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("link_id", sa.Uuid(), nullable=False),
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("urgency", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["link_id"], ["check_links.id"], name=op.f("fk_check_items_link_id_check_links")
        ),
        sa.ForeignKeyConstraint(
            ["service_id"], ["services.id"], name=op.f("fk_check_items_service_id_services")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_check_items")),
        sa.UniqueConstraint("link_id", "service_id", name=op.f("uq_check_items_link_id_service_id")),
    )
    op.create_index(op.f("ix_check_items_service_id"), "check_items", ["service_id"], unique=False)

    op.create_table(
        "editor_calls",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("asked_at", core.db.UtcDateTime(), nullable=False),
        sa.Column("again_on", sa.Date(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("done_at", core.db.UtcDateTime(), nullable=True),
        sa.Column(
            "outcome",
            sa.Enum(
                "still-right",
                "changed",
                "no-answer",
                name="calloutcome",
                native_enum=False,
                create_constraint=True,
                length=21,
            ),
            nullable=True,
        ),
        sa.Column("done_by_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["done_by_id"], ["accounts.id"], name=op.f("fk_editor_calls_done_by_id_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["service_id"], ["services.id"], name=op.f("fk_editor_calls_service_id_services")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_editor_calls")),
    )
    op.create_index(op.f("ix_editor_calls_done_at"), "editor_calls", ["done_at"], unique=False)
    op.create_index(op.f("ix_editor_calls_service_id"), "editor_calls", ["service_id"], unique=False)

    op.create_table(
        "group_parts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("membership_id", sa.Uuid(), nullable=False),
        sa.Column(
            "part",
            sa.Enum("owner", "helper", name="part", native_enum=False, create_constraint=True, length=16),
            nullable=False,
        ),
        sa.Column("created_at", core.db.UtcDateTime(), nullable=False),
        sa.Column("updated_at", core.db.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["membership_id"], ["memberships.id"], name=op.f("fk_group_parts_membership_id_memberships")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_group_parts")),
        sa.UniqueConstraint("membership_id", name=op.f("uq_group_parts_membership_id")),
    )
    op.create_table(
        "reports",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.String(length=12), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "wrong",
                "missing",
                "declined",
                "website",
                "email",
                "nobody",
                name="reportkind",
                native_enum=False,
                create_constraint=True,
                length=18,
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "open",
                "mended",
                "not-so",
                name="reportstate",
                native_enum=False,
                create_constraint=True,
                length=16,
            ),
            nullable=False,
        ),
        sa.Column("service_id", sa.Uuid(), nullable=True),
        sa.Column("organization_id", sa.Uuid(), nullable=True),
        sa.Column(
            "fault",
            sa.Enum(
                "phone",
                "times",
                "place",
                "closed",
                "other",
                name="fault",
                native_enum=False,
                create_constraint=True,
                length=16,
            ),
            nullable=True,
        ),
        sa.Column("group_name", sa.String(length=200), nullable=False),
        sa.Column("place", sa.String(length=200), nullable=False),
        sa.Column("url", sa.String(length=500), nullable=True),
        sa.Column("words_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("contact_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("said_at", core.db.UtcDateTime(), nullable=False),
        sa.Column("decided_at", core.db.UtcDateTime(), nullable=True),
        sa.Column("decided_by_id", sa.Uuid(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("created_at", core.db.UtcDateTime(), nullable=False),
        sa.Column("updated_at", core.db.UtcDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["accounts.id"], name=op.f("fk_reports_decided_by_id_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_reports_organization_id_organizations")
        ),
        sa.ForeignKeyConstraint(["service_id"], ["services.id"], name=op.f("fk_reports_service_id_services")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reports")),
        sa.UniqueConstraint("reference", name=op.f("uq_reports_reference")),
    )
    op.create_index(op.f("ix_reports_organization_id"), "reports", ["organization_id"], unique=False)
    op.create_index(op.f("ix_reports_service_id"), "reports", ["service_id"], unique=False)
    op.create_index("ix_reports_state_created_at", "reports", ["state", "created_at"], unique=False)


def downgrade() -> None:
    """Drop them."""

    op.drop_index("ix_reports_state_created_at", table_name="reports")
    op.drop_index(op.f("ix_reports_service_id"), table_name="reports")
    op.drop_index(op.f("ix_reports_organization_id"), table_name="reports")

    op.drop_table("reports")
    op.drop_table("group_parts")
    op.drop_index(op.f("ix_editor_calls_service_id"), table_name="editor_calls")
    op.drop_index(op.f("ix_editor_calls_done_at"), table_name="editor_calls")

    op.drop_table("editor_calls")
    op.drop_index(op.f("ix_check_items_service_id"), table_name="check_items")

    op.drop_table("check_items")
    op.drop_index("ix_group_changes_state_created_at", table_name="group_changes")
    op.drop_index(op.f("ix_group_changes_organization_id"), table_name="group_changes")

    op.drop_table("group_changes")
    op.drop_index(op.f("ix_claims_state"), table_name="claims")
    op.drop_index(op.f("ix_claims_organization_id"), table_name="claims")

    op.drop_table("claims")
    op.drop_index(op.f("ix_check_links_to_index"), table_name="check_links")

    op.drop_table("check_links")
    op.drop_table("website_hosts")
    op.drop_index(op.f("ix_website_checks_next_at"), table_name="website_checks")
    op.drop_index(op.f("ix_website_checks_host"), table_name="website_checks")

    op.drop_table("website_checks")
    op.drop_table("refused_addresses")
