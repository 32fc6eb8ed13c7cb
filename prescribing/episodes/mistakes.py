"""What may be said to be a mistake: who may say so, and what they are shown before they do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from sqlalchemy.orm import Session

from core.access.rules import Actor, Role
from core.errors import NotFound
from prescribing.episodes.models import Episode
from prescribing.episodes.scope import InEpisode, row_for_update

R = TypeVar("R", bound=InEpisode)


@dataclass(frozen=True)
class Written:
    """What was written down, to say which it was."""

    id: UUID
    episode_id: UUID
    person_id: UUID
    called: str
    said: str
    at: datetime


def as_written(row_id: UUID, episode: Episode, said: str, at: datetime) -> Written:
    """What was `said`, with whom it is about."""
    person = episode.person
    called = person.preferred_name or person.name or "Name not known yet"
    return Written(row_id, episode.id, episode.person_id, called, said, at)


def mendable_for_update(
    session: Session,
    actor: Actor,
    kind: type[R],
    row_id: UUID,
    author_of: Callable[[R, Episode], UUID | None],
) -> tuple[R, Episode]:
    """A row and its episode, held, for whoever may say that it was a mistake: its author, or a coordinator of its
    team. Raises `NotFound` for others."""
    row, episode = row_for_update(session, actor, kind, row_id)
    mine = author_of(row, episode) == actor.account_id
    if not mine and episode.team_id not in actor.team_ids(Role.COORDINATOR):
        raise NotFound
    return row, episode
