"""What worries add to a person's timeline: that there was one, and what became of it. The rest is on its page."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Select, bindparam, or_, select
from sqlalchemy.orm import Session

from core.db import read
from prescribing.concerns.models import Concern
from prescribing.episodes.contributions import Press
from prescribing.episodes.models import Episode
from prescribing.episodes.timeline import Kind, Step


def happened(session: Session, episode_id: UUID) -> list[Step]:
    """The steps of the worries of one episode's time, in one query; nothing that is sealed."""
    return [step for row in read(session, _concerns(), episode_id=episode_id) for step in _steps(*row)]


def _steps(
    concern_id: UUID, at: datetime, author: str, taken_up_at: datetime | None, closed_at: datetime | None
) -> Iterable[Step]:
    link = Press("Read it", "concerns.show", {"concern_id": concern_id})
    yield Step(at, "Somebody was worried about them", "", author, Kind.SUPPORT, link=link)
    if taken_up_at is not None and taken_up_at != closed_at:
        yield Step(taken_up_at, "A coordinator took the worry up", "", "", Kind.SUPPORT, link=link)
    if closed_at is not None:
        yield Step(closed_at, "The worry was closed, with what was done", "", "", Kind.SUPPORT, link=link)


@cache
def _concerns() -> Select[*tuple[Any, ...]]:
    return (
        select(Concern.id, Concern.at, Concern.author_name, Concern.taken_up_at, Concern.closed_at)
        .join(Episode, Episode.person_id == Concern.person_id)
        .where(
            Episode.id == bindparam("episode_id"),
            Concern.at >= Episode.created_at,
            or_(Episode.closed_at.is_(None), Concern.at <= Episode.closed_at),
        )
    )
