"""Reading the outbox, for whoever keeps it going."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core import clock
from core.jobs import rules
from core.jobs.models import Job, JobState, Worker

MOST_SHOWN = 200


@dataclass(frozen=True)
class DeadJob:
    """Work that was given up: its kind, how often it was tried, and the kind of error that it last met."""

    id: UUID
    kind: str
    attempts: int
    error: str
    given_up_at: datetime | None


@dataclass(frozen=True)
class Board:
    """How the work in the background stands. `oldest_due` is since when the longest waiting job could have run."""

    dead: tuple[DeadJob, ...]
    dead_count: int
    waiting: int
    oldest_due: datetime | None
    worker_seen_at: datetime | None
    worker_alive: bool


def board(session: Session) -> Board:
    """The state of the outbox now; at most `MOST_SHOWN` dead jobs, the latest first."""
    now = clock.now()
    dead = session.scalars(
        select(Job).where(Job.state == JobState.DEAD).order_by(Job.finished_at.desc()).limit(MOST_SHOWN)
    )
    counted = session.execute(select(Job.state, func.count()).group_by(Job.state))
    counts = dict(counted.all())
    oldest = session.scalar(
        select(func.min(Job.run_at)).where(Job.state == JobState.QUEUED, Job.run_at <= now)
    )
    seen = session.scalar(select(func.max(Worker.seen_at)))
    return Board(
        dead=tuple(
            DeadJob(job.id, job.kind, job.attempts, job.last_error or "", job.finished_at) for job in dead
        ),
        dead_count=counts.get(JobState.DEAD, 0),
        waiting=counts.get(JobState.QUEUED, 0),
        oldest_due=oldest,
        worker_seen_at=seen,
        worker_alive=rules.is_alive(seen, now),
    )
