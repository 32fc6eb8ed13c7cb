"""Who looks after programs: a team's coordinator, a group's owner, and for partners whoever runs the service."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.access.rules import Actor, Permission, Place, Role
from core.accounts.models import Account
from core.accounts.queries import live_memberships
from directory import published
from prescribing.fhir.models import FhirClient
from prescribing.people.models import Team
from prescribing.people.partners import partner_names


@dataclass(frozen=True)
class Owner:
    """Somebody for whom the actor may let a program in. `key` is how a form names them; a group that was there twice
    goes by the ids of all its entries, `others` beside its own."""

    place: Place
    id: UUID
    name: str
    others: frozenset[UUID] = frozenset()

    @property
    def key(self) -> str:
        return f"{self.place.value}:{self.id}"

    @property
    def places(self) -> frozenset[tuple[Place, UUID]]:
        """What a program of theirs may be held in."""
        return frozenset((self.place, each) for each in {self.id, *self.others})


def owners(session: Session, actor: Actor) -> tuple[Owner, ...]:
    """For whom the actor may let a program in: teams that they coordinate, groups that they own, and partners where
    they run the service."""
    teams = session.execute(
        select(Team.id, Team.name).where(Team.id.in_(actor.team_ids(Role.COORDINATOR))).order_by(Team.name)
    )
    found = [Owner(Place.TEAM, row.id, row.name) for row in teams]
    found += [
        Owner(Place.ORGANIZATION, each, name, published.known_group_ids(session, each))
        for each, name in published.owned_groups(session, actor)
    ]
    if actor.can(Permission.MANAGE_ACCOUNTS):
        found += [Owner(Place.PARTNER, each, name) for each, name in partner_names(session, actor)]
    return tuple(found)


def is_kept(session: Session, client: FhirClient) -> bool:
    """Whether somebody still answers for a program: whoever let it in, or gave it a new secret since, is still here and
    could do so again. Partners' programs are looked after by whoever runs the service, one after another."""
    if client.place[0] is Place.PARTNER:
        return True
    account = session.get(Account, client.created_by_id) if client.created_by_id else None
    if account is None or account.disabled_at is not None:
        return False
    actor = Actor(account.id, "", live_memberships(account))
    return any(client.place in owner.places for owner in owners(session, actor))
