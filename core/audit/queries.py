"""Reading the audit trail."""

from __future__ import annotations

from collections.abc import Iterator

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


def head(session: Session) -> tuple[int, str]:
    """The recorded end of the chain: (sequence, mac)."""
    row = session.get(AuditHead, 1)
    return (0, rules.START) if row is None else (row.sequence, row.mac)
