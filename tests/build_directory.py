"""How tests make a group, its listings and their changes."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from core.access.rules import Place
from directory.listings.content import apply_content
from directory.listings.models import ChangeState, ListingChange, Organization, Service
from directory.listings.rules import JoinMode, ListingStatus
from tests import build


@build.makes(Place.ORGANIZATION)
def organization(session: Session) -> UUID:
    made = Organization(name=f"Group {build.number()}")
    session.add(made)
    session.flush()
    return made.id


def listing(session: Session, organization_id: UUID | None = None, **values: Any) -> UUID:
    """A published listing of the group (a new one, unless given), every Tuesday from 10am to 12pm, flushed.

    Keywords are content fields of a listing, or `status`.
    """
    owner = session.get_one(Organization, organization_id or organization(session))
    row = Service(
        organization=owner,
        status=values.pop("status", ListingStatus.PUBLISHED),
        join_mode=JoinMode.TURN_UP,
        name="Tea and talk",
    )
    session.add(row)
    said: dict[str, Any] = {
        "summary": "Tea, and somebody to talk to.",
        "description": "We sit round one table.",
        "needs": ["loneliness"],
        "phone": "0161 496 0101",
        "costs": [{"label": "Free", "pence": 0}],
        "venue": "Peel Mill Hall",
        "address": {"street": "Loom Street", "town": "Radcliffe"},
        "schedules": [
            {
                "freq": "WEEKLY",
                "dtstart": "2026-01-06",
                "opens_at": "10:00",
                "closes_at": "12:00",
                "byday": ["TU"],
            }
        ],
    }
    apply_content(session, row, said | values)
    session.flush()
    return row.id


def change(session: Session, service_id: UUID, state: ChangeState, **after: Any) -> UUID:
    """A change of the listing by somebody of its group, flushed."""
    made = ListingChange(
        service_id=service_id,
        state=state,
        base_version=1,
        before=dict.fromkeys(after, ""),
        after=after,
        author_name="Derek",
    )
    session.add(made)
    session.flush()
    return made.id
