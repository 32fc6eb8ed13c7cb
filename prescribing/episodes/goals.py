"""What was agreed in one episode, read by columns: goals in the person's own words, and who does what by when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session

from core.db import read
from core.once import once
from prescribing.episodes.models import Action, ActionOwner, Goal


@dataclass(frozen=True)
class GoalView:
    """A goal in the person's own words; numbers from 1 to 10, None for not said."""

    id: UUID
    version: int
    words: str
    need_id: UUID | None
    importance: int | None
    confidence: int | None
    progress: int | None
    created_at: datetime
    met_at: datetime | None


@dataclass(frozen=True)
class ActionView:
    """Who does what by when."""

    id: UUID
    words: str
    owner: ActionOwner
    due_on: date | None
    done_at: datetime | None
    confidence: int | None


@dataclass(frozen=True)
class Plan:
    """What was agreed in one episode: goals as they were set, actions by the day that they are due."""

    goals: tuple[GoalView, ...]
    actions: tuple[ActionView, ...]


def plan_of(session: Session, episode_id: UUID) -> Plan:
    """The goals and actions of an episode that the caller has in scope; read once for all parts of a page."""
    return once(session, ("plan", episode_id), lambda: _plan_of(session, episode_id))


def _plan_of(session: Session, episode_id: UUID) -> Plan:
    goals = read(session, _goals(), episode_id=episode_id)
    actions = read(session, _actions(), episode_id=episode_id)
    return Plan(
        tuple(
            GoalView(goal_id, version, Goal.words.read(Goal, goal_id, sealed) or "", *rest)
            for goal_id, version, sealed, *rest in goals
        ),
        tuple(
            ActionView(action_id, Action.words.read(Action, action_id, sealed) or "", *rest)
            for action_id, sealed, *rest in actions
        ),
    )


@cache
def _goals() -> Select[*tuple[Any, ...]]:
    """In the order of `GoalView`."""
    return (
        select(
            *(Goal.id, Goal.version, Goal.words_sealed, Goal.need_id, Goal.importance, Goal.confidence),
            *(Goal.progress, Goal.created_at, Goal.met_at),
        )
        .where(Goal.episode_id == bindparam("episode_id"))
        .order_by(Goal.created_at, Goal.id)
    )


@cache
def _actions() -> Select[*tuple[Any, ...]]:
    """In the order of `ActionView`."""
    return (
        select(
            *(Action.id, Action.words_sealed, Action.owner, Action.due_on, Action.done_at, Action.confidence)
        )
        .where(Action.episode_id == bindparam("episode_id"))
        .order_by(Action.due_on, Action.created_at, Action.id)
    )
