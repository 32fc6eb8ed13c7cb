"""Templates in other languages, as the borough's translators gave them, and those that were missed."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base, HasId, Versioned, enum_column
from prescribing.letters.wording_rules import Medium, Wording


class LetterVersion(HasId, Versioned, Base):
    """One template in one language, for all teams. `language` is its BCP 47 tag; `english` what it was made from."""

    __tablename__ = "letter_versions"
    __table_args__ = (UniqueConstraint("language", "medium", "kind"),)

    language: Mapped[str] = mapped_column(String(12))
    medium: Mapped[Medium] = mapped_column(enum_column(Medium))
    kind: Mapped[Wording] = mapped_column(enum_column(Wording))
    words: Mapped[str] = mapped_column(Text)
    english: Mapped[str] = mapped_column(Text)
    translated_by: Mapped[str] = mapped_column(String(120))
    checked_by: Mapped[str] = mapped_column(String(120))
    entered_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id"))
    entered_by: Mapped[str] = mapped_column(String(120))
    entered_at: Mapped[datetime]


class LetterWish(HasId, Base):
    """A template that is not there in a language: how often somebody was written to without it, and how often it was
    asked for. It names nobody."""

    __tablename__ = "letter_wishes"
    __table_args__ = (UniqueConstraint("language", "medium", "kind"),)

    language: Mapped[str] = mapped_column(String(12))
    medium: Mapped[Medium] = mapped_column(enum_column(Medium))
    kind: Mapped[Wording] = mapped_column(enum_column(Wording))
    missing: Mapped[int] = mapped_column(Integer, default=0)
    asked: Mapped[int] = mapped_column(Integer, default=0)
    last_at: Mapped[datetime]
