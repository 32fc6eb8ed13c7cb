"""The recurring work about what groups answered by email."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from core.jobs.registry import scheduled
from directory.stewardship.replies import services


@scheduled("stewardship.replies", every=timedelta(hours=1))
def tidy(session: Session) -> None:
    """Drop what nobody needs, and pass on what nobody pressed for."""
    services.tidy(session)
