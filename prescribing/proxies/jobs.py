"""What the worker does for those who act for others."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from core.jobs.registry import scheduled
from prescribing.episodes import contributions
from prescribing.proxies import services


@scheduled("proxies.end", every=timedelta(hours=6))
def end(session: Session) -> None:
    """End what is over: no page shows it any more, and whoever was signed in by it is signed out."""
    services.end_what_is_over(session)


contributions.register_stop(services.stop_for)
