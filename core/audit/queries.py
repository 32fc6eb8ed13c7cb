"""Reading the audit trail."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from core.audit import rules
from core.audit.models import AuditEntry, AuditHead


def steady(session: Session) -> None:
    """Make all reads of the transaction that begins now see the same moment; on SQLite they do anyway."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))


def chain(session: Session) -> Iterator[rules.Entry]:
    """Every entry in the order of the chain, streamed."""
    everything = select(AuditEntry).order_by(AuditEntry.sequence).execution_options(yield_per=1000)
    # Closed also when the reader stops early, at the first entry that does not hold.
    with session.scalars(everything) as found:
        for row in found:
            yield rules.Entry(
                row.id,
                row.sequence,
                row.at,
                row.actor_kind,
                row.account_id,
                row.action,
                row.subject_type,
                row.subject_id,
                row.detail,
                row.previous_mac,
                row.mac,
            )


@dataclass(frozen=True)
class Line:
    """One entry as a person reads it."""

    sequence: int
    at: datetime
    actor_kind: str
    account_id: UUID | None
    action: str
    subject_type: str
    subject_id: UUID | None


def lines(
    session: Session,
    *,
    account_id: UUID | None = None,
    subject_id: UUID | None = None,
    before: int | None = None,
    most: int = 100,
) -> list[Line]:
    """The latest entries first, at most `most`: those of one account, about one thing, or before a sequence number."""
    wanted = select(AuditEntry).order_by(AuditEntry.sequence.desc()).limit(most)
    if account_id is not None:
        wanted = wanted.where(AuditEntry.account_id == account_id)
    if subject_id is not None:
        wanted = wanted.where(AuditEntry.subject_id == subject_id)
    if before is not None:
        wanted = wanted.where(AuditEntry.sequence < before)
    return [
        Line(
            row.sequence, row.at, row.actor_kind, row.account_id, row.action, row.subject_type, row.subject_id
        )
        for row in session.scalars(wanted)
    ]


def head(session: Session) -> tuple[int, str]:
    """The recorded end of the chain: (sequence, mac)."""
    row = session.get(AuditHead, 1, populate_existing=True)
    return (0, rules.START) if row is None else (row.sequence, row.mac)
