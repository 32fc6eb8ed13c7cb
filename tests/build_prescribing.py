"""How tests make a team, a partner and a person."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Session

from core.access.rules import Place
from core.references.rules import new_reference
from prescribing.people.models import Partner, PartnerKind, Person, Team
from tests import build


@build.makes(Place.TEAM)
def team(session: Session) -> UUID:
    made = Team(name=f"Team {build.number()}", phone="0161 496 0999", ward_codes=[])
    session.add(made)
    session.flush()
    return made.id


@build.makes(Place.PARTNER)
def partner(session: Session) -> UUID:
    made = Partner(name=f"Practice {build.number()}", kind=PartnerKind.GP_PRACTICE)
    session.add(made)
    session.flush()
    return made.id


@build.makes(Place.PERSON)
def person(session: Session, team_id: UUID | None = None) -> UUID:
    made = Person(team_id=team_id or team(session), reference=new_reference(), name="Sam Example")
    session.add(made)
    session.flush()
    return made.id
