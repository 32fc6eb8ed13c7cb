"""The audit trail: what was done to what, by whom, in an order that cannot be changed unseen."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base, HasId, JsonDict


class AuditEntry(HasId, Base):
    """One act or one look. `mac` is an HMAC-SHA256 (hex) over this entry and the `mac` before it."""

    __tablename__ = "audit_entries"

    sequence: Mapped[int] = mapped_column(BigInteger, unique=True)
    at: Mapped[datetime]
    actor_kind: Mapped[str] = mapped_column(String(20))
    account_id: Mapped[UUID | None] = mapped_column(index=True)
    action: Mapped[str] = mapped_column(String(80), index=True)
    subject_type: Mapped[str] = mapped_column(String(60))
    subject_id: Mapped[UUID | None] = mapped_column(index=True)
    detail: Mapped[JsonDict]
    previous_mac: Mapped[str] = mapped_column(String(64))
    mac: Mapped[str] = mapped_column(String(64))


class AuditHead(Base):
    """The end of the chain, in one row: whoever adds an entry holds it, so that entries stand in one line."""

    __tablename__ = "audit_heads"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    sequence: Mapped[int] = mapped_column(BigInteger)
    mac: Mapped[str] = mapped_column(String(64))
