"""What a person keeps and says by themself."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Boolean, ForeignKey, Index, LargeBinary, String, false
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base, HasId, Sealed, Stamped, enum_column
from prescribing.referrals.models import GroupLink
from prescribing.residents.rules import HelpKind, HelpNo, Verdict, Voice


class AskDraft(HasId, Stamped, Base):
    """A request for support that was begun and not sent. Nobody but whoever holds its code or its link can open it;
    `content` is JSON text, encrypted. It is deleted when it is sent, thrown away or `expires_at`."""

    __tablename__ = "ask_drafts"

    reference: Mapped[str] = mapped_column(String(12), unique=True)
    code_digest: Mapped[str] = mapped_column(String(64))
    link_digest: Mapped[str | None] = mapped_column(String(64), unique=True)
    content_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    expires_at: Mapped[datetime] = mapped_column(index=True)

    content = Sealed("content_sealed")


class PersonMessage(HasId, Base):
    """One message between a person and their team; never changed. `read_at` is when the other side read it."""

    __tablename__ = "person_messages"
    __table_args__ = (Index("ix_person_messages_person_id_at", "person_id", "at"),)

    person_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    at: Mapped[datetime]
    voice: Mapped[Voice] = mapped_column(enum_column(Voice))
    author_id: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id"))
    author_name_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    words_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    read_at: Mapped[datetime | None]

    author_name = Sealed("author_name_sealed")
    words = Sealed("words_sealed")


class ReferralWord(HasId, Base):
    """What the person says of something that they were referred to, or whoever acts for them; the latest counts."""

    __tablename__ = "referral_words"

    referral_id: Mapped[UUID] = mapped_column(ForeignKey("referrals.id"), index=True)
    at: Mapped[datetime]
    verdict: Mapped[Verdict] = mapped_column(enum_column(Verdict))
    by_proxy: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    words_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)

    words = Sealed("words_sealed")


class OfferOfHelp(HasId, Stamped, Base):
    """What somebody who was helped offers to others. It is counted only where they agreed (`may_count`);
    `started_at` is the day on which they took an active role, in the view of their team. With the person's consent it
    is put to a group (`asked_at`), for one of its activities, which knows it by `reference`; `said_yes` is None until
    it answers, `why_not` what it says with a no, and `buddy_id` the place on its list of those who meet newcomers."""

    __tablename__ = "offers_of_help"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id"), index=True)
    kind: Mapped[HelpKind] = mapped_column(enum_column(HelpKind))
    words_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    may_count: Mapped[bool] = mapped_column(Boolean, default=False)
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    service_id: Mapped[UUID | None] = mapped_column(ForeignKey("services.id"))
    organization_id: Mapped[UUID | None] = mapped_column(ForeignKey("organizations.id"), index=True)
    reference: Mapped[str | None] = mapped_column(String(12), unique=True)
    asked_at: Mapped[datetime | None]
    said_yes: Mapped[bool | None]
    why_not: Mapped[HelpNo | None] = mapped_column(enum_column(HelpNo))
    buddy_id: Mapped[UUID | None] = mapped_column(ForeignKey("buddies.id"))

    words = Sealed("words_sealed")


class HelpLink(GroupLink, Base):
    """A group's way to one offer of help."""

    __tablename__ = "help_links"

    offer_id: Mapped[UUID] = mapped_column(ForeignKey("offers_of_help.id"), index=True)
