"""What an administrator does to the work in the background."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Session

from core.access.rules import Actor
from core.audit import services as audit
from core.jobs import services as jobs


def retry_job(session: Session, actor: Actor, job_id: UUID) -> None:
    """Try work again that was given up. Raises `NotFound`, and `Refused` for work that was not given up."""
    jobs.retry(session, job_id)
    audit.record(session, actor, "job.retry", "job", job_id)


def note_reading(session: Session, actor: Actor, subject_id: UUID | None) -> None:
    """Write down that somebody read the trail, and about what."""
    audit.record(session, actor, "audit.read", "audit", subject_id)
