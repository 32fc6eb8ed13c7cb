"""What a team knows of a listing and tells nobody else: "ring Dave, not the office"."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base, HasId


class ListingNote(HasId, Base):
    """One note of a team on one listing. It names no resident; it stays until one of the team takes it down."""

    __tablename__ = "listing_notes"

    team_id: Mapped[UUID] = mapped_column(ForeignKey("teams.id"), index=True)
    service_id: Mapped[UUID] = mapped_column(ForeignKey("services.id"), index=True)
    at: Mapped[datetime]
    author_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"))
    author_name: Mapped[str] = mapped_column(String(120))
    words: Mapped[str] = mapped_column(String(500))
    taken_down_at: Mapped[datetime | None]
