"""The recurring work that keeps listings fresh."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from core.jobs.registry import scheduled
from directory.stewardship.freshness import services


@scheduled("stewardship.freshness", every=timedelta(hours=6))
def sweep(session: Session) -> None:
    """Remind, ask to ring, hide."""
    services.sweep(session)
