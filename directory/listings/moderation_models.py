"""What editors decided, and what a listing's words made somebody look twice at."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, Integer, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core import clock
from core.db import Base, HasId, enum_column
from directory.listings.models import ListingChange


class Verdict(StrEnum):
    """What an editor said of a change or of a new listing."""

    APPROVED = "approved"
    SENT_BACK = "sent-back"
    LOOKED_AT = "looked-at"
    PUT_BACK = "put-back"
    PUBLISHED = "published"
    RETURNED = "returned"
    REJECTED = "rejected"


class ListingDecision(HasId, Base):
    """One decision: who, when, what, why. Those made by one press share `batch_id`; `undone_at` says that it was
    taken back. `change_id` is empty where the decision was on a whole new listing."""

    __tablename__ = "listing_decisions"

    batch_id: Mapped[UUID] = mapped_column(index=True)
    service_id: Mapped[UUID] = mapped_column(ForeignKey("services.id"), index=True)
    change_id: Mapped[UUID | None] = mapped_column(ForeignKey("listing_changes.id"), index=True)
    verdict: Mapped[Verdict] = mapped_column(enum_column(Verdict))
    reason: Mapped[str | None] = mapped_column(String(500))
    author_id: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id"))
    author_name: Mapped[str] = mapped_column(String(120))
    at: Mapped[datetime] = mapped_column(default=lambda: clock.now(), index=True)
    undone_at: Mapped[datetime | None]


class ListingFlag(HasId, Base):
    """Something to look twice at, in a change or (`change_id` empty) in a listing that was sent for approval.

    `weight` orders an editor's list, and never blocks anybody.
    """

    __tablename__ = "listing_flags"

    service_id: Mapped[UUID] = mapped_column(ForeignKey("services.id"), index=True)
    change_id: Mapped[UUID | None] = mapped_column(ForeignKey("listing_changes.id"), index=True)
    code: Mapped[str] = mapped_column(String(40))
    field: Mapped[str] = mapped_column(String(40))
    because: Mapped[str] = mapped_column(String(300))
    weight: Mapped[int] = mapped_column(Integer)

    # Nobody reads it; it has the change written before what was seen in it.
    change: Mapped[ListingChange | None] = relationship()
