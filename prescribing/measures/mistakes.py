"""Answers that were written down by mistake, for the wrong person or wrongly copied: marked so, they do not count."""

from __future__ import annotations

import json
from uuid import UUID

from sqlalchemy.orm import Session

from core import clock
from core.access.rules import Actor
from core.audit import services as audit
from core.errors import Invalid, Refused
from prescribing.episodes import plan
from prescribing.episodes.episode_rows import EpisodeRow
from prescribing.episodes.mistakes import Written, as_written, mendable_for_update
from prescribing.episodes.models import Episode, Goal
from prescribing.episodes.rules import EPISODE_OPEN
from prescribing.measures.answer_rows import AnswerRow
from prescribing.measures.instruments import INSTRUMENTS
from prescribing.measures.models import Measurement, MeasurementMistake
from prescribing.measures.queries import taken_in
from prescribing.measures.rules import POINT_WORDS


def written(session: Session, actor: Actor, measurement_id: UUID) -> Written:
    """One answer set that the actor may mark as a mistake (`author_of`), or that a coordinator of its team may. Raises
    `NotFound` for others. Whoever shows it audits the look."""
    row, episode = _mendable(session, actor, measurement_id)
    return as_written(row.id, episode, say(row), row.at)


def mark_mistake(session: Session, actor: Actor, measurement_id: UUID, reason: str) -> UUID:
    """Say that an answer set was written down by mistake. It stays, and counts for nothing from now on; what a goal
    had taken from it goes back to the answers before it. Gives the episode's id.

    Raises `NotFound` as `written`, `Refused` a second time, `Invalid` without a reason.
    """
    row, episode = _mendable(session, actor, measurement_id)
    if row.mistake is not None:
        raise Refused("This is marked as a mistake already.")
    if not reason.strip() or actor.account_id is None:
        raise Invalid("Say what the mistake was.", "reason")
    made = MeasurementMistake(
        measurement_id=row.id, at=clock.now(), author_id=actor.account_id, author_name=actor.name
    )
    made.reason = reason.strip()
    session.add(made)
    session.flush()
    session.expire(row, ["mistake"])
    if row.goal_id is not None and episode.state in EPISODE_OPEN:
        _tell_goal(session, actor, session.get_one(Goal, row.goal_id), row)
    audit.record(
        session,
        actor,
        "measurement.mistake",
        "episode",
        episode.id,
        instrument=row.instrument,
        point=row.point,
    )
    return episode.id


def author_of(row: Measurement | AnswerRow, episode: Episode | EpisodeRow) -> UUID | None:
    """Who may mark it, beside a coordinator: whoever wrote it down; where the person answered by a link, their link
    worker."""
    return row.author_id or episode.link_worker_id


def say(row: Measurement | AnswerRow) -> str:
    """Which measure it was, and when in their support."""
    return f"{INSTRUMENTS[row.instrument].name}, {POINT_WORDS[row.point]}"


def _mendable(session: Session, actor: Actor, measurement_id: UUID) -> tuple[Measurement, Episode]:
    return mendable_for_update(session, actor, Measurement, measurement_id, author_of)


def _tell_goal(session: Session, actor: Actor, goal: Goal, wrong: Measurement) -> None:
    """Let the plan say of a goal what was answered before the mistake; nothing, where nothing was."""
    left = taken_in(session, goal.episode_id, wrong.instrument, goal.id)
    if left and left[-1].at > wrong.at:
        return
    before = left[-1].answers if left else {}
    now = {"importance": goal.importance, "confidence": goal.confidence, "progress": goal.progress}
    for key, value in json.loads(wrong.answers or "{}").items():
        # Whatever was changed by hand since stays as it was said.
        if now.get(key) == round(value):
            earlier = before.get(key)
            now[key] = None if earlier is None else round(earlier)
    text = plan.GoalText(words=goal.words or "", need_id=goal.need_id, met=goal.met_at is not None, **now)
    plan.set_goal(session, actor, goal, text)
