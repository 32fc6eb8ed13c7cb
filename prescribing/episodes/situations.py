"""What is due next in many episodes at once: their histories fetched in a fixed number of queries, then the rules.

Only what the clocks look at is fetched, and nothing that is sealed: whoever shows the words asks for them by `worded`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ScalarSelect, Select, func, or_, select, true
from sqlalchemy.orm import Session, aliased

from core import clock
from core.calendar.rules import start_of
from core.db import among, read
from prescribing.episodes import contributions
from prescribing.episodes.cases import Case
from prescribing.episodes.clock_settings import clocks
from prescribing.episodes.clocks import Due, DueKind, Situation, next_due
from prescribing.episodes.contacts import Attempt, Outcome
from prescribing.episodes.contributions import Contribution
from prescribing.episodes.models import Action, ContactAttempt, Episode, EpisodeEvent, SupportRequest
from prescribing.episodes.moves import Event
from prescribing.episodes.rules import EPISODE_CLOSED, CloseReason, EpisodeState
from prescribing.people.consent import ConsentFacts, ConsentPurpose, consent_covers
from prescribing.people.models import Consent, Person
from prescribing.people.records import safe_contact_of
from prescribing.people.safe_contact import Channel, safe_channels

_STARTING = frozenset({EpisodeState.ALLOCATED, EpisodeState.CONTACTING})


@dataclass(frozen=True)
class Planned:
    """The nearest thing that was planned, and its day: an action to tick off, a talk that was agreed, or a look.

    What an action says is sealed, and not here.
    """

    words: str = ""
    on: date | None = None
    action_id: UUID | None = None
    is_talk: bool = False


@dataclass(frozen=True)
class Standing:
    """Where one episode stands today: its facts, what other features add, what is planned, and what is due.

    `until` (aware) is the moment at which time alone changes any of this, at the latest the end of the day.
    """

    situation: Situation
    known: Contribution
    planned: Planned
    due: Due | None
    until: datetime


@dataclass(frozen=True)
class _Task:
    id: UUID
    due_on: date | None


_Events = defaultdict[UUID, list[Event]]
_Attempts = defaultdict[UUID, list[Attempt]]


def standings(session: Session, episodes: Sequence[Case]) -> dict[UUID, Standing]:
    """Where each of these episodes stands; what a task that is due says is told by `due_in_words` only."""
    if not episodes:
        return {}
    ids = [episode.id for episode in episodes]
    events, attempts, tasks = _histories(session, episodes)
    closed = [episode for episode in episodes if episode.state in EPISODE_CLOSED]
    agreed, senders = _consents(session, closed), _senders(session, closed)
    safe = _safe_ways(session, episodes, attempts)
    known = contributions.standing(session, ids)
    today, now, lengths, found = clock.today(), clock.now(), clocks(), {}
    tomorrow = start_of(today + timedelta(days=1))
    for episode in episodes:
        tried, told = attempts[episode.id], known[episode.id]
        planned = next_step(episode, tried, tasks.get(episode.id))
        situation = Situation(
            state=episode.state,
            events=events[episode.id],
            attempts=tried,
            safe=safe.get(episode.person_id) if safe else None,
            next_step=planned.words,
            next_step_on=planned.on,
            moving=told.moving,
            wait=told.wait.words if told.wait is not None else "",
            wants_feedback=_wants_feedback(agreed.get(episode.person_id, ()), senders[episode.id]),
            feedback_sent=episode.feedback_sent,
            # Whoever took back that they are supported is not asked how things are.
            follow_ups_done=len(lengths.follow_up_months)
            if _stopped(episode, agreed)
            else told.follow_ups_done,
            # After a death no support asks for anything, not even one that had finished long before.
            reason=CloseReason.DIED if episode.died else episode.close_reason,
            clocks=lengths,
        )
        found[episode.id] = Standing(
            situation,
            told,
            planned,
            next_due(situation, today),
            _until(now, (tomorrow, told.until), agreed.get(episode.person_id, ())),
        )
    return found


def words_of_tasks(session: Session, found: Iterable[Standing]) -> dict[UUID, str]:
    """What the tasks that were planned say, by task."""
    ids = [one.planned.action_id for one in found if one.planned.action_id is not None]
    rows = read(session, _words_of_tasks(), ids=ids) if ids else ()
    return {task_id: Action.words.read(Action, task_id, sealed) or "" for task_id, sealed in rows}


def due_in_words(one: Standing, said: Mapping[UUID, str]) -> Due | None:
    """What is due, as its task says it, where it is a task of those that were `said`."""
    words = said.get(one.planned.action_id, "") if one.planned.action_id is not None else ""
    if words and one.due is not None and one.due.kind is DueKind.NEXT_STEP:
        return Due(DueKind.NEXT_STEP, words, one.due.on)
    return one.due


@cache
def _words_of_tasks() -> Select[*tuple[Any, ...]]:
    return select(Action.id, Action.words_sealed).where(among(Action.id, "ids"))


@cache
def _latest() -> Select[*tuple[Any, ...]]:
    """The last move, the last contact and the open action with the nearest day of each, None where there is none."""
    move, contact, task = aliased(EpisodeEvent), aliased(ContactAttempt), aliased(Action)
    nearest = (
        select(Action.id)
        .where(Action.episode_id == Episode.id, Action.done_at.is_(None), Action.due_on.is_not(None))
        .order_by(Action.due_on, Action.id)
        .limit(1)
        .correlate(Episode)
        .scalar_subquery()
    )
    return (
        select(
            Episode.id,
            move.at,
            move.author,
            move.source,
            move.target,
            contact.at,
            contact.channel,
            contact.outcome,
            contact.direction,
            contact.booked_on,
            task.id,
            task.due_on,
        )
        .select_from(Episode)
        .outerjoin(move, move.id == _last_of(EpisodeEvent))
        .outerjoin(contact, contact.id == _last_of(ContactAttempt))
        .outerjoin(task, task.id == nearest)
        .where(among(Episode.id, "ids"))
    )


def _histories(session: Session, episodes: Sequence[Case]) -> tuple[_Events, _Attempts, dict[UUID, _Task]]:
    """The moves and the contacts of each, oldest first, and the task that is nearest.

    Of somebody who is being supported only the last move and the last contact, since no clock of theirs looks further
    back.
    """
    events: _Events = defaultdict(list)
    attempts: _Attempts = defaultdict(list)
    tasks: dict[UUID, _Task] = {}
    others = [one.id for one in episodes if one.state is not EpisodeState.ACTIVE]
    whole = frozenset(others)
    for episode_id, *fields in read(session, _latest(), ids=[one.id for one in episodes]):
        (
            moved_at,
            author,
            source,
            target,
            talked_at,
            channel,
            outcome,
            direction,
            booked_on,
            task_id,
            due_on,
        ) = fields
        if task_id is not None:
            tasks[episode_id] = _Task(task_id, due_on)
        if episode_id in whole:
            continue
        if moved_at is not None:
            events[episode_id].append(Event(moved_at, author, source, target))
        if talked_at is not None:
            attempts[episode_id].append(Attempt(talked_at, channel, outcome, direction, booked_on))
    if others:
        _whole(session, others, events, attempts)
    return events, attempts, tasks


def _whole(session: Session, ids: Collection[UUID], events: _Events, attempts: _Attempts) -> None:
    """Fill in every move and every contact of these episodes."""
    moves = select(
        EpisodeEvent.episode_id,
        EpisodeEvent.at,
        EpisodeEvent.author,
        EpisodeEvent.source,
        EpisodeEvent.target,
        EpisodeEvent.kind,
    ).order_by(EpisodeEvent.at, EpisodeEvent.id)
    for episode_id, at, author, source, target, kind in session.execute(
        moves.where(among(EpisodeEvent.episode_id, ids))
    ):
        events[episode_id].append(Event(at, author, source, target, kind=kind))
    contacts = select(
        ContactAttempt.episode_id,
        ContactAttempt.at,
        ContactAttempt.channel,
        ContactAttempt.outcome,
        ContactAttempt.direction,
        ContactAttempt.booked_on,
    ).order_by(ContactAttempt.at, ContactAttempt.id)
    for episode_id, at, channel, outcome, direction, booked_on in session.execute(
        contacts.where(among(ContactAttempt.episode_id, ids), ContactAttempt.mistake_at.is_(None))
    ):
        attempts[episode_id].append(Attempt(at, channel, outcome, direction, booked_on))


def _last_of(history: type[EpisodeEvent | ContactAttempt]) -> ScalarSelect[UUID]:
    """The id of the last row of an episode's history."""
    counts = history.mistake_at.is_(None) if history is ContactAttempt else true()
    return (
        select(history.id)
        .where(history.episode_id == Episode.id, counts)
        .order_by(history.at.desc(), history.id.desc())
        .limit(1)
        .correlate(Episode)
        .scalar_subquery()
    )


