"""What a contact set going, undone where it was a mistake: a move, what it ended, a message that waits to leave."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from core import clock, events
from core.access.rules import Actor
from core.audit import services as audit
from core.notify.services import cancel_part_of, sent_part_of, stands_part_of
from prescribing.episodes import contributions
from prescribing.episodes.contacts import Attempt, reached
from prescribing.episodes.events import ContactWasMistake
from prescribing.episodes.histories import as_attempt, as_event
from prescribing.episodes.models import Action, ContactAttempt, Episode, EpisodeEvent, Goal
from prescribing.episodes.moves import standing, undo_move
from prescribing.episodes.rules import EPISODE_WORDS, EpisodeState
from prescribing.episodes.services import write_event
from prescribing.people.services import author_of


@dataclass
class Undone:
    """What became of all that a contact had set going, each as a sentence: what is undone, and what is not."""

    episode_id: UUID
    undone: list[str] = field(default_factory=list)
    stays: list[str] = field(default_factory=list)


def undo(session: Session, actor: Actor, episode: Episode, row: ContactAttempt) -> Undone:
    """Undo what a contact of this episode set going, so far as nothing else rests on it. The caller marks the contact
    as a mistake, and holds the episode."""
    told = Undone(episode.id)
    _take_back_message(session, row, told)
    _drop_tasks(session, actor, row)
    _move_back(session, actor, episode, row, told)
    _put_off_again(episode, row, told)
    session.flush()
    events.publish(session, ContactWasMistake(actor, episode.id, row.id))
    return told


def _take_back_message(session: Session, row: ContactAttempt, told: Undone) -> None:
    """The message that was written with it, where it has not left."""
    if cancel_part_of(session, row.id):
        told.undone.append("The message had not left, and is not sent.")
    elif sent_part_of(session, row.id):
        told.stays.append("The message has left already, so they may ask about it.")


def _drop_tasks(session: Session, actor: Actor, row: ContactAttempt) -> None:
    """What its message brought for somebody to do: nobody is asked to ring about what was never sent. What a later
    message would have brought as well goes with that one."""
    if sent_part_of(session, row.id):
        return
    waiting = select(Action).where(Action.contact_id == row.id, Action.done_at.is_(None))
    tasks = session.scalars(waiting).all()
    heir = _next_that_told(session, row) if tasks else None
    for task in tasks:
        if heir is not None:
            task.contact_id = heir
        else:
            audit.record(session, actor, "action.drop", "action", task.id)
            session.delete(task)


def _next_that_told(session: Session, row: ContactAttempt) -> UUID | None:
    """The first contact since whose message stands."""
    since = session.scalars(_counted_since(row).order_by(ContactAttempt.recorded_at, ContactAttempt.id))
    return next((each.id for each in since if stands_part_of(session, each.id)), None)


def _move_back(session: Session, actor: Actor, episode: Episode, row: ContactAttempt, told: Undone) -> None:
    history = standing(episode.events)
    made = [event for event in history if event.contact_id == row.id]
    if not made:
        return
    since = _others_since(session, row)
    for event in reversed(made):
        if history[-1] is not event:
            told.stays.append(
                "Something else was decided since, so where their support stands is not changed."
            )
            return
        if _rests_on(session, episode, row, event, since):
            told.stays.append(
                f"More has happened since, so their support still stands at “{EPISODE_WORDS[episode.state]}”."
            )
            return
        back = undo_move(as_event(event), author=author_of(actor), at=clock.now())
        write_event(session, actor, episode, back)
        history = history[:-1]
    told.undone.append(f"Their support stands again at “{EPISODE_WORDS[episode.state]}”.")


def _others_since(session: Session, row: ContactAttempt) -> list[Attempt]:
    """The contacts that were written down since, and count."""
    return [as_attempt(each) for each in session.scalars(_counted_since(row))]


def _counted_since(row: ContactAttempt) -> Select[ContactAttempt]:
    return select(ContactAttempt).where(
        ContactAttempt.episode_id == row.episode_id,
        ContactAttempt.id != row.id,
        ContactAttempt.recorded_at >= row.recorded_at,
        ContactAttempt.mistake_at.is_(None),
    )


def _rests_on(
    session: Session, episode: Episode, row: ContactAttempt, event: EpisodeEvent, since: list[Attempt]
) -> bool:
    """Whether something has happened since that would have led there, or that is only done from there."""
    if event.target != EpisodeState.ACTIVE:
        return bool(since)
    return reached(since) or bool(contributions.hanging(session, episode.id)) or _goes_on(session, row)


def _goes_on(session: Session, row: ContactAttempt) -> bool:
    """Whether the support went on after a contact: with what they want, or with a group where something happened."""
    goals = select(Goal.id).where(Goal.episode_id == row.episode_id, Goal.created_at >= row.recorded_at)
    heard_at = contributions.standing(session, [row.episode_id])[row.episode_id].heard_at
    return (heard_at is not None and heard_at >= row.recorded_at) or session.scalar(
        goals.limit(1)
    ) is not None


def _put_off_again(episode: Episode, row: ContactAttempt, told: Undone) -> None:
    """The day to which they were put off, or on which a pause is looked at again, where that is still to come."""
    day = row.put_off_until
    if day is not None and episode.snoozed_until is None and day > clock.today():
        episode.snoozed_until = day
        told.undone.append("They are put off again, as they were.")
