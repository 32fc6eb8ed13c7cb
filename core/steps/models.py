"""How often each step of the main tasks was reached, by day; nobody is in it."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, Date, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base


class StepCount(Base):
    """How often a step was reached on one day."""

    __tablename__ = "step_counts"
    __table_args__ = (CheckConstraint("reached >= 0", name="reached"),)

    task: Mapped[str] = mapped_column(String(20), primary_key=True)
    step: Mapped[str] = mapped_column(String(20), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    reached: Mapped[int] = mapped_column(Integer)
