"""Who looked at a person's record, when, and why, in words that the person can read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.access.rules import Actor, Permission, Role
from core.accounts import queries as accounts
from core.accounts.models import MembershipRow
from core.audit.models import AuditEntry
from core.errors import NotFound
from prescribing.people import queries as people
from prescribing.rights import record

PAGE = 50

# What an act of the trail means to the person. What is not named here is said as the trail has it.
_ACTS: Mapping[str, str] = MappingProxyType(
    {
        "person.read": "Looked at your record",
        "person.read-own": "You looked at your own record",
        "person.copy": "You took a copy of your record",
        "person.make": "Started your record",
        "person.update": "Changed what we know about you",
        "person.flag": "Marked your record to keep it safe",
        "person.emergency": "Opened your record in an emergency",
        "episode.read": "Looked at your support",
        "referral.read": "Looked at what was shared with a group",
        "referral.link-opened": "A group opened what was shared with it",
        "request.read": "Looked at what was asked for you",
        "triage.read": "Looked at what was asked for you",
        "measures.read": "Looked at your answers",
        "contact.record": "Wrote down that we talked, or tried to",
        "measurement.record": "Wrote down your answers",
        "measures.ask": "Asked you how things are",
        "episode.allocate": "Gave you a link worker",
        "episode.hand-over": "Gave you another link worker",
        "episode.move": "Moved your support on",
        "need.raise": "Wrote down what you need",
        "need.close": "Wrote down what became of a need",
        "goal.add": "Wrote down a goal of yours",
        "goal.change": "Changed a goal of yours",
        "action.add": "Wrote down who does what",
        "action.finish": "Ticked off something that was done",
        "referral.send": "Asked a group for you",
        "consent.give": "Wrote down what you agreed to",
        "consent.withdraw": "Wrote down that you took your agreement back",
        "consent.expire": "What you agreed to came to its end",
        "rights.ask": "Took what you asked about your record",
        "rights.read": "Looked at your record to answer what you asked",
        "rights.review": "Read your record, to take out words about others before you get your copy",
        "rights.answer": "Answered what you asked about your record",
        "rights.hold": "Decided that your record must stay",
        "rights.lift": "Decided that your record need not stay any more",
    }
)

_WHY: Mapping[Role, str] = MappingProxyType(
    {
        Role.LINK_WORKER: "to support you",
        Role.COORDINATOR: "to make sure that you get support",
        Role.REFERRER: "because they asked for support for you",
        Role.GROUP_MEMBER: "because you agreed that we ask their group",
        Role.DATA_PROTECTION_OFFICER: "to look after your information",
        Role.RESIDENT: "it is your own",
    }
)

_KINDS: Mapping[str, str] = MappingProxyType(
    {"public": "Somebody not signed in", "link": "A group, by its link", "system": "The computer, by itself"}
)


@dataclass(frozen=True)
class Look:
    """One entry: when, who with their role in words, what, and why (may be empty). `is_look` tells reading from
    changing."""

    sequence: int
    at: datetime
    who: str
    what: str
    why: str
    is_look: bool


@dataclass(frozen=True)
class Looks:
    """A page of them, the latest first; `older` is the number to go on from, none at the end."""

    lines: tuple[Look, ...]
    older: int | None


def looks_at(
    session: Session, actor: Actor, person_id: UUID, *, before: int | None = None, most: int = PAGE
) -> Looks:
    """Who did or looked at what of one record: for the person (unless it is flagged for safety) and the data protection
    officer. Raises `NotFound` for others. Lists of many people are not told apart in the trail, and not here."""
    if not actor.can(Permission.PROTECT_DATA):
        if person_id not in actor.person_ids(Role.RESIDENT):
            raise NotFound
        people.person(session, actor, person_id)
    ids = sorted({each for ids in record.rows_of(session, person_id).values() for each in ids})
    found: list[AuditEntry] = []
    for some in record.chunks(ids):
        wanted = select(AuditEntry).where(AuditEntry.subject_id.in_(some))
        if before is not None:
            wanted = wanted.where(AuditEntry.sequence < before)
        found += session.scalars(wanted.order_by(AuditEntry.sequence.desc()).limit(most + 1))
    found.sort(key=lambda entry: -entry.sequence)
    account_ids = {entry.account_id for entry in found if entry.account_id}
    names, roles = accounts.names(session, account_ids), _roles(session, account_ids)
    lines = tuple(_line(entry, names, roles) for entry in found[:most])
    return Looks(lines, lines[-1].sequence if len(found) > most else None)


def _line(entry: AuditEntry, names: Mapping[UUID, str], roles: Mapping[UUID, Role]) -> Look:
    role = roles.get(entry.account_id) if entry.account_id else None
    if entry.account_id is None:
        who = _KINDS.get(entry.actor_kind, entry.actor_kind)
    else:
        who = names.get(entry.account_id, "Somebody who has left")
        who = f"{who}, {role.value.replace('-', ' ')}" if role else who
    said = entry.action.replace(".", ": ").replace("-", " ").capitalize()
    why = "in an emergency" if entry.action == "person.emergency" else _WHY.get(role, "") if role else ""
    is_look = entry.action.endswith((".read", ".read-own", ".link-opened", ".emergency"))
    return Look(entry.sequence, entry.at, who, _ACTS.get(entry.action, said), why, is_look)


def _roles(session: Session, account_ids: set[UUID]) -> dict[UUID, Role]:
    """What each account is here for; of several roles the one that was given last."""
    rows = session.execute(
        select(MembershipRow.account_id, MembershipRow.role)
        .where(MembershipRow.account_id.in_(account_ids))
        .order_by(MembershipRow.created_at)
    )
    return {row.account_id: row.role for row in rows}
