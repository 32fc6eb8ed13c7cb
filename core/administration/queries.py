"""Who did what and who looked at what, for the data protection officer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from core.access.rules import Actor, Permission
from core.accounts import queries as accounts
from core.audit import queries as audit

PAGE = 100

_KINDS = {
    "public": "Somebody not signed in",
    "link": "The holder of an emailed link",
    "own-link": "A person, by their own link",
    "program": "A program",
    "system": "The system",
}


@dataclass(frozen=True)
class Look:
    """One entry of the trail: when, who in words, and what was done to what."""

    sequence: int
    at: datetime
    who: str
    account_id: UUID | None
    action: str
    subject_type: str
    subject_id: UUID | None


@dataclass(frozen=True)
class Trail:
    """A page of the trail, the latest first; `older` is the number to go on from, none at the end."""

    looks: tuple[Look, ...]
    older: int | None


def trail(
    session: Session, actor: Actor, *, account_id: UUID | None, subject_id: UUID | None, before: int | None
) -> Trail:
    """A page of the trail. Raises `NotFound` for whoever may not see it."""
    actor.must(Permission.SEE_AUDIT)
    lines = audit.lines(session, account_id=account_id, subject_id=subject_id, before=before, most=PAGE + 1)
    names = accounts.names(session, {line.account_id for line in lines if line.account_id})
    looks = tuple(
        Look(
            line.sequence,
            line.at,
            names.get(line.account_id, "An account that is gone")
            if line.account_id
            else _KINDS.get(line.actor_kind, line.actor_kind),
            line.account_id,
            line.action,
            line.subject_type,
            line.subject_id,
        )
        for line in lines[:PAGE]
    )
    return Trail(looks, looks[-1].sequence if len(lines) > PAGE else None)
