"""What caseloads add to a person's timeline: who handed them over, with which note."""

from __future__ import annotations

from functools import cache
from uuid import UUID

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session

from prescribing.caseloads.models import Handover
from prescribing.episodes.timeline import Kind, Step


def happened(session: Session, episode_id: UUID) -> list[Step]:
    """The handovers of one episode, in one query."""
    rows = session.scalars(_handovers(), {"episode_id": episode_id})
    return [
        Step(row.at, "Handed over to another link worker", row.note or "", row.author_name, Kind.SUPPORT)
        for row in rows
    ]


@cache
def _handovers() -> Select[Handover]:
    return select(Handover).where(Handover.episode_id == bindparam("episode_id"))
