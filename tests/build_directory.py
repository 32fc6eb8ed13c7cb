"""How tests make a group."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Session

from core.access.rules import Place
from directory.listings.models import Organization
from tests import build


@build.makes(Place.ORGANIZATION)
def organization(session: Session) -> UUID:
    made = Organization(name=f"Group {build.number()}")
    session.add(made)
    session.flush()
    return made.id
