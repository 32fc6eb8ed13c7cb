"""What was imported from where: provenance, and what each record said when we last took it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core import clock
from core.db import Base, HasId, JsonDict, Sealed, Stamped, Versioned, enum_column
from directory.exchange.feed_rules import DeliveryState, FeedKind, RunState


class ImportedRecord(HasId, Stamped, Base):
    """One record of a source, and the listing that it became.

    `fields` are as last imported (`exchange.fields`), `digest` is theirs; a field of the listing that differs from
    them was corrected by hand. The versions are the group's and the listing's after the import: while they are
    the same, nobody has. `group_key` tells the source's groups apart. A record that its file no longer gives
    has `vanished_at`, and `kept_at` once an editor decided about its listing.
    """

    __tablename__ = "imported_records"
    __table_args__ = (UniqueConstraint("source_id", "record_key"),)

    source_id: Mapped[UUID] = mapped_column(ForeignKey("sources.id"))
    record_key: Mapped[str] = mapped_column(String(200))
    group_key: Mapped[str] = mapped_column(String(200))
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"), index=True)
    service_id: Mapped[UUID] = mapped_column(ForeignKey("services.id"), unique=True)
    organization_version: Mapped[int] = mapped_column(Integer)
    service_version: Mapped[int] = mapped_column(Integer)
    digest: Mapped[str] = mapped_column(String(64))
    fields: Mapped[JsonDict]
    vanished_at: Mapped[datetime | None]
    kept_at: Mapped[datetime | None]


class Feed(HasId, Stamped, Versioned, Base):
    """Where an editor takes records in from: an address that is asked again, or files that are given by hand.

    `key` is that of the `Source` that its records get. `columns` says which column of a table holds which field.
    Without `every_hours` it is taken in by hand only. `pulls` and `failed` count all that was asked, `failures` those
    that failed since it last answered; `seconds` is the sum of all answers' times.
    """

    __tablename__ = "feeds"
    __table_args__ = (CheckConstraint("every_hours > 0", name="hours"),)

    key: Mapped[str] = mapped_column(String(80), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    publisher: Mapped[str] = mapped_column(String(200), default="")
    licence: Mapped[str] = mapped_column(String(200))
    kind: Mapped[FeedKind] = mapped_column(enum_column(FeedKind))
    address: Mapped[str | None] = mapped_column(String(2000))
    columns: Mapped[JsonDict]
    every_hours: Mapped[int | None] = mapped_column(Integer)
    next_pull_at: Mapped[datetime | None] = mapped_column(index=True)
    pulls: Mapped[int] = mapped_column(Integer, default=0)
    failed: Mapped[int] = mapped_column(Integer, default=0)
    failures: Mapped[int] = mapped_column(Integer, default=0)
    answers: Mapped[int] = mapped_column(Integer, default=0)
    seconds: Mapped[float] = mapped_column(Float, default=0.0)
    last_pull_at: Mapped[datetime | None]
    last_taken_at: Mapped[datetime | None]
    last_error: Mapped[str | None] = mapped_column(String(300))


class ImportRun(HasId, Stamped, Versioned, Base):
    """One import on its way: read, looked at, taken in. What was read lies in the folder `imports/<id>`.

    `pages` counts what was fetched so far, of `pages_in_all`. `summary` is the report's (`run_reports`).
    """

    __tablename__ = "import_runs"
    __table_args__ = (Index("ix_import_runs_feed_id_created_at", "feed_id", "created_at"),)

    feed_id: Mapped[UUID] = mapped_column(ForeignKey("feeds.id"))
    state: Mapped[RunState] = mapped_column(enum_column(RunState), index=True)
    is_automatic: Mapped[bool] = mapped_column(Boolean, default=False)
    file_name: Mapped[str] = mapped_column(String(200), default="")
    pages: Mapped[int] = mapped_column(Integer, default=0)
    pages_in_all: Mapped[int | None] = mapped_column(Integer)
    seconds: Mapped[float] = mapped_column(Float, default=0.0)
    summary: Mapped[JsonDict]
    error: Mapped[str | None] = mapped_column(String(300))
    created_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id"))
    finished_at: Mapped[datetime | None]

    feed: Mapped[Feed] = relationship()


class Webhook(HasId, Stamped, Base):
    """Somebody's address that is told when a listing changes. The secret signs what is sent."""

    __tablename__ = "webhooks"

    name: Mapped[str] = mapped_column(String(120))
    address: Mapped[str] = mapped_column(String(2000))
    secret_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id"))
    stopped_at: Mapped[datetime | None]

    secret = Sealed("secret_sealed")


class WebhookDelivery(HasId, Base):
    """One notice to one address. Its id stays the same however often it is tried, so that a second is known."""

    __tablename__ = "webhook_deliveries"
    __table_args__ = (Index("ix_webhook_deliveries_webhook_id_created_at", "webhook_id", "created_at"),)

    webhook_id: Mapped[UUID] = mapped_column(ForeignKey("webhooks.id"))
    service_id: Mapped[UUID] = mapped_column(ForeignKey("services.id"), index=True)
    event: Mapped[str] = mapped_column(String(40))
    state: Mapped[DeliveryState] = mapped_column(enum_column(DeliveryState), default=DeliveryState.WAITING)
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    last_answer: Mapped[str | None] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(default=lambda: clock.now())
    finished_at: Mapped[datetime | None]
