"""Who is supported: persons, the teams and partners around them, how to reach them safely, what they agreed to."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Boolean, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.db import Base, HasId, Sealed, Stamped, Versioned, enum_column
from prescribing.people.consent import ConsentPurpose


class Team(HasId, Stamped, Base):
    """The link workers of one service; a person's data belongs to a team."""

    __tablename__ = "teams"

    name: Mapped[str] = mapped_column(String(120), unique=True)
    phone: Mapped[str | None] = mapped_column(String(40))
    ward_codes: Mapped[list[str]]


class PartnerKind(StrEnum):
    """What kind of body refers people."""

    GP_PRACTICE = "gp-practice"
    HOUSING = "housing"
    COUNCIL = "council"
    POLICE = "police"
    FIRE = "fire"
    SCHOOL = "school"
    PROBATION = "probation"
    EMPLOYER = "employer"
    HOSPITAL = "hospital"
    PHARMACY = "pharmacy"
    JOBCENTRE = "jobcentre"
    VOLUNTARY = "voluntary"
    OTHER = "other"


class Partner(HasId, Stamped, Versioned, Base):
    """A body that refers people: a GP practice, a housing association, the fire service."""

    __tablename__ = "partners"

    name: Mapped[str] = mapped_column(String(160), unique=True)
    kind: Mapped[PartnerKind] = mapped_column(enum_column(PartnerKind))
    ods_code: Mapped[str | None] = mapped_column(String(12))
    email: Mapped[str | None] = mapped_column(String(254))


class Person(HasId, Stamped, Versioned, Base):
    """A resident who is supported. Everything that names or reaches them is encrypted.

    `nhs_number_index` and `name_birth_index` are blind indexes for exact look-up; the ward code is kept plain for
    suppressed counts. `flagged_for_safety` keeps the record off every screen but the team's own. `unsent` is somebody
    whom only a draft names: until it is sent, nobody but its sender knows of them.
    """

    __tablename__ = "persons"
    __table_args__ = (Index("ix_persons_team_id_created_at", "team_id", "created_at"),)

    team_id: Mapped[UUID] = mapped_column(ForeignKey("teams.id"))
    reference: Mapped[str] = mapped_column(String(12), unique=True)
    name_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    preferred_name_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    pronouns_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    date_of_birth_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    address_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    postcode_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    nhs_number_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    nhs_number_index: Mapped[str | None] = mapped_column(String(64), index=True)
    name_birth_index: Mapped[str | None] = mapped_column(String(64), index=True)
    phone_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    mobile_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    email_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    safe_contact_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    contact_notes_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    what_matters_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    strengths_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    access_needs_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    communication_needs_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    interpreter_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    carer_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    household_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    needs_met_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    safeguarding_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    safeguarding_told_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    risks_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    risk_summary_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    ethnicity_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    gender_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    gp_practice: Mapped[str | None] = mapped_column(String(160))
    # The Accessible Information Standard: when somebody asked, whether others may know, when to ask again.
    needs_asked_on: Mapped[date | None]
    share_needs: Mapped[bool | None]
    needs_review_on: Mapped[date | None]
    no_known_risks: Mapped[bool] = mapped_column(Boolean, default=False)
    flagged_for_safety: Mapped[bool] = mapped_column(Boolean, default=False)
    unsent: Mapped[bool] = mapped_column(Boolean, default=False)
    ward_code: Mapped[str | None] = mapped_column(String(9), index=True)
    age_band: Mapped[str | None] = mapped_column(String(20))
    died_at: Mapped[datetime | None]

    team: Mapped[Team] = relationship()

    name = Sealed("name_sealed")
    preferred_name = Sealed("preferred_name_sealed")
    pronouns = Sealed("pronouns_sealed")
    date_of_birth = Sealed("date_of_birth_sealed")
    address = Sealed("address_sealed")
    postcode = Sealed("postcode_sealed")
    nhs_number = Sealed("nhs_number_sealed")
    phone = Sealed("phone_sealed")
    mobile = Sealed("mobile_sealed")
    email = Sealed("email_sealed")
    safe_contact = Sealed("safe_contact_sealed")
    contact_notes = Sealed("contact_notes_sealed")
    what_matters = Sealed("what_matters_sealed")
    strengths = Sealed("strengths_sealed")
    access_needs = Sealed("access_needs_sealed")
    communication_needs = Sealed("communication_needs_sealed")
    interpreter = Sealed("interpreter_sealed")
    carer = Sealed("carer_sealed")
    household = Sealed("household_sealed")
    needs_met = Sealed("needs_met_sealed")
    safeguarding = Sealed("safeguarding_sealed")
    safeguarding_told = Sealed("safeguarding_told_sealed")
    risks = Sealed("risks_sealed")
    risk_summary = Sealed("risk_summary_sealed")
    ethnicity = Sealed("ethnicity_sealed")
    gender = Sealed("gender_sealed")


class RecipientKind(StrEnum):
    """To whom it may be shared."""

    TEAM = "team"
    ORGANIZATION = "organization"
    PARTNER = "partner"


class Consent(HasId, Base):
    """To share what, with whom, why, until when. Rows are never changed but to be withdrawn.

    `recorded_by` is an account's id, "public" or "system".
    """

    __tablename__ = "consents"
    __table_args__ = (Index("ix_consents_person_id_purpose", "person_id", "purpose"),)

    person_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    purpose: Mapped[ConsentPurpose] = mapped_column(enum_column(ConsentPurpose))
    recipient_kind: Mapped[RecipientKind] = mapped_column(enum_column(RecipientKind))
    recipient_id: Mapped[UUID] = mapped_column(index=True)
    fields: Mapped[list[str]]
    wording_version: Mapped[str] = mapped_column(String(20))
    how: Mapped[str] = mapped_column(String(40))
    given_at: Mapped[datetime]
    recorded_by: Mapped[str] = mapped_column(String(60))
    until: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    withdrawn_recorded_by: Mapped[str | None] = mapped_column(String(60))
