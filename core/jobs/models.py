"""The outbox: work that was promised in the same transaction as the change that needs it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from core import clock
from core.db import Base, HasId, JsonDict, enum_column


class JobState(StrEnum):
    """Queued until a worker holds it; dead when it failed too often and a person must look."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    DEAD = "dead"


class Job(HasId, Base):
    """One piece of work. `payload` holds ids, never personal values; `last_error` names the kind of error only."""

    __tablename__ = "jobs"
    __table_args__ = (Index("ix_jobs_state_run_at", "state", "run_at"),)

    kind: Mapped[str] = mapped_column(String(60))
    payload: Mapped[JsonDict]
    state: Mapped[JobState] = mapped_column(enum_column(JobState), default=JobState.QUEUED)
    key: Mapped[str | None] = mapped_column(String(120), index=True)
    run_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    held_until: Mapped[datetime | None]
    last_error: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(default=lambda: clock.now())
    finished_at: Mapped[datetime | None]


class JobSchedule(Base):
    """When a recurring piece of work is due next."""

    __tablename__ = "job_schedules"

    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    next_run_at: Mapped[datetime]


class Worker(HasId, Base):
    """A worker process, and when it last said that it is alive."""

    __tablename__ = "job_workers"

    started_at: Mapped[datetime]
    seen_at: Mapped[datetime] = mapped_column(index=True)
