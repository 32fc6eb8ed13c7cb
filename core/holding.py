"""Rows that a service holds until its transaction ends."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from sqlalchemy import Select
from sqlalchemy.orm import Session

from core.once import forget

T = TypeVar("T")


def held(session: Session, found: Select[T]) -> Sequence[T]:
    """The rows that a statement of one table finds, held, and as they stand now. Whoever held them may have been waited
    for: nothing that was read before counts any more, neither of them nor by `once`."""
    rows = session.scalars(found.with_for_update().execution_options(populate_existing=True)).all()
    forget(session)
    return rows
