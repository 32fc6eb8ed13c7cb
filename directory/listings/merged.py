"""Entries that were made part of another: the one place that knows where each went."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import CTE, Select, select
from sqlalchemy.orm import Session

from core.access.rules import Actor, Role
from core.accounts import queries as accounts
from core.db import among
from directory.listings.models import Organization, Service

Merging = type[Service] | type[Organization]

# An entry may have gone into one that went into another itself; nobody merges more often than this.
LONGEST_WAY = 50


def current(session: Session, ids: Collection[UUID], kind: Merging = Service) -> dict[UUID, UUID]:
    """For each id, the id of the entry that stands for it now: itself, or the one that it was merged into."""
    ends = {one: one for one in ids}
    for _ in range(LONGEST_WAY):
        steps = session.execute(
            select(kind.id, kind.merged_into_id).where(
                kind.id.in_(set(ends.values())), kind.merged_into_id.is_not(None)
            )
        ).all()
        if not steps:
            break
        into = {old: new for old, new in steps if new is not None}
        ends = {one: into.get(end, end) for one, end in ends.items()}
    return ends


def known_as(session: Session, ids: Collection[UUID], kind: Merging = Service) -> dict[UUID, frozenset[UUID]]:
    """For each id, every id by which the same entry goes: its own, and those of all that were merged into it."""
    ends = current(session, ids, kind)
    names: dict[UUID, set[UUID]] = defaultdict(set)
    origin = {end: end for end in ends.values()}
    for _ in range(LONGEST_WAY):
        found = session.execute(
            select(kind.id, kind.merged_into_id).where(kind.merged_into_id.in_(origin))
        ).all()
        fresh = {old: origin[into] for old, into in found if into is not None and old not in origin}
        if not fresh:
            break
        origin |= fresh
    for name, end in origin.items():
        names[end].add(name)
    return {one: frozenset(names[end]) for one, end in ends.items()}


def groups_followed(ids: Collection[UUID]) -> Select[tuple[UUID]]:
    """These groups, and all that they were merged into, as the ids that a statement asks for."""
    return select(_way_of(ids, Organization).c.id)


def groups_known(ids: Collection[UUID]) -> Select[tuple[UUID]]:
    """Every id by which these groups go now, as `known_as` has them, as the ids that a statement asks for."""
    return _known(ids, Organization)


def activities_known(ids: Collection[UUID]) -> Select[tuple[UUID]]:
    """As `groups_known`, of activities."""
    return _known(ids, Service)


def _known(ids: Collection[UUID], kind: Merging) -> Select[tuple[UUID]]:
    names = select(_way_of(ids, kind).c.id).cte(recursive=True)
    others = select(kind.id).join(names, kind.merged_into_id == names.c.id)
    return select(names.union(others).c.id)


def _way_of(ids: Collection[UUID], kind: Merging) -> CTE:
    way = select(kind.id, kind.merged_into_id).where(among(kind.id, ids)).cte(recursive=True)
    further = select(kind.id, kind.merged_into_id).join(way, kind.id == way.c.merged_into_id)
    # A ring of merges ends: what was found already is not followed again.
    return way.union(further)


def groups_of(actor: Actor) -> Select[tuple[UUID]]:
    """The groups that the actor acts for: where they are a member, and what those were merged into."""
    return groups_followed(actor.organization_ids(Role.GROUP_MEMBER))


def acts_for(session: Session, actor: Actor, organization_id: UUID) -> bool:
    """Whether the actor acts for the group, as a member of it or of one that was merged into it."""
    mine = actor.organization_ids(Role.GROUP_MEMBER)
    if not mine or organization_id in mine:
        return bool(mine)
    return organization_id in set(session.scalars(groups_followed(mine)))


def members_of(session: Session, organization_id: UUID) -> list[UUID]:
    """The accounts that act for a group now: its members, and those of all groups that were merged into it."""
    groups = known_as(session, [organization_id], Organization)[organization_id]
    found = (account for group in sorted(groups) for account in accounts.members_of(session, group))
    return list(dict.fromkeys(found))


def moved_address(session: Session, values: Mapping[str, Any]) -> dict[str, Any] | None:
    """The values of an address, `service_id` and `organization_id` among them, with the ids of today; None where they
    are those already."""
    there = dict(values)
    for name, kind in (("service_id", Service), ("organization_id", Organization)):
        one = _as_id(values.get(name))
        if one is not None:
            end = current(session, [one], kind)[one]
            there[name] = end if isinstance(values[name], UUID) else str(end)
            if end == one:
                there[name] = values[name]
    return there if there != values else None


def _as_id(value: object) -> UUID | None:
    if isinstance(value, UUID):
        return value
    try:
        return UUID(str(value)) if value is not None else None
    except ValueError:
        return None
