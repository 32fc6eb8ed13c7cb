"""Who speaks for a group: claims and their proof, and what each of its people does in it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Integer, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base, HasId, Sealed, Stamped, Versioned, enum_column
from directory.stewardship.claims.rules import ClaimState, Part, Proof


class Claim(HasId, Stamped, Versioned, Base):
    """Somebody says that they speak for a group. Who it is is encrypted, and dropped when the claim is decided."""

    __tablename__ = "claims"

    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"), index=True)
    account_id: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id"))
    proof: Mapped[Proof] = mapped_column(enum_column(Proof))
    state: Mapped[ClaimState] = mapped_column(enum_column(ClaimState), default=ClaimState.OPEN, index=True)
    name_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    email_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    mobile_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    words_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    code_digest: Mapped[str | None] = mapped_column(String(64))
    code_expires_at: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(Integer, default=0)
    letter_at: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id"))

    name = Sealed("name_sealed")
    email = Sealed("email_sealed")
    mobile = Sealed("mobile_sealed")
    words = Sealed("words_sealed")


class GroupPart(HasId, Stamped, Base):
    """What a membership of a group lets somebody do in it. A membership without a row is an owner's."""

    __tablename__ = "group_parts"

    membership_id: Mapped[UUID] = mapped_column(ForeignKey("memberships.id"), unique=True)
    part: Mapped[Part] = mapped_column(enum_column(Part))
