"""Every night: publish what has settled."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from core.jobs.registry import scheduled
from prescribing.evidence import services


@scheduled("evidence.publish", every=timedelta(days=1))
def publish_settled(session: Session) -> None:
    services.publish_due(session)
