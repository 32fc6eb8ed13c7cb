"""Who works with the people of the example borough: the team, whoever refers, groups, and the example accounts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import NAMESPACE_URL, UUID, uuid5

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.access.rules import SYSTEM, Actor, Membership, Role
from core.accounts.models import MembershipRow
from core.accounts.services import create_account
from directory import published
from prescribing.demo.stories import Network
from prescribing.people.models import Partner, PartnerKind, Team


@dataclass(frozen=True)
class Cast:
    """Everybody who acts, by the key or role that the content files use; groups by the id of their organisation."""

    team_id: UUID
    coordinator: Actor
    workers: Mapping[str, Actor]
    referrers: Mapping[str, Actor]
    partner_ids: Mapping[str, UUID]
    groups: Mapping[UUID, Actor]


def activity_id(key: str) -> UUID:
    """The id of an example activity by its key: both halves of the example borough know it by this rule."""
    return uuid5(NAMESPACE_URL, f"golden-thread/example/activity/{key}")


def make_cast(session: Session, network: Network) -> Cast:
    """Make the team, its partners and everybody's accounts. None has a password: the demo lets anyone in as them."""
    team = Team(name=network.team["name"], phone=network.team["phone"], ward_codes=[])
    session.add(team)
    session.flush()
    partner_ids = {entry["key"]: _partner(session, entry) for entry in network.partners}
    workers = {
        entry["key"]: _account(session, entry, Membership(Role.LINK_WORKER, team_id=team.id))
        for entry in network.workers
    }
    others: dict[str, Actor] = {}
    referrers: dict[str, Actor] = {}
    for entry in network.accounts:
        role = Role(entry["role"])
        if role is Role.REFERRER:
            membership = Membership(role, partner_id=partner_ids[entry["partner"]])
            referrers[entry["partner"]] = _account(session, entry, membership)
        else:
            membership = Membership(role, team_id=team.id) if role is Role.COORDINATOR else Membership(role)
            others[role] = _account(session, entry, membership)
    return Cast(
        team_id=team.id,
        coordinator=others[Role.COORDINATOR],
        workers=workers,
        referrers=referrers,
        partner_ids=partner_ids,
        groups=_groups(session, network),
    )


def _groups(session: Session, network: Network) -> dict[UUID, Actor]:
    """Members of groups: those whom the directory's part made, and some more."""
    rows = session.scalars(
        select(MembershipRow)
        .where(MembershipRow.role == Role.GROUP_MEMBER, MembershipRow.ended_at.is_(None))
        .order_by(MembershipRow.id)
    )
    found = {
        row.organization_id: Actor(
            row.account_id,
            row.account.name or "",
            (Membership(Role.GROUP_MEMBER, organization_id=row.organization_id),),
        )
        for row in rows
        if row.organization_id is not None
    }
    for entry in network.groups:
        group_id = published.offer(session, activity_id(entry["activity"])).group_id
        if group_id not in found:
            membership = Membership(Role.GROUP_MEMBER, organization_id=group_id)
            found[group_id] = _account(session, entry, membership)
    return found


def _partner(session: Session, entry: Mapping[str, str]) -> UUID:
    partner = Partner(name=entry["name"], kind=PartnerKind(entry["kind"]), email=entry["email"])
    session.add(partner)
    session.flush()
    return partner.id


def _account(session: Session, entry: Mapping[str, str], membership: Membership) -> Actor:
    account_id = create_account(
        session, SYSTEM, entry["name"], entry["email"], [membership], persona=entry.get("persona")
    )
    return Actor(account_id, entry["name"], (membership,))
