"""Promising work, and doing it: claim, run, finish or try again later."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, delete, or_, select, update
from sqlalchemy.orm import Session

from core import clock
from core.db import JsonDict, hold, read_only
from core.errors import NotFound, Refused
from core.jobs import rules
from core.jobs.models import Job, JobSchedule, JobState, Worker
from core.jobs.registry import HANDLERS, RECURRING, Recurring

log = logging.getLogger(__name__)


class LostClaim(Exception):
    """This worker was so slow that another took its job: what this one did is undone."""


def enqueue(
    session: Session,
    kind: str,
    payload: dict[str, str | int | bool | None],
    *,
    run_at: datetime | None = None,
    key: str | None = None,
) -> None:
    """Promise a job in the caller's transaction. With `key`, a job still waiting under it is enough; it then runs
    no later than `run_at`, and never before the caller's change can be seen.

    Raises `ValueError` for a kind that nobody handles.
    """
    if kind not in HANDLERS:
        raise ValueError(f"no handler for jobs of kind {kind!r}")
    due = run_at or clock.now()
    waiting = _waiting(session, key) if key is not None else None
    if waiting is not None:
        waiting.run_at = min(waiting.run_at, due)
        return
    session.add(Job(kind=kind, payload=dict(payload), key=key, run_at=due, state=JobState.QUEUED))


def work_once(session: Session) -> bool:
    """Do the job that is due longest, if any; commits. Gives whether there was one.

    A job's effects and its being done are one transaction; a worker that dies leaves the job to be claimed again.
    """
    claim = _claim(session)
    if claim is None:
        return False
    if claim.attempt > rules.MOST_ATTEMPTS:
        _give_up(session, claim.job_id)
        return True
    try:
        HANDLERS[claim.kind](session, claim.payload)
        _finish(session, claim)
        session.commit()
    except Exception as error:
        session.rollback()
        _fail(session, claim, error)
        session.commit()
    return True


def run_due_schedules(session: Session) -> int:
    """Run recurring work that is due; commits after each. Gives how many ran."""
    session.commit()
    with read_only():
        later = set(session.scalars(select(JobSchedule.name).where(JobSchedule.next_run_at > clock.now())))
        session.rollback()
    return sum(
        _run_schedule(session, recurring)
        for recurring in list(RECURRING.values())
        if recurring.name not in later
    )


def _run_schedule(session: Session, recurring: Recurring) -> bool:
    """Run one piece of recurring work unless another worker just did. When it runs next is written first, so that
    two workers never both run it, and one that fails waits for its next time."""
    hold(session, f"schedule {recurring.name}")
    row = session.get(JobSchedule, recurring.name, populate_existing=True)
    if row is None:
        row = JobSchedule(name=recurring.name, next_run_at=clock.now())
        session.add(row)
    if row.next_run_at > clock.now():
        session.rollback()
        return False
    row.next_run_at = clock.now() + recurring.every
    session.commit()
    try:
        recurring.run(session)
        session.commit()
    except Exception as error:
        session.rollback()
        log.error("scheduled work failed", extra={"work": recurring.name, "error": type(error).__name__})
    return True


def say_alive(session: Session, worker_id: UUID) -> None:
    """Note that this worker runs, at most every `rules.BEAT`, and forget workers long silent; commits."""
    now = clock.now()
    session.commit()
    with read_only():
        seen = session.scalar(select(Worker.seen_at).where(Worker.id == worker_id))
        session.rollback()
    if seen is not None and now - seen < rules.BEAT:
        return
    if seen is None:
        session.add(Worker(id=worker_id, started_at=now, seen_at=now))
    else:
        session.execute(update(Worker).where(Worker.id == worker_id).values(seen_at=now))
    session.execute(delete(Worker).where(Worker.seen_at < now - rules.FORGET_WORKER))
    session.commit()


def forget_done(session: Session) -> None:
    """Drop jobs that were done long ago. Dead ones stay until a person has looked."""
    session.execute(
        delete(Job).where(Job.state == JobState.DONE, Job.finished_at < clock.now() - rules.KEEP_DONE)
    )


def retry(session: Session, job_id: UUID) -> None:
    """Queue a dead job again. Raises `NotFound`, and `Refused` for one that is not dead."""
    job = session.get(Job, job_id)
    if job is None:
        raise NotFound
    if job.state is not JobState.DEAD:
        raise Refused("Only work that was given up can be tried again.")
    job.state, job.attempts, job.run_at, job.finished_at = JobState.QUEUED, 0, clock.now(), None


@dataclass(frozen=True)
class _Claim:
    """A job that this worker holds; `attempt` counts from 1 and tells this claim from any later one."""

    job_id: UUID
    kind: str
    payload: JsonDict
    attempt: int


def _waiting(session: Session, key: str) -> Job | None:
    """The job that waits under `key`, held so that no worker starts it before the caller commits. One that somebody
    else holds does not count: it may run too soon to see the caller's change."""
    return session.scalar(
        select(Job)
        .where(Job.key == key, Job.state == JobState.QUEUED)
        .order_by(Job.run_at)
        .limit(1)
        .with_for_update(skip_locked=True)
    )


def _claim(session: Session) -> _Claim | None:
    now = clock.now()
    due = or_(
        and_(Job.state == JobState.QUEUED, Job.run_at <= now),
        and_(Job.state == JobState.RUNNING, Job.held_until < now),
    )
    session.commit()
    with read_only():
        anything = session.scalar(select(Job.id).where(due).limit(1))
        session.rollback()
    if anything is None:
        return None
    job = session.scalar(
        select(Job).where(due).order_by(Job.run_at, Job.id).limit(1).with_for_update(skip_locked=True)
    )
    if job is None:
        session.rollback()
        return None
    job.state, job.attempts, job.held_until = JobState.RUNNING, job.attempts + 1, now + rules.HOLD
    claim = _Claim(job.id, job.kind, dict(job.payload), job.attempts)
    session.commit()
    return claim


def _still_held(session: Session, claim: _Claim) -> Job | None:
    """The job, if no other worker has claimed it since."""
    job = session.get(Job, claim.job_id, with_for_update=True, populate_existing=True)
    return (
        job if job is not None and job.state is JobState.RUNNING and job.attempts == claim.attempt else None
    )


def _finish(session: Session, claim: _Claim) -> None:
    session.flush()
    job = _still_held(session, claim)
    if job is None:
        raise LostClaim("another worker took the job over")
    job.state, job.finished_at, job.held_until = JobState.DONE, clock.now(), None


def _fail(session: Session, claim: _Claim, error: Exception) -> None:
    log.error(
        "job failed", extra={"job": str(claim.job_id), "kind": claim.kind, "error": type(error).__name__}
    )
    job = _still_held(session, claim)
    if job is None:
        return
    again = rules.next_try(job.attempts, clock.now())
    job.last_error, job.held_until = type(error).__name__, None
    if again is None:
        job.state, job.finished_at = JobState.DEAD, clock.now()
    else:
        job.state, job.run_at = JobState.QUEUED, again


def _give_up(session: Session, job_id: UUID) -> None:
    """A job that took its worker down with it each time is not tried for ever."""
    job = session.get_one(Job, job_id, with_for_update=True, populate_existing=True)
    job.state, job.finished_at, job.held_until = JobState.DEAD, clock.now(), None
    job.last_error = job.last_error or "WorkerDied"
    session.commit()
