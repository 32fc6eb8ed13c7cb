"""Writing the audit trail, in the transaction of what it records."""

from __future__ import annotations

import dataclasses
from functools import cache
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import Insert, Select, Update, bindparam, insert, select, update
from sqlalchemy.orm import Session

from core import clock
from core.audit import rules
from core.audit.models import AuditEntry, AuditHead
from core.db import hold, new_id
from core.settings import current_settings

_HEAD: dict[str, Any] = {"sequence": bindparam("new_sequence"), "mac": bindparam("new_mac")}


class Author(Protocol):
    """Whoever did it; `core.access.rules.Actor` is one."""

    @property
    def account_id(self) -> UUID | None: ...
    @property
    def kind(self) -> str: ...


def record(
    session: Session,
    actor: Author,
    action: str,
    subject_type: str,
    subject_id: UUID | None,
    **detail: str | int | bool | None,
) -> None:
    """Add one entry to the chain. `action` reads like "referral.accept"; `detail` holds no personal value.

    Raises `ValueError` for an account's act without its account: nobody acts anonymously behind the door.
    """
    if actor.kind == "account" and actor.account_id is None:
        raise ValueError("an account's act needs its account")
    hold(session, "audit")
    # Every page that shows a person writes an entry: by statements, which cost half of what rows of models do.
    session.flush()
    connection = session.connection()
    head = connection.execute(_head()).one_or_none()
    sequence, previous_mac = (0, rules.START) if head is None else head
    entry = rules.Entry(
        id=new_id(),
        sequence=sequence + 1,
        at=clock.now(),
        actor_kind=actor.kind,
        account_id=actor.account_id,
        action=action,
        subject_type=subject_type,
        subject_id=subject_id,
        detail=detail,
        previous_mac=previous_mac,
        mac="",
    )
    mac = rules.mac_of(audit_key(), entry)
    values = {f.name: getattr(entry, f.name) for f in dataclasses.fields(entry)}
    connection.execute(_new_entry(), {**values, "mac": mac})
    new_head = {"head": 1, "new_sequence": entry.sequence, "new_mac": mac}
    connection.execute(_first_head() if head is None else _next_head(), new_head)


@cache
def _head() -> Select[int, str]:
    return select(AuditHead.sequence, AuditHead.mac).where(AuditHead.id == 1)


@cache
def _new_entry() -> Insert:
    return insert(AuditEntry)


@cache
def _next_head() -> Update:
    return update(AuditHead).where(AuditHead.id == bindparam("head")).values(**_HEAD)


@cache
def _first_head() -> Insert:
    return insert(AuditHead).values(id=bindparam("head"), **_HEAD)


def audit_key() -> bytes:
    """The chain's key, from the settings."""
    settings = current_settings()
    return bytes.fromhex(settings.secrets.audit_key)
