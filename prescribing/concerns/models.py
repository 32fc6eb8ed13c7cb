"""Somebody of the team is worried about a person: what was seen, who was told, what was done."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base, HasId, Sealed, Versioned


class Concern(HasId, Versioned, Base):
    """One safeguarding concern. What was written down first is never changed; what was done is added to it."""

    __tablename__ = "concerns"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id"), index=True)
    team_id: Mapped[UUID] = mapped_column(ForeignKey("teams.id"), index=True)
    at: Mapped[datetime]
    author_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"))
    author_name: Mapped[str] = mapped_column(String(120))
    seen_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    told_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    taken_up_at: Mapped[datetime | None]
    taken_up_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id"))
    done_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    closed_at: Mapped[datetime | None]
    closed_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id"))

    seen = Sealed("seen_sealed")
    told = Sealed("told_sealed")
    done = Sealed("done_sealed")
