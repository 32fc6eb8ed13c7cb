"""What the worker does for the person's own side."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from core.jobs.registry import scheduled
from prescribing.residents import drafts


@scheduled("residents.tidy", every=timedelta(hours=6))
def tidy(session: Session) -> None:
    """Delete requests that were begun and never sent, once their time is over."""
    drafts.forget_old(session)
