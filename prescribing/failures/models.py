"""What was caused by a failure, as somebody marked it."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Boolean, CheckConstraint, Date, ForeignKey, Integer, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base, HasId, Sealed, enum_column
from prescribing.episodes.causes import Cause
from prescribing.failures.rules import Kind


class FailureMark(HasId, Base):
    """One decision about one contact, referral or request: caused by a failure, or (not `confirmed`) not so.

    `about` names the thing and the kind, so that each is decided once; `words` are the person's own, encrypted. `on` is
    the day of what happened, `minutes` what it cost; `service_id` the listing whose entry had a part in it.
    """

    __tablename__ = "failure_marks"
    __table_args__ = (CheckConstraint("minutes BETWEEN 0 AND 600", name="minutes_range"),)

    episode_id: Mapped[UUID] = mapped_column(ForeignKey("episodes.id"), index=True)
    about: Mapped[str] = mapped_column(String(80), unique=True)
    kind: Mapped[Kind] = mapped_column(enum_column(Kind))
    cause: Mapped[Cause | None] = mapped_column(enum_column(Cause))
    confirmed: Mapped[bool] = mapped_column(Boolean)
    suggested: Mapped[bool] = mapped_column(Boolean)
    words_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    minutes: Mapped[int | None] = mapped_column(Integer)
    service_id: Mapped[UUID | None] = mapped_column(ForeignKey("services.id"), index=True)
    on: Mapped[date] = mapped_column(Date, index=True)
    at: Mapped[datetime]
    author_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"))

    words = Sealed("words_sealed")
