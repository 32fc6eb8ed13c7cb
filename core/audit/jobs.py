"""Writing the end of the chain down outside the database, by itself."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from core.audit import heads, queries
from core.jobs.registry import scheduled
from core.settings import current_settings


@scheduled("audit.export-head", every=timedelta(hours=1))
def export_head(session: Session) -> None:
    """Append where the chain ends to the file in the instance folder."""
    heads.append(heads.file_of(current_settings()), *queries.head(session))
