"""What is due next in many episodes at once: their histories fetched in a fixed number of queries, then the rules.

Only what the clocks look at is fetched, and nothing that is sealed: whoever shows the words asks for them by `worded`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ScalarSelect, Select, func, or_, select, true
from sqlalchemy.orm import Session, aliased

from core import clock
from core.calendar.rules import start_of
from core.db import Ids, among, one_of, read
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


class Planned(NamedTuple):
    """The nearest thing that was planned, and its day: an action to tick off, a talk that was agreed, or a look.

    What an action says is sealed, and not here.
    """

    words: str = ""
    on: date | None = None
    action_id: UUID | None = None
    is_talk: bool = False


class Standing(NamedTuple):
    """Where one episode stands today: its facts, what other features add, what is planned, and what is due.

    `until` (aware) is the moment at which time alone changes any of this, at the latest the end of the day.
    """

    situation: Situation
    known: Contribution
    planned: Planned
    due: Due | None
    until: datetime


class _Task(NamedTuple):
    id: UUID
    due_on: date | None


class _History(NamedTuple):
    """The moves and the contacts of an episode, oldest first, and the task that is nearest."""

    events: list[Event]
    attempts: list[Attempt]
    task: _Task | None


def standings(session: Session, episodes: Sequence[Case]) -> dict[UUID, Standing]:
    """Where each of these episodes stands; what a task that is due says is told by `due_in_words` only."""
    if not episodes:
        return {}
    ids = Ids(tuple(episode.id for episode in episodes))
    histories = _histories(session, episodes, ids)
    closed = [episode for episode in episodes if episode.state in EPISODE_CLOSED]
    agreed, senders = _consents(session, closed), _senders(session, closed)
    safe = _safe_ways(session, episodes, histories)
    known = contributions.standing(session, ids)
    today, now, lengths, found = clock.today(), clock.now(), clocks(), {}
    tomorrow = start_of(today + timedelta(days=1)).astimezone(UTC)
    for episode in episodes:
        episode_id = episode.id
        # Its record may have been deleted since it was found.
        history = histories.get(episode_id) or _History([], [], None)
        told = known[episode_id]
        said = agreed.get(episode.person_id, ()) if agreed else ()
        planned = next_step(episode, history.attempts, history.task)
        situation = Situation(
            state=episode.state,
            events=history.events,
            attempts=history.attempts,
            safe=safe.get(episode.person_id) if safe else None,
            next_step=planned.words,
            next_step_on=planned.on,
            moving=told.moving,
            wait=told.wait.words if told.wait is not None else "",
            wants_feedback=_wants_feedback(said, senders[episode_id]) if said else False,
            feedback_sent=episode.feedback_sent,
            # Whoever took back that they are supported is not asked how things are.
            followed_up_on=date.max if _stopped(said) else told.followed_up_on,
            # After a death no support asks for anything, not even one that had finished long before.
            reason=CloseReason.DIED if episode.died else episode.close_reason,
            clocks=lengths,
        )
        until = _until(now, (tomorrow, told.until), said) if said or told.until else tomorrow
        found[episode_id] = Standing(situation, told, planned, next_due(situation, today), until)
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


def _histories(session: Session, episodes: Sequence[Case], ids: Ids) -> dict[UUID, _History]:
    """The history of each, by episode: of somebody who is being supported only the last move and the last contact,
    since no clock of theirs looks further back."""
    others = Ids(tuple(one.id for one in episodes if one.state is not EpisodeState.ACTIVE))
    whole = frozenset(others)
    found: dict[UUID, _History] = {}
    for row in read(session, _latest(), ids=ids):
        episode_id, moved_at, author, source, target, talked_at, *contact, task_id, due_on = row
        found[episode_id] = history = _History(
            [], [], _Task(task_id, due_on) if task_id is not None else None
        )
        if whole and episode_id in whole:
            continue
        if moved_at is not None:
            history.events.append(Event(moved_at, author, source, target))
        if talked_at is not None:
            history.attempts.append(Attempt(talked_at, *contact))
    if whole:
        for episode_id, at, author, source, target, kind in read(session, _moves(), ids=others):
            found[episode_id].events.append(Event(at, author, source, target, kind=kind))
        for episode_id, *contact in read(session, _contacts(), ids=others):
            found[episode_id].attempts.append(Attempt(*contact))
    return found


@cache
def _moves() -> Select[*tuple[Any, ...]]:
    """Every move of some episodes."""
    return (
        select(
            EpisodeEvent.episode_id,
            EpisodeEvent.at,
            EpisodeEvent.author,
            EpisodeEvent.source,
            EpisodeEvent.target,
            EpisodeEvent.kind,
        )
        .where(among(EpisodeEvent.episode_id, "ids"))
        .order_by(EpisodeEvent.at, EpisodeEvent.id)
    )


@cache
def _contacts() -> Select[*tuple[Any, ...]]:
    """Every contact of some episodes; the columns after the first in the order of `Attempt`."""
    return (
        select(
            ContactAttempt.episode_id,
            ContactAttempt.at,
            ContactAttempt.channel,
            ContactAttempt.outcome,
            ContactAttempt.direction,
            ContactAttempt.booked_on,
        )
        .where(among(ContactAttempt.episode_id, "ids"), ContactAttempt.mistake_at.is_(None))
        .order_by(ContactAttempt.at, ContactAttempt.id)
    )


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
    session: Session, episodes: Sequence[Case], histories: Mapping[UUID, _History]
) -> dict[UUID, frozenset[Channel]]:
    """The safe ways to reach each person, by person, where as many contacts were tried as the clocks ask for: only
    then does it matter how many ways there are."""
    people = {
        one.person_id
        for one in episodes
        if one.state in _STARTING
        and one.id in histories
        and len(histories[one.id].attempts) >= clocks().attempts
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
        rows = read(session, _agreements(), ids=people)
        for person_id, recipient_id, purpose, given_at, until, withdrawn_at in rows:
            found[person_id].append(ConsentFacts(recipient_id, purpose, given_at, until, withdrawn_at))
    return found


@cache
def _agreements() -> Select[*tuple[Any, ...]]:
    return select(
        Consent.person_id,
        Consent.recipient_id,
        Consent.purpose,
        Consent.given_at,
        Consent.until,
        Consent.withdrawn_at,
    ).where(
        among(Consent.person_id, "ids"),
        one_of(Consent.purpose, (ConsentPurpose.FEEDBACK_TO_REFERRER, ConsentPurpose.SUPPORT)),
    )


def _senders(session: Session, episodes: Sequence[Case]) -> defaultdict[UUID, set[UUID]]:
    """The partners that sent what these episodes are about, and what was added to them, by episode."""
    found: defaultdict[UUID, set[UUID]] = defaultdict(set)
    ids = Ids(tuple(one.id for one in episodes))
    for episode_id, partner_id in read(session, _sent_by(), ids=ids) if ids else ():
        found[episode_id].add(partner_id)
    return found


@cache
def _sent_by() -> Select[*tuple[Any, ...]]:
    return (
        select(func.coalesce(Episode.joined_to_id, Episode.id), SupportRequest.partner_id)
        .join(SupportRequest, SupportRequest.id == Episode.support_request_id)
        .where(
            SupportRequest.partner_id.is_not(None),
            or_(among(Episode.id, "ids"), among(Episode.joined_to_id, "ids")),
        )
    )


def _wants_feedback(agreed: Sequence[ConsentFacts], senders: Collection[UUID]) -> bool:
    """Whether any of those who sent it may hear what came of it."""
    return any(
        consent_covers(agreed, partner_id, ConsentPurpose.FEEDBACK_TO_REFERRER, clock.now())
        for partner_id in senders
    )


def _stopped(agreed: Sequence[ConsentFacts]) -> bool:
    """Whether they took back that they are supported, and did not agree again."""
    said = [one for one in agreed if one.purpose is ConsentPurpose.SUPPORT]
    return bool(said) and all(one.withdrawn_at is not None for one in said)


def _until(now: datetime, known: Iterable[datetime | None], agreed: Sequence[ConsentFacts]) -> datetime:
    """The first moment after now at which another day, a consent or what others tell makes a difference: one of those
    that are `known`, or of what was `agreed`."""
    moments = [*known, *(at for one in agreed for at in (one.given_at, one.until, one.withdrawn_at))]
    return min(at for at in moments if at is not None and at > now)
