"""What came in, what is done about it, and everything that happened on the way."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Boolean, CheckConstraint, Date, ForeignKey, Index, Integer, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.db import Base, HasId, Sealed, Stamped, Versioned, enum_column
from prescribing.episodes.contacts import Direction, Outcome
from prescribing.episodes.moves import BasedOnReason, MoveKind, Mover
from prescribing.episodes.needs import NeedState
from prescribing.episodes.rules import CloseReason, EpisodeState, Priority
from prescribing.people.models import Partner, Person, Team
from prescribing.people.safe_contact import Channel


class RequestSource(StrEnum):
    """Who asked."""

    SELF = "self"
    SOMEONE_ELSE = "someone-else"
    PARTNER = "partner"
    PHONE = "phone"


class SupportRequest(HasId, Stamped, Base):
    """What came in, exactly as submitted (`content` is JSON text, encrypted). It never changes; it has no state."""

    __tablename__ = "support_requests"

    reference: Mapped[str] = mapped_column(String(12), unique=True)
    source: Mapped[RequestSource] = mapped_column(enum_column(RequestSource))
    partner_id: Mapped[UUID | None] = mapped_column(ForeignKey("partners.id"), index=True)
    submitted_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id"))
    team_id: Mapped[UUID] = mapped_column(ForeignKey("teams.id"), index=True)
    need_slugs: Mapped[list[str]]
    has_risk: Mapped[bool | None] = mapped_column(Boolean)
    content_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)

    content = Sealed("content_sealed")
    partner: Mapped[Partner | None] = relationship()


class Episode(HasId, Stamped, Versioned, Base):
    """What is done about one support request, from draft to close. It alone carries the state."""

    __tablename__ = "episodes"
    __table_args__ = (
        Index("ix_episodes_team_id_state", "team_id", "state"),
        Index("ix_episodes_link_worker_id_state", "link_worker_id", "state"),
    )

    reference: Mapped[str] = mapped_column(String(12), unique=True)
    support_request_id: Mapped[UUID] = mapped_column(ForeignKey("support_requests.id"), unique=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id"), index=True)
    team_id: Mapped[UUID] = mapped_column(ForeignKey("teams.id"))
    link_worker_id: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id"))
    state: Mapped[EpisodeState] = mapped_column(enum_column(EpisodeState))
    priority: Mapped[Priority] = mapped_column(enum_column(Priority), default=Priority.ROUTINE)
    close_reason: Mapped[CloseReason | None] = mapped_column(enum_column(CloseReason))
    submitted_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    based_on_id: Mapped[UUID | None] = mapped_column(ForeignKey("episodes.id"))
    based_on_reason: Mapped[BasedOnReason | None] = mapped_column(enum_column(BasedOnReason))
    # The support that this request was added to, since it is about somebody who had one.
    joined_to_id: Mapped[UUID | None] = mapped_column(ForeignKey("episodes.id"), index=True)
    # How urgent it is by itself, where a request that was added makes it more so.
    own_priority: Mapped[Priority | None] = mapped_column(enum_column(Priority))
    snoozed_until: Mapped[date | None] = mapped_column(Date)
    snoozed_at: Mapped[datetime | None]
    summary_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    feedback_sent_at: Mapped[datetime | None]

    summary = Sealed("summary_sealed")

    @property
    def standing(self) -> Episode:
        """Where what was asked for stands: in the support that it was added to, or in an episode of its own."""
        return self.joined_to or self

    @property
    def partner_id(self) -> UUID | None:
        """The partner who sent the request, where one did."""
        return self.support_request.partner_id

    person: Mapped[Person] = relationship()
    team: Mapped[Team] = relationship()
    support_request: Mapped[SupportRequest] = relationship()
    joined_to: Mapped[Episode | None] = relationship(
        remote_side="Episode.id", foreign_keys="Episode.joined_to_id"
    )
    events: Mapped[list[EpisodeEvent]] = relationship(order_by="EpisodeEvent.at, EpisodeEvent.id")


class EpisodeMark(Base):
    """A mark that is new whenever something is written of an episode, by that episode's id (see `marks`)."""

    __tablename__ = "episode_marks"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    mark: Mapped[UUID]


class EpisodeEvent(HasId, Base):
    """One move: who, when, from, to, why. Never changed. `author` is an account's id, "public" or "system"."""

    __tablename__ = "episode_events"

    episode_id: Mapped[UUID] = mapped_column(ForeignKey("episodes.id"), index=True)
    at: Mapped[datetime]
    author: Mapped[str] = mapped_column(String(60))
    author_name_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    kind: Mapped[MoveKind] = mapped_column(enum_column(MoveKind), default=MoveKind.MOVE)
    source: Mapped[EpisodeState | None] = mapped_column(enum_column(EpisodeState))
    target: Mapped[EpisodeState] = mapped_column(enum_column(EpisodeState))
    said_by: Mapped[Mover | None] = mapped_column(enum_column(Mover))
    reason_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    # The contact that led to it by itself.
    contact_id: Mapped[UUID | None] = mapped_column(ForeignKey("contact_attempts.id"), index=True)

    author_name = Sealed("author_name_sealed")
    reason = Sealed("reason_sealed")


