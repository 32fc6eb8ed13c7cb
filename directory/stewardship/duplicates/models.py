"""Entries that may be the same, and those that were made one."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Float, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core import clock
from core.db import Base, HasId, JsonDict, enum_column


class Kind(StrEnum):
    """What may be there twice."""

    ACTIVITY = "activity"
    GROUP = "group"


class DuplicatePair(HasId, Base):
    """Two entries that look like one. `first_id` is the smaller of the two ids; `reasons` holds what speaks for it
    and against it, as `rules.Reason`. One that an editor said is no duplicate stays, so that nobody is asked again.
    """

    __tablename__ = "duplicate_pairs"
    __table_args__ = (
        UniqueConstraint("kind", "first_id", "second_id"),
        Index("ix_duplicate_pairs_open", "dismissed_at", "score"),
    )

    kind: Mapped[Kind] = mapped_column(enum_column(Kind))
    first_id: Mapped[UUID] = mapped_column(index=True)
    second_id: Mapped[UUID] = mapped_column(index=True)
    score: Mapped[float] = mapped_column(Float)
    reasons: Mapped[list[dict[str, Any]]] = mapped_column(JSON())
    found_at: Mapped[datetime] = mapped_column(default=lambda: clock.now())
    dismissed_at: Mapped[datetime | None]
    dismissed_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id"))


class Merge(HasId, Base):
    """One entry made part of another. `before` holds what to put back when it is undone: the survivor's fields
    that changed, the status that the other had, and what was moved."""

    __tablename__ = "merges"

    kind: Mapped[Kind] = mapped_column(enum_column(Kind))
    old_id: Mapped[UUID] = mapped_column(index=True)
    into_id: Mapped[UUID] = mapped_column(index=True)
    old_name: Mapped[str] = mapped_column(String(200))
    into_name: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime] = mapped_column(default=lambda: clock.now(), index=True)
    author_id: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id"))
    author_name: Mapped[str] = mapped_column(String(120))
    before: Mapped[JsonDict]
    undone_at: Mapped[datetime | None]
