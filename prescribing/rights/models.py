"""What people asked about their record, what was decided, what is held and what was deleted."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Boolean, Date, ForeignKey, Integer, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.db import Base, HasId, JsonDict, Sealed, Stamped, Versioned, enum_column
from prescribing.people.models import Consent, Person
from prescribing.rights.rules import HoldKind, RequestKind, RequestState, SentBy, Way, Why


class RightsRequest(HasId, Stamped, Versioned, Base):
    """What somebody asks about their own record. `made_by` and `answered_by` are an account's id, "public" or
    "system"; `months_more` is what was added to the month that the law gives; `with_concerns` says whether worries
    about them go into the copy, None while nobody has decided."""

    __tablename__ = "rights_requests"

    reference: Mapped[str] = mapped_column(String(12), unique=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id"), index=True)
    kind: Mapped[RequestKind] = mapped_column(enum_column(RequestKind))
    way: Mapped[Way] = mapped_column(enum_column(Way))
    received_on: Mapped[date] = mapped_column(Date)
    state: Mapped[RequestState] = mapped_column(
        enum_column(RequestState), default=RequestState.OPEN, index=True
    )
    words_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    made_by: Mapped[str] = mapped_column(String(60))
    proof_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    proof_seen_at: Mapped[datetime | None]
    months_more: Mapped[int] = mapped_column(Integer, default=0)
    longer_because_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    told_longer_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[str | None] = mapped_column(String(60))
    answer_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    sent_by: Mapped[SentBy | None] = mapped_column(enum_column(SentBy))
    with_concerns: Mapped[bool | None] = mapped_column(Boolean)

    words = Sealed("words_sealed")
    proof = Sealed("proof_sealed")
    longer_because = Sealed("longer_because_sealed")
    answer = Sealed("answer_sealed")
    person: Mapped[Person] = relationship()


class UnknownRequest(HasId, Stamped, Base):
    """What somebody asks of whom we have no record: what they call themselves, how the answer reaches them, and what we
    told them. It belongs to nobody's record."""

    __tablename__ = "unknown_requests"

    reference: Mapped[str] = mapped_column(String(12), unique=True)
    kind: Mapped[RequestKind] = mapped_column(enum_column(RequestKind))
    way: Mapped[Way] = mapped_column(enum_column(Way))
    received_on: Mapped[date] = mapped_column(Date)
    state: Mapped[RequestState] = mapped_column(
        enum_column(RequestState), default=RequestState.OPEN, index=True
    )
    name_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    reach_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    words_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    made_by: Mapped[str] = mapped_column(String(60))
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[str | None] = mapped_column(String(60))
    answer_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)

    name = Sealed("name_sealed")
    reach = Sealed("reach_sealed")
    words = Sealed("words_sealed")
    answer = Sealed("answer_sealed")


class PassageReview(HasId, Base):
    """What was decided about one free text of a record for one copy. `passage` names table, row and field; `digest`
    tells whether the text has changed since; `marked` is the text with [[ ]] around what is left out."""

    __tablename__ = "passage_reviews"
    __table_args__ = (UniqueConstraint("request_id", "passage"),)

    request_id: Mapped[UUID] = mapped_column(ForeignKey("rights_requests.id"))
    passage: Mapped[str] = mapped_column(String(120))
    digest: Mapped[str] = mapped_column(String(64))
    marked_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    decided_at: Mapped[datetime]
    decided_by: Mapped[str] = mapped_column(String(60))

    marked = Sealed("marked_sealed")


class Hold(HasId, Base):
    """A record stays although it would go: until it is lifted, or until a day where one is given."""

    __tablename__ = "record_holds"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id"), index=True)
    kind: Mapped[HoldKind] = mapped_column(enum_column(HoldKind))
    reason_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    until: Mapped[date | None] = mapped_column(Date)
    placed_at: Mapped[datetime]
    placed_by: Mapped[str] = mapped_column(String(60))
    lifted_at: Mapped[datetime | None]
    lifted_by: Mapped[str | None] = mapped_column(String(60))

    reason = Sealed("reason_sealed")
    person: Mapped[Person] = relationship()


class DeletionNotice(HasId, Base):
    """Somebody was told to delete what they had when a consent was taken back, and whether they said that they did.
    `confirmed_by` is who wrote that down."""

    __tablename__ = "deletion_notices"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id"), index=True)
    consent_id: Mapped[UUID] = mapped_column(ForeignKey("consents.id"), unique=True)
    told_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    confirmed_by: Mapped[str | None] = mapped_column(String(60))

    consent: Mapped[Consent] = relationship()


class Disposal(HasId, Base):
    """The certificate of a record that was deleted, and the tombstone that keeps it deleted. It names the record by
    its number alone, which nothing else remembers; `counts` holds how many rows of which table went."""

    __tablename__ = "disposals"

    reference: Mapped[str] = mapped_column(String(12), unique=True)
    person_id: Mapped[UUID] = mapped_column(unique=True)
    why: Mapped[Why] = mapped_column(enum_column(Why))
    rule: Mapped[str | None] = mapped_column(String(20))
    request_reference: Mapped[str | None] = mapped_column(String(12))
    at: Mapped[datetime] = mapped_column(index=True)
    decided_by: Mapped[str] = mapped_column(String(60))
    counts: Mapped[JsonDict]


class EmergencyLook(HasId, Base):
    """A record opened in an emergency by somebody whom it is shut to otherwise."""

    __tablename__ = "emergency_looks"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id"), index=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"), index=True)
    reason_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    reviewed_at: Mapped[datetime | None]
    reviewed_by: Mapped[str | None] = mapped_column(String(60))
    review_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)

    reason = Sealed("reason_sealed")
    review = Sealed("review_sealed")
    person: Mapped[Person] = relationship()
