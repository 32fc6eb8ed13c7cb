"""How long each record is kept, which ones are due to go, and what keeps them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, ScalarSelect, and_, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from core import clock
from core.calendar.rules import add_months, london_day, start_of
from core.errors import NotFound
from prescribing.episodes.models import Episode, EpisodeEvent
from prescribing.episodes.moves import MoveKind
from prescribing.episodes.rules import EPISODE_CLOSED, EpisodeState
from prescribing.people.models import Person
from prescribing.people.records import birth_date_of
from prescribing.rights.models import Hold, RightsRequest
from prescribing.rights.rules import Kept, KeptFor, RequestState, Stop, Why, keep_until, stops

PAGE = 50


@dataclass(frozen=True)
class Standing:
    """How a record stands to its deletion: which line of the schedule, until when, and what keeps it."""

    rule: KeptFor | None
    until: date | None
    stops: tuple[Stop, ...]


@dataclass(frozen=True)
class Due:
    """A record whose time is over: the person's reference, the line of the schedule, since when, and what keeps it."""

    person_id: UUID
    reference: str
    rule: KeptFor
    until: date
    stops: tuple[Stop, ...]


def standing_for_update(
    session: Session, person_id: UUID, why: Why, *, answers_request: UUID | None = None
) -> Standing:
    """How one record stands, its row held until the transaction ends. `answers_request` is a request that the deletion
    would answer. Raises `NotFound`."""
    person = session.get(Person, person_id, with_for_update=True)
    if person is None:
        raise NotFound
    return standing(session, person, why, answers_request=answers_request)


def standing(session: Session, person: Person, why: Why, *, answers_request: UUID | None = None) -> Standing:
    """How one record stands now."""
    kept = _kept(session, [person])[person.id]
    over = keep_until(kept)
    rule, until = over or (None, None)
    holds = live_holds(session, [person.id]).get(person.id, ())
    others = open_requests(session, [person.id]).get(person.id, set()) - {answers_request}
    found = stops(why, (hold.kind for hold in holds), until, clock.today(), other_requests=bool(others))
    return Standing(rule, until, found)


def due(session: Session, *, most: int = PAGE) -> tuple[list[Due], bool]:
    """The records whose time is over, the longest first, and whether there are more than `most`."""
    today = clock.today()
    last = func.max(func.coalesce(Episode.closed_at, Episode.updated_at))
    other = aliased(Episode)
    goes_on = exists().where(
        other.person_id == Person.id, other.state.not_in([*EPISODE_CLOSED, EpisodeState.DRAFT])
    )
    sent = exists().where(other.person_id == Person.id, other.state != EpisodeState.DRAFT)
    ended = func.coalesce(last, Person.updated_at)
    rows = session.execute(
        select(Person.id, ended.label("ended"))
        .outerjoin(Episode, Episode.person_id == Person.id)
        .where(~goes_on)
        .group_by(Person.id)
        .having(
            or_(
                and_(~sent, ended < start_of(today - timedelta(days=89))),
                and_(sent, ~_was_supported(), ended < start_of(add_months(today, -24) + timedelta(days=1))),
                and_(_was_supported(), ended < start_of(add_months(today, -96) + timedelta(days=1))),
            )
        )
        .order_by("ended")
        .limit(most * 4)
    ).all()
    people = {
        person.id: person
        for person in session.scalars(select(Person).where(Person.id.in_([row.id for row in rows])))
    }
    kept = _kept(session, list(people.values()))
    holds, requests = live_holds(session, list(people)), open_requests(session, list(people))
    found = []
    for row in rows:
        over = keep_until(kept[row.id])
        if over is None or over[1] > today:
            continue
        keeping = stops(
            Why.TIME_IS_UP,
            (hold.kind for hold in holds.get(row.id, ())),
            over[1],
            today,
            other_requests=row.id in requests,
        )
        found.append(Due(row.id, people[row.id].reference, over[0], over[1], keeping))
    return found[:most], len(found) > most or len(rows) == most * 4


def live_holds(session: Session, person_ids: Collection[UUID]) -> dict[UUID, list[Hold]]:
    """The holds that are in force, by person."""
    rows = session.scalars(
        select(Hold)
        .where(
            Hold.person_id.in_(person_ids),
            Hold.lifted_at.is_(None),
            or_(Hold.until.is_(None), Hold.until >= clock.today()),
        )
        .order_by(Hold.placed_at)
    )
    found: dict[UUID, list[Hold]] = {}
    for row in rows:
        found.setdefault(row.person_id, []).append(row)
    return found


def open_requests(session: Session, person_ids: Collection[UUID]) -> dict[UUID, set[UUID]]:
    """The requests that nobody has answered yet, by person."""
    rows = session.execute(
        select(RightsRequest.person_id, RightsRequest.id).where(
            RightsRequest.person_id.in_(person_ids), RightsRequest.state == RequestState.OPEN
        )
    )
    found: dict[UUID, set[UUID]] = {}
    for person_id, request_id in rows:
        found.setdefault(person_id, set()).add(request_id)
    return found


def _kept(session: Session, people: Collection[Person]) -> dict[UUID, Kept]:
    """What decides how long each record is kept."""
    ids = [person.id for person in people]
    episodes: dict[UUID, list[Episode]] = {}
    for episode in session.scalars(select(Episode).where(Episode.person_id.in_(ids))):
        episodes.setdefault(episode.person_id, []).append(episode)
    supported = set(session.scalars(select(Person.id).where(Person.id.in_(ids), _was_supported())))
    return {
        person.id: _kept_one(person, episodes.get(person.id, []), supported=person.id in supported)
        for person in people
    }


def _kept_one(person: Person, episodes: list[Episode], *, supported: bool) -> Kept:
    sent = [episode for episode in episodes if episode.state is not EpisodeState.DRAFT]
    open_still = any(episode.state not in EPISODE_CLOSED for episode in sent)
    days = [london_day(episode.closed_at or episode.updated_at) for episode in episodes]
    return Kept(
        ended=None if open_still else max(days, default=london_day(person.updated_at)),
        supported=supported,
        sent=bool(sent),
        born=birth_date_of(person),
        died=london_day(person.died_at) if person.died_at else None,
    )


def _was_supported() -> ColumnElement[bool]:
    """Whether support began more often than its beginning was taken back as a mistake."""
    began = and_(EpisodeEvent.target == EpisodeState.ACTIVE, EpisodeEvent.kind != MoveKind.UNDO_CLOSE)
    undone = and_(EpisodeEvent.source == EpisodeState.ACTIVE, EpisodeEvent.kind == MoveKind.UNDO_CLOSE)
    return _moves_of_theirs(began) > _moves_of_theirs(undone)


def _moves_of_theirs(which: ColumnElement[bool]) -> ScalarSelect[int]:
    other = aliased(Episode)
    return (
        select(func.count())
        .select_from(EpisodeEvent)
        .join(other, other.id == EpisodeEvent.episode_id)
        .where(other.person_id == Person.id, which)
        .correlate(Person)
        .scalar_subquery()
    )
