"""Tombstones are written down outside the database, and what ends by itself ends."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from sqlalchemy.orm import Session

from core.db import JsonDict
from core.jobs.registry import handler, scheduled
from core.settings import current_settings
from prescribing.rights import consents, erasing, unknown


@handler(erasing.WRITE_DOWN)
def write_tombstones(session: Session, _payload: JsonDict) -> None:
    """Put every tombstone into the file in the instance folder."""
    erasing.write_down(session, _file())


@scheduled("rights.write-tombstones", every=timedelta(hours=6))
def keep_tombstones(session: Session) -> None:
    """The file is there before anybody is deleted, and whole again after it was broken and put right."""
    erasing.keep_written(session, _file())


@scheduled("rights.end-expired", every=timedelta(minutes=15))
def end_expired(session: Session) -> None:
    """What was agreed to until a day ends with that day, and whoever had something is told to delete it."""
    consents.end_expired(session)


@scheduled("rights.forget-unknown", every=timedelta(days=1))
def forget_unknown(session: Session) -> None:
    """What people asked of whom we have no record goes after two years."""
    unknown.forget_old(session)


def _file() -> Path:
    return erasing.file_of(current_settings())
