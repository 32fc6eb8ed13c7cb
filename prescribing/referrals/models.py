"""A need sent to a service, how its group answered, and who came."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Date, ForeignKey, Index, Integer, LargeBinary, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.db import Base, HasId, JsonDict, Sealed, Stamped, Versioned, enum_column
from prescribing.episodes.models import Action, Episode, Need
from prescribing.episodes.moves import MoveKind, Mover
from prescribing.people.models import Consent, Person
from prescribing.referrals.rules import SESSION_ON, DeclineReason, Heard, JoinMode, ReferralState


class Referral(HasId, Stamped, Versioned, Base):
    """A need sent to a service, answered by its group. What the group may read stands here in words agreed with
    the person, so that nothing else has to be opened to it. `asked_on` is the day on which the link worker was asked
    what to do before no answer counts as one."""

    __tablename__ = "referrals"
    __table_args__ = (
        Index("ix_referrals_organization_id_state", "organization_id", "state"),
        Index("ix_referrals_state_reply_by", "state", "reply_by"),
    )

    reference: Mapped[str] = mapped_column(String(12), unique=True)
    episode_id: Mapped[UUID] = mapped_column(ForeignKey("episodes.id"), index=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id"), index=True)
    need_id: Mapped[UUID] = mapped_column(ForeignKey("needs.id"), index=True)
    service_id: Mapped[UUID] = mapped_column(ForeignKey("services.id"), index=True)
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    # None where people just turn up and nothing is shared.
    consent_id: Mapped[UUID | None] = mapped_column(ForeignKey("consents.id"))
    state: Mapped[ReferralState] = mapped_column(enum_column(ReferralState))
    join_mode: Mapped[JoinMode] = mapped_column(enum_column(JoinMode))
    decline_reason: Mapped[DeclineReason | None] = mapped_column(enum_column(DeclineReason))
    requested_at: Mapped[datetime]
    requested_by_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"))
    # Asked for by the person themself.
    by_person: Mapped[bool] = mapped_column(default=False, server_default=false())
    reply_by: Mapped[date | None] = mapped_column(Date)
    nudges_sent: Mapped[int] = mapped_column(Integer, default=0)
    asked_on: Mapped[date | None] = mapped_column(Date)
    start_by: Mapped[date | None] = mapped_column(Date)
    scheduled_for: Mapped[date | None] = mapped_column(Date)
    sustained_after: Mapped[int] = mapped_column(Integer, default=3)
    closed_at: Mapped[datetime | None]
    based_on_id: Mapped[UUID | None] = mapped_column(ForeignKey("referrals.id"))
    goal_words_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    access_words_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    communication_words_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    safe_yes_words_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    risk_summary_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    agreed_contact_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    heads_up_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)

    goal_words = Sealed("goal_words_sealed")
    access_words = Sealed("access_words_sealed")
    communication_words = Sealed("communication_words_sealed")
    safe_yes_words = Sealed("safe_yes_words_sealed")
    risk_summary = Sealed("risk_summary_sealed")
    agreed_contact = Sealed("agreed_contact_sealed")
    heads_up = Sealed("heads_up_sealed")

    episode: Mapped[Episode] = relationship()
    person: Mapped[Person] = relationship()
    need: Mapped[Need] = relationship()
    consent: Mapped[Consent | None] = relationship()
    events: Mapped[list[ReferralEvent]] = relationship(order_by="ReferralEvent.at, ReferralEvent.id")
    attendances: Mapped[list[Attendance]] = relationship(order_by="Attendance.on, Attendance.recorded_at")
    notices: Mapped[list[SessionNotice]] = relationship(
        order_by="SessionNotice.on, SessionNotice.starts", back_populates="referral"
    )


class ReferralEvent(HasId, Base):
    """One move: who, when, from, to, why, and whose word it was. Never changed."""

    __tablename__ = "referral_events"

    referral_id: Mapped[UUID] = mapped_column(ForeignKey("referrals.id"), index=True)
    at: Mapped[datetime]
    author: Mapped[str] = mapped_column(String(60))
    author_name_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    kind: Mapped[MoveKind] = mapped_column(enum_column(MoveKind), default=MoveKind.MOVE)
    source: Mapped[ReferralState | None] = mapped_column(enum_column(ReferralState))
    target: Mapped[ReferralState] = mapped_column(enum_column(ReferralState))
    said_by: Mapped[Mover | None] = mapped_column(enum_column(Mover))
    reason_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)

    author_name = Sealed("author_name_sealed")
    reason = Sealed("reason_sealed")


class GroupLink(HasId):
    """A group's way to one thing without an account: a random token, kept as its digest, single in purpose."""

    token_digest: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class AnswerLink(GroupLink, Base):
    """A group's way to one referral."""

    __tablename__ = "answer_links"

    referral_id: Mapped[UUID] = mapped_column(ForeignKey("referrals.id"), index=True)

    referral: Mapped[Referral] = relationship()


