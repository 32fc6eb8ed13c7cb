"""What the worker does about worries."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Session

from core.db import JsonDict
from core.jobs.registry import handler
from prescribing.concerns import services


@handler(services.CHASE)
def chase(session: Session, payload: JsonDict) -> None:
    """Tell the team again, where nobody has taken it up."""
    services.chase(session, UUID(str(payload["concern_id"])))
