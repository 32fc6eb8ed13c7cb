"""Words that mean the same, as editors keep them, and how each entry stood before."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Boolean, ForeignKey, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core import clock
from core.db import Base, HasId, Stamped, Versioned


class SynonymRing(HasId, Stamped, Versioned, Base):
    """One entry. `same` find each other; `typed` find `same`, not the other way round. One that was taken out keeps
    its row, so that it can be put back."""

    __tablename__ = "synonym_rings"

    same: Mapped[list[str]]
    typed: Mapped[list[str]]
    need_id: Mapped[UUID | None] = mapped_column(ForeignKey("taxonomy_terms.id"))
    removed_at: Mapped[datetime | None]


class SynonymVersion(HasId, Base):
    """An entry as somebody left it."""

    __tablename__ = "synonym_versions"
    __table_args__ = (UniqueConstraint("ring_id", "number"),)

    ring_id: Mapped[UUID] = mapped_column(ForeignKey("synonym_rings.id"))
    number: Mapped[int] = mapped_column(Integer)
    same: Mapped[list[str]]
    typed: Mapped[list[str]]
    need_id: Mapped[UUID | None] = mapped_column(ForeignKey("taxonomy_terms.id"))
    removed: Mapped[bool] = mapped_column(Boolean)
    author_id: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id"))
    author_name: Mapped[str] = mapped_column(String(120))
    at: Mapped[datetime] = mapped_column(default=lambda: clock.now())


class ThesaurusState(Base):
    """One row whose `token` is another after every change, so that each process sees that what it keeps is old."""

    __tablename__ = "thesaurus_states"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    token: Mapped[UUID]
