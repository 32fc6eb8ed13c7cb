"""What a group keeps for itself: what it was paid for taking people in, and who meets newcomers."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import BigInteger, Date, ForeignKey, Integer, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.db import Base, HasId, Sealed, Stamped


class GroupFunding(HasId, Stamped, Base):
    """What a group was paid, by its own word, for taking in people who are referred. `year` is the one in which the
    financial year begins."""

    __tablename__ = "group_funding"
    __table_args__ = (UniqueConstraint("organization_id", "year"),)

    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    year: Mapped[int] = mapped_column(Integer)
    pence: Mapped[int] = mapped_column(BigInteger)


class Buddy(HasId, Stamped, Base):
    """Somebody of a group who meets newcomers at their first visit, by a first name."""

    __tablename__ = "buddies"

    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"), index=True)
    name_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    gone: Mapped[bool] = mapped_column(default=False)

    name = Sealed("name_sealed")


class BuddyTurn(HasId, Stamped, Base):
    """Who meets newcomers at the sessions of one day."""

    __tablename__ = "buddy_turns"
    __table_args__ = (UniqueConstraint("service_id", "on"),)

    service_id: Mapped[UUID] = mapped_column(ForeignKey("services.id"))
    on: Mapped[date] = mapped_column(Date)
    buddy_id: Mapped[UUID] = mapped_column(ForeignKey("buddies.id"), index=True)

    buddy: Mapped[Buddy] = relationship()
