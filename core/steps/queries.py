"""How far people get in the main tasks, in figures that are fit to be shown."""

from __future__ import annotations

from datetime import timedelta

from flask import current_app
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core import clock
from core.steps.models import StepCount
from core.steps.rules import Task, TaskShown, shown

WEEKS = 4
TASKS = "main_tasks"


def completion(session: Session) -> tuple[TaskShown, ...]:
    """Each main task over the last `WEEKS` whole weeks from a Monday: other spans could be taken from each other."""
    today = clock.today()
    end = today - timedelta(days=today.weekday())
    rows = session.execute(
        select(StepCount.task, StepCount.step, func.sum(StepCount.reached).label("times"))
        .where(StepCount.day >= end - timedelta(weeks=WEEKS), StepCount.day < end)
        .group_by(StepCount.task, StepCount.step)
    )
    tasks: tuple[Task, ...] = current_app.extensions[TASKS]
    return shown(tasks, {(row.task, row.step): int(row.times) for row in rows})
