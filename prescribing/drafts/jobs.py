"""Drafts that nobody came back to are dropped once a day."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from core.jobs.registry import scheduled
from prescribing.drafts import services


@scheduled("drafts.forget", every=timedelta(days=1))
def forget_old(session: Session) -> None:
    services.forget_old(session)
