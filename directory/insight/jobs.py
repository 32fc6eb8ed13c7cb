"""Insight's own housekeeping."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from core.jobs.registry import scheduled
from directory.insight import services


@scheduled("insight.tidy", every=timedelta(hours=1))
def tidy(session: Session) -> None:
    """Throw away what told askers apart once its day is over, and counts that are too old."""
    services.forget_old(session)
