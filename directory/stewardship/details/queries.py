"""Reading what a group says of itself, for whoever keeps it and for editors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core import clock
from core.access.rules import Actor, Permission
from core.calendar.rules import say_ago
from core.errors import NotFound
from directory.listings.content import printed_phone
from directory.listings.models import ChangeState, Organization
from directory.listings.queries import may_edit
from directory.listings.wording import Difference, field_differences
from directory.stewardship.details.models import GroupChange
from directory.stewardship.details.rules import FIELDS


@dataclass(frozen=True, slots=True)
class Details:
    """A group's own words. `content` is what was last said, waiting fields included; `waiting` names those."""

    id: UUID
    name: str
    version: int
    content: dict[str, Any]
    waiting: frozenset[str]
    sent_back: str


@dataclass(frozen=True, slots=True)
class DetailsChange:
    """One change of a group's details, for an editor to decide on."""

    id: UUID
    group_id: UUID
    group: str
    state: ChangeState
    author: str
    when: str
    differences: tuple[Difference, ...]
    reason: str


def content_of(row: Organization) -> dict[str, Any]:
    """What a group says of itself, as plain values."""
    return {
        "name": row.name,
        "summary": row.summary,
        "description": row.description,
        "email": row.email,
        "phone": printed_phone(row.phones[0].number) if row.phones else None,
        "website": row.website,
        "charity_number": row.charity_number,
    }


def group_for_update(session: Session, actor: Actor, organization_id: UUID) -> Organization:
    """The row, held. Raises `NotFound` where it is not the actor's to keep."""
    row = session.get(Organization, organization_id, with_for_update=True, populate_existing=True)
    if row is None or not may_edit(session, actor, organization_id):
        raise NotFound
    return row


def waiting_change(session: Session, organization_id: UUID) -> GroupChange | None:
    """The one change that waits for an editor, if any."""
    return session.scalar(
        select(GroupChange).where(
            GroupChange.organization_id == organization_id, GroupChange.state == ChangeState.WAITING
        )
    )


def details(session: Session, actor: Actor, organization_id: UUID) -> Details:
    """A group's details for their form. Raises `NotFound`."""
    row = session.get(Organization, organization_id)
    if row is None or not may_edit(session, actor, organization_id):
        raise NotFound
    waiting = waiting_change(session, organization_id)
    last = session.scalar(
        select(GroupChange)
        .where(GroupChange.organization_id == organization_id)
        .order_by(GroupChange.created_at.desc(), GroupChange.id.desc())
        .limit(1)
    )
    return Details(
        id=row.id,
        name=row.name,
        version=row.version,
        content=content_of(row) | (waiting.after if waiting else {}),
        waiting=frozenset(waiting.after if waiting else ()),
        sent_back=(last.reason or "") if last is not None and last.state is ChangeState.SENT_BACK else "",
    )


def count_waiting(session: Session) -> int:
    """How many changes of groups' details wait for an editor."""
    wanted = select(func.count(GroupChange.id)).where(GroupChange.state == ChangeState.WAITING)
    return session.scalar(wanted) or 0


def waiting(session: Session, actor: Actor) -> tuple[DetailsChange, ...]:
    """The changes that wait, oldest first, at most fifty. Raises `NotFound` for anybody but an editor."""
    actor.must(Permission.MODERATE)
    rows = session.execute(
        select(GroupChange, Organization)
        .join(Organization, Organization.id == GroupChange.organization_id)
        .where(GroupChange.state == ChangeState.WAITING)
        .order_by(GroupChange.created_at, GroupChange.id)
        .limit(50)
    )
    return tuple(_view(change, group) for change, group in rows)


def change(session: Session, actor: Actor, change_id: UUID) -> DetailsChange:
    """One change. Raises `NotFound`."""
    actor.must(Permission.MODERATE)
    row = session.get(GroupChange, change_id)
    if row is None:
        raise NotFound
    return _view(row, session.get_one(Organization, row.organization_id))


def _view(row: GroupChange, group: Organization) -> DetailsChange:
    waits = row.state is ChangeState.WAITING
    before = {name: content_of(group)[name] for name in row.after if name in FIELDS} if waits else row.before
    return DetailsChange(
        id=row.id,
        group_id=group.id,
        group=group.name,
        state=row.state,
        author=row.author_name,
        when=say_ago(row.created_at, clock.now()),
        differences=field_differences(before, row.after),
        reason=row.reason or "",
    )
