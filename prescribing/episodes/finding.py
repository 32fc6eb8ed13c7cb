"""Finding somebody of the team by what they are called: they are on the phone, and the list is long."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import and_, case, or_, select
from sqlalchemy.orm import Session

from core import clock
from core.access.rules import Actor
from core.references.rules import is_reference, parse_reference
from prescribing.episodes.contributions import Press
from prescribing.episodes.models import Episode
from prescribing.episodes.queries import account_names
from prescribing.episodes.rules import EPISODE_CLOSED, EPISODE_WORDS
from prescribing.episodes.scope import of_team
from prescribing.episodes.today_rules import FOLLOWED_FOR
from prescribing.people.choosing import lines_apart
from prescribing.people.models import Person
from prescribing.people.queries import PersonLine
from prescribing.people.rules import is_called

MOST_SHOWN = 20
# Names are encrypted, so looking for one opens those of the team's people of today, and no more than this.
MOST_READ = 5_000


@dataclass(frozen=True)
class FoundLine:
    """Somebody who may be meant: where their support stands, and who is there for them."""

    person: PersonLine
    said: str
    link_worker: str


@dataclass(frozen=True)
class FoundPeople:
    """The first of those who may be meant; `found` counts all of them."""

    lines: tuple[FoundLine, ...]
    found: int


Known = Callable[[Session, Actor, str], Press | None]

_known: list[Known] = []


def register_references(known: Known) -> None:
    """Ask `known(session, actor, reference)` where something of the actor's teams is dealt with that goes by that
    reference. Saying it twice changes nothing."""
    if known not in _known:
        _known.append(known)


def by_reference(session: Session, actor: Actor, words: str) -> Press | None:
    """Where the one thing is dealt with that goes by what was typed: somebody rings and reads it out. None where that
    is no whole reference, or that of a person or an episode."""
    if not is_reference(words):
        return None
    reference = parse_reference(words)
    return next((found for known in _known if (found := known(session, actor, reference))), None)


def by_name(session: Session, actor: Actor, words: str) -> FoundPeople:
    """Whoever of the actor's teams has every word in their name or what they are called, or is known by the reference.

    Those whose support is open, and the actor's own who finished in the last year or so; the actor's own come first.
    Whoever shows it audits the look.
    """
    own = Episode.link_worker_id == actor.account_id
    lately = and_(own, Episode.closed_at >= clock.now() - FOLLOWED_FOR)
    rows = session.execute(
        select(
            Person.id,
            Person.reference,
            Person.name_sealed,
            Person.preferred_name_sealed,
            Episode.reference,
            Episode.state,
            Episode.link_worker_id,
        )
        .join(Person, Person.id == Episode.person_id)
        .where(of_team(actor), or_(Episode.state.not_in(EPISODE_CLOSED), lately))
        .order_by(
            case((own, 0), else_=1),
            case((Episode.state.in_(EPISODE_CLOSED), 1), else_=0),
            Episode.created_at.desc(),
            Episode.id.desc(),
        )
        .limit(MOST_READ)
    )
    meant: dict[UUID, tuple[str, UUID | None]] = {}
    for person_id, known_by, name, preferred, reference, state, worker_id in rows:
        names = " ".join(
            text
            for text in (
                Person.name.read(Person, person_id, name),
                Person.preferred_name.read(Person, person_id, preferred),
            )
            if text
        )
        if is_called(words, names, (known_by, reference)):
            meant.setdefault(person_id, (EPISODE_WORDS[state], worker_id))
    shown = dict(list(meant.items())[:MOST_SHOWN])
    people = lines_apart(session, shown)
    workers = account_names(session, {worker_id for _said, worker_id in shown.values() if worker_id})
    return FoundPeople(
        tuple(
            FoundLine(people[person_id], said, workers.get(worker_id, "") if worker_id else "")
            for person_id, (said, worker_id) in shown.items()
        ),
        len(meant),
    )
