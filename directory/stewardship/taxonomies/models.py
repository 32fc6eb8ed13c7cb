"""How the words of one vocabulary stand to those of another."""

from __future__ import annotations

from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base, HasId, Stamped, enum_column


class Closeness(StrEnum):
    """SKOS mapping relations: the same, nearly the same, or the other is wider."""

    EXACT = "exact"
    CLOSE = "close"
    BROAD = "broad"


class TermMapping(HasId, Stamped, Base):
    """A word of one vocabulary as a word of another."""

    __tablename__ = "term_mappings"
    __table_args__ = (UniqueConstraint("term_id", "other_id"),)

    term_id: Mapped[UUID] = mapped_column(ForeignKey("taxonomy_terms.id"), index=True)
    other_id: Mapped[UUID] = mapped_column(ForeignKey("taxonomy_terms.id"), index=True)
    closeness: Mapped[Closeness] = mapped_column(enum_column(Closeness))
