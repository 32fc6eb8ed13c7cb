"""Programs of partners that ask by FHIR, and the tokens that they hold."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.db import Base, HasId, Stamped
from prescribing.people.models import Partner


class FhirClient(HasId, Stamped, Base):
    """A program of one partner. It sees what the partner sees. Only the digest of its secret is kept."""

    __tablename__ = "fhir_clients"

    name: Mapped[str] = mapped_column(String(120))
    partner_id: Mapped[UUID] = mapped_column(ForeignKey("partners.id"), index=True)
    secret_digest: Mapped[str] = mapped_column(String(64))
    ending: Mapped[str] = mapped_column(String(8))
    scopes: Mapped[list[str]]
    created_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id"))
    revoked_at: Mapped[datetime | None]

    partner: Mapped[Partner] = relationship()


class FhirToken(HasId, Base):
    """What a program shows with every question, for minutes. Only its digest is kept."""

    __tablename__ = "fhir_tokens"

    client_id: Mapped[UUID] = mapped_column(ForeignKey("fhir_clients.id"), index=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    scopes: Mapped[list[str]]
    expires_at: Mapped[datetime] = mapped_column(index=True)
