"""What people looked for, as counts by week. No row is about a person."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Date, ForeignKey, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core import clock
from core.db import Base, HasId, enum_column
from directory.insight.rules import Kind


class SearchCount(HasId, Base):
    """How many people asked for one thing in one week, in one ward or (`ward_code` empty) altogether.

    `key` is a need's slug, or the blind index of words. Somebody who asks on two days counts twice. `gave_up` counts
    those who had changed their search, were given nothing or little again, and searched no further.
    """

    __tablename__ = "search_counts"
    __table_args__ = (
        UniqueConstraint("kind", "key", "ward_code", "week"),
        CheckConstraint(
            "people >= 0 AND found_nothing >= 0 AND found_few >= 0 AND gave_up >= 0", name="counts"
        ),
    )

    kind: Mapped[Kind] = mapped_column(enum_column(Kind))
    key: Mapped[str] = mapped_column(String(80))
    ward_code: Mapped[str] = mapped_column(String(9), default="")
    week: Mapped[date] = mapped_column(Date, index=True)
    people: Mapped[int] = mapped_column(Integer, default=0)
    found_nothing: Mapped[int] = mapped_column(Integer, default=0)
    found_few: Mapped[int] = mapped_column(Integer, default=0)
    gave_up: Mapped[int] = mapped_column(Integer, default=0)


class SearchedWords(Base):
    """Words that several people searched for. Those that fewer asked are known by their blind index alone."""

    __tablename__ = "searched_words"

    key: Mapped[str] = mapped_column(String(80), primary_key=True)
    words: Mapped[str] = mapped_column(String(200))


class SearchSalt(Base):
    """What a day's marks are made with; thrown away with them when the day is over."""

    __tablename__ = "search_salts"

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    salt: Mapped[str] = mapped_column(String(64))


class SearchMark(Base):
    """That somebody was counted for something today, so that they are not counted for it again."""

    __tablename__ = "search_marks"

    mark: Mapped[str] = mapped_column(String(32), primary_key=True)
    day: Mapped[date] = mapped_column(Date, index=True)


class SearchGap(HasId, Base):
    """Something that people look for and that is not there, as an editor or a commissioner wrote it down."""

    __tablename__ = "search_gaps"

    need_slug: Mapped[str] = mapped_column(String(80), index=True)
    ward_code: Mapped[str | None] = mapped_column(String(9))
    words: Mapped[str] = mapped_column(String(200), default="")
    author_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"))
    at: Mapped[datetime] = mapped_column(default=lambda: clock.now())
