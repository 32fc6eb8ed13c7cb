"""The plan: needs in the person's words, goals, and who does what by when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock
from core.access.rules import SYSTEM, Actor
from core.audit import services as audit
from core.errors import Conflict, Invalid, Refused
from core.holding import held
from directory import published
from prescribing.episodes import contributions
from prescribing.episodes.models import Action, ActionOwner, Episode, Goal, Need, NeedEvent
from prescribing.episodes.moves import Event, Mover
from prescribing.episodes.needs import NEED_CLOSED, NeedState, move_need, need_by_events
from prescribing.episodes.rules import EPISODE_OPEN, with_nobody
from prescribing.episodes.scope import (
    action_for_update,
    episode_for_update,
    goal_for_update,
    movers_towards,
    need_for_update,
)
from prescribing.people.services import author_of

RULE_AUTHOR = "system"


@dataclass(frozen=True)
class GoalText:
    """What somebody wants, in their own words; importance, confidence and progress from 1 to 10, None for not said."""

    words: str
    need_id: UUID | None = None
    importance: int | None = None
    confidence: int | None = None
    progress: int | None = None
    met: bool = False


@dataclass(frozen=True)
class ActionText:
    """Who does what by when; confidence from 1 to 10, None for not said."""

    words: str
    owner: ActionOwner
    goal_id: UUID | None = None
    due_on: date | None = None
    confidence: int | None = None


def add_need(session: Session, actor: Actor, episode_id: UUID, slug: str, words: str = "") -> Need:
    """Write down a need of somebody whom the actor's team supports, in their own words. Gives the need."""
    episode = _open_episode(session, actor, episode_id)
    return raise_need(session, actor, episode, slug, words=words, movers=movers_towards(actor, episode))


def raise_need(
    session: Session, actor: Actor, episode: Episode, slug: str, *, words: str = "", movers: frozenset[Mover]
) -> Need:
    """As `add_need`, for an episode that the caller holds."""
    # A request may have come in before its word was merged into another.
    term = published.every_need(session).get(slug)
    if term is None:
        raise Invalid("Choose what it is about from the list.", "slug")
    if not movers:
        raise Refused("Only the person's own team can write down needs.")
    need = Need(
        episode_id=episode.id,
        person_id=episode.person_id,
        slug=term.slug,
        words=words.strip() or None,
        state=NeedState.RAISED,
    )
    session.add(need)
    session.flush()
    session.add(
        NeedEvent(
            need_id=need.id, at=clock.now(), author=author_of(actor), source=None, target=NeedState.RAISED
        )
    )
    session.flush()
    audit.record(session, actor, "need.raise", "need", need.id)
    return need


def close_need(session: Session, actor: Actor, need_id: UUID, target: NeedState) -> Need:
    """Close a need by the person's word, which the actor writes down: met, or no longer wanted."""
    need, episode = need_for_update(session, actor, need_id)
    event = move_need(
        need.state,
        target,
        movers=movers_towards(actor, episode),
        author=author_of(actor),
        at=clock.now(),
        said_by=Mover.PERSON,
    )
    _write(session, actor, need, event)
    return need


def reconsider_need(session: Session, need_id: UUID, *, being_addressed: bool, actor: Actor = SYSTEM) -> None:
    """Let a need stand where the facts put it: `being_addressed` says whether a referral still works on it.

    Called by whatever changed those facts, in the same transaction, and holds the episode. What the person closed stays
    closed; an open action works on a need as well. The move is a rule's, whoever set it off.
    """
    (need,) = held(session, select(Need).where(Need.id == need_id))
    target = need_by_events(need.state, being_addressed=being_addressed or _has_open_action(session, need_id))
    if target is need.state:
        return
    event = move_need(need.state, target, movers={Mover.RULE}, author=RULE_AUTHOR, at=clock.now())
    _write(session, actor, need, event)


def add_goal(session: Session, actor: Actor, episode_id: UUID, text: GoalText) -> Goal:
    """Write down a goal. Raises `Invalid` naming the field."""
    episode = _open_episode(session, actor, episode_id)
    goal = Goal(episode_id=episode.id)
    _apply_goal(session, episode, goal, text)
    session.add(goal)
    session.flush()
    audit.record(session, actor, "goal.add", "goal", goal.id)
    return goal


def change_goal(
    session: Session, actor: Actor, goal_id: UUID, text: GoalText, *, expected_version: int
) -> Goal:
    """Change a goal. Raises `Refused` once the support is over, `Conflict` with both texts when somebody else changed
    it since `expected_version`."""
    goal = goal_for_update(session, actor, goal_id)
    _open_episode(session, actor, goal.episode_id)
    if goal.version != expected_version:
        raise Conflict(
            "Somebody else changed this goal while you had it open.",
            {"Goal": text.words, "Progress": _shown(text.progress)},
            {"Goal": goal.words or "", "Progress": _shown(goal.progress)},
        )
    set_goal(session, actor, goal, text)
    return goal


