"""The worker's part: a nightly look over the whole borough."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from core.jobs.registry import scheduled
from directory.stewardship.duplicates import services


@scheduled("duplicates.scan", every=timedelta(days=1))
def scan(session: Session) -> None:
    """Find what is there twice."""
    services.scan(session)
