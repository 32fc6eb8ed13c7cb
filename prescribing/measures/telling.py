"""What measures tell other features about an episode: scores before and after, and follow-ups that were asked."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from core.db import among
from prescribing.episodes import contributions
from prescribing.episodes.contributions import Contribution, Score
from prescribing.episodes.marks import Watch
from prescribing.measures import queries
from prescribing.measures.models import Measurement
from prescribing.measures.rules import Change, say_value


def contribute(session: Session, episode_ids: Collection[UUID]) -> Mapping[UUID, Contribution]:
    """The follow-ups of these episodes."""
    asked = queries.followed_up_on(session, episode_ids)
    return {episode_id: Contribution(followed_up_on=day) for episode_id, day in asked.items()}


def outcomes(session: Session, episode_ids: Collection[UUID]) -> Mapping[UUID, Contribution]:
    """The scores of these episodes, before and after."""
    told = queries.changes_by_episode(session, episode_ids)
    return {
        episode_id: Contribution(scores=tuple(_score(change) for change in changes))
        for episode_id, changes in told.items()
    }


def _score(change: Change) -> Score:
    def words(value: float, band: str | None) -> str:
        return f"{say_value(value)} ({band})" if band else say_value(value)

    return Score(
        change.label,
        words(change.before, change.before_band),
        words(change.after, change.after_band),
    )


def _of_measurements(ids: Collection[UUID]) -> Select[UUID]:
    return select(Measurement.episode_id).where(among(Measurement.id, ids))


contributions.register(
    contribute,
    Watch("measurements"),
    Watch("measurement_mistakes", "measurement_id", _of_measurements),
)
contributions.register_outcomes(outcomes)