def set_goal(session: Session, actor: Actor, goal: Goal, text: GoalText) -> None:
    """As `change_goal`, for a goal that the caller holds, whether or not the support is over."""
    _apply_goal(session, session.get_one(Episode, goal.episode_id), goal, text)
    session.flush()
    audit.record(session, actor, "goal.change", "goal", goal.id)


def add_action(
    session: Session, actor: Actor, episode_id: UUID, text: ActionText, *, contact_id: UUID | None = None
) -> Action:
    """Write down who does what by when. A need whose goal it serves counts as being worked on. `contact_id` is the
    contact whose message brought it by itself."""
    episode = _open_episode(session, actor, episode_id)
    if not text.words.strip():
        raise Invalid("Say what is to be done.", "words")
    _check_one_to_ten(text.confidence, "confidence")
    goal = session.get(Goal, text.goal_id) if text.goal_id is not None else None
    if text.goal_id is not None and (goal is None or goal.episode_id != episode.id):
        raise Invalid("Choose one of this person's goals.", "goal_id")
    action = Action(
        episode_id=episode.id,
        goal_id=text.goal_id,
        owner=text.owner,
        words=text.words.strip(),
        due_on=text.due_on,
        confidence=text.confidence,
        contact_id=contact_id,
    )
    session.add(action)
    session.flush()
    audit.record(session, actor, "action.add", "action", action.id)
    if goal is not None and goal.need_id is not None:
        reconsider_need(session, goal.need_id, being_addressed=True, actor=actor)
    return action


def finish_action(session: Session, actor: Actor, action_id: UUID, *, done: bool = True) -> Action:
    """Tick an action off, or say that it is not done after all."""
    action = action_for_update(session, actor, action_id)
    action.done_at = clock.now() if done else None
    session.flush()
    audit.record(session, actor, "action.finish", "action", action.id, done=done)
    goal = session.get(Goal, action.goal_id) if action.goal_id is not None else None
    if goal is not None and goal.need_id is not None:
        known = contributions.gather(session, [action.episode_id])[action.episode_id]
        addressed = known.need_addressed.get(goal.need_id, False)
        reconsider_need(session, goal.need_id, being_addressed=addressed, actor=actor)
    return action


def _open_episode(session: Session, actor: Actor, episode_id: UUID) -> Episode:
    episode = episode_for_update(session, actor, episode_id)
    if episode.state not in EPISODE_OPEN:
        raise Refused(with_nobody(episode.state, died=episode.person.died_at is not None))
    return episode


def _apply_goal(session: Session, episode: Episode, goal: Goal, text: GoalText) -> None:
    if not text.words.strip():
        raise Invalid("Write down what they want, in their own words.", "words")
    for name in ("importance", "confidence", "progress"):
        _check_one_to_ten(getattr(text, name), name)
    if text.need_id is not None:
        need = session.get(Need, text.need_id)
        if need is None or need.episode_id != episode.id:
            raise Invalid("Choose one of this person's needs.", "need_id")
    goal.words, goal.need_id = text.words.strip(), text.need_id
    goal.importance, goal.confidence, goal.progress = text.importance, text.confidence, text.progress
    goal.met_at = (goal.met_at or clock.now()) if text.met else None


def _check_one_to_ten(number: int | None, field: str) -> None:
    if number is not None and not 1 <= number <= 10:
        raise Invalid("Choose a number from 1 to 10.", field)


def _has_open_action(session: Session, need_id: UUID) -> bool:
    open_one = (
        select(Action.id)
        .join(Goal, Goal.id == Action.goal_id)
        .where(Goal.need_id == need_id, Action.done_at.is_(None))
        .limit(1)
    )
    return session.scalar(open_one) is not None


def _write(session: Session, actor: Actor, need: Need, event: Event) -> None:
    need.state = NeedState(event.target)
    session.add(
        NeedEvent(
            need_id=need.id,
            at=event.at,
            author=event.author,
            source=NeedState(event.source) if event.source else None,
            target=NeedState(event.target),
            reason=event.reason,
            said_by=event.said_by,
        )
    )
    session.flush()
    closed = need.state in NEED_CLOSED
    audit.record(
        session, actor, "need.close" if closed else "need.move", "need", need.id, target=event.target
    )


def _shown(number: int | None) -> str:
    return "" if number is None else str(number)
