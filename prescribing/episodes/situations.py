"""What is due next in many episodes at once: their histories fetched in a fixed number of queries, then the rules."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock
from prescribing.episodes.clock_settings import clocks
from prescribing.episodes.clocks import Due, Situation, next_due
from prescribing.episodes.contacts import Outcome
from prescribing.episodes.contributions import Contribution, gather
from prescribing.episodes.histories import as_attempt, as_event
from prescribing.episodes.models import Action, ContactAttempt, Episode, EpisodeEvent
from prescribing.episodes.rules import CloseReason, EpisodeState
from prescribing.people.consent import ConsentFacts, ConsentPurpose, consent_covers
from prescribing.people.models import Consent
from prescribing.people.records import safe_contact_of
from prescribing.people.safe_contact import safe_channels

T = TypeVar("T", EpisodeEvent, ContactAttempt, Action)


@dataclass(frozen=True)
class Planned:
    """The nearest thing that was planned, in words, and its day: an action to tick off, or a talk that was agreed."""

    words: str = ""
    on: date | None = None
    action_id: UUID | None = None
    is_talk: bool = False


@dataclass(frozen=True)
class Standing:
    """Where one episode stands today: its facts, what other features add, what is planned, and what is due."""

    situation: Situation
    known: Contribution
    planned: Planned
    due: Due | None


def standings(session: Session, episodes: Sequence[Episode]) -> dict[UUID, Standing]:
    """Where each of these episodes stands. Their `person` and `support_request` should be loaded with them."""
    ids = [episode.id for episode in episodes]
    if not ids:
        return {}
    events = _grouped(
        session.scalars(
            select(EpisodeEvent)
            .where(EpisodeEvent.episode_id.in_(ids))
            .order_by(EpisodeEvent.at, EpisodeEvent.id)
        )
    )
    attempts = _grouped(
        session.scalars(
            select(ContactAttempt)
            .where(ContactAttempt.episode_id.in_(ids))
            .order_by(ContactAttempt.at, ContactAttempt.id)
        )
    )
    actions = _grouped(
        session.scalars(
            select(Action)
            .where(Action.episode_id.in_(ids), Action.done_at.is_(None), Action.due_on.is_not(None))
            .order_by(Action.due_on, Action.id)
        )
    )
    agreed = _feedback_consents(session, episodes)
    known = gather(session, ids)
    found = {}
    for episode in episodes:
        planned = next_step(episode, attempts[episode.id], actions[episode.id])
        situation = _situation(
            episode,
            events[episode.id],
            attempts[episode.id],
            planned,
            known[episode.id],
            wants_feedback=_wants_feedback(episode, agreed),
        )
        due = next_due(situation, clock.today())
        found[episode.id] = Standing(situation, known[episode.id], planned, due)
    return found


def _situation(
    episode: Episode,
    events: Sequence[EpisodeEvent],
    attempts: Sequence[ContactAttempt],
    planned: Planned,
    known: Contribution,
    *,
    wants_feedback: bool,
) -> Situation:
    return Situation(
        state=episode.state,
        events=[as_event(row) for row in events],
        attempts=[as_attempt(row) for row in attempts],
        safe=safe_channels(safe_contact_of(episode.person)),
        next_step=planned.words,
        next_step_on=planned.on,
        moving=known.moving,
        wants_feedback=wants_feedback,
        feedback_sent=episode.feedback_sent_at is not None,
        follow_ups_done=known.follow_ups_done,
        # After a death no support asks for anything, not even one that had finished long before.
        reason=episode.close_reason if episode.person.died_at is None else CloseReason.DIED,
        clocks=clocks(),
    )


def next_step(episode: Episode, attempts: Sequence[ContactAttempt], actions: Sequence[Action]) -> Planned:
    """The nearest thing that was planned. A paused episode waits for its own day."""
    if episode.state is EpisodeState.PAUSED:
        return Planned("Look at this again.", episode.snoozed_until)
    task = actions[0] if actions else None
    last = attempts[-1] if attempts else None
    talk_on = last.booked_on if last is not None and last.outcome is Outcome.BOOKED else None
    if talk_on is not None and (task is None or task.due_on is None or talk_on <= task.due_on):
        return Planned("Talk, as you agreed.", talk_on, is_talk=True)
    return Planned() if task is None else Planned(task.words or "", task.due_on, task.id)


def _grouped(rows: Iterable[T]) -> defaultdict[UUID, list[T]]:
    groups: defaultdict[UUID, list[T]] = defaultdict(list)
    for row in rows:
        groups[row.episode_id].append(row)
    return groups


def _feedback_consents(session: Session, episodes: Sequence[Episode]) -> dict[UUID, list[ConsentFacts]]:
    people = {episode.person_id for episode in episodes if episode.support_request.partner_id is not None}
    found: dict[UUID, list[ConsentFacts]] = defaultdict(list)
    if people:
        rows = session.scalars(
            select(Consent).where(
                Consent.person_id.in_(people), Consent.purpose == ConsentPurpose.FEEDBACK_TO_REFERRER
            )
        )
        for row in rows:
            found[row.person_id].append(
                ConsentFacts(row.recipient_id, row.purpose, row.given_at, row.until, row.withdrawn_at)
            )
    return found


def _wants_feedback(episode: Episode, agreed: dict[UUID, list[ConsentFacts]]) -> bool:
    partner_id = episode.support_request.partner_id
    return partner_id is not None and consent_covers(
        agreed.get(episode.person_id, ()), partner_id, ConsentPurpose.FEEDBACK_TO_REFERRER, clock.now()
    )