class Need(HasId, Stamped, Versioned, Base):
    """What matters: a need of the directory's vocabulary, in the person's own words. It outlives its referrals."""

    __tablename__ = "needs"

    episode_id: Mapped[UUID] = mapped_column(ForeignKey("episodes.id"), index=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id"), index=True)
    slug: Mapped[str] = mapped_column(String(60), index=True)
    words_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    state: Mapped[NeedState] = mapped_column(enum_column(NeedState))

    words = Sealed("words_sealed")
    events: Mapped[list[NeedEvent]] = relationship(order_by="NeedEvent.at, NeedEvent.id")


class NeedEvent(HasId, Base):
    """One move of a need."""

    __tablename__ = "need_events"

    need_id: Mapped[UUID] = mapped_column(ForeignKey("needs.id"), index=True)
    at: Mapped[datetime]
    author: Mapped[str] = mapped_column(String(60))
    source: Mapped[NeedState | None] = mapped_column(enum_column(NeedState))
    target: Mapped[NeedState] = mapped_column(enum_column(NeedState))
    reason: Mapped[str | None] = mapped_column(String(60))
    said_by: Mapped[Mover | None] = mapped_column(enum_column(Mover))


class Goal(HasId, Stamped, Versioned, Base):
    """What they want, in their own words. Importance, confidence and progress run from 1 to 10."""

    __tablename__ = "goals"
    __table_args__ = (CheckConstraint("importance BETWEEN 1 AND 10", name="importance_range"),)

    episode_id: Mapped[UUID] = mapped_column(ForeignKey("episodes.id"), index=True)
    need_id: Mapped[UUID | None] = mapped_column(ForeignKey("needs.id"))
    words_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    importance: Mapped[int | None] = mapped_column(Integer)
    confidence: Mapped[int | None] = mapped_column(Integer)
    progress: Mapped[int | None] = mapped_column(Integer)
    met_at: Mapped[datetime | None]

    words = Sealed("words_sealed")


class ActionOwner(StrEnum):
    """Who does it."""

    PERSON = "person"
    LINK_WORKER = "link-worker"
    SOMEONE_ELSE = "someone-else"


class Action(HasId, Stamped, Versioned, Base):
    """Who does what by when."""

    __tablename__ = "actions"

    episode_id: Mapped[UUID] = mapped_column(ForeignKey("episodes.id"), index=True)
    goal_id: Mapped[UUID | None] = mapped_column(ForeignKey("goals.id"))
    owner: Mapped[ActionOwner] = mapped_column(enum_column(ActionOwner))
    words_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    due_on: Mapped[date | None] = mapped_column(Date)
    confidence: Mapped[int | None] = mapped_column(Integer)
    done_at: Mapped[datetime | None]
    # The contact whose message brought it by itself.
    contact_id: Mapped[UUID | None] = mapped_column(ForeignKey("contact_attempts.id"), index=True)

    words = Sealed("words_sealed")


class ContactAttempt(HasId, Base):
    """One attempt to reach or talk, with its outcome. Never changed; one that was a mistake is marked so."""

    __tablename__ = "contact_attempts"

    episode_id: Mapped[UUID] = mapped_column(ForeignKey("episodes.id"), index=True)
    at: Mapped[datetime]
    channel: Mapped[Channel] = mapped_column(enum_column(Channel))
    outcome: Mapped[Outcome] = mapped_column(enum_column(Outcome))
    direction: Mapped[Direction] = mapped_column(enum_column(Direction), default=Direction.OUTBOUND)
    booked_on: Mapped[date | None] = mapped_column(Date)
    minutes: Mapped[int | None] = mapped_column(Integer)
    author_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"))
    author_name: Mapped[str] = mapped_column(String(120))
    note_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    recorded_at: Mapped[datetime]
    # Until when they were put off, or paused, when this was written down.
    put_off_until: Mapped[date | None] = mapped_column(Date)
    mistake_at: Mapped[datetime | None]
    mistake_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id"))
    mistake_reason_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)

    note = Sealed("note_sealed")
    mistake_reason = Sealed("mistake_reason_sealed")


class FeedbackToReferrer(HasId, Base):
    """What the referrer was told when the episode closed; `content` is JSON text, encrypted."""

    __tablename__ = "referrer_feedback"

    episode_id: Mapped[UUID] = mapped_column(ForeignKey("episodes.id"), unique=True)
    partner_id: Mapped[UUID | None] = mapped_column(ForeignKey("partners.id"), index=True)
    made_at: Mapped[datetime]
    author_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"))
    content_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)

    content = Sealed("content_sealed")
