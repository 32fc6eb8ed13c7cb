"""Publications: fixed cubes for fixed periods, already suppressed when they are stored."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Date, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base, HasId, JsonDict, enum_column
from prescribing.evidence.rules import PeriodKind


class Publication(HasId, Base):
    """What commissioners see for one period. `cube` holds suppressed figures only."""

    __tablename__ = "publications"
    __table_args__ = (UniqueConstraint("kind", "period_kind", "period_start"),)

    kind: Mapped[str] = mapped_column(String(40))
    period_kind: Mapped[PeriodKind] = mapped_column(enum_column(PeriodKind))
    period_start: Mapped[date] = mapped_column(Date)
    period_end: Mapped[date] = mapped_column(Date)
    made_at: Mapped[datetime]
    cube: Mapped[JsonDict]
