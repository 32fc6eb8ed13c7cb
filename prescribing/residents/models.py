"""What a person keeps and says by themself."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base, HasId, Sealed, Stamped


class AskDraft(HasId, Stamped, Base):
    """A request for support that was begun and not sent. Nobody but whoever holds its code or its link can open it;
    `content` is JSON text, encrypted. It is deleted when it is sent, thrown away or `expires_at`."""

    __tablename__ = "ask_drafts"

    reference: Mapped[str] = mapped_column(String(12), unique=True)
    code_digest: Mapped[str] = mapped_column(String(64))
    link_digest: Mapped[str | None] = mapped_column(String(64), unique=True)
    content_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    expires_at: Mapped[datetime] = mapped_column(index=True)

    content = Sealed("content_sealed")
