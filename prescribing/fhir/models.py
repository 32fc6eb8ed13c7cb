"""Programs that ask by FHIR, and the tokens that they hold."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from core.access.rules import Place
from core.db import Base, HasId, Stamped


class FhirClient(HasId, Stamped, Base):
    """A program of one partner, team or group. It sees no more than they see. Of its secret only the digest is kept.

    `created_by_id` answers for it: who let it in, or gave it its secret last. The secret before works until
    `earlier_until`. `counted_since` and `counted` say how often it asked in this minute.
    """

    __tablename__ = "fhir_clients"
    __table_args__ = (
        CheckConstraint(
            "(CASE WHEN partner_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN team_id IS NULL THEN 0 ELSE 1 END)"
            " + (CASE WHEN organization_id IS NULL THEN 0 ELSE 1 END) = 1",
            name="one_place",
        ),
    )

    name: Mapped[str] = mapped_column(String(120))
    partner_id: Mapped[UUID | None] = mapped_column(ForeignKey("partners.id"), index=True)
    team_id: Mapped[UUID | None] = mapped_column(ForeignKey("teams.id"), index=True)
    organization_id: Mapped[UUID | None] = mapped_column(ForeignKey("organizations.id"), index=True)
    secret_digest: Mapped[str] = mapped_column(String(64))
    ending: Mapped[str] = mapped_column(String(8))
    secret_made_at: Mapped[datetime | None]
    earlier_digest: Mapped[str | None] = mapped_column(String(64))
    earlier_until: Mapped[datetime | None]
    scopes: Mapped[list[str]]
    created_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id"))
    revoked_at: Mapped[datetime | None]
    counted_since: Mapped[datetime | None]
    counted: Mapped[int] = mapped_column(Integer, default=0, server_default="0")

    @property
    def place(self) -> tuple[Place, UUID]:
        """Whose it is."""
        held = (
            (Place.PARTNER, self.partner_id),
            (Place.TEAM, self.team_id),
            (Place.ORGANIZATION, self.organization_id),
        )
        return next((place, place_id) for place, place_id in held if place_id is not None)


class FhirToken(HasId, Base):
    """What a program shows with every question, for minutes. Only its digest is kept."""

    __tablename__ = "fhir_tokens"

    client_id: Mapped[UUID] = mapped_column(ForeignKey("fhir_clients.id"), index=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    scopes: Mapped[list[str]]
    expires_at: Mapped[datetime] = mapped_column(index=True)