class Presence(StrEnum):
    """Whether somebody came."""

    CAME = "came"
    DID_NOT_COME = "did-not-come"
    NOT_SURE = "not-sure"


class Attendance(HasId, Base):
    """One person at one occurrence. Append-only: a correction is a new row that names the one it corrects."""

    __tablename__ = "attendances"

    referral_id: Mapped[UUID] = mapped_column(ForeignKey("referrals.id"), index=True)
    service_id: Mapped[UUID] = mapped_column(ForeignKey("services.id"))
    on: Mapped[date] = mapped_column(Date)
    presence: Mapped[Presence] = mapped_column(enum_column(Presence))
    recorded_at: Mapped[datetime]
    author: Mapped[str] = mapped_column(String(60))
    said_by: Mapped[Mover | None] = mapped_column(enum_column(Mover))
    corrects_id: Mapped[UUID | None] = mapped_column(ForeignKey("attendances.id"))
    # Somebody came with them: a carer, a friend, a child. Nobody is named.
    brought_someone: Mapped[bool] = mapped_column(default=False, server_default=false())


class SessionNotice(HasId, Base):
    """What somebody who is expected at one session was told of it. `stands` is how the session does: "on", "off", or
    when it is now, like "2026-03-03T10:00" or "2026-03-03"; `said` is what they believe once all that was promised has
    reached them, `knew` what they believed before the last promise. `starts` is like "10:00", empty for all of that
    day. The link worker rings where `action_id` is set."""

    __tablename__ = "session_notices"
    __table_args__ = (UniqueConstraint("referral_id", "on", "starts"),)

    referral_id: Mapped[UUID] = mapped_column(ForeignKey("referrals.id"))
    on: Mapped[date] = mapped_column(Date)
    starts: Mapped[str] = mapped_column(String(5))
    stands: Mapped[str] = mapped_column(String(16), default=SESSION_ON)
    said: Mapped[str] = mapped_column(String(16), default=SESSION_ON)
    knew: Mapped[str] = mapped_column(String(16), default=SESSION_ON)
    way: Mapped[Heard | None] = mapped_column(enum_column(Heard))
    at: Mapped[datetime]
    action_id: Mapped[UUID | None] = mapped_column(ForeignKey("actions.id"))

    referral: Mapped[Referral] = relationship(back_populates="notices")
    action: Mapped[Action | None] = relationship()


class Signpost(HasId, Base):
    """Told about, nothing sent; never counted as a referral."""

    __tablename__ = "signposts"

    episode_id: Mapped[UUID] = mapped_column(ForeignKey("episodes.id"), index=True)
    need_id: Mapped[UUID | None] = mapped_column(ForeignKey("needs.id"))
    service_id: Mapped[UUID] = mapped_column(ForeignKey("services.id"))
    at: Mapped[datetime]
    author_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"))


class Gap(HasId, Base):
    """Something that people need and nobody offers: a need, a ward, and the filters that found nothing."""

    __tablename__ = "gaps"

    episode_id: Mapped[UUID | None] = mapped_column(ForeignKey("episodes.id"), index=True)
    need_slug: Mapped[str] = mapped_column(String(60), index=True)
    ward_code: Mapped[str | None] = mapped_column(String(9))
    criteria: Mapped[JsonDict]
    at: Mapped[datetime]
    author_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"))
