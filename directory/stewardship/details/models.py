"""Changes of what a group says of itself."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base, HasId, JsonDict, Stamped, Versioned, enum_column
from directory.listings.models import ChangeState


class GroupChange(HasId, Stamped, Versioned, Base):
    """One submitted change of a group's own details: `before` and `after` hold only the fields that changed."""

    __tablename__ = "group_changes"
    __table_args__ = (Index("ix_group_changes_state_created_at", "state", "created_at"),)

    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"), index=True)
    state: Mapped[ChangeState] = mapped_column(enum_column(ChangeState))
    before: Mapped[JsonDict]
    after: Mapped[JsonDict]
    author_id: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id"))
    author_name: Mapped[str] = mapped_column(String(120))
    decided_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id"))
    decided_at: Mapped[datetime | None]
    reason: Mapped[str | None] = mapped_column(String(500))
