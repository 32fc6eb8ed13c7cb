"""What was imported from where: provenance, and what each record said when we last took it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base, HasId, JsonDict, Stamped


class ImportedRecord(HasId, Stamped, Base):
    """One record of a source, and the listing that it became.

    `fields` are as last imported (`exchange.fields`), `digest` is theirs; a field of the listing that differs from
    them was corrected by hand. The versions are the group's and the listing's after the import: while they are
    the same, nobody has. `group_key` tells the source's groups apart. A record that its file no longer gives
    has `vanished_at`.
    """

    __tablename__ = "imported_records"
    __table_args__ = (UniqueConstraint("source_id", "record_key"),)

    source_id: Mapped[UUID] = mapped_column(ForeignKey("sources.id"))
    record_key: Mapped[str] = mapped_column(String(200))
    group_key: Mapped[str] = mapped_column(String(200))
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"), index=True)
    service_id: Mapped[UUID] = mapped_column(ForeignKey("services.id"), unique=True)
    organization_version: Mapped[int] = mapped_column(Integer)
    service_version: Mapped[int] = mapped_column(Integer)
    digest: Mapped[str] = mapped_column(String(64))
    fields: Mapped[JsonDict]
    vanished_at: Mapped[datetime | None]
