"""Whether groups can be reached: what their websites answered, and which email addresses come back."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base, HasId


class WebsiteCheck(HasId, Base):
    """What one web address answered. `answered_at` is the last time that it did; `failing_since` the first of the
    failures since then, None while it answers. `forbidden` says that its robots.txt asks us to stay away."""

    __tablename__ = "website_checks"

    url: Mapped[str] = mapped_column(String(500), unique=True)
    host: Mapped[str] = mapped_column(String(255), index=True)
    checked_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    failing_since: Mapped[datetime | None]
    failures: Mapped[int] = mapped_column(Integer, default=0)
    status: Mapped[int | None] = mapped_column(Integer)
    forbidden: Mapped[bool] = mapped_column(default=False)
    etag: Mapped[str | None] = mapped_column(String(200))
    last_modified: Mapped[str | None] = mapped_column(String(60))
    next_at: Mapped[datetime] = mapped_column(index=True)


class WebsiteHost(HasId, Base):
    """A host that we visit: its robots.txt, and when we may ask it for something again."""

    __tablename__ = "website_hosts"

    host: Mapped[str] = mapped_column(String(255), unique=True)
    robots: Mapped[str] = mapped_column(Text, default="")
    robots_at: Mapped[datetime | None]
    free_at: Mapped[datetime]


class RefusedAddress(HasId, Base):
    """An email address whose own server said that nobody reads it, as its blind index."""

    __tablename__ = "refused_addresses"

    address_index: Mapped[str] = mapped_column(String(64), unique=True)
    at: Mapped[datetime]


class AnsweringAddress(HasId, Base):
    """An email address at which somebody reads what we send, as its blind index; `at` is when they last did something
    that only a reader of it could do."""

    __tablename__ = "answering_addresses"

    address_index: Mapped[str] = mapped_column(String(64), unique=True)
    at: Mapped[datetime]
