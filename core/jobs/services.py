"""Promising work, and doing it: claim, run, finish or try again later."""

from __future__ import annotations

import logging
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from core import clock
from core.errors import NotFound, Refused
from core.jobs import rules
from core.jobs.models import Job, JobState, JobSchedule
from core.jobs.registry import HANDLERS, RECURRING

log = logging.getLogger(__name__)


def enqueue(
    session: Session,
    kind: str,
    payload: dict[str, str | int | bool | None],
    *,
    run_at: datetime | None = None,
    key: str | None = None,
) -> None:
    """Promise a job in the caller's transaction. With `key`, a job still waiting under it is enough."""
    if kind not in HANDLERS:
        raise ValueError(f"no handler for jobs of kind {kind!r}")
    if key is not None:
        waiting = select(Job.id).where(Job.key == key, Job.state == JobState.QUEUED).limit(1)
        if session.scalar(waiting) is not None:
            return
    session.add(
        Job(kind=kind, payload=dict(payload), key=key, run_at=run_at or clock.now(), state=JobState.QUEUED)
    )


def work_once(session: Session) -> bool:
    """Do the job that is due longest, if any; commits. Gives whether there was one.

    A job's effects and its being done are one transaction; a worker that dies leaves the job to be claimed again.
    """
    job = _claim(session)
    if job is None:
        return False
    job_id, kind, payload = job.id, job.kind, dict(job.payload)
    session.commit()
    try:
        HANDLERS[kind](session, payload)
        done = session.get_one(Job, job_id)
        done.state, done.finished_at, done.held_until = JobState.DONE, clock.now(), None
        session.commit()
    except Exception as error:
        session.rollback()
        _fail(session, job_id, error)
        session.commit()
    return True


def run_due_schedules(session: Session) -> int:
    """Run recurring work that is due; commits after each. Gives how many ran."""
    ran = 0
    for name, recurring in RECURRING.items():
        row = session.get(JobSchedule, name, with_for_update=True, populate_existing=True)
        if row is None:
            row = JobSchedule(name=name, next_run_at=clock.now())
            session.add(row)
        if row.next_run_at > clock.now():
            session.commit()
            continue
        row.next_run_at = clock.now() + recurring.every
        session.commit()
        try:
            recurring.run(session)
            session.commit()
        except Exception as error:
            session.rollback()
            log.error("scheduled work failed", extra={"work": name, "error": type(error).__name__})
        ran += 1
    return ran


def retry(session: Session, job_id: UUID) -> None:
    """Queue a dead job again. Raises `NotFound`, and `Refused` for one that is not dead."""
    job = session.get(Job, job_id)
    if job is None:
        raise NotFound
    if job.state is not JobState.DEAD:
        raise Refused("Only work that was given up can be tried again.")
    job.state, job.attempts, job.run_at, job.finished_at = JobState.QUEUED, 0, clock.now(), None


def _claim(session: Session) -> Job | None:
    now = clock.now()
    due = (
        select(Job)
        .where(
            or_(
                and_(Job.state == JobState.QUEUED, Job.run_at <= now),
                and_(Job.state == JobState.RUNNING, Job.held_until < now),
            )
        )
        .order_by(Job.run_at, Job.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    job = session.scalars(due).first()
    if job is None:
        session.rollback()
        return None
    job.state, job.attempts, job.held_until = JobState.RUNNING, job.attempts + 1, now + rules.HOLD
    return job


def _fail(session: Session, job_id: UUID, error: Exception) -> None:
    job = session.get_one(Job, job_id)
    again = rules.next_try(job.attempts, clock.now())
    job.last_error, job.held_until = type(error).__name__, None
    if again is None:
        job.state, job.finished_at = JobState.DEAD, clock.now()
    else:
        job.state, job.run_at = JobState.QUEUED, again
    log.error("job failed", extra={"job": str(job_id), "kind": job.kind, "error": type(error).__name__})
