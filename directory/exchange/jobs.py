"""Imports and notices in the background."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from core.access.rules import SYSTEM
from core.db import JsonDict, read_only
from core.jobs.registry import handler, scheduled
from directory.exchange import exporting, notices, runs, working


@handler(runs.READ)
def read(session: Session, payload: JsonDict) -> None:
    """Fetch a part of a feed, or look through what is here."""
    working.read(session, UUID(payload["run_id"]))


@handler(runs.TAKE)
def take(session: Session, payload: JsonDict) -> None:
    """Write what an editor said yes to."""
    working.take(session, UUID(payload["run_id"]))


@handler(notices.NOTIFY)
def notify(session: Session, payload: JsonDict) -> None:
    """Tell one address of one change."""
    notices.deliver(session, UUID(payload["delivery_id"]))


@scheduled("exchange.pull", every=timedelta(minutes=5))
def pull(session: Session) -> None:
    """Ask the feeds whose time has come."""
    runs.start_due(session, SYSTEM)


@scheduled("exchange.tidy", every=timedelta(days=1))
def tidy(session: Session) -> None:
    """Take away what old imports have read."""
    runs.forget_files(session)


@scheduled("exchange.publish", every=timedelta(hours=1))
def publish(session: Session) -> None:
    """Make the files of open data anew."""
    make_files(session, {})


@handler(exporting.MAKE)
def make_files(session: Session, _payload: JsonDict) -> None:
    """The same at once, because of something that must not stay in them."""
    with read_only():
        exporting.publish(session)
        session.rollback()
