"""What measures tell other features about an episode: scores before and after, and follow-ups that were asked."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from uuid import UUID

from sqlalchemy.orm import Session

from prescribing.episodes import contributions
from prescribing.episodes.contributions import Contribution, Score
from prescribing.measures import queries
from prescribing.measures.rules import Change, say_value


def contribute(session: Session, episode_ids: Collection[UUID]) -> Mapping[UUID, Contribution]:
    """The scores and follow-ups of these episodes."""
    told = queries.changes_by_episode(session, episode_ids)
    asked = queries.follow_ups_by_episode(session, episode_ids)
    return {
        episode_id: Contribution(
            scores=tuple(_score(change) for change in told.get(episode_id, ())),
            follow_ups_done=asked.get(episode_id, 0),
        )
        for episode_id in {*told, *asked}
    }


def _score(change: Change) -> Score:
    def words(value: float, band: str | None) -> str:
        return f"{say_value(value)} ({band})" if band else say_value(value)

    return Score(
        change.label,
        words(change.before, change.before_band),
        words(change.after, change.after_band),
    )


contributions.register(contribute)
