"""How somebody is doing, in their own answers; links by which they answer themselves; licences that were attested."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Boolean, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.db import Base, HasId, Sealed, enum_column
from prescribing.measures.rules import CompletedBy, Mode, Point


class Measurement(HasId, Base):
    """One answer set of one instrument at one point. `answers` is JSON text, encrypted; a part-set says so.

    `at` is when it was answered; `typed_in_at` when it was copied from paper, where it was. `goal_id` is for a goal's
    own questions. Without `author_id` the person answered by a link.
    """

    __tablename__ = "measurements"
    __table_args__ = (
        Index("ix_measurements_episode_id_instrument_point", "episode_id", "instrument", "point"),
    )

    episode_id: Mapped[UUID] = mapped_column(ForeignKey("episodes.id"))
    goal_id: Mapped[UUID | None] = mapped_column(ForeignKey("goals.id"), index=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id"), index=True)
    instrument: Mapped[str] = mapped_column(String(40))
    point: Mapped[Point] = mapped_column(enum_column(Point))
    mode: Mapped[Mode] = mapped_column(enum_column(Mode))
    completed_by: Mapped[CompletedBy] = mapped_column(enum_column(CompletedBy))
    at: Mapped[datetime]
    typed_in_at: Mapped[datetime | None]
    author_id: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id"))
    complete: Mapped[bool] = mapped_column(Boolean)
    not_today_reason: Mapped[str | None] = mapped_column(String(60))
    answers_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)

    answers = Sealed("answers_sealed")

    mistake: Mapped[MeasurementMistake | None] = relationship(viewonly=True)


class MeasurementMistake(HasId, Base):
    """That an answer set was written down by mistake, who says so and why: a row of its own, the answers never change.

    What was a mistake counts for nothing.
    """

    __tablename__ = "measurement_mistakes"

    measurement_id: Mapped[UUID] = mapped_column(ForeignKey("measurements.id"), unique=True)
    at: Mapped[datetime]
    author_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"))
    author_name: Mapped[str] = mapped_column(String(120))
    reason_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)

    reason = Sealed("reason_sealed")


class MeasureLink(HasId, Base):
    """A link by which one person answers one instrument once, on their own phone. Of its token only the digest is kept.

    `sent_by_id` is the link worker, None where the person asked for it on their own pages.
    """

    __tablename__ = "measure_links"

    episode_id: Mapped[UUID] = mapped_column(ForeignKey("episodes.id"), index=True)
    instrument: Mapped[str] = mapped_column(String(40))
    point: Mapped[Point] = mapped_column(enum_column(Point))
    token_digest: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    sent_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id"))


class MeasureLicence(HasId, Base):
    """That an operator says that they hold a licence for a measure, with its words where they added them.

    `wording` is one text a question, and after these one an answer where they typed those. A row is never changed but
    to be taken back.
    """

    __tablename__ = "measure_licences"

    instrument: Mapped[str] = mapped_column(String(40), index=True)
    holder: Mapped[str] = mapped_column(String(160))
    number: Mapped[str] = mapped_column(String(80))
    wording: Mapped[list[str]]
    attested_at: Mapped[datetime]
    attested_by_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"))
    ended_at: Mapped[datetime | None]
