"""Accounts, what they belong to, and the sessions, codes and links by which people come in."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.access.rules import Role
from core.accounts.rules import FirstStep
from core.db import Base, HasId, Sealed, Stamped, enum_column


class Account(HasId, Stamped, Base):
    """Somebody who can sign in. What names and reaches them is encrypted; the address is found by its blind index, and
    so is the mobile: one of the two is there. No two have one address; a mobile may be shared."""

    __tablename__ = "accounts"

    name_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    email_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    email_index: Mapped[str | None] = mapped_column(String(64), unique=True)
    mobile_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    mobile_index: Mapped[str | None] = mapped_column(String(64), index=True)
    password_hash: Mapped[str | None] = mapped_column(String(200))
    words_hash: Mapped[str | None] = mapped_column(String(200))
    totp_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    totp_confirmed_at: Mapped[datetime | None]
    totp_last_step: Mapped[int | None] = mapped_column(Integer)
    persona: Mapped[str | None] = mapped_column(String(40), unique=True)
    disabled_at: Mapped[datetime | None]

    name = Sealed("name_sealed")
    email = Sealed("email_sealed")
    mobile = Sealed("mobile_sealed")
    totp_secret = Sealed("totp_sealed")

    memberships: Mapped[list[MembershipRow]] = relationship(
        back_populates="account", cascade="all, delete-orphan", lazy="selectin"
    )


class MembershipRow(HasId, Stamped, Base):
    """A role held by an account in at most one team, group, partner or person."""

    __tablename__ = "memberships"
    __table_args__ = (
        UniqueConstraint("account_id", "role", "team_id", "organization_id", "partner_id", "person_id"),
        CheckConstraint(
            "(CASE WHEN team_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN organization_id IS NULL THEN 0 ELSE 1 END)"
            " + (CASE WHEN partner_id IS NULL THEN 0 ELSE 1 END)"
            " + (CASE WHEN person_id IS NULL THEN 0 ELSE 1 END) <= 1",
            name="one_place",
        ),
    )

    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"), index=True)
    role: Mapped[Role] = mapped_column(enum_column(Role))
    team_id: Mapped[UUID | None] = mapped_column(ForeignKey("teams.id"))
    organization_id: Mapped[UUID | None] = mapped_column(ForeignKey("organizations.id"))
    partner_id: Mapped[UUID | None] = mapped_column(ForeignKey("partners.id"))
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"))
    ended_at: Mapped[datetime | None]

    account: Mapped[Account] = relationship(back_populates="memberships")


class SignInSession(HasId, Base):
    """The truth behind a sign-in cookie: the cookie holds a random token, this row its digest. Ended is ended.

    `second_factor_at` is empty between the first step and the code: until then the session opens nothing. `came_by` is
    the first step; empty means a password.
    """

    __tablename__ = "sign_in_sessions"

    token_digest: Mapped[str] = mapped_column(String(64), unique=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"), index=True)
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    second_factor_at: Mapped[datetime | None]
    came_by: Mapped[FirstStep | None] = mapped_column(enum_column(FirstStep))
    ended_at: Mapped[datetime | None]
    ended_because: Mapped[str | None] = mapped_column(String(40))


class RecoveryCode(HasId, Base):
    """One of ten codes that stand in for the authenticator app once each."""

    __tablename__ = "recovery_codes"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"), index=True)
    code_hash: Mapped[str] = mapped_column(String(200))
    used_at: Mapped[datetime | None]


class CodePurpose(StrEnum):
    """What a one-time code opens, and how it came: a code in a text does not go with a link in a text."""

    SIGN_IN = "sign-in"
    SIGN_IN_EMAILED = "sign-in-emailed"
    SIGN_IN_READ_OUT = "sign-in-read-out"
    ANSWER_LINK = "answer-link"


class OneTimeCode(HasId, Base):
    """A six-digit code, sent or read out; `subject_id` is the account or the link that it belongs to."""

    __tablename__ = "one_time_codes"

    purpose: Mapped[CodePurpose] = mapped_column(enum_column(CodePurpose))
    subject_id: Mapped[UUID] = mapped_column(index=True)
    code_digest: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    tries: Mapped[int] = mapped_column(Integer, default=0)
    used_at: Mapped[datetime | None]


class LinkPurpose(StrEnum):
    """What a link is for. The last one goes by text, the others by email."""

    INVITATION = "invitation"
    RESET = "password-reset"
    SIGN_IN = "sign-in"
    SIGN_IN_BY_TEXT = "sign-in-text"


class EmailedLink(HasId, Base):
    """A single-use link sent by email or text. Only the digest of its token is kept."""

    __tablename__ = "emailed_links"

    purpose: Mapped[LinkPurpose] = mapped_column(enum_column(LinkPurpose))
    token_digest: Mapped[str] = mapped_column(String(64), unique=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"), index=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class Attempt(HasId, Base):
    """A guess that has not proved right, counted by account and by address; both are kept as blind indexes only."""

    __tablename__ = "sign_in_attempts"
    __table_args__ = (Index("ix_sign_in_attempts_bucket_at", "bucket", "at"),)

    bucket: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(index=True)
