"""A request about somebody who has a support already, added to that support: one person, one support.

What was sent stays as it was sent, under its own reference. Its own episode ends as one that was not needed and points
to the support, so that whoever sent it hears where that stands and what came of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core import clock
from core.access.rules import Actor, Role
from core.audit import services as audit
from core.calendar.rules import say_date
from core.errors import NotFound, Refused
from directory import published
from prescribing.episodes import known, plan
from prescribing.episodes.content import RequestContent, from_text
from prescribing.episodes.episode_rows import EpisodeRow
from prescribing.episodes.known import added_before
from prescribing.episodes.models import Action, ActionOwner, Episode, Need, RequestSource
from prescribing.episodes.moves import Event, MoveKind
from prescribing.episodes.needs import NEED_OPEN, NeedState
from prescribing.episodes.plan import ActionText
from prescribing.episodes.rules import CASELOAD, EPISODE_OPEN, PRIORITY_ORDER, EpisodeState
from prescribing.episodes.scope import episode_for_update, episodes_for_update, of_team
from prescribing.episodes.services import write_event
from prescribing.people.queries import PersonRecord
from prescribing.people.services import author_of

# What the record and a request may both say, in the order in which a page shows it.
_SAID: Mapping[str, str] = {
    "name": "Name",
    "born": "Born",
    "phone": "Phone",
    "mobile": "Mobile",
    "email": "Email",
    "address": "Address",
    "postcode": "Postcode",
    "gp_practice": "GP practice",
    "interpreter": "Interpreter",
    "communication_needs": "Communication needs",
    "access_needs": "Access needs",
    "carer": "Carer",
}


ADDED = "added to the support that they have"


@dataclass(frozen=True)
class Added:
    """A request that was added to a support: who asked, what was sent, and where it says something else than the
    record (`differs`, as label and what was sent)."""

    episode_id: UUID
    reference: str
    source: str
    sent_at: datetime | None
    content: RequestContent
    differs: tuple[tuple[str, str], ...]


def differences(content: RequestContent, person: PersonRecord) -> tuple[tuple[str, str], ...]:
    """What a request says that the record does not say, or says otherwise: a label and what was sent."""
    return tuple(
        (label, _text(sent))
        for name, label in _SAID.items()
        if (sent := getattr(content, name)) and _plain(sent) != _plain(getattr(person, name))
    )


def added_to(
    rows: Iterable[EpisodeRow], person: PersonRecord, words: Mapping[RequestSource, str]
) -> tuple[Added, ...]:
    """What was added to a support, as a page shows it. `words` say how each kind of source is called."""
    return tuple(_added(row, person, words[row.source]) for row in rows)


def _added(row: EpisodeRow, person: PersonRecord, source: str) -> Added:
    content = from_text(row.content or '{"name": ""}')
    by = f"{source} by {row.partner_name}" if row.partner_name is not None else source
    return Added(row.id, row.reference, by, row.submitted_at, content, differences(content, person))


def add(
    session: Session,
    actor: Actor,
    episode_id: UUID,
    support_id: UUID,
    *,
    expected_version: int | None = None,
) -> Episode:
    """Add a request that waits for its decision to the support that the same person has: a coordinator says so.

    Needs that are new are raised there, the more urgent of both counts, and the link worker gets a task to read what
    was sent. Raises `Refused` once the request was decided or where the support has ended, `NotFound` for a support of
    anybody who is not offered, `Conflict` when the request has moved on.
    """
    episodes_for_update(session, of_team(actor), Episode.id.in_([episode_id, support_id]))
    episode = known.undecided(session, actor, episode_id, expected_version)
    support = episode_for_update(session, actor, support_id)
    if support.id == episode.id or support.team_id not in actor.team_ids(Role.COORDINATOR):
        raise NotFound
    if support.state not in EPISODE_OPEN:
        raise Refused("That support has ended. Give this request to a link worker instead.")
    if support.person_id != episode.person_id:
        known.join(session, actor, episode_id, support.person_id)
        session.refresh(episode)
        session.refresh(support)
    _take_needs(session, episode, support)
    for earlier in added_before(session, episode):
        earlier.joined_to_id = support.id
    if PRIORITY_ORDER[episode.priority] < PRIORITY_ORDER[support.priority]:
        support.own_priority = support.own_priority or support.priority
        support.priority = episode.priority
    episode.joined_to_id, episode.closed_at = support.id, clock.now()
    # Its own way ends here as one that nobody needed: counted once, with the support.
    event = Event(
        at=clock.now(),
        author=author_of(actor),
        source=episode.state,
        target=EpisodeState.ENTERED_IN_ERROR,
        reason=f"Added to the support {support.reference}.",
        kind=MoveKind.ENTERED_IN_ERROR,
    )
    write_event(session, actor, episode, event)
    if support.state in CASELOAD:
        words = _task(episode)
        text = ActionText(words=words, owner=ActionOwner.LINK_WORKER, due_on=clock.today())
        plan.add_action(session, actor, support.id, text)
    audit.record(session, actor, "request.add", "episode", episode.id, support=str(support.id))
    return support


def take_out(
    session: Session, actor: Actor, episode_id: UUID, *, expected_version: int | None = None
) -> Episode:
    """Take a request out of the support that it was added to: it waits for its decision again.

    The needs that came with it go with it, but for those that somebody works on, and so does its urgency, where nobody
    has said since how urgent the support is. Raises `Refused` where it was not
    added, `NotFound` outside, `Conflict` when it has moved on.
    """
    support_of_it = select(Episode.joined_to_id).where(Episode.id == episode_id)
    episodes_for_update(
        session, of_team(actor), Episode.id.in_([episode_id, support_of_it.scalar_subquery()])
    )
    episode = episode_for_update(session, actor, episode_id, expected_version)
    if episode.team_id not in actor.team_ids(Role.COORDINATOR):
        raise NotFound
    if episode.joined_to_id is None:
        raise Refused("This was not added to another support.")
    support_id, episode.joined_to_id, episode.closed_at = episode.joined_to_id, None, None
    _ease(session, session.get_one(Episode, support_id))
    came = episode.submitted_at or episode.created_at
    session.execute(
        update(Need)
        .where(
            Need.episode_id == support_id,
            Need.state == NeedState.RAISED,
            Need.slug.in_(_asked_for(session, episode)),
            # Whoever asked named them in one go, before anybody of the team wrote in it.
            Need.created_at.between(episode.created_at, came + timedelta(seconds=5)),
        )
        .values(episode_id=episode.id)
    )
    for task in session.scalars(
        select(Action).where(Action.episode_id == support_id, Action.done_at.is_(None))
    ).all():
        if task.words == _task(episode):
            task.done_at = clock.now()
    event = Event(
        at=clock.now(),
        author=author_of(actor),
        source=EpisodeState.ENTERED_IN_ERROR,
        target=EpisodeState.TRIAGE,
        reason=MoveKind.UNDO_CLOSE,
        kind=MoveKind.UNDO_CLOSE,
    )
    write_event(session, actor, episode, event)
    session.expire_all()
    audit.record(session, actor, "request.take-out", "episode", episode.id, support=str(support_id))
    return episode


def _ease(session: Session, support: Episode) -> None:
    """The support is as urgent again as it is by itself, or as what else was added to it makes it."""
    if support.own_priority is None:
        return
    session.flush()
    others = [one.priority for one in added_before(session, support)]
    support.priority = min([support.own_priority, *others], key=PRIORITY_ORDER.__getitem__)
    if support.priority is support.own_priority:
        support.own_priority = None


def told_of(session: Session, episode: Episode) -> Sequence[Episode]:
    """The support itself and whatever was added to it: each has a sender who may hear what came of it."""
    return [episode, *added_before(session, episode)]


def _task(episode: Episode) -> str:
    return f"Read the new request {episode.reference}, and see what it changes."


def _asked_for(session: Session, episode: Episode) -> set[str]:
    """The needs that were named in a request, by the words of then and of now."""
    terms = published.every_need(session)
    slugs = set(episode.support_request.need_slugs)
    return slugs | {terms[slug].slug for slug in slugs if slug in terms}


def _take_needs(session: Session, episode: Episode, support: Episode) -> None:
    there = set(
        session.scalars(select(Need.slug).where(Need.episode_id == support.id, Need.state.in_(NEED_OPEN)))
    )
    for need in session.scalars(select(Need).where(Need.episode_id == episode.id)).all():
        if need.slug not in there:
            need.episode_id = support.id
    session.flush()


def _plain(value: object) -> str:
    """For comparing: however it is spaced and cased."""
    return "".join(str(value or "").split()).casefold()


def _text(value: object) -> str:
    return say_date(value) if isinstance(value, date) else str(value)
