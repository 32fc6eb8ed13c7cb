"""How somebody is doing, in their own answers."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Boolean, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base, HasId, Sealed, enum_column
from prescribing.measures.rules import CompletedBy, Mode, Point


class Measurement(HasId, Base):
    """One answer set of one instrument at one point. `answers` is JSON text, encrypted; a part-set says so."""

    __tablename__ = "measurements"
    __table_args__ = (
        Index("ix_measurements_episode_id_instrument_point", "episode_id", "instrument", "point"),
    )

    episode_id: Mapped[UUID] = mapped_column(ForeignKey("episodes.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id"), index=True)
    instrument: Mapped[str] = mapped_column(String(40))
    point: Mapped[Point] = mapped_column(enum_column(Point))
    mode: Mapped[Mode] = mapped_column(enum_column(Mode))
    completed_by: Mapped[CompletedBy] = mapped_column(enum_column(CompletedBy))
    at: Mapped[datetime]
    author_id: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id"))
    complete: Mapped[bool] = mapped_column(Boolean)
    not_today_reason: Mapped[str | None] = mapped_column(String(60))
    answers_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)

    answers = Sealed("answers_sealed")
