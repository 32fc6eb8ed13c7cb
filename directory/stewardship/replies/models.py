"""What groups answered by email."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, Integer, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base, HasId, Sealed, enum_column


class ReplyState(StrEnum):
    """Where a reply is: it waits for whoever wrote it, went to an editor, is done with, or came too late."""

    WAITING = "waiting"
    EDITOR = "editor"
    DONE = "done"
    LATE = "late"


class Reply(HasId, Base):
    """One email that answered ours. Its words are encrypted, and dropped as soon as nobody needs them here.
    `letter_index` is the blind index of what makes the letter one, so that it counts once; `link_id` the link by which
    whoever wrote it looks at what was read."""

    __tablename__ = "replies"

    letter_index: Mapped[str] = mapped_column(String(64), unique=True)
    link_id: Mapped[UUID] = mapped_column(ForeignKey("check_links.id", ondelete="CASCADE"), index=True)
    received_at: Mapped[datetime] = mapped_column(index=True)
    state: Mapped[ReplyState] = mapped_column(enum_column(ReplyState))
    text_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    dropped: Mapped[int] = mapped_column(Integer, default=0)

    text = Sealed("text_sealed")
