"""What people and the product itself tell editors: something is wrong, a group is missing."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Integer, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base, HasId, Sealed, Stamped, Versioned, enum_column
from directory.stewardship.reports.rules import Fault, ReportKind, ReportState


class Report(HasId, Stamped, Versioned, Base):
    """One thing for an editor to look into. A stranger's words and how to reach them are encrypted; how to reach them
    is dropped when the report is closed. `times` counts those who said the same of the same listing."""

    __tablename__ = "reports"
    __table_args__ = (Index("ix_reports_state_created_at", "state", "created_at"),)

    reference: Mapped[str] = mapped_column(String(12), unique=True)
    kind: Mapped[ReportKind] = mapped_column(enum_column(ReportKind))
    state: Mapped[ReportState] = mapped_column(enum_column(ReportState), default=ReportState.OPEN)
    service_id: Mapped[UUID | None] = mapped_column(ForeignKey("services.id"), index=True)
    organization_id: Mapped[UUID | None] = mapped_column(ForeignKey("organizations.id"), index=True)
    fault: Mapped[Fault | None] = mapped_column(enum_column(Fault))
    group_name: Mapped[str] = mapped_column(String(200), default="")
    place: Mapped[str] = mapped_column(String(200), default="")
    url: Mapped[str | None] = mapped_column(String(500))
    words_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    contact_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    times: Mapped[int] = mapped_column(Integer, default=1)
    said_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id"))
    note: Mapped[str | None] = mapped_column(Text)

    words = Sealed("words_sealed")
    contact = Sealed("contact_sealed")
