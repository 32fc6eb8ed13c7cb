"""The outbox's own housekeeping."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from core.jobs import services
from core.jobs.registry import scheduled


@scheduled("jobs.tidy", every=timedelta(days=1))
def tidy(session: Session) -> None:
    """Drop jobs that were done long ago."""
    services.forget_done(session)
