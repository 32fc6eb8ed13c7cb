"""What a contact set going, undone where it was a mistake: a move, what it ended, a message that waits to leave."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock, events
from core.access.rules import Actor
from core.audit import services as audit
from core.notify.services import cancel_about, sent_about
from prescribing.episodes import contributions
from prescribing.episodes.contacts import Attempt, Outcome, reached
from prescribing.episodes.events import ContactWasMistake
from prescribing.episodes.histories import as_attempt, as_event
from prescribing.episodes.models import Action, ContactAttempt, Episode, Goal
from prescribing.episodes.moves import Event, standing, undo_move
from prescribing.episodes.rules import EPISODE_WORDS, EpisodeState
from prescribing.episodes.services import write_event
from prescribing.people.safe_contact import Channel
from prescribing.people.services import author_of

# All that one press sets going is written within this time.
_IN_ONE_GO = timedelta(seconds=5)
# What a contact may move by itself.
_MOVES = frozenset(
    {
        (EpisodeState.ALLOCATED, EpisodeState.CONTACTING),
        (EpisodeState.CONTACTING, EpisodeState.ACTIVE),
        (EpisodeState.PAUSED, EpisodeState.ACTIVE),
    }
)
# How a task begins that a message brings: somebody who needs an interpreter is rung as well.
RING_TOO = "Ring them with an interpreter"


@dataclass(frozen=True)
class Undone:
    """What became of all that a contact had set going, each as a sentence: what is undone, and what is not."""

    episode_id: UUID
    undone: tuple[str, ...]
    stays: tuple[str, ...]


def undo(session: Session, actor: Actor, episode: Episode, row: ContactAttempt) -> Undone:
    """Undo what a contact of this episode set going, so far as nothing else rests on it. The caller marks the contact
    as a mistake, and holds the episode."""
    done: list[str] = []
    stays: list[str] = []
    _take_back_message(session, actor, episode, row, done, stays)
    _move_back(session, actor, episode, row, done, stays)
    _put_off_again(episode, row, done)
    session.flush()
    events.publish(session, ContactWasMistake(actor, episode.id, row.id))
    return Undone(episode.id, tuple(done), tuple(stays))


def _span(row: ContactAttempt) -> tuple[datetime, datetime]:
    return row.recorded_at, row.recorded_at + _IN_ONE_GO


def _take_back_message(
    session: Session,
    actor: Actor,
    episode: Episode,
    row: ContactAttempt,
    done: list[str],
    stays: list[str],
) -> None:
    """A message that was written with it and has not left; with it goes the task to ring as well."""
    if row.outcome is not Outcome.SENT or row.channel not in {Channel.TEXT, Channel.EMAIL}:
        return
    if not cancel_about(session, episode.person_id, between=_span(row)):
        if sent_about(session, episode.person_id, between=_span(row)):
            stays.append("The message has left already, so they may ask about it.")
        return
    done.append("The message had not left, and is not sent.")
    begun, ended = _span(row)
    tasks = select(Action).where(
        Action.episode_id == episode.id, Action.done_at.is_(None), Action.created_at.between(begun, ended)
    )
    for task in session.scalars(tasks).all():
        if (task.words or "").startswith(RING_TOO):
            audit.record(session, actor, "action.drop", "action", task.id)
            session.delete(task)


def _move_back(
    session: Session,
    actor: Actor,
    episode: Episode,
    row: ContactAttempt,
    done: list[str],
    stays: list[str],
) -> None:
    history = standing(as_event(event) for event in episode.events)
    made = [event for event in history if _is_of(event, row)]
    if not made:
        return
    since = _others_since(session, row)
    for event in reversed(made):
        if history[-1] is not event:
            stays.append("Something else was decided since, so where their support stands is not changed.")
            return
        if _rests_on(session, episode, row, event, since):
            stays.append(
                f"More has happened since, so their support still stands at “{EPISODE_WORDS[episode.state]}”."
            )
            return
        write_event(session, actor, episode, undo_move(event, author=author_of(actor), at=clock.now()))
        history = history[:-1]
    done.append(f"Their support stands again at “{EPISODE_WORDS[episode.state]}”.")


def _is_of(event: Event, row: ContactAttempt) -> bool:
    begun, ended = _span(row)
    return begun <= event.at <= ended and (event.source, event.target) in _MOVES


def _others_since(session: Session, row: ContactAttempt) -> list[Attempt]:
    """The contacts that were written down since, and count."""
    rows = session.scalars(
        select(ContactAttempt).where(
            ContactAttempt.episode_id == row.episode_id,
            ContactAttempt.id != row.id,
            ContactAttempt.recorded_at >= row.recorded_at,
            ContactAttempt.mistake_at.is_(None),
        )
    )
    return [as_attempt(each) for each in rows]


def _rests_on(
    session: Session, episode: Episode, row: ContactAttempt, event: Event, since: list[Attempt]
) -> bool:
    """Whether something has happened since that would have led there, or that is only done from there."""
    if event.target != EpisodeState.ACTIVE:
        return bool(since)
    return reached(since) or bool(contributions.hanging(session, episode.id)) or _goes_on(session, row)


def _goes_on(session: Session, row: ContactAttempt) -> bool:
    """Whether the support went on after a contact: with what they want, or with a group where something happened."""
    goals = select(Goal.id).where(Goal.episode_id == row.episode_id, Goal.created_at >= row.recorded_at)
    heard_at = contributions.settled(session, [row.episode_id])[row.episode_id].heard_at
    return (heard_at is not None and heard_at >= row.recorded_at) or session.scalar(
        goals.limit(1)
    ) is not None


def _put_off_again(episode: Episode, row: ContactAttempt, done: list[str]) -> None:
    """The day to which they were put off, or on which a pause is looked at again, where that is still to come."""
    day = row.put_off_until
    if day is not None and episode.snoozed_until is None and day > clock.today():
        episode.snoozed_until = day
        done.append("They are put off again, as they were.")
