"""Housekeeping of what people said of pages."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from core.jobs.registry import scheduled
from core.page_feedback import services


@scheduled("page-feedback.tidy", every=timedelta(days=1))
def tidy(session: Session) -> None:
    """Let go of what is a year old."""
    services.forget_old(session)
