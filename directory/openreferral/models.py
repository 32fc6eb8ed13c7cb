"""Keys for those who ask the open API more often than everybody may."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base, HasId, Stamped


class ApiKey(HasId, Stamped, Base):
    """A key and whom it is for. Only its digest is kept; `ending` are its last letters, to tell keys apart."""

    __tablename__ = "api_keys"

    name: Mapped[str] = mapped_column(String(120))
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    ending: Mapped[str] = mapped_column(String(8))
    per_minute: Mapped[int] = mapped_column(Integer)
    created_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id"))
    revoked_at: Mapped[datetime | None]
