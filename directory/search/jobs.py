"""The worker's part of search: updates that listings promised, rebuilds, and a regular look at the index."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from core.db import JsonDict
from core.jobs.registry import handler, scheduled
from directory.search import services


@handler(services.UPDATE)
def update(session: Session, payload: JsonDict) -> None:
    """Bring one listing, `service_id`, up to date in the index."""
    services.bring_up_to_date(session, UUID(str(payload["service_id"])))


@handler(services.REBUILD)
def rebuild(session: Session, _payload: JsonDict) -> None:
    """Build the index anew."""
    services.rebuild(session)


@scheduled("search.check", every=timedelta(minutes=1))
def check(session: Session) -> None:
    """See that the index is sound and holds what the public may find."""
    services.mend(session)


@scheduled("search.renew", every=timedelta(days=1))
def renew(session: Session) -> None:
    """Build the index anew: which sessions are to come, and how fresh a listing is, change from day to day."""
    services.promise_rebuild(session)
