"""Asking whether listings are still right: links sent by email, and the calls that editors make."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Date, ForeignKey, Integer, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.db import Base, HasId, Sealed, enum_column


class CheckLink(HasId, Base):
    """A link by which a group says, without signing in, whether its listings are still right. Only the digest of its
    token is kept; the address that it went to is encrypted and found by its blind index. `reply_digest` is that of the
    token by which an answer to its email is known, `replied_at` when one came last."""

    __tablename__ = "check_links"

    token_digest: Mapped[str] = mapped_column(String(64), unique=True)
    to_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    to_index: Mapped[str] = mapped_column(String(64), index=True)
    account_id: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    reply_digest: Mapped[str | None] = mapped_column(String(64), unique=True)
    replied_at: Mapped[datetime | None]

    to = Sealed("to_sealed")

    items: Mapped[list[CheckItem]] = relationship(cascade="all, delete-orphan", order_by="CheckItem.position")


class CheckItem(HasId, Base):
    """One listing that a link asks about. `urgency` is that of `freshness_rules` when it was sent."""

    __tablename__ = "check_items"
    __table_args__ = (UniqueConstraint("link_id", "service_id"),)

    link_id: Mapped[UUID] = mapped_column(ForeignKey("check_links.id"))
    service_id: Mapped[UUID] = mapped_column(ForeignKey("services.id"), index=True)
    position: Mapped[int] = mapped_column(Integer)
    urgency: Mapped[int] = mapped_column(Integer)


class CallOutcome(StrEnum):
    """How an editor's call about a listing ended."""

    STILL_RIGHT = "still-right"
    CHANGED = "changed"
    NO_ANSWER = "no-answer"

    @property
    def label(self) -> str:
        return CALL_LABELS[self]


CALL_LABELS = {
    CallOutcome.STILL_RIGHT: "Still right",
    CallOutcome.CHANGED: "Something changed",
    CallOutcome.NO_ANSWER: "No answer",
}


class EditorCall(HasId, Base):
    """An editor is to ring a group about one listing before it hides. `tries` counts calls that nobody answered."""

    __tablename__ = "editor_calls"

    service_id: Mapped[UUID] = mapped_column(ForeignKey("services.id"), index=True)
    asked_at: Mapped[datetime]
    again_on: Mapped[date | None] = mapped_column(Date)
    tries: Mapped[int] = mapped_column(Integer, default=0)
    done_at: Mapped[datetime | None] = mapped_column(index=True)
    outcome: Mapped[CallOutcome | None] = mapped_column(enum_column(CallOutcome))
    done_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id"))
