"""Who may act for somebody, with its limits."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Boolean, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base, HasId, Sealed, Stamped, enum_column
from prescribing.proxies.rules import Ground


class Proxy(HasId, Stamped, Base):
    """One account that may act for one person, from the day it was given to its `last_day`, or until it is ended. Rows
    are never changed but to be ended.

    Seeing what is coming is always part of it; `may_message` and `may_say` add reading and writing messages, and saying
    that something helps. `understands` is what the team found of a young person under 16; `how` is how they were told.
    `name` is what whoever let them act calls them: the name on the account is the account's own affair.
    """

    __tablename__ = "proxies"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id"), index=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"), index=True)
    name_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    ground: Mapped[Ground] = mapped_column(enum_column(Ground))
    understands: Mapped[bool] = mapped_column(Boolean, default=False)
    how: Mapped[str] = mapped_column(String(40))
    may_message: Mapped[bool] = mapped_column(Boolean, default=False)
    may_say: Mapped[bool] = mapped_column(Boolean, default=False)
    given_on: Mapped[date]
    given_by: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"))
    last_day: Mapped[date]
    ended_at: Mapped[datetime | None]

    name = Sealed("name_sealed")
