"""Writing the audit trail, in the transaction of what it records."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import Insert, Select, Update, bindparam, event, insert, select, update
from sqlalchemy.orm import Session, SessionTransaction

from core import clock
from core.audit import rules
from core.audit.models import AuditEntry, AuditHead
from core.db import hold, new_id, read
from core.settings import current_settings

# Under which a session keeps what waits to be written, each with the part of the transaction that recorded it.
_SAID = "audit entries"

_HEAD: dict[str, Any] = {"sequence": bindparam("new_sequence"), "mac": bindparam("new_mac")}


class Author(Protocol):
    """Whoever did it; `core.access.rules.Actor` is one."""

    @property
    def account_id(self) -> UUID | None: ...
    @property
    def kind(self) -> str: ...


@dataclass(frozen=True)
class _Said:
    """An entry before its place in the chain is known."""

    id: UUID
    at: datetime
    actor_kind: str
    account_id: UUID | None
    action: str
    subject_type: str
    subject_id: UUID | None
    detail: dict[str, str | int | bool | None]


def record(
    session: Session,
    actor: Author,
    action: str,
    subject_type: str,
    subject_id: UUID | None,
    **detail: str | int | bool | None,
) -> None:
    """Add one entry to the chain when the transaction commits. `action` reads like "referral.accept"; `detail` holds no
    personal value.

    Raises `ValueError` for an account's act without its account: nobody acts anonymously behind the door.
    """
    if actor.kind == "account" and actor.account_id is None:
        raise ValueError("an account's act needs its account")
    session.flush()
    # With something to say the transaction has begun, to write: what is said goes with its end.
    session.connection()
    said = _Said(
        new_id(), clock.now(), actor.kind, actor.account_id, action, subject_type, subject_id, detail
    )
    session.info.setdefault(_SAID, []).append((session.get_nested_transaction(), said))


def _write(session: Session) -> None:
    """Before the transaction commits: its entries are put to the end of the chain, in the order in which they were
    recorded. Whoever adds to the chain waits for whoever does so before, so that it comes last: no row is waited for
    by whoever holds the chain's end."""
    if session.in_nested_transaction():
        return
    waiting = session.info.pop(_SAID, ())
    if not waiting:
        return
    session.flush()
    hold(session, "audit")
    connection = session.connection()
    head = next(iter(read(session, _head())), None)
    last, mac = (0, rules.START) if head is None else head
    entries = []
    for sequence, (_part, said) in enumerate(waiting, start=last + 1):
        entry = rules.Entry(**vars(said), sequence=sequence, previous_mac=mac, mac="")
        mac = rules.mac_of(audit_key(), entry)
        entries.append({**vars(entry), "mac": mac})
    connection.execute(_new_entry(), entries)
    new_head = {"head": 1, "new_sequence": last + len(entries), "new_mac": mac}
    connection.execute(_first_head() if head is None else _next_head(), new_head)


def _unsay(session: Session, undone: SessionTransaction) -> None:
    """What was recorded in a part that is undone did not happen."""

    def inside(part: SessionTransaction | None) -> bool:
        while part is not None and part is not undone:
            part = part.parent
        return part is not None

    if undone.nested and _SAID in session.info:
        session.info[_SAID] = [each for each in session.info[_SAID] if not inside(each[0])]


def _forget(session: Session, ended: SessionTransaction) -> None:
    if ended.parent is None:
        session.info.pop(_SAID, None)


event.listen(Session, "before_commit", _write)
event.listen(Session, "after_soft_rollback", _unsay)
event.listen(Session, "after_transaction_end", _forget)


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
