"""The log of contacts: one attempt to reach or talk, with what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from core import clock, events
from core.access.rules import Actor
from core.audit import services as audit
from core.errors import Invalid, NotFound, Refused
from prescribing.episodes import set_going
from prescribing.episodes.causes import Failing
from prescribing.episodes.contacts import OUTCOME_WORDS, Direction, Outcome, may_undo
from prescribing.episodes.events import ContactCameOfFailure
from prescribing.episodes.mistakes import Written, as_written, mendable_for_update
from prescribing.episodes.models import ContactAttempt, Episode
from prescribing.episodes.rules import EpisodeState, with_nobody
from prescribing.episodes.scope import episode_for_update
from prescribing.episodes.services import shift
from prescribing.episodes.set_going import Undone
from prescribing.people.safe_contact import CHANNEL_WORDS, Channel

# Whatever is older was typed wrong.
OLDEST = timedelta(days=366)


@dataclass(frozen=True)
class ContactNote:
    """One contact. `at` is aware, None for now; `minutes` how long it took; `booked_on` the day agreed for talking.

    `starts_support` says that they talked and the person wants the support; `failing` that it would not have been
    needed, had nothing failed.
    """

    channel: Channel
    outcome: Outcome
    direction: Direction = Direction.OUTBOUND
    at: datetime | None = None
    booked_on: date | None = None
    minutes: int | None = None
    note: str = ""
    starts_support: bool = False
    failing: Failing | None = None


def record_contact(session: Session, actor: Actor, episode_id: UUID, contact: ContactNote) -> ContactAttempt:
    """Write a contact down. The first attempt begins the contacting; talking begins the support when it says so.

    Raises `Refused` for an episode that no link worker has, `Invalid` naming the field.
    """
    episode = episode_for_update(session, actor, episode_id)
    now = clock.now()
    _check(episode, contact, now)
    attempt = ContactAttempt(
        episode_id=episode.id,
        at=contact.at or now,
        channel=contact.channel,
        outcome=contact.outcome,
        direction=contact.direction,
        booked_on=contact.booked_on,
        minutes=contact.minutes,
        author_id=actor.account_id,
        author_name=actor.name[:120],
        note=contact.note.strip() or None,
        recorded_at=now,
        put_off_until=episode.snoozed_until,
    )
    session.add(attempt)
    session.flush()
    audit.record(session, actor, "contact.record", "contact", attempt.id, outcome=contact.outcome)
    if episode.state is EpisodeState.ALLOCATED:
        shift(session, actor, episode, EpisodeState.CONTACTING, contact_id=attempt.id)
    if contact.starts_support and episode.state in {EpisodeState.CONTACTING, EpisodeState.PAUSED}:
        shift(session, actor, episode, EpisodeState.ACTIVE, contact_id=attempt.id)
    if episode.state is not EpisodeState.PAUSED:
        # What was put off has been done.
        episode.snoozed_until = None
    session.flush()
    if contact.failing is not None:
        events.publish(session, ContactCameOfFailure(actor, episode.id, attempt.id, contact.failing))
    return attempt


def contact(session: Session, actor: Actor, contact_id: UUID) -> Written:
    """One contact that the actor may mark as a mistake: their own, or any of a team that they coordinate. Raises
    `NotFound` for others. Whoever shows it audits the look."""
    row, episode = _mendable(session, actor, contact_id)
    return as_written(row.id, episode, f"{CHANNEL_WORDS[row.channel]}, {OUTCOME_WORDS[row.outcome]}", row.at)


def mark_mistake(session: Session, actor: Actor, contact_id: UUID, reason: str) -> Undone:
    """Say that a contact was written down by mistake: it stays, and counts for nothing from now on. What it set going
    is undone, so far as nothing else rests on it.

    By its author or a coordinator. Raises `NotFound` for others, `Refused` a second time, `Invalid` without a reason.
    """
    row, episode = _mendable(session, actor, contact_id)
    if row.mistake_at is not None:
        raise Refused("This is marked as a mistake already.")
    if not reason.strip():
        raise Invalid("Say what the mistake was.", "reason")
    row.mistake_at, row.mistake_by_id = clock.now(), actor.account_id
    row.mistake_reason = reason.strip()
    session.flush()
    audit.record(session, actor, "contact.mistake", "contact", row.id, episode=str(episode.id))
    return set_going.undo(session, actor, episode, row)


def undo_contact(session: Session, actor: Actor, contact_id: UUID) -> Undone:
    """Take back at once what the actor wrote down. Raises `NotFound` for what others wrote, `Refused` later on."""
    row, _episode = _mendable(session, actor, contact_id)
    if row.author_id != actor.account_id:
        raise NotFound
    if not may_undo(row.recorded_at, clock.now()):
        raise Refused(
            "It is too late to take this back in one press. Mark it as a mistake under “What happened”."
        )
    return mark_mistake(session, actor, contact_id, "Taken back at once.")


def _mendable(session: Session, actor: Actor, contact_id: UUID) -> tuple[ContactAttempt, Episode]:
    return mendable_for_update(
        session, actor, ContactAttempt, contact_id, lambda row, _episode: row.author_id
    )


def _check(episode: Episode, contact: ContactNote, now: datetime) -> None:
    if why := with_nobody(episode.state, died=episode.person.died_at is not None):
        raise Refused(f"Nothing is written down. {why}")
    if contact.at is not None and contact.at > now:
        raise Invalid("A contact cannot be in the future. To plan one, add it to what happens next.", "on")
    if contact.at is not None and contact.at < now - OLDEST:
        raise Invalid("Enter a day in the last year.", "on")
    if contact.outcome is Outcome.BOOKED and contact.booked_on is None:
        raise Invalid("Enter the day that you agreed to talk.", "booked_on")
    if contact.starts_support and contact.outcome is not Outcome.TALKED:
        raise Invalid("Support starts once you have talked and they want it.", "starts_support")
    if contact.minutes is not None and not 0 <= contact.minutes <= 600:
        raise Invalid("Enter how many minutes it took, from 0 to 600.", "minutes")
