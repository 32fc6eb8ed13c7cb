"""Writing the audit trail, in the transaction of what it records."""

from __future__ import annotations

import dataclasses
from typing import Protocol
from uuid import UUID

from sqlalchemy.orm import Session

from core import clock
from core.audit import rules
from core.audit.models import AuditEntry, AuditHead
from core.db import hold, new_id
from core.settings import current_settings


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
    head = session.get(AuditHead, 1, populate_existing=True)
    if head is None:
        head = AuditHead(id=1, sequence=0, mac=rules.START)
        session.add(head)
    entry = rules.Entry(
        id=new_id(),
        sequence=head.sequence + 1,
        at=clock.now(),
        actor_kind=actor.kind,
        account_id=actor.account_id,
        action=action,
        subject_type=subject_type,
        subject_id=subject_id,
        detail=detail,
        previous_mac=head.mac,
        mac="",
    )
    mac = rules.mac_of(audit_key(), entry)
    values = {f.name: getattr(entry, f.name) for f in dataclasses.fields(entry)}
    session.add(AuditEntry(**{**values, "mac": mac, "detail": dict(detail)}))
    head.sequence, head.mac = entry.sequence, mac
    session.flush()


def audit_key() -> bytes:
    """The chain's key, from the settings."""
    settings = current_settings()
    return bytes.fromhex(settings.secrets.audit_key)