def _safe_ways(
    session: Session, episodes: Sequence[Case], attempts: Mapping[UUID, Sequence[Attempt]]
) -> dict[UUID, frozenset[Channel]]:
    """The safe ways to reach each person, by person, where as many contacts were tried as the clocks ask for: only
    then does it matter how many ways there are."""
    people = {
        one.person_id
        for one in episodes
        if one.state in _STARTING and len(attempts[one.id]) >= clocks().attempts
    }
    if not people:
        return {}
    rows = session.scalars(select(Person).where(among(Person.id, people)))
    return {row.id: safe_channels(safe_contact_of(row)) for row in rows}


def next_step(episode: Case, attempts: Sequence[Attempt], task: _Task | None) -> Planned:
    """The nearest thing that was planned. A paused episode waits for its own day."""
    if episode.state is EpisodeState.PAUSED:
        return Planned("Look at this again.", episode.snoozed_until)
    last = attempts[-1] if attempts else None
    talk_on = last.booked_on if last is not None and last.outcome is Outcome.BOOKED else None
    if talk_on is not None and (task is None or task.due_on is None or talk_on <= task.due_on):
        return Planned("Talk, as you agreed.", talk_on, is_talk=True)
    return Planned() if task is None else Planned("", task.due_on, task.id)


def _consents(session: Session, episodes: Sequence[Case]) -> dict[UUID, list[ConsentFacts]]:
    """What decides about the word back to a referrer, and about asking later how things are, by person: for episodes
    that have closed."""
    people = {one.person_id for one in episodes}
    found: dict[UUID, list[ConsentFacts]] = defaultdict(list)
    if people:
        rows = session.execute(
            select(
                Consent.person_id,
                Consent.recipient_id,
                Consent.purpose,
                Consent.given_at,
                Consent.until,
                Consent.withdrawn_at,
            ).where(
                among(Consent.person_id, people),
                Consent.purpose.in_((ConsentPurpose.FEEDBACK_TO_REFERRER, ConsentPurpose.SUPPORT)),
            )
        )
        for person_id, recipient_id, purpose, given_at, until, withdrawn_at in rows:
            found[person_id].append(ConsentFacts(recipient_id, purpose, given_at, until, withdrawn_at))
    return found


