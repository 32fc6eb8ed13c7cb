"""What somebody has begun to type about an episode and not sent yet."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base, HasId, Sealed


class Draft(HasId, Base):
    """The texts of one form, of one account, about one episode; `content` is JSON text, encrypted."""

    __tablename__ = "drafts"
    __table_args__ = (UniqueConstraint("account_id", "episode_id", "form"),)

    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"))
    episode_id: Mapped[UUID] = mapped_column(ForeignKey("episodes.id"), index=True)
    form: Mapped[str] = mapped_column(String(40))
    saved_at: Mapped[datetime] = mapped_column(index=True)
    content_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)

    content = Sealed("content_sealed")
