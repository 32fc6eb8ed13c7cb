"""Who stands in for whom, and what was handed over with which note."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Date, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base, HasId, Sealed, Stamped


class Cover(HasId, Stamped, Base):
    """A link worker is away, both days included, and a colleague of the same team looks after their people."""

    __tablename__ = "covers"
    __table_args__ = (CheckConstraint("last_day >= first_day", name="days_in_order"),)

    team_id: Mapped[UUID] = mapped_column(ForeignKey("teams.id"), index=True)
    away_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"))
    stand_in_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"), index=True)
    first_day: Mapped[date] = mapped_column(Date)
    last_day: Mapped[date] = mapped_column(Date)
    arranged_by_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"))
    ended_at: Mapped[datetime | None]


class Handover(HasId, Base):
    """One person was given from one link worker to another, with a note. Never changed."""

    __tablename__ = "handovers"

    episode_id: Mapped[UUID] = mapped_column(ForeignKey("episodes.id"), index=True)
    at: Mapped[datetime]
    from_id: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id"))
    to_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"))
    author_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"))
    author_name: Mapped[str] = mapped_column(String(120))
    note_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)

    note = Sealed("note_sealed")
