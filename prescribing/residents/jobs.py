"""What the worker does for the person's own side."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from core.db import JsonDict
from core.jobs.registry import handler, scheduled
from prescribing.residents import drafts, help_chasing


@scheduled("residents.tidy", every=timedelta(hours=6))
def tidy(session: Session) -> None:
    """Delete requests that were begun and never sent, once their time is over."""
    drafts.forget_old(session)


@handler(help_chasing.CHASE)
def chase_help(session: Session, payload: JsonDict) -> None:
    """Look whether a group has answered an offer of help."""
    help_chasing.chase(
        session,
        UUID(str(payload["offer_id"])),
        datetime.fromisoformat(str(payload["asked_at"])),
        last=bool(payload["last"]),
    )
