"""What people said of a page, without who said it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base, HasId, Sealed, enum_column
from core.page_feedback.rules import Ease


class PageFeedback(HasId, Base):
    """One message about one page, which is named by its route and never by its address. Its words are encrypted, since
    people write what they should not."""

    __tablename__ = "page_feedback"

    at: Mapped[datetime] = mapped_column(index=True)
    route: Mapped[str] = mapped_column(String(80))
    ease: Mapped[Ease] = mapped_column(enum_column(Ease))
    words_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    done_at: Mapped[datetime | None]

    words = Sealed("words_sealed")
