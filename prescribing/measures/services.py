"""Writing down how somebody is doing."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from uuid import UUID

from sqlalchemy.orm import Session

from core import clock
from core.access.rules import Actor
from core.audit import services as audit
from core.calendar.rules import london_day
from core.errors import Invalid, NotFound, Refused
from prescribing.episodes import plan
from prescribing.episodes.models import Episode, Goal
from prescribing.episodes.rules import EPISODE_OPEN
from prescribing.episodes.scope import episode_for_update
from prescribing.measures import queries
from prescribing.measures.due_rules import check_day, check_who
from prescribing.measures.instruments import GOAL
from prescribing.measures.models import Measurement
from prescribing.measures.rules import (
    Answers,
    CompletedBy,
    Instrument,
    Mode,
    NotToday,
    Point,
    check_answers,
    check_point,
    completeness,
)


@dataclass(frozen=True)
class Sheet:
    """One time that a measure was asked: the answers by question key (None for one left out), or why not today.

    `on` is the day on a paper that is copied, None for now; `goal_id` the goal that its questions are about.
    """

    point: Point
    mode: Mode
    completed_by: CompletedBy
    answers: Answers
    not_today_reason: NotToday | None = None
    on: date | None = None
    goal_id: UUID | None = None


def record_measurement(
    session: Session,
    actor: Actor,
    episode_id: UUID,
    instrument: str,
    *,
    point: Point,
    mode: Mode,
    completed_by: CompletedBy,
    answers: Answers,
    not_today_reason: NotToday | None = None,
    on: date | None = None,
    goal_id: UUID | None = None,
) -> Measurement:
    """Keep one answer set, whole or part; or, with `not_today_reason`, that it was not asked this time and why.

    `answers` are by question key, None for one left out; `goal_id` says of which goal, for the goal's own questions.
    Raises `NotFound` outside the actor's teams and for a measure that is not asked here, `Refused` at a point that does
    not fit, `Invalid` for an answer off its scale, for no answer at all, and for whoever may not fill it in.
    """
    asked = queries.asked(session).get(instrument)
    if asked is None or (goal_id is None) != (instrument != GOAL.key):
        raise NotFound
    episode = episode_for_update(session, actor, episode_id)
    sheet = Sheet(point, mode, completed_by, answers, not_today_reason, on, goal_id)
    return keep(session, actor, episode, asked, sheet)


def keep(session: Session, actor: Actor, episode: Episode, asked: Instrument, sheet: Sheet) -> Measurement:
    """As `record_measurement`, for an episode that the caller holds, by whoever the caller let answer."""
    if episode.person.died_at is not None:
        raise Refused("This person has died. There is nothing more to ask.")
    goal = queries.goal_of(session, episode.id, sheet.goal_id) if sheet.goal_id is not None else None
    earlier = queries.taken_in(session, episode.id, asked.key, sheet.goal_id)
    check_point(episode.state, earlier, sheet.point, planned=queries.has_plan(session, episode.id))
    kept = _checked(asked, sheet)
    now = clock.now()
    measurement = Measurement(
        episode_id=episode.id,
        goal_id=sheet.goal_id,
        person_id=episode.person_id,
        instrument=asked.key,
        point=sheet.point,
        mode=sheet.mode,
        completed_by=sheet.completed_by,
        at=_answered_at(episode, sheet, now),
        typed_in_at=now if sheet.mode is Mode.PAPER else None,
        author_id=actor.account_id,
        complete=sheet.not_today_reason is None and completeness(asked, kept).complete,
        not_today_reason=sheet.not_today_reason,
        answers=json.dumps(kept) if kept else None,
    )
    session.add(measurement)
    session.flush()
    if goal is not None and kept:
        _tell_goal(session, actor, goal, kept)
    audit.record(
        session,
        actor,
        "measurement.record",
        "episode",
        episode.id,
        instrument=asked.key,
        point=sheet.point.value,
        answered=sheet.not_today_reason is None,
    )
    return measurement


def _checked(asked: Instrument, sheet: Sheet) -> dict[str, float]:
    kept = check_answers(asked, sheet.answers)
    if sheet.not_today_reason is not None:
        if kept:
            raise Invalid("You gave answers. Save them, or take them out to say “not today”.")
        return kept
    if not kept:
        raise Invalid("Answer at least one question. If this is not the time, choose “Not today”.")
    check_who(asked, sheet.mode, sheet.completed_by)
    return kept


def _answered_at(episode: Episode, sheet: Sheet, now: datetime) -> datetime:
    """Now, but for paper that was filled in on an earlier day: then noon of that day."""
    today = london_day(now)
    if sheet.mode is not Mode.PAPER or sheet.on is None or sheet.on == today:
        return now
    check_day(sheet.on, london_day(episode.submitted_at or now), today)
    return datetime.combine(sheet.on, time(12), UTC)


def _tell_goal(session: Session, actor: Actor, goal: Goal, kept: dict[str, float]) -> None:
    """What was answered last is what the plan says of the goal."""
    told = {key: round(value) for key, value in kept.items()}
    text = plan.GoalText(
        words=goal.words or "",
        need_id=goal.need_id,
        importance=told.get("importance", goal.importance),
        confidence=told.get("confidence", goal.confidence),
        progress=told.get("progress", goal.progress),
        met=goal.met_at is not None,
    )
    if session.get_one(Episode, goal.episode_id).state in EPISODE_OPEN:
        plan.set_goal(session, actor, goal, text)
