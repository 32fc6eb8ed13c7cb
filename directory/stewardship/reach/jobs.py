"""The recurring work of visiting websites, and what is heard from the mail."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from core.db import JsonDict
from core.jobs.registry import handler, scheduled
from directory.stewardship.reach import services


@scheduled("stewardship.websites", every=timedelta(hours=1))
def plan(session: Session) -> None:
    """Promise the visits that are due."""
    services.plan(session)


@handler(services.VISIT)
def visit(session: Session, payload: JsonDict) -> None:
    """Ask one website."""
    services.visit(session, UUID(str(payload["check_id"])))
