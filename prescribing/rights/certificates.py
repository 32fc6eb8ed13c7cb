"""What was deleted, when, why and by whom: all that is left of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.access.rules import Actor, Permission
from core.errors import NotFound
from prescribing.rights import copies
from prescribing.rights.authors import names_behind
from prescribing.rights.models import Disposal
from prescribing.rights.rules import Why


@dataclass(frozen=True)
class Certificate:
    """That a record was deleted."""

    id: UUID
    reference: str
    at: datetime
    why: Why
    rule: str
    request_reference: str
    decided_by: str
    counts: tuple[tuple[str, int], ...]


def latest(session: Session, *, most: int = 10) -> tuple[Certificate, ...]:
    """What was deleted last. The caller has checked who asks."""
    rows = session.scalars(
        select(Disposal).order_by(Disposal.at.desc(), Disposal.id.desc()).limit(most)
    ).all()
    return _certificates(session, list(rows))


def certificate(session: Session, actor: Actor, disposal_id: UUID) -> Certificate:
    """One certificate. Raises `NotFound`."""
    actor.must(Permission.PROTECT_DATA)
    row = session.get(Disposal, disposal_id)
    if row is None:
        raise NotFound
    return _certificates(session, [row])[0]


def _certificates(session: Session, rows: list[Disposal]) -> tuple[Certificate, ...]:
    names = names_behind(session, {row.decided_by for row in rows})
    return tuple(
        Certificate(
            row.id,
            row.reference,
            row.at,
            row.why,
            row.rule or "",
            row.request_reference or "",
            names[row.decided_by],
            tuple((copies.heading_of(name), count) for name, count in sorted(row.counts.items())),
        )
        for row in rows
    )
