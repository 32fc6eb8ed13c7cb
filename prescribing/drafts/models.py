"""What somebody has begun to type and not sent yet."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base, HasId, Sealed


class Draft(HasId, Base):
    """The texts of one form, of one account; `content` is JSON text, encrypted. They are part of the record of the
    episode or person that they are about, where there is one: a form about many people has a row for each."""

    __tablename__ = "drafts"
    __table_args__ = (UniqueConstraint("account_id", "episode_id", "form"),)

    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"))
    episode_id: Mapped[UUID | None] = mapped_column(ForeignKey("episodes.id"), index=True)
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"), index=True)
    form: Mapped[str] = mapped_column(String(60))
    saved_at: Mapped[datetime] = mapped_column(index=True)
    content_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)

    content = Sealed("content_sealed")
