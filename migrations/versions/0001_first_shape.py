"""The first shape of the database, and the vocabularies that pages rely on."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import core.db
from migrations import seeds

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make every table; seed the vocabularies and the start of the audit chain."""
    op.create_table(
        "accounts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("email_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("email_index", sa.String(length=64), nullable=False),
        sa.Column("mobile_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("password_hash", sa.String(length=200), nullable=True),
        sa.Column("totp_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("totp_confirmed_at", core.db.UtcDateTime(), nullable=True),
        sa.Column("totp_last_step", sa.Integer(), nullable=True),
        sa.Column("persona", sa.String(length=40), nullable=True),
        sa.Column("disabled_at", core.db.UtcDateTime(), nullable=True),
        sa.Column("created_at", core.db.UtcDateTime(), nullable=False),
        sa.Column("updated_at", core.db.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts")),
        sa.UniqueConstraint("email_index", name=op.f("uq_accounts_email_index")),
        sa.UniqueConstraint("persona", name=op.f("uq_accounts_persona")),
    )
    op.create_table(
        "audit_entries",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("at", core.db.UtcDateTime(), nullable=False),
        sa.Column("actor_kind", sa.String(length=20), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("action", sa.String(length=80), nullable=False),
        sa.Column("subject_type", sa.String(length=60), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("previous_mac", sa.String(length=64), nullable=False),
        sa.Column("mac", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entries")),
        sa.UniqueConstraint("sequence", name=op.f("uq_audit_entries_sequence")),
    )
    op.create_index(op.f("ix_audit_entries_account_id"), "audit_entries", ["account_id"], unique=False)
    op.create_index(op.f("ix_audit_entries_action"), "audit_entries", ["action"], unique=False)
    op.create_index(op.f("ix_audit_entries_subject_id"), "audit_entries", ["subject_id"], unique=False)
    op.create_table(
        "audit_heads",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("mac", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_heads")),
    )
    op.create_table(
        "idempotency_keys",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("location", sa.String(length=300), nullable=True),
        sa.Column("created_at", core.db.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_idempotency_keys")),
    )
    op.create_index(op.f("ix_idempotency_keys_created_at"), "idempotency_keys", ["created_at"], unique=False)
    op.create_table(
        "job_schedules",
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("next_run_at", core.db.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_job_schedules")),
    )
    op.create_table(
        "job_workers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("started_at", core.db.UtcDateTime(), nullable=False),
        sa.Column("seen_at", core.db.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job_workers")),
    )
    op.create_index(op.f("ix_job_workers_seen_at"), "job_workers", ["seen_at"], unique=False)
    op.create_table(
        "jobs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "queued",
                "running",
                "done",
                "dead",
                name="jobstate",
                native_enum=False,
                create_constraint=True,
                length=17,
            ),
            nullable=False,
        ),
        sa.Column("key", sa.String(length=120), nullable=True),
        sa.Column("run_at", core.db.UtcDateTime(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("held_until", core.db.UtcDateTime(), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("created_at", core.db.UtcDateTime(), nullable=False),
        sa.Column("finished_at", core.db.UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jobs")),
    )
    op.create_index(op.f("ix_jobs_key"), "jobs", ["key"], unique=False)
    op.create_index("ix_jobs_state_run_at", "jobs", ["state", "run_at"], unique=False)
    op.create_table(
        "locations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("address_1", sa.String(length=300), nullable=False),
        sa.Column("address_2", sa.String(length=200), nullable=True),
        sa.Column("city", sa.String(length=100), nullable=False),
        sa.Column("postal_code", sa.String(length=10), nullable=False),
        sa.Column("latitude", sa.Float(), nullable=True),
        sa.Column("longitude", sa.Float(), nullable=True),
        sa.Column("ward_code", sa.String(length=9), nullable=True),
        sa.Column("getting_there", sa.String(length=500), nullable=True),
        sa.Column("created_at", core.db.UtcDateTime(), nullable=False),
        sa.Column("updated_at", core.db.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_locations")),
    )
    op.create_index(op.f("ix_locations_postal_code"), "locations", ["postal_code"], unique=False)
    op.create_index(op.f("ix_locations_ward_code"), "locations", ["ward_code"], unique=False)
    op.create_table(
        "messages",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "channel",
            sa.Enum("email", "text", name="channel", native_enum=False, create_constraint=True, length=15),
            nullable=False,
        ),
        sa.Column("template", sa.String(length=80), nullable=False),
        sa.Column("about_id", sa.Uuid(), nullable=True),
        sa.Column("to_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("subject_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("body_sealed", sa.LargeBinary(), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "queued",
                "sent",
                "cancelled",
                name="messagestate",
                native_enum=False,
                create_constraint=True,
                length=19,
            ),
            nullable=False,
        ),
        sa.Column("created_at", core.db.UtcDateTime(), nullable=False),
        sa.Column("sent_at", core.db.UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messages")),
    )
    op.create_index(op.f("ix_messages_about_id"), "messages", ["about_id"], unique=False)
    op.create_table(
        "one_time_codes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "purpose",
            sa.Enum(
                "sign-in",
                "answer-link",
                name="codepurpose",
                native_enum=False,
                create_constraint=True,
                length=21,
            ),
            nullable=False,
        ),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("code_digest", sa.String(length=64), nullable=False),
        sa.Column("created_at", core.db.UtcDateTime(), nullable=False),
        sa.Column("expires_at", core.db.UtcDateTime(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("used_at", core.db.UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_one_time_codes")),
    )
    op.create_index(op.f("ix_one_time_codes_subject_id"), "one_time_codes", ["subject_id"], unique=False)
    op.create_table(
        "partners",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=160), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "gp-practice",
                "housing",
                "council",
                "police",
                "fire",
                "school",
                "voluntary",
                "other",
                name="partnerkind",
                native_enum=False,
                create_constraint=True,
                length=21,
            ),
            nullable=False,
        ),
        sa.Column("ods_code", sa.String(length=12), nullable=True),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("created_at", core.db.UtcDateTime(), nullable=False),
        sa.Column("updated_at", core.db.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partners")),
        sa.UniqueConstraint("name", name=op.f("uq_partners_name")),
    )
    op.create_table(
        "place_names",
        sa.Column("name_key", sa.String(length=100), nullable=False),
        sa.Column("ward_code", sa.String(length=9), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("is_town", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("name_key", "ward_code", name=op.f("pk_place_names")),
    )
    op.create_table(
        "postcode_sectors",
        sa.Column("code", sa.String(length=6), nullable=False),
        sa.Column("outcode", sa.String(length=4), nullable=False),
        sa.Column("lat", sa.Double(), nullable=False),
        sa.Column("lon", sa.Double(), nullable=False),
        sa.Column("ward_code", sa.String(length=9), nullable=True),
        sa.Column("postcode_count", sa.Integer(), nullable=False),
        sa.Column(
            "origin",
            sa.Enum("facts", "loaded", name="origin", native_enum=False, create_constraint=True, length=16),
            nullable=False,
        ),
        sa.CheckConstraint(
            "lat BETWEEN -90 AND 90 AND lon BETWEEN -180 AND 180", name=op.f("ck_postcode_sectors_on_earth")
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_postcode_sectors")),
    )
    op.create_index(op.f("ix_postcode_sectors_outcode"), "postcode_sectors", ["outcode"], unique=False)
    op.create_table(
        "postcodes",
        sa.Column("code", sa.String(length=8), nullable=False),
        sa.Column("sector", sa.String(length=6), nullable=False),
        sa.Column("lat", sa.Double(), nullable=True),
        sa.Column("lon", sa.Double(), nullable=True),
        sa.Column("lsoa_code", sa.String(length=9), nullable=True),
        sa.Column("ward_code", sa.String(length=9), nullable=True),
        sa.Column(
            "quality",
            sa.Enum(
                "exact",
                "approximate",
                "sector",
                "none",
                "unstated",
                name="quality",
                native_enum=False,
                create_constraint=True,
                length=21,
            ),
            nullable=False,
        ),
        sa.Column("terminated", sa.String(length=7), nullable=True),
        sa.CheckConstraint("(lat IS NULL) = (lon IS NULL)", name=op.f("ck_postcodes_whole_point")),
        sa.CheckConstraint(
            "lat BETWEEN -90 AND 90 AND lon BETWEEN -180 AND 180", name=op.f("ck_postcodes_on_earth")
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_postcodes")),
    )
    op.create_index(op.f("ix_postcodes_lsoa_code"), "postcodes", ["lsoa_code"], unique=False)
    op.create_index(op.f("ix_postcodes_sector"), "postcodes", ["sector"], unique=False)
    op.create_index(op.f("ix_postcodes_ward_code"), "postcodes", ["ward_code"], unique=False)
    op.create_table(
        "publications",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column(
            "period_kind",
            sa.Enum(
                "month",
                "quarter",
                "year",
                name="periodkind",
                native_enum=False,
                create_constraint=True,
                length=17,
            ),
            nullable=False,
        ),
        sa.Column("period_start", sa.Date(), nullable=False),
        sa.Column("period_end", sa.Date(), nullable=False),
        sa.Column("made_at", core.db.UtcDateTime(), nullable=False),
        sa.Column("cube", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_publications")),
        sa.UniqueConstraint(
            "kind", "period_kind", "period_start", name=op.f("uq_publications_kind_period_kind_period_start")
        ),
    )
    op.create_table(
        "sign_in_attempts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("bucket", sa.String(length=64), nullable=False),
        sa.Column("at", core.db.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_attempts")),
    )
    op.create_index(op.f("ix_sign_in_attempts_at"), "sign_in_attempts", ["at"], unique=False)
    op.create_index("ix_sign_in_attempts_bucket_at", "sign_in_attempts", ["bucket", "at"], unique=False)
    op.create_table(
        "small_area_deprivation",
        sa.Column("lsoa_code", sa.String(length=9), nullable=False),
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("decile", sa.Integer(), nullable=False),
        sa.Column("score", sa.Double(), nullable=True),
        sa.CheckConstraint("decile BETWEEN 1 AND 10", name=op.f("ck_small_area_deprivation_decile")),
        sa.CheckConstraint("rank >= 1", name=op.f("ck_small_area_deprivation_rank")),
        sa.PrimaryKeyConstraint("lsoa_code", "year", name=op.f("pk_small_area_deprivation")),
    )
    op.create_table(
        "small_area_populations",
        sa.Column("lsoa_code", sa.String(length=9), nullable=False),
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column(
            "age_band",
            sa.Enum(
                "0 to 17",
                "18 to 24",
                "25 to 44",
                "45 to 64",
                "65 to 79",
                "80 and over",
                name="ageband",
                native_enum=False,
                create_constraint=True,
                length=21,
            ),
            nullable=False,
        ),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.CheckConstraint("people >= 0", name=op.f("ck_small_area_populations_people")),
        sa.PrimaryKeyConstraint("lsoa_code", "year", "age_band", name=op.f("pk_small_area_populations")),
    )
    op.create_table(
        "small_areas",
        sa.Column("code", sa.String(length=9), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("ward_code", sa.String(length=9), nullable=True),
        sa.Column("authority_code", sa.String(length=9), nullable=True),
        sa.Column("lat", sa.Double(), nullable=True),
        sa.Column("lon", sa.Double(), nullable=True),
        sa.CheckConstraint("(lat IS NULL) = (lon IS NULL)", name=op.f("ck_small_areas_whole_point")),
        sa.CheckConstraint(
            "lat BETWEEN -90 AND 90 AND lon BETWEEN -180 AND 180", name=op.f("ck_small_areas_on_earth")
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_small_areas")),
    )
    op.create_index(op.f("ix_small_areas_authority_code"), "small_areas", ["authority_code"], unique=False)
    op.create_index(op.f("ix_small_areas_ward_code"), "small_areas", ["ward_code"], unique=False)
    op.create_table(
        "sources",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("licence", sa.String(length=200), nullable=False),
        sa.Column("url", sa.String(length=500), nullable=True),
        sa.Column("imported_at", core.db.UtcDateTime(), nullable=True),
        sa.Column("created_at", core.db.UtcDateTime(), nullable=False),
        sa.Column("updated_at", core.db.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sources")),
        sa.UniqueConstraint("key", name=op.f("uq_sources_key")),
    )
    op.create_table(
        "taxonomies",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("description", sa.String(length=500), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_taxonomies")),
        sa.UniqueConstraint("slug", name=op.f("uq_taxonomies_slug")),
    )
    op.create_table(
        "teams",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("phone", sa.String(length=40), nullable=True),
        sa.Column("ward_codes", sa.JSON(), nullable=False),
        sa.Column("created_at", core.db.UtcDateTime(), nullable=False),
        sa.Column("updated_at", core.db.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_teams")),
        sa.UniqueConstraint("name", name=op.f("uq_teams_name")),
    )
    op.create_table(
        "wards",
        sa.Column("code", sa.String(length=9), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("name_key", sa.String(length=100), nullable=False),
        sa.Column("authority_code", sa.String(length=9), nullable=True),
        sa.Column("edition", sa.Integer(), nullable=True),
        sa.Column("lat", sa.Double(), nullable=True),
        sa.Column("lon", sa.Double(), nullable=True),
        sa.Column("population", sa.Integer(), nullable=True),
        sa.Column("deprivation_quintile", sa.Integer(), nullable=True),
        sa.Column("most_deprived_share", sa.Double(), nullable=True),
        sa.Column(
            "origin",
            sa.Enum("facts", "loaded", name="origin", native_enum=False, create_constraint=True, length=16),
            nullable=False,
        ),
        sa.CheckConstraint("(lat IS NULL) = (lon IS NULL)", name=op.f("ck_wards_whole_point")),
        sa.CheckConstraint("deprivation_quintile BETWEEN 1 AND 5", name=op.f("ck_wards_quintile")),
        sa.CheckConstraint(
            "lat BETWEEN -90 AND 90 AND lon BETWEEN -180 AND 180", name=op.f("ck_wards_on_earth")
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_wards")),
    )
    op.create_index(op.f("ix_wards_authority_code"), "wards", ["authority_code"], unique=False)
    op.create_index(op.f("ix_wards_name_key"), "wards", ["name_key"], unique=False)
    op.create_table(
        "accessibilities",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("description", sa.String(length=500), nullable=False),
        sa.Column("url", sa.String(length=500), nullable=True),
        sa.ForeignKeyConstraint(
            ["location_id"], ["locations.id"], name=op.f("fk_accessibilities_location_id_locations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accessibilities")),
    )
    op.create_index(op.f("ix_accessibilities_location_id"), "accessibilities", ["location_id"], unique=False)
    op.create_table(
        "emailed_links",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "purpose",
            sa.Enum(
                "invitation",
                "password-reset",
                name="linkpurpose",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("token_digest", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", core.db.UtcDateTime(), nullable=False),
        sa.Column("expires_at", core.db.UtcDateTime(), nullable=False),
        sa.Column("used_at", core.db.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_emailed_links_account_id_accounts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_emailed_links")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_emailed_links_token_digest")),
    )
    op.create_index(op.f("ix_emailed_links_account_id"), "emailed_links", ["account_id"], unique=False)
    op.create_table(
        "organizations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("summary", sa.String(length=300), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("website", sa.String(length=500), nullable=True),
        sa.Column("charity_number", sa.String(length=40), nullable=True),
        sa.Column("company_number", sa.String(length=40), nullable=True),
        sa.Column("ward_code", sa.String(length=9), nullable=True),
        sa.Column("is_example", sa.Boolean(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", core.db.UtcDateTime(), nullable=False),
        sa.Column("updated_at", core.db.UtcDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["source_id"], ["sources.id"], name=op.f("fk_organizations_source_id_sources")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organizations")),
    )
    op.create_index(op.f("ix_organizations_name"), "organizations", ["name"], unique=False)
    op.create_table(
        "persons",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("team_id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.String(length=12), nullable=False),
        sa.Column("name_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("preferred_name_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("pronouns_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("date_of_birth_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("address_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("postcode_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("nhs_number_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("nhs_number_index", sa.String(length=64), nullable=True),
        sa.Column("name_birth_index", sa.String(length=64), nullable=True),
        sa.Column("phone_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("mobile_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("email_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("safe_contact_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("contact_notes_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("what_matters_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("strengths_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("access_needs_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("communication_needs_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("interpreter_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("carer_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("risks_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("risk_summary_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("ethnicity_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("gender_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("gp_practice", sa.String(length=160), nullable=True),
        sa.Column("no_known_risks", sa.Boolean(), nullable=False),
        sa.Column("flagged_for_safety", sa.Boolean(), nullable=False),
        sa.Column("ward_code", sa.String(length=9), nullable=True),
        sa.Column("age_band", sa.String(length=20), nullable=True),
        sa.Column("died_at", core.db.UtcDateTime(), nullable=True),
        sa.Column("created_at", core.db.UtcDateTime(), nullable=False),
        sa.Column("updated_at", core.db.UtcDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_persons_team_id_teams")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_persons")),
        sa.UniqueConstraint("reference", name=op.f("uq_persons_reference")),
    )
    op.create_index(op.f("ix_persons_name_birth_index"), "persons", ["name_birth_index"], unique=False)
    op.create_index(op.f("ix_persons_nhs_number_index"), "persons", ["nhs_number_index"], unique=False)
    op.create_index("ix_persons_team_id_created_at", "persons", ["team_id", "created_at"], unique=False)
    op.create_index(op.f("ix_persons_ward_code"), "persons", ["ward_code"], unique=False)
    op.create_table(
        "recovery_codes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("code_hash", sa.String(length=200), nullable=False),
        sa.Column("used_at", core.db.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_recovery_codes_account_id_accounts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_codes")),
    )
    op.create_index(op.f("ix_recovery_codes_account_id"), "recovery_codes", ["account_id"], unique=False)
    op.create_table(
        "sign_in_sessions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("token_digest", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", core.db.UtcDateTime(), nullable=False),
        sa.Column("seen_at", core.db.UtcDateTime(), nullable=False),
        sa.Column("expires_at", core.db.UtcDateTime(), nullable=False),
        sa.Column("second_factor_at", core.db.UtcDateTime(), nullable=True),
        sa.Column("ended_at", core.db.UtcDateTime(), nullable=True),
        sa.Column("ended_because", sa.String(length=40), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_sign_in_sessions_account_id_accounts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_sessions")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_sign_in_sessions_token_digest")),
    )
    op.create_index(op.f("ix_sign_in_sessions_account_id"), "sign_in_sessions", ["account_id"], unique=False)
    op.create_table(
        "support_requests",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.String(length=12), nullable=False),
        sa.Column(
            "source",
            sa.Enum(
                "self",
                "someone-else",
                "partner",
                "phone",
                name="requestsource",
                native_enum=False,
                create_constraint=True,
                length=22,
            ),
            nullable=False,
        ),
        sa.Column("partner_id", sa.Uuid(), nullable=True),
        sa.Column("submitted_by_id", sa.Uuid(), nullable=True),
        sa.Column("team_id", sa.Uuid(), nullable=False),
        sa.Column("need_slugs", sa.JSON(), nullable=False),
        sa.Column("has_risk", sa.Boolean(), nullable=True),
        sa.Column("content_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", core.db.UtcDateTime(), nullable=False),
        sa.Column("updated_at", core.db.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["partner_id"], ["partners.id"], name=op.f("fk_support_requests_partner_id_partners")
        ),
        sa.ForeignKeyConstraint(
            ["submitted_by_id"], ["accounts.id"], name=op.f("fk_support_requests_submitted_by_id_accounts")
        ),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_support_requests_team_id_teams")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_support_requests")),
        sa.UniqueConstraint("reference", name=op.f("uq_support_requests_reference")),
    )
    op.create_index(op.f("ix_support_requests_partner_id"), "support_requests", ["partner_id"], unique=False)
    op.create_index(op.f("ix_support_requests_team_id"), "support_requests", ["team_id"], unique=False)
    op.create_table(
        "taxonomy_terms",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("taxonomy_id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("description", sa.String(length=500), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("merged_into_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["merged_into_id"],
            ["taxonomy_terms.id"],
            name=op.f("fk_taxonomy_terms_merged_into_id_taxonomy_terms"),
        ),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["taxonomy_terms.id"], name=op.f("fk_taxonomy_terms_parent_id_taxonomy_terms")
        ),
        sa.ForeignKeyConstraint(
            ["taxonomy_id"], ["taxonomies.id"], name=op.f("fk_taxonomy_terms_taxonomy_id_taxonomies")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_taxonomy_terms")),
        sa.UniqueConstraint("taxonomy_id", "slug", name=op.f("uq_taxonomy_terms_taxonomy_id_slug")),
    )
    op.create_table(
        "consents",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column(
            "purpose",
            sa.Enum(
                "support",
                "share-offer",
                "share-accepted",
                "feedback-to-referrer",
                name="consentpurpose",
                native_enum=False,
                create_constraint=True,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column(
            "recipient_kind",
            sa.Enum(
                "team",
                "organization",
                "partner",
                name="recipientkind",
                native_enum=False,
                create_constraint=True,
                length=22,
            ),
            nullable=False,
        ),
        sa.Column("recipient_id", sa.Uuid(), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("wording_version", sa.String(length=20), nullable=False),
        sa.Column("how", sa.String(length=40), nullable=False),
        sa.Column("given_at", core.db.UtcDateTime(), nullable=False),
        sa.Column("recorded_by", sa.String(length=60), nullable=False),
        sa.Column("until", core.db.UtcDateTime(), nullable=True),
        sa.Column("withdrawn_at", core.db.UtcDateTime(), nullable=True),
        sa.Column("withdrawn_recorded_by", sa.String(length=60), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_consents_person_id_persons")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consents")),
    )
    op.create_index("ix_consents_person_id_purpose", "consents", ["person_id", "purpose"], unique=False)
    op.create_index(op.f("ix_consents_recipient_id"), "consents", ["recipient_id"], unique=False)
    op.create_table(
        "episodes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.String(length=12), nullable=False),
        sa.Column("support_request_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("team_id", sa.Uuid(), nullable=False),
        sa.Column("link_worker_id", sa.Uuid(), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "submitted",
                "triage",
                "needs-info",
                "allocated",
                "contacting",
                "active",
                "paused",
                "completed",
                "not-appropriate",
                "person-declined",
                "uncontactable",
                "withdrawn",
                "entered-in-error",
                name="episodestate",
                native_enum=False,
                create_constraint=True,
                length=26,
            ),
            nullable=False,
        ),
        sa.Column(
            "priority",
            sa.Enum(
                "urgent",
                "soon",
                "routine",
                name="priority",
                native_enum=False,
                create_constraint=True,
                length=17,
            ),
            nullable=False,
        ),
        sa.Column(
            "close_reason",
            sa.Enum(
                "goals-met",
                "partly-met",
                "redirected",
                "declined",
                "no-contact",
                "withdrawn",
                "moved",
                "died",
                name="closereason",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=True,
        ),
        sa.Column("submitted_at", core.db.UtcDateTime(), nullable=True),
        sa.Column("closed_at", core.db.UtcDateTime(), nullable=True),
        sa.Column("based_on_id", sa.Uuid(), nullable=True),
        sa.Column(
            "based_on_reason",
            sa.Enum(
                "relapse",
                "new-need",
                "unresolved",
                name="basedonreason",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=True,
        ),
        sa.Column("snoozed_until", sa.Date(), nullable=True),
        sa.Column("summary_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("feedback_sent_at", core.db.UtcDateTime(), nullable=True),
        sa.Column("created_at", core.db.UtcDateTime(), nullable=False),
        sa.Column("updated_at", core.db.UtcDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["based_on_id"], ["episodes.id"], name=op.f("fk_episodes_based_on_id_episodes")
        ),
        sa.ForeignKeyConstraint(
            ["link_worker_id"], ["accounts.id"], name=op.f("fk_episodes_link_worker_id_accounts")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_episodes_person_id_persons")),
        sa.ForeignKeyConstraint(
            ["support_request_id"],
            ["support_requests.id"],
            name=op.f("fk_episodes_support_request_id_support_requests"),
        ),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_episodes_team_id_teams")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_episodes")),
        sa.UniqueConstraint("reference", name=op.f("uq_episodes_reference")),
        sa.UniqueConstraint("support_request_id", name=op.f("uq_episodes_support_request_id")),
    )
    op.create_index("ix_episodes_link_worker_id_state", "episodes", ["link_worker_id", "state"], unique=False)
    op.create_index(op.f("ix_episodes_person_id"), "episodes", ["person_id"], unique=False)
    op.create_index("ix_episodes_team_id_state", "episodes", ["team_id", "state"], unique=False)
    op.create_table(
        "memberships",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "resident",
                "referrer",
                "link-worker",
                "coordinator",
                "group-member",
                "editor",
                "commissioner",
                "data-protection-officer",
                "administrator",
                name="role",
                native_enum=False,
                create_constraint=True,
                length=33,
            ),
            nullable=False,
        ),
        sa.Column("team_id", sa.Uuid(), nullable=True),
        sa.Column("organization_id", sa.Uuid(), nullable=True),
        sa.Column("partner_id", sa.Uuid(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("ended_at", core.db.UtcDateTime(), nullable=True),
        sa.Column("created_at", core.db.UtcDateTime(), nullable=False),
        sa.Column("updated_at", core.db.UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "(CASE WHEN team_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN organization_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN partner_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN person_id IS NULL THEN 0 ELSE 1 END) <= 1",
            name=op.f("ck_memberships_one_place"),
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_memberships_account_id_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name=op.f("fk_memberships_organization_id_organizations"),
        ),
        sa.ForeignKeyConstraint(
            ["partner_id"], ["partners.id"], name=op.f("fk_memberships_partner_id_partners")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_memberships_person_id_persons")),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_memberships_team_id_teams")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_memberships")),
        sa.UniqueConstraint(
            "account_id",
            "role",
            "team_id",
            "organization_id",
            "partner_id",
            "person_id",
            name=op.f("uq_memberships_account_id_role_team_id_organization_id_partner_id_person_id"),
        ),
    )
    op.create_index(op.f("ix_memberships_account_id"), "memberships", ["account_id"], unique=False)
    op.create_table(
        "services",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("summary", sa.String(length=300), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "draft",
                "waiting",
                "sent-back",
                "withdrawn",
                "rejected",
                "published",
                "paused",
                "unconfirmed",
                "closed",
                name="listingstatus",
                native_enum=False,
                create_constraint=True,
                length=21,
            ),
            nullable=False,
        ),
        sa.Column(
            "delivery",
            sa.Enum(
                "in-person",
                "online",
                "phone",
                "borough",
                name="deliverymode",
                native_enum=False,
                create_constraint=True,
                length=19,
            ),
            nullable=False,
        ),
        sa.Column(
            "join_mode",
            sa.Enum(
                "turn-up",
                "ring-first",
                "referral",
                name="joinmode",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("url", sa.String(length=500), nullable=True),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("notice", sa.String(length=300), nullable=True),
        sa.Column("who_meets_you", sa.String(length=500), nullable=True),
        sa.Column("must_i_talk", sa.String(length=500), nullable=True),
        sa.Column("religious", sa.String(length=500), nullable=True),
        sa.Column("bring_someone", sa.String(length=500), nullable=True),
        sa.Column("what_to_bring", sa.String(length=500), nullable=True),
        sa.Column("opening_times_text", sa.String(length=1000), nullable=True),
        sa.Column("accepting_referrals", sa.Boolean(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=True),
        sa.Column("sustained_after", sa.Integer(), nullable=True),
        sa.Column("confirmed_at", core.db.UtcDateTime(), nullable=True),
        sa.Column("confirmed_by", sa.String(length=120), nullable=True),
        sa.Column("source_id", sa.Uuid(), nullable=True),
        sa.Column("is_example", sa.Boolean(), nullable=False),
        sa.Column("created_at", core.db.UtcDateTime(), nullable=False),
        sa.Column("updated_at", core.db.UtcDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_services_organization_id_organizations")
        ),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"], name=op.f("fk_services_source_id_sources")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_services")),
    )
    op.create_index(op.f("ix_services_organization_id"), "services", ["organization_id"], unique=False)
    op.create_index(op.f("ix_services_source_id"), "services", ["source_id"], unique=False)
    op.create_index(op.f("ix_services_status"), "services", ["status"], unique=False)
    op.create_table(
        "attributes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("term_id", sa.Uuid(), nullable=False),
        sa.Column("service_id", sa.Uuid(), nullable=True),
        sa.Column("location_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "(service_id IS NULL) <> (location_id IS NULL)", name=op.f("ck_attributes_one_subject")
        ),
        sa.ForeignKeyConstraint(
            ["location_id"], ["locations.id"], name=op.f("fk_attributes_location_id_locations")
        ),
        sa.ForeignKeyConstraint(
            ["service_id"], ["services.id"], name=op.f("fk_attributes_service_id_services")
        ),
        sa.ForeignKeyConstraint(
            ["term_id"], ["taxonomy_terms.id"], name=op.f("fk_attributes_term_id_taxonomy_terms")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attributes")),
        sa.UniqueConstraint("term_id", "location_id", name=op.f("uq_attributes_term_id_location_id")),
        sa.UniqueConstraint("term_id", "service_id", name=op.f("uq_attributes_term_id_service_id")),
    )
    op.create_index(op.f("ix_attributes_location_id"), "attributes", ["location_id"], unique=False)
    op.create_index(op.f("ix_attributes_service_id"), "attributes", ["service_id"], unique=False)
    op.create_index(op.f("ix_attributes_term_id"), "attributes", ["term_id"], unique=False)
    op.create_table(
        "contact_attempts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("episode_id", sa.Uuid(), nullable=False),
        sa.Column("at", core.db.UtcDateTime(), nullable=False),
        sa.Column(
            "channel",
            sa.Enum(
                "phone",
                "text",
                "email",
                "letter",
                "video",
                "visit",
                "in-person",
                name="channel",
                native_enum=False,
                create_constraint=True,
                length=19,
            ),
            nullable=False,
        ),
        sa.Column(
            "outcome",
            sa.Enum(
                "talked",
                "booked",
                "call-back",
                "message-left",
                "sent",
                "no-answer",
                "wrong-number",
                "not-safe",
                name="outcome",
                native_enum=False,
                create_constraint=True,
                length=22,
            ),
            nullable=False,
        ),
        sa.Column(
            "direction",
            sa.Enum(
                "outbound", "inbound", name="direction", native_enum=False, create_constraint=True, length=18
            ),
            nullable=False,
        ),
        sa.Column("booked_on", sa.Date(), nullable=True),
        sa.Column("minutes", sa.Integer(), nullable=True),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("author_name", sa.String(length=120), nullable=False),
        sa.Column("note_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("recorded_at", core.db.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["author_id"], ["accounts.id"], name=op.f("fk_contact_attempts_author_id_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["episode_id"], ["episodes.id"], name=op.f("fk_contact_attempts_episode_id_episodes")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_attempts")),
    )
    op.create_index(op.f("ix_contact_attempts_episode_id"), "contact_attempts", ["episode_id"], unique=False)
    op.create_table(
        "contacts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=True),
        sa.Column("service_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=True),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_contacts_organization_id_organizations")
        ),
        sa.ForeignKeyConstraint(
            ["service_id"], ["services.id"], name=op.f("fk_contacts_service_id_services")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contacts")),
    )
    op.create_index(op.f("ix_contacts_organization_id"), "contacts", ["organization_id"], unique=False)
    op.create_index(op.f("ix_contacts_service_id"), "contacts", ["service_id"], unique=False)
    op.create_table(
        "cost_options",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(length=100), nullable=False),
        sa.Column("pence", sa.Integer(), nullable=False),
        sa.CheckConstraint("pence >= 0", name=op.f("ck_cost_options_not_negative")),
        sa.ForeignKeyConstraint(
            ["service_id"], ["services.id"], name=op.f("fk_cost_options_service_id_services")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cost_options")),
    )
    op.create_index(op.f("ix_cost_options_service_id"), "cost_options", ["service_id"], unique=False)
    op.create_table(
        "eligibilities",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("minimum_age", sa.Integer(), nullable=True),
        sa.Column("maximum_age", sa.Integer(), nullable=True),
        sa.Column("description", sa.String(length=300), nullable=True),
        sa.ForeignKeyConstraint(
            ["service_id"], ["services.id"], name=op.f("fk_eligibilities_service_id_services")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_eligibilities")),
    )
    op.create_index(op.f("ix_eligibilities_service_id"), "eligibilities", ["service_id"], unique=False)
    op.create_table(
        "episode_events",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("episode_id", sa.Uuid(), nullable=False),
        sa.Column("at", core.db.UtcDateTime(), nullable=False),
        sa.Column("author", sa.String(length=60), nullable=False),
        sa.Column("author_name", sa.String(length=120), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "move",
                "undo-close",
                "entered-in-error",
                name="movekind",
                native_enum=False,
                create_constraint=True,
                length=26,
            ),
            nullable=False,
        ),
        sa.Column(
            "source",
            sa.Enum(
                "draft",
                "submitted",
                "triage",
                "needs-info",
                "allocated",
                "contacting",
                "active",
                "paused",
                "completed",
                "not-appropriate",
                "person-declined",
                "uncontactable",
                "withdrawn",
                "entered-in-error",
                name="episodestate",
                native_enum=False,
                create_constraint=True,
                length=26,
            ),
            nullable=True,
        ),
        sa.Column(
            "target",
            sa.Enum(
                "draft",
                "submitted",
                "triage",
                "needs-info",
                "allocated",
                "contacting",
                "active",
                "paused",
                "completed",
                "not-appropriate",
                "person-declined",
                "uncontactable",
                "withdrawn",
                "entered-in-error",
                name="episodestate",
                native_enum=False,
                create_constraint=True,
                length=26,
            ),
            nullable=False,
        ),
        sa.Column(
            "said_by",
            sa.Enum(
                "person",
                "referrer",
                "coordinator",
                "link-worker",
                "group",
                "clock",
                "rule",
                name="mover",
                native_enum=False,
                create_constraint=True,
                length=21,
            ),
            nullable=True,
        ),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["episode_id"], ["episodes.id"], name=op.f("fk_episode_events_episode_id_episodes")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_episode_events")),
    )
    op.create_index(op.f("ix_episode_events_episode_id"), "episode_events", ["episode_id"], unique=False)
    op.create_table(
        "gaps",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("episode_id", sa.Uuid(), nullable=True),
        sa.Column("need_slug", sa.String(length=60), nullable=False),
        sa.Column("ward_code", sa.String(length=9), nullable=True),
        sa.Column("criteria", sa.JSON(), nullable=False),
        sa.Column("at", core.db.UtcDateTime(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["accounts.id"], name=op.f("fk_gaps_author_id_accounts")),
        sa.ForeignKeyConstraint(["episode_id"], ["episodes.id"], name=op.f("fk_gaps_episode_id_episodes")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gaps")),
    )
    op.create_index(op.f("ix_gaps_episode_id"), "gaps", ["episode_id"], unique=False)
    op.create_index(op.f("ix_gaps_need_slug"), "gaps", ["need_slug"], unique=False)
    op.create_table(
        "imported_records",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("record_key", sa.String(length=200), nullable=False),
        sa.Column("group_key", sa.String(length=200), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("organization_version", sa.Integer(), nullable=False),
        sa.Column("service_version", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("vanished_at", core.db.UtcDateTime(), nullable=True),
        sa.Column("created_at", core.db.UtcDateTime(), nullable=False),
        sa.Column("updated_at", core.db.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name=op.f("fk_imported_records_organization_id_organizations"),
        ),
        sa.ForeignKeyConstraint(
            ["service_id"], ["services.id"], name=op.f("fk_imported_records_service_id_services")
        ),
        sa.ForeignKeyConstraint(
            ["source_id"], ["sources.id"], name=op.f("fk_imported_records_source_id_sources")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_imported_records")),
        sa.UniqueConstraint("service_id", name=op.f("uq_imported_records_service_id")),
        sa.UniqueConstraint("source_id", "record_key", name=op.f("uq_imported_records_source_id_record_key")),
    )
    op.create_index(
        op.f("ix_imported_records_organization_id"), "imported_records", ["organization_id"], unique=False
    )
    op.create_table(
        "languages",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=10), nullable=True),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(
            ["service_id"], ["services.id"], name=op.f("fk_languages_service_id_services")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_languages")),
    )
    op.create_index(op.f("ix_languages_service_id"), "languages", ["service_id"], unique=False)
    op.create_table(
        "listing_changes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("service_id", sa.Uuid(), nullable=False),
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
        sa.Column("base_version", sa.Integer(), nullable=False),
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
            ["author_id"], ["accounts.id"], name=op.f("fk_listing_changes_author_id_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["accounts.id"], name=op.f("fk_listing_changes_decided_by_id_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["service_id"], ["services.id"], name=op.f("fk_listing_changes_service_id_services")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_listing_changes")),
    )
    op.create_index(op.f("ix_listing_changes_service_id"), "listing_changes", ["service_id"], unique=False)
    op.create_index(
        "ix_listing_changes_state_created_at", "listing_changes", ["state", "created_at"], unique=False
    )
    op.create_table(
        "listing_status_events",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("at", core.db.UtcDateTime(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=True),
        sa.Column(
            "from_status",
            sa.Enum(
                "draft",
                "waiting",
                "sent-back",
                "withdrawn",
                "rejected",
                "published",
                "paused",
                "unconfirmed",
                "closed",
                name="listingstatus",
                native_enum=False,
                create_constraint=True,
                length=21,
            ),
            nullable=True,
        ),
        sa.Column(
            "to_status",
            sa.Enum(
                "draft",
                "waiting",
                "sent-back",
                "withdrawn",
                "rejected",
                "published",
                "paused",
                "unconfirmed",
                "closed",
                name="listingstatus",
                native_enum=False,
                create_constraint=True,
                length=21,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.String(length=500), nullable=True),
        sa.ForeignKeyConstraint(
            ["author_id"], ["accounts.id"], name=op.f("fk_listing_status_events_author_id_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["service_id"], ["services.id"], name=op.f("fk_listing_status_events_service_id_services")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_listing_status_events")),
    )
    op.create_index(
        op.f("ix_listing_status_events_service_id"), "listing_status_events", ["service_id"], unique=False
    )
    op.create_table(
        "measurements",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("episode_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("instrument", sa.String(length=40), nullable=False),
        sa.Column(
            "point",
            sa.Enum(
                "baseline",
                "review",
                "exit",
                "follow-up",
                name="point",
                native_enum=False,
                create_constraint=True,
                length=19,
            ),
            nullable=False,
        ),
        sa.Column(
            "mode",
            sa.Enum(
                "in-person",
                "phone",
                "video",
                "online",
                "paper",
                name="mode",
                native_enum=False,
                create_constraint=True,
                length=19,
            ),
            nullable=False,
        ),
        sa.Column(
            "completed_by",
            sa.Enum(
                "person",
                "with-link-worker",
                "proxy",
                name="completedby",
                native_enum=False,
                create_constraint=True,
                length=26,
            ),
            nullable=False,
        ),
        sa.Column("at", core.db.UtcDateTime(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=True),
        sa.Column("complete", sa.Boolean(), nullable=False),
        sa.Column("not_today_reason", sa.String(length=60), nullable=True),
        sa.Column("answers_sealed", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["author_id"], ["accounts.id"], name=op.f("fk_measurements_author_id_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["episode_id"], ["episodes.id"], name=op.f("fk_measurements_episode_id_episodes")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["persons.id"], name=op.f("fk_measurements_person_id_persons")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_measurements")),
    )
    op.create_index(
        "ix_measurements_episode_id_instrument_point",
        "measurements",
        ["episode_id", "instrument", "point"],
        unique=False,
    )
    op.create_index(op.f("ix_measurements_person_id"), "measurements", ["person_id"], unique=False)
    op.create_table(
        "needs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("episode_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.String(length=60), nullable=False),
        sa.Column("words_sealed", sa.LargeBinary(), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "raised",
                "being-addressed",
                "met",
                "dropped",
                name="needstate",
                native_enum=False,
                create_constraint=True,
                length=25,
            ),
            nullable=False,
        ),
        sa.Column("created_at", core.db.UtcDateTime(), nullable=False),
        sa.Column("updated_at", core.db.UtcDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["episode_id"], ["episodes.id"], name=op.f("fk_needs_episode_id_episodes")),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_needs_person_id_persons")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_needs")),
    )
    op.create_index(op.f("ix_needs_episode_id"), "needs", ["episode_id"], unique=False)
    op.create_index(op.f("ix_needs_person_id"), "needs", ["person_id"], unique=False)
    op.create_index(op.f("ix_needs_slug"), "needs", ["slug"], unique=False)
    op.create_table(
        "phones",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=True),
        sa.Column("service_id", sa.Uuid(), nullable=True),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("description", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_phones_organization_id_organizations")
        ),
        sa.ForeignKeyConstraint(["service_id"], ["services.id"], name=op.f("fk_phones_service_id_services")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_phones")),
    )
    op.create_index(op.f("ix_phones_organization_id"), "phones", ["organization_id"], unique=False)
    op.create_index(op.f("ix_phones_service_id"), "phones", ["service_id"], unique=False)
    op.create_table(
        "referrer_feedback",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("episode_id", sa.Uuid(), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=True),
        sa.Column("made_at", core.db.UtcDateTime(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("content_sealed", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["author_id"], ["accounts.id"], name=op.f("fk_referrer_feedback_author_id_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["episode_id"], ["episodes.id"], name=op.f("fk_referrer_feedback_episode_id_episodes")
        ),
        sa.ForeignKeyConstraint(
            ["partner_id"], ["partners.id"], name=op.f("fk_referrer_feedback_partner_id_partners")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referrer_feedback")),
        sa.UniqueConstraint("episode_id", name=op.f("uq_referrer_feedback_episode_id")),
    )
    op.create_index(
        op.f("ix_referrer_feedback_partner_id"), "referrer_feedback", ["partner_id"], unique=False
    )
    op.create_table(
        "schedule_exceptions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("session", sa.Time(), nullable=True),
        sa.Column("moved_to", sa.Date(), nullable=True),
        sa.Column("opens_at", sa.Time(), nullable=True),
        sa.Column("closes_at", sa.Time(), nullable=True),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("created_at", core.db.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["service_id"], ["services.id"], name=op.f("fk_schedule_exceptions_service_id_services")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_schedule_exceptions")),
    )
    op.create_index(
        op.f("ix_schedule_exceptions_service_id"), "schedule_exceptions", ["service_id"], unique=False
    )
    op.create_table(
        "schedules",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column(
            "freq",
            sa.Enum(
                "WEEKLY",
                "MONTHLY",
                "ONCE",
                name="frequency",
                native_enum=False,
                create_constraint=True,
                length=17,
            ),
            nullable=False,
        ),
        sa.Column("interval", sa.Integer(), nullable=False),
        sa.Column("dtstart", sa.Date(), nullable=False),
        sa.Column("byday", sa.String(length=30), nullable=False),
        sa.Column("nth", sa.Integer(), nullable=True),
        sa.Column("opens_at", sa.Time(), nullable=False),
        sa.Column("closes_at", sa.Time(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("term_time", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(
            ["service_id"], ["services.id"], name=op.f("fk_schedules_service_id_services")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_schedules")),
    )
    op.create_index(op.f("ix_schedules_service_id"), "schedules", ["service_id"], unique=False)
    op.create_table(
        "service_at_locations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["location_id"], ["locations.id"], name=op.f("fk_service_at_locations_location_id_locations")
        ),
        sa.ForeignKeyConstraint(
            ["service_id"], ["services.id"], name=op.f("fk_service_at_locations_service_id_services")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_at_locations")),
        sa.UniqueConstraint(
            "service_id", "location_id", name=op.f("uq_service_at_locations_service_id_location_id")
        ),
    )
    op.create_index(
        op.f("ix_service_at_locations_location_id"), "service_at_locations", ["location_id"], unique=False
    )
    op.create_table(
        "goals",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("episode_id", sa.Uuid(), nullable=False),
        sa.Column("need_id", sa.Uuid(), nullable=True),
        sa.Column("words_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("importance", sa.Integer(), nullable=True),
        sa.Column("confidence", sa.Integer(), nullable=True),
        sa.Column("progress", sa.Integer(), nullable=True),
        sa.Column("met_at", core.db.UtcDateTime(), nullable=True),
        sa.Column("created_at", core.db.UtcDateTime(), nullable=False),
        sa.Column("updated_at", core.db.UtcDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("importance BETWEEN 1 AND 10", name=op.f("ck_goals_importance_range")),
        sa.ForeignKeyConstraint(["episode_id"], ["episodes.id"], name=op.f("fk_goals_episode_id_episodes")),
        sa.ForeignKeyConstraint(["need_id"], ["needs.id"], name=op.f("fk_goals_need_id_needs")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_goals")),
    )
    op.create_index(op.f("ix_goals_episode_id"), "goals", ["episode_id"], unique=False)
    op.create_table(
        "need_events",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("need_id", sa.Uuid(), nullable=False),
        sa.Column("at", core.db.UtcDateTime(), nullable=False),
        sa.Column("author", sa.String(length=60), nullable=False),
        sa.Column(
            "source",
            sa.Enum(
                "raised",
                "being-addressed",
                "met",
                "dropped",
                name="needstate",
                native_enum=False,
                create_constraint=True,
                length=25,
            ),
            nullable=True,
        ),
        sa.Column(
            "target",
            sa.Enum(
                "raised",
                "being-addressed",
                "met",
                "dropped",
                name="needstate",
                native_enum=False,
                create_constraint=True,
                length=25,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.String(length=60), nullable=True),
        sa.Column(
            "said_by",
            sa.Enum(
                "person",
                "referrer",
                "coordinator",
                "link-worker",
                "group",
                "clock",
                "rule",
                name="mover",
                native_enum=False,
                create_constraint=True,
                length=21,
            ),
            nullable=True,
        ),
        sa.ForeignKeyConstraint(["need_id"], ["needs.id"], name=op.f("fk_need_events_need_id_needs")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_need_events")),
    )
    op.create_index(op.f("ix_need_events_need_id"), "need_events", ["need_id"], unique=False)
    op.create_table(
        "referrals",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.String(length=12), nullable=False),
        sa.Column("episode_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("need_id", sa.Uuid(), nullable=False),
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("consent_id", sa.Uuid(), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "requested",
                "accepted",
                "waitlisted",
                "scheduled",
                "started",
                "completed",
                "withdrawn",
                "declined",
                "expired",
                "never-started",
                "stopped",
                "entered-in-error",
                name="referralstate",
                native_enum=False,
                create_constraint=True,
                length=26,
            ),
            nullable=False,
        ),
        sa.Column(
            "join_mode",
            sa.Enum(
                "turn-up",
                "ring-first",
                "referral",
                name="joinmode",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column(
            "decline_reason",
            sa.Enum(
                "no-capacity",
                "ineligible",
                "unsafe",
                "not-suitable",
                "listing-wrong",
                name="declinereason",
                native_enum=False,
                create_constraint=True,
                length=23,
            ),
            nullable=True,
        ),
        sa.Column("requested_at", core.db.UtcDateTime(), nullable=False),
        sa.Column("requested_by_id", sa.Uuid(), nullable=False),
        sa.Column("reply_by", sa.Date(), nullable=True),
        sa.Column("nudges_sent", sa.Integer(), nullable=False),
        sa.Column("asked_on", sa.Date(), nullable=True),
        sa.Column("start_by", sa.Date(), nullable=True),
        sa.Column("scheduled_for", sa.Date(), nullable=True),
        sa.Column("sustained_after", sa.Integer(), nullable=False),
        sa.Column("closed_at", core.db.UtcDateTime(), nullable=True),
        sa.Column("based_on_id", sa.Uuid(), nullable=True),
        sa.Column("goal_words_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("access_words_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("communication_words_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("safe_yes_words_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("risk_summary_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("agreed_contact_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("heads_up_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", core.db.UtcDateTime(), nullable=False),
        sa.Column("updated_at", core.db.UtcDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["based_on_id"], ["referrals.id"], name=op.f("fk_referrals_based_on_id_referrals")
        ),
        sa.ForeignKeyConstraint(
            ["consent_id"], ["consents.id"], name=op.f("fk_referrals_consent_id_consents")
        ),
        sa.ForeignKeyConstraint(
            ["episode_id"], ["episodes.id"], name=op.f("fk_referrals_episode_id_episodes")
        ),
        sa.ForeignKeyConstraint(["need_id"], ["needs.id"], name=op.f("fk_referrals_need_id_needs")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_referrals_organization_id_organizations")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_referrals_person_id_persons")),
        sa.ForeignKeyConstraint(
            ["requested_by_id"], ["accounts.id"], name=op.f("fk_referrals_requested_by_id_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["service_id"], ["services.id"], name=op.f("fk_referrals_service_id_services")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referrals")),
        sa.UniqueConstraint("reference", name=op.f("uq_referrals_reference")),
    )
    op.create_index(op.f("ix_referrals_episode_id"), "referrals", ["episode_id"], unique=False)
    op.create_index(op.f("ix_referrals_need_id"), "referrals", ["need_id"], unique=False)
    op.create_index(
        "ix_referrals_organization_id_state", "referrals", ["organization_id", "state"], unique=False
    )
    op.create_index(op.f("ix_referrals_person_id"), "referrals", ["person_id"], unique=False)
    op.create_index(op.f("ix_referrals_service_id"), "referrals", ["service_id"], unique=False)
    op.create_index("ix_referrals_state_reply_by", "referrals", ["state", "reply_by"], unique=False)
    op.create_table(
        "signposts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("episode_id", sa.Uuid(), nullable=False),
        sa.Column("need_id", sa.Uuid(), nullable=True),
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("at", core.db.UtcDateTime(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["accounts.id"], name=op.f("fk_signposts_author_id_accounts")),
        sa.ForeignKeyConstraint(
            ["episode_id"], ["episodes.id"], name=op.f("fk_signposts_episode_id_episodes")
        ),
        sa.ForeignKeyConstraint(["need_id"], ["needs.id"], name=op.f("fk_signposts_need_id_needs")),
        sa.ForeignKeyConstraint(
            ["service_id"], ["services.id"], name=op.f("fk_signposts_service_id_services")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signposts")),
    )
    op.create_index(op.f("ix_signposts_episode_id"), "signposts", ["episode_id"], unique=False)
    op.create_table(
        "actions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("episode_id", sa.Uuid(), nullable=False),
        sa.Column("goal_id", sa.Uuid(), nullable=True),
        sa.Column(
            "owner",
            sa.Enum(
                "person",
                "link-worker",
                "someone-else",
                name="actionowner",
                native_enum=False,
                create_constraint=True,
                length=22,
            ),
            nullable=False,
        ),
        sa.Column("words_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("confidence", sa.Integer(), nullable=True),
        sa.Column("done_at", core.db.UtcDateTime(), nullable=True),
        sa.Column("created_at", core.db.UtcDateTime(), nullable=False),
        sa.Column("updated_at", core.db.UtcDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["episode_id"], ["episodes.id"], name=op.f("fk_actions_episode_id_episodes")),
        sa.ForeignKeyConstraint(["goal_id"], ["goals.id"], name=op.f("fk_actions_goal_id_goals")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_actions")),
    )
    op.create_index(op.f("ix_actions_episode_id"), "actions", ["episode_id"], unique=False)
    op.create_table(
        "answer_links",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("token_digest", sa.String(length=64), nullable=False),
        sa.Column("created_at", core.db.UtcDateTime(), nullable=False),
        sa.Column("expires_at", core.db.UtcDateTime(), nullable=False),
        sa.Column("revoked_at", core.db.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["referral_id"], ["referrals.id"], name=op.f("fk_answer_links_referral_id_referrals")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answer_links")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_answer_links_token_digest")),
    )
    op.create_index(op.f("ix_answer_links_referral_id"), "answer_links", ["referral_id"], unique=False)
    op.create_table(
        "attendances",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column(
            "presence",
            sa.Enum(
                "came",
                "did-not-come",
                "not-sure",
                name="presence",
                native_enum=False,
                create_constraint=True,
                length=22,
            ),
            nullable=False,
        ),
        sa.Column("recorded_at", core.db.UtcDateTime(), nullable=False),
        sa.Column("author", sa.String(length=60), nullable=False),
        sa.Column(
            "said_by",
            sa.Enum(
                "person",
                "referrer",
                "coordinator",
                "link-worker",
                "group",
                "clock",
                "rule",
                name="mover",
                native_enum=False,
                create_constraint=True,
                length=21,
            ),
            nullable=True,
        ),
        sa.Column("corrects_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["corrects_id"], ["attendances.id"], name=op.f("fk_attendances_corrects_id_attendances")
        ),
        sa.ForeignKeyConstraint(
            ["referral_id"], ["referrals.id"], name=op.f("fk_attendances_referral_id_referrals")
        ),
        sa.ForeignKeyConstraint(
            ["service_id"], ["services.id"], name=op.f("fk_attendances_service_id_services")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attendances")),
    )
    op.create_index(op.f("ix_attendances_referral_id"), "attendances", ["referral_id"], unique=False)
    op.create_table(
        "referral_events",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("at", core.db.UtcDateTime(), nullable=False),
        sa.Column("author", sa.String(length=60), nullable=False),
        sa.Column("author_name", sa.String(length=120), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "move",
                "undo-close",
                "entered-in-error",
                name="movekind",
                native_enum=False,
                create_constraint=True,
                length=26,
            ),
            nullable=False,
        ),
        sa.Column(
            "source",
            sa.Enum(
                "requested",
                "accepted",
                "waitlisted",
                "scheduled",
                "started",
                "completed",
                "withdrawn",
                "declined",
                "expired",
                "never-started",
                "stopped",
                "entered-in-error",
                name="referralstate",
                native_enum=False,
                create_constraint=True,
                length=26,
            ),
            nullable=True,
        ),
        sa.Column(
            "target",
            sa.Enum(
                "requested",
                "accepted",
                "waitlisted",
                "scheduled",
                "started",
                "completed",
                "withdrawn",
                "declined",
                "expired",
                "never-started",
                "stopped",
                "entered-in-error",
                name="referralstate",
                native_enum=False,
                create_constraint=True,
                length=26,
            ),
            nullable=False,
        ),
        sa.Column(
            "said_by",
            sa.Enum(
                "person",
                "referrer",
                "coordinator",
                "link-worker",
                "group",
                "clock",
                "rule",
                name="mover",
                native_enum=False,
                create_constraint=True,
                length=21,
            ),
            nullable=True,
        ),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["referral_id"], ["referrals.id"], name=op.f("fk_referral_events_referral_id_referrals")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referral_events")),
    )
    op.create_index(op.f("ix_referral_events_referral_id"), "referral_events", ["referral_id"], unique=False)
    seeds.plant(op.get_bind())


def downgrade() -> None:
    """Take every table away."""
    op.drop_index(op.f("ix_referral_events_referral_id"), table_name="referral_events")
    op.drop_table("referral_events")
    op.drop_index(op.f("ix_attendances_referral_id"), table_name="attendances")
    op.drop_table("attendances")
    op.drop_index(op.f("ix_answer_links_referral_id"), table_name="answer_links")
    op.drop_table("answer_links")
    op.drop_index(op.f("ix_actions_episode_id"), table_name="actions")
    op.drop_table("actions")
    op.drop_index(op.f("ix_signposts_episode_id"), table_name="signposts")
    op.drop_table("signposts")
    op.drop_index("ix_referrals_state_reply_by", table_name="referrals")
    op.drop_index(op.f("ix_referrals_service_id"), table_name="referrals")
    op.drop_index(op.f("ix_referrals_person_id"), table_name="referrals")
    op.drop_index("ix_referrals_organization_id_state", table_name="referrals")
    op.drop_index(op.f("ix_referrals_need_id"), table_name="referrals")
    op.drop_index(op.f("ix_referrals_episode_id"), table_name="referrals")
    op.drop_table("referrals")
    op.drop_index(op.f("ix_need_events_need_id"), table_name="need_events")
    op.drop_table("need_events")
    op.drop_index(op.f("ix_goals_episode_id"), table_name="goals")
    op.drop_table("goals")
    op.drop_index(op.f("ix_service_at_locations_location_id"), table_name="service_at_locations")
    op.drop_table("service_at_locations")
    op.drop_index(op.f("ix_schedules_service_id"), table_name="schedules")
    op.drop_table("schedules")
    op.drop_index(op.f("ix_schedule_exceptions_service_id"), table_name="schedule_exceptions")
    op.drop_table("schedule_exceptions")
    op.drop_index(op.f("ix_referrer_feedback_partner_id"), table_name="referrer_feedback")
    op.drop_table("referrer_feedback")
    op.drop_index(op.f("ix_phones_service_id"), table_name="phones")
    op.drop_index(op.f("ix_phones_organization_id"), table_name="phones")
    op.drop_table("phones")
    op.drop_index(op.f("ix_needs_slug"), table_name="needs")
    op.drop_index(op.f("ix_needs_person_id"), table_name="needs")
    op.drop_index(op.f("ix_needs_episode_id"), table_name="needs")
    op.drop_table("needs")
    op.drop_index(op.f("ix_measurements_person_id"), table_name="measurements")
    op.drop_index("ix_measurements_episode_id_instrument_point", table_name="measurements")
    op.drop_table("measurements")
    op.drop_index(op.f("ix_listing_status_events_service_id"), table_name="listing_status_events")
    op.drop_table("listing_status_events")
    op.drop_index("ix_listing_changes_state_created_at", table_name="listing_changes")
    op.drop_index(op.f("ix_listing_changes_service_id"), table_name="listing_changes")
    op.drop_table("listing_changes")
    op.drop_index(op.f("ix_languages_service_id"), table_name="languages")
    op.drop_table("languages")
    op.drop_index(op.f("ix_imported_records_organization_id"), table_name="imported_records")
    op.drop_table("imported_records")
    op.drop_index(op.f("ix_gaps_need_slug"), table_name="gaps")
    op.drop_index(op.f("ix_gaps_episode_id"), table_name="gaps")
    op.drop_table("gaps")
    op.drop_index(op.f("ix_episode_events_episode_id"), table_name="episode_events")
    op.drop_table("episode_events")
    op.drop_index(op.f("ix_eligibilities_service_id"), table_name="eligibilities")
    op.drop_table("eligibilities")
    op.drop_index(op.f("ix_cost_options_service_id"), table_name="cost_options")
    op.drop_table("cost_options")
    op.drop_index(op.f("ix_contacts_service_id"), table_name="contacts")
    op.drop_index(op.f("ix_contacts_organization_id"), table_name="contacts")
    op.drop_table("contacts")
    op.drop_index(op.f("ix_contact_attempts_episode_id"), table_name="contact_attempts")
    op.drop_table("contact_attempts")
    op.drop_index(op.f("ix_attributes_term_id"), table_name="attributes")
    op.drop_index(op.f("ix_attributes_service_id"), table_name="attributes")
    op.drop_index(op.f("ix_attributes_location_id"), table_name="attributes")
    op.drop_table("attributes")
    op.drop_index(op.f("ix_services_status"), table_name="services")
    op.drop_index(op.f("ix_services_source_id"), table_name="services")
    op.drop_index(op.f("ix_services_organization_id"), table_name="services")
    op.drop_table("services")
    op.drop_index(op.f("ix_memberships_account_id"), table_name="memberships")
    op.drop_table("memberships")
    op.drop_index("ix_episodes_team_id_state", table_name="episodes")
    op.drop_index(op.f("ix_episodes_person_id"), table_name="episodes")
    op.drop_index("ix_episodes_link_worker_id_state", table_name="episodes")
    op.drop_table("episodes")
    op.drop_index(op.f("ix_consents_recipient_id"), table_name="consents")
    op.drop_index("ix_consents_person_id_purpose", table_name="consents")
    op.drop_table("consents")
    op.drop_table("taxonomy_terms")
    op.drop_index(op.f("ix_support_requests_team_id"), table_name="support_requests")
    op.drop_index(op.f("ix_support_requests_partner_id"), table_name="support_requests")
    op.drop_table("support_requests")
    op.drop_index(op.f("ix_sign_in_sessions_account_id"), table_name="sign_in_sessions")
    op.drop_table("sign_in_sessions")
    op.drop_index(op.f("ix_recovery_codes_account_id"), table_name="recovery_codes")
    op.drop_table("recovery_codes")
    op.drop_index(op.f("ix_persons_ward_code"), table_name="persons")
    op.drop_index("ix_persons_team_id_created_at", table_name="persons")
    op.drop_index(op.f("ix_persons_nhs_number_index"), table_name="persons")
    op.drop_index(op.f("ix_persons_name_birth_index"), table_name="persons")
    op.drop_table("persons")
    op.drop_index(op.f("ix_organizations_name"), table_name="organizations")
    op.drop_table("organizations")
    op.drop_index(op.f("ix_emailed_links_account_id"), table_name="emailed_links")
    op.drop_table("emailed_links")
    op.drop_index(op.f("ix_accessibilities_location_id"), table_name="accessibilities")
    op.drop_table("accessibilities")
    op.drop_index(op.f("ix_wards_name_key"), table_name="wards")
    op.drop_index(op.f("ix_wards_authority_code"), table_name="wards")
    op.drop_table("wards")
    op.drop_table("teams")
    op.drop_table("taxonomies")
    op.drop_table("sources")
    op.drop_index(op.f("ix_small_areas_ward_code"), table_name="small_areas")
    op.drop_index(op.f("ix_small_areas_authority_code"), table_name="small_areas")
    op.drop_table("small_areas")
    op.drop_table("small_area_populations")
    op.drop_table("small_area_deprivation")
    op.drop_index("ix_sign_in_attempts_bucket_at", table_name="sign_in_attempts")
    op.drop_index(op.f("ix_sign_in_attempts_at"), table_name="sign_in_attempts")
    op.drop_table("sign_in_attempts")
    op.drop_table("publications")
    op.drop_index(op.f("ix_postcodes_ward_code"), table_name="postcodes")
    op.drop_index(op.f("ix_postcodes_sector"), table_name="postcodes")
    op.drop_index(op.f("ix_postcodes_lsoa_code"), table_name="postcodes")
    op.drop_table("postcodes")
    op.drop_index(op.f("ix_postcode_sectors_outcode"), table_name="postcode_sectors")
    op.drop_table("postcode_sectors")
    op.drop_table("place_names")
    op.drop_table("partners")
    op.drop_index(op.f("ix_one_time_codes_subject_id"), table_name="one_time_codes")
    op.drop_table("one_time_codes")
    op.drop_index(op.f("ix_messages_about_id"), table_name="messages")
    op.drop_table("messages")
    op.drop_index(op.f("ix_locations_ward_code"), table_name="locations")
    op.drop_index(op.f("ix_locations_postal_code"), table_name="locations")
    op.drop_table("locations")
    op.drop_index("ix_jobs_state_run_at", table_name="jobs")
    op.drop_index(op.f("ix_jobs_key"), table_name="jobs")
    op.drop_table("jobs")
    op.drop_index(op.f("ix_job_workers_seen_at"), table_name="job_workers")
    op.drop_table("job_workers")
    op.drop_table("job_schedules")
    op.drop_index(op.f("ix_idempotency_keys_created_at"), table_name="idempotency_keys")
    op.drop_table("idempotency_keys")
    op.drop_table("audit_heads")
    op.drop_index(op.f("ix_audit_entries_subject_id"), table_name="audit_entries")
    op.drop_index(op.f("ix_audit_entries_action"), table_name="audit_entries")
    op.drop_index(op.f("ix_audit_entries_account_id"), table_name="audit_entries")
    op.drop_table("audit_entries")
    op.drop_table("accounts")
