"""Who looked at a person's record, when, and why, in words that the person can read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from core.access.rules import Actor, Permission, Role
from core.accounts import queries as accounts
from core.accounts.models import MembershipRow
from core.audit.models import AuditEntry
from core.errors import NotFound
from prescribing.people import queries as people
from prescribing.rights import record
from prescribing.rights.acts import is_look, is_own, say_act

PAGE = 50

_WHY: Mapping[Role, str] = MappingProxyType(
    {
        Role.LINK_WORKER: "to support you",
        Role.COORDINATOR: "to make sure that you get support",
        Role.REFERRER: "because they asked for support for you",
        Role.GROUP_MEMBER: "because you agreed that we ask their group",
        Role.DATA_PROTECTION_OFFICER: "to look after your information",
        Role.RESIDENT: "it is your own",
        Role.PROXY: "because they may act for you",
    }
)

# Who is not called by what the role is called among ourselves.
_ROLES: Mapping[Role, str] = MappingProxyType({Role.PROXY: "acting for you"})

# Who did something without an account of their own.
KINDS: Mapping[str, str] = MappingProxyType(
    {
        "public": "Whoever filled in a form online",
        "link": "A group, by its link",
        "own-link": "The person, by their own link",
        "program": "A computer program",
        "system": "The computer, by itself",
    }
)


@dataclass(frozen=True)
class Look:
    """One entry: when, who with their role in words, what, and why (may be empty). `is_look` tells reading from
    changing, `is_own` that it is the reader's own doing."""

    sequence: int
    at: datetime
    who: str
    what: str
    why: str
    is_look: bool
    is_own: bool


@dataclass(frozen=True)
class Looks:
    """A page of them, the latest first; `older` is the number to go on from, none at the end."""

    lines: tuple[Look, ...]
    older: int | None


def looks_at(
    session: Session, actor: Actor, person_id: UUID, *, before: int | None = None, most: int = PAGE
) -> Looks:
    """Who did or looked at what of one record: for the person (unless it is flagged for safety) and the data protection
    officer. Raises `NotFound` for others. Lists of many people are not told apart in the trail, and not here. Concerns
    are the officer's to tell of: whoever causes one may look over the person's shoulder."""
    own = not actor.can(Permission.PROTECT_DATA)
    if own:
        if person_id not in actor.person_ids(Role.RESIDENT):
            raise NotFound
        people.person(session, actor, person_id)
    ids = sorted({each for ids in record.rows_of(session, person_id).values() for each in ids})
    earlier = _earlier(session, before)
    found: list[AuditEntry] = []
    for some in record.chunks(ids):
        wanted = select(AuditEntry).where(AuditEntry.subject_id.in_(some))
        if own:
            wanted = wanted.where(AuditEntry.action.not_like("concern.%"))
        found += session.scalars(
            wanted.where(*earlier).order_by(AuditEntry.at.desc(), AuditEntry.sequence.desc()).limit(most + 1)
        )
    found.sort(key=lambda entry: (entry.at, entry.sequence), reverse=True)
    account_ids = {entry.account_id for entry in found if entry.account_id}
    names, roles = accounts.names(session, account_ids), _roles(session, account_ids)
    lines = tuple(_line(entry, names, roles, actor, own=own) for entry in found[:most])
    return Looks(lines, lines[-1].sequence if len(found) > most else None)


def _earlier(session: Session, before: int | None) -> tuple[ColumnElement[bool], ...]:
    """What came before the entry of that number, by the time at which it happened."""
    at = session.scalar(select(AuditEntry.at).where(AuditEntry.sequence == before)) if before else None
    if at is None:
        return ()
    return (or_(AuditEntry.at < at, and_(AuditEntry.at == at, AuditEntry.sequence < before)),)


def _line(
    entry: AuditEntry, names: Mapping[UUID, str], roles: Mapping[UUID, Role], reader: Actor, *, own: bool
) -> Look:
    role = roles.get(entry.account_id) if entry.account_id else None
    if entry.account_id is None:
        who = KINDS.get(entry.actor_kind, entry.actor_kind)
    else:
        who = names.get(entry.account_id, "Somebody who has left")
        who = f"{who}, {_ROLES.get(role, role.value.replace('-', ' '))}" if role else who
    why = "in an emergency" if entry.action == "person.emergency" else _WHY.get(role, "") if role else ""
    mine = is_own(entry.action) or (entry.account_id is not None and entry.account_id == reader.account_id)
    mine = mine or (own and entry.actor_kind == "own-link")
    return Look(entry.sequence, entry.at, who, say_act(entry.action), why, is_look(entry.action), mine)


def _roles(session: Session, account_ids: set[UUID]) -> dict[UUID, Role]:
    """What each account is here for; of several roles the one that was given last."""
    rows = session.execute(
        select(MembershipRow.account_id, MembershipRow.role)
        .where(MembershipRow.account_id.in_(account_ids))
        .order_by(MembershipRow.created_at)
    )
    return {row.account_id: row.role for row in rows}