def _senders(session: Session, episodes: Sequence[Case]) -> defaultdict[UUID, set[UUID]]:
    """The partners that sent what these episodes are about, and what was added to them, by episode."""
    found: defaultdict[UUID, set[UUID]] = defaultdict(set)
    ids = [one.id for one in episodes]
    if ids:
        rows = session.execute(
            select(func.coalesce(Episode.joined_to_id, Episode.id), SupportRequest.partner_id)
            .join(SupportRequest, SupportRequest.id == Episode.support_request_id)
            .where(or_(among(Episode.id, ids), among(Episode.joined_to_id, ids)))
        )
        for episode_id, partner_id in rows:
            if partner_id is not None:
                found[episode_id].add(partner_id)
    return found


def _wants_feedback(agreed: Sequence[ConsentFacts], senders: Collection[UUID]) -> bool:
    """Whether any of those who sent it may hear what came of it."""
    return any(
        consent_covers(agreed, partner_id, ConsentPurpose.FEEDBACK_TO_REFERRER, clock.now())
        for partner_id in senders
    )


def _stopped(episode: Case, agreed: Mapping[UUID, Sequence[ConsentFacts]]) -> bool:
    """Whether they took back that they are supported, and did not agree again."""
    said = [one for one in agreed.get(episode.person_id, ()) if one.purpose is ConsentPurpose.SUPPORT]
    return bool(said) and all(one.withdrawn_at is not None for one in said)


def _until(now: datetime, known: Iterable[datetime | None], agreed: Sequence[ConsentFacts]) -> datetime:
    """The first moment after now at which another day, a consent or what others tell makes a difference: one of those
    that are `known`, or of what was `agreed`."""
    moments = [*known, *(at for one in agreed for at in (one.given_at, one.until, one.withdrawn_at))]
    return min(at for at in moments if at is not None and at > now)
