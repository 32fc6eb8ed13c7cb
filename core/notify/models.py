"""Messages that leave the product: emails and texts, kept encrypted until they are sent."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base, HasId, Sealed, enum_column


class Channel(StrEnum):
    """How a message travels."""

    EMAIL = "email"
    TEXT = "text"


class MessageState(StrEnum):
    """Where a message is; a cancelled one is never sent."""

    QUEUED = "queued"
    SENT = "sent"
    CANCELLED = "cancelled"


class Message(HasId, Base):
    """One email or text. `about_id` is the person, referral or account that it concerns, for cancelling it, and
    `part_of_id` what it was written down as, if anything. `html` says the same as `body`, for whoever needs large
    print, easy read or links that can be read out. `reply_to` is where an answer is read, if anywhere."""

    __tablename__ = "messages"

    channel: Mapped[Channel] = mapped_column(enum_column(Channel))
    template: Mapped[str] = mapped_column(String(80))
    about_id: Mapped[UUID | None] = mapped_column(index=True)
    part_of_id: Mapped[UUID | None] = mapped_column(index=True)
    to_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    subject_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    body_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    html_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    reply_to_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    state: Mapped[MessageState] = mapped_column(enum_column(MessageState), default=MessageState.QUEUED)
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]

    to = Sealed("to_sealed")
    subject = Sealed("subject_sealed")
    body = Sealed("body_sealed")
    html = Sealed("html_sealed")
    reply_to = Sealed("reply_to_sealed")
