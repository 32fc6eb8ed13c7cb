"""Counting steps by day. Who took them is never known here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from core import clock
from core.db import hold
from core.steps.models import StepCount

KEPT_FOR = timedelta(days=730)


@dataclass(frozen=True, slots=True)
class Reached:
    """That a step was reached on a day."""

    task: str
    step: str
    day: date


def keep(session: Session, reached: Sequence[Reached]) -> None:
    """Add to the counts, and drop those of more than two years ago."""
    hold(session, "step-counts")
    session.execute(delete(StepCount).where(StepCount.day < clock.today() - KEPT_FOR))
    for one, times in Counter(reached).items():
        row = session.get(StepCount, (one.task, one.step, one.day))
        if row is None:
            session.add(StepCount(task=one.task, step=one.step, day=one.day, reached=times))
        else:
            row.reached += times
    session.flush()
