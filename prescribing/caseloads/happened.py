"""What caseloads add to a person's timeline: who handed them over, with which note."""

from __future__ import annotations

from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session

from core.db import read
from prescribing.caseloads.models import Handover
from prescribing.episodes.timeline import Kind, Step


def happened(session: Session, episode_id: UUID) -> list[Step]:
    """The handovers of one episode, in one query."""
    return [
        Step(
            at,
            "Handed over to another link worker",
            Handover.note.read(Handover, handover_id, note) or "",
            author_name,
            Kind.SUPPORT,
        )
        for handover_id, at, author_name, note in read(session, _handovers(), episode_id=episode_id)
    ]


@cache
def _handovers() -> Select[*tuple[Any, ...]]:
    columns = (Handover.id, Handover.at, Handover.author_name, Handover.note_sealed)
    return select(*columns).where(Handover.episode_id == bindparam("episode_id"))
