"""Reading concerns within the actor's teams, and whom to ring about one."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import Session, aliased

from core.access.rules import Actor, Role
from core.accounts.models import Account, MembershipRow
from core.db import among, one_of, read, unindexed
from core.errors import NotFound
from core.settings import current_settings
from prescribing.concerns.models import Concern
from prescribing.episodes.contributions import Contribution, News, Press
from prescribing.episodes.models import Episode
from prescribing.episodes.rules import EPISODE_CLOSED, EPISODE_OPEN, EpisodeState
from prescribing.episodes.scope import of_team
from prescribing.people.choosing import lines_to_choose
from prescribing.people.models import Person
from prescribing.people.queries import TEAM_ROLES, PersonLine, as_line


@dataclass(frozen=True)
class ConcernView:
    """One concern: what was seen, who was told, and what was done about it."""

    id: UUID
    version: int
    person: PersonLine
    at: datetime
    author: str
    seen: str
    told: str
    taken_up_at: datetime | None
    taken_up_by: str
    done: str
    closed_at: datetime | None


def council_phone() -> str:
    """The number of the council's safeguarding team; empty where nobody has set it."""
    return current_settings().safeguarding_phone


def choosable(session: Session, actor: Actor, meant: Collection[UUID] = ()) -> tuple[PersonLine, ...]:
    """Whom the actor may be worried about: everybody who is with their teams now, their own people first; and whoever
    is `meant` already, though their support may be over."""
    rows = session.execute(
        select(Person, Episode.link_worker_id)
        .join(Episode, Episode.person_id == Person.id)
        .where(
            of_team(actor),
            or_(Episode.state.in_(EPISODE_OPEN), Person.id.in_(meant)),
            Person.died_at.is_(None),
        )
        .order_by(Person.id)
    ).all()
    own = {person.id for person, worker_id in rows if worker_id == actor.account_id or person.id in meant}
    found = lines_to_choose(person for person, _worker_id in rows)
    return tuple(sorted(found.values(), key=lambda each: (each.id not in own, each.called.casefold())))


def person_of(session: Session, actor: Actor, episode_id: UUID) -> UUID | None:
    """The person of an episode of the actor's team; None outside."""
    return session.scalar(select(Episode.person_id).where(Episode.id == episode_id, of_team(actor)))


def of_teams(
    session: Session, team_ids: Collection[UUID], role: Role = Role.COORDINATOR
) -> tuple[tuple[str, str | None], ...]:
    """The name and email address of each coordinator of these teams, or of whoever else holds `role` in them."""
    rows = session.scalars(
        select(Account)
        .join(MembershipRow, MembershipRow.account_id == Account.id)
        .where(
            MembershipRow.team_id.in_(team_ids),
            MembershipRow.role == role,
            MembershipRow.ended_at.is_(None),
            Account.disabled_at.is_(None),
        )
        .order_by(Account.id)
    )
    return tuple((row.name or "", row.email) for row in rows.unique())


def concern_for_update(session: Session, actor: Actor, concern_id: UUID, *roles: Role) -> Concern:
    """The row of a concern of a team in which the actor holds one of `roles`. Raises `NotFound` outside."""
    found = select(Concern).where(Concern.id == concern_id, Concern.team_id.in_(actor.team_ids(*roles)))
    concern = session.scalars(found.with_for_update()).one_or_none()
    if concern is None:
        raise NotFound
    return concern


def concern(session: Session, actor: Actor, concern_id: UUID) -> ConcernView:
    """One concern of the actor's teams. Raises `NotFound` outside. Whoever shows it audits the look."""
    return _view(session, concern_for_update(session, actor, concern_id, *TEAM_ROLES))


def waiting(session: Session, actor: Actor) -> tuple[ConcernView, ...]:
    """The concerns of the coordinator's teams that are not closed, the oldest first."""
    rows = session.scalars(
        select(Concern)
        .where(Concern.team_id.in_(actor.team_ids(Role.COORDINATOR)), Concern.closed_at.is_(None))
        .order_by(Concern.at)
    )
    return tuple(_view(session, row) for row in rows)


def contribute(session: Session, episode_ids: Collection[UUID]) -> dict[UUID, Contribution]:
    """An open concern is news on every open episode of its person; where all have closed, on the one that closed last
    until a coordinator takes it up."""
    rows = read(session, _open_concerns(), ids=episode_ids)
    found: dict[UUID, Contribution] = {}
    for episode_id, concern_id, at in rows:
        earlier = found[episode_id].news if episode_id in found else ()
        told = News(
            "Somebody is worried about them. Read what was seen.",
            "concerns.show",
            link := {"concern_id": concern_id},
            at,
            press=Press("Read the worry", "concerns.show", link),
            urgent=True,
        )
        found[episode_id] = Contribution(news=(*earlier, told))
    return found


@cache
def _open_concerns() -> Select[*tuple[Any, ...]]:
    return (
        select(Episode.id, Concern.id, Concern.at)
        .join(Concern, Concern.person_id == Episode.person_id)
        .where(
            among(Episode.id, "ids"),
            Concern.closed_at.is_(None),
            or_(one_of(Episode.state, EPISODE_OPEN), _is_left()),
        )
        .order_by(Concern.at)
    )


def in_sight(session: Session, account_ids: Collection[UUID | None] | None) -> set[UUID]:
    """The closed episodes of those about whom somebody is worried, and nobody sees to it yet: for their link worker and
    for whoever wrote it down, if among these; for anybody where `account_ids` is None."""
    if account_ids is None:
        return {row.id for row in read(session, _left())}
    return {
        row.id
        for row in read(session, _left_to(), account_ids=[one for one in account_ids if one is not None])
    }


@cache
def _left() -> Select[*tuple[Any, ...]]:
    return (
        select(Episode.id)
        # The worries, few as they are, lead to whom they are about.
        .join(Concern, unindexed(Concern.person_id) == Episode.person_id)
        .where(Concern.closed_at.is_(None), _is_left())
    )


@cache
def _left_to() -> Select[*tuple[Any, ...]]:
    theirs = among(Concern.author_id, "account_ids"), among(Episode.link_worker_id, "account_ids")
    return _left().where(or_(*theirs))


def _is_left() -> ColumnElement[bool]:
    """Whether a concern has only this closed episode to stand on, and waits for a coordinator."""
    other = aliased(Episode)
    # Of a draft nobody but its sender knows.
    goes_on = and_(one_of(other.state, EPISODE_OPEN), other.state != EpisodeState.DRAFT)
    after = and_(other.joined_to_id.is_(None), other.closed_at > Episode.closed_at)
    nearer = select(other.id).where(other.person_id == Episode.person_id, or_(goes_on, after))
    return and_(
        one_of(Episode.state, EPISODE_CLOSED),
        # Nearly all were added to none, so that its index finds nearly all.
        unindexed(Episode.joined_to_id).is_(None),
        Concern.taken_up_at.is_(None),
        ~nearer.correlate(Episode).exists(),
    )


def _view(session: Session, row: Concern) -> ConcernView:
    person = session.get_one(Person, row.person_id)
    taker = session.get(Account, row.taken_up_by_id) if row.taken_up_by_id else None
    return ConcernView(
        id=row.id,
        version=row.version,
        person=as_line(person),
        at=row.at,
        author=row.author_name,
        seen=row.seen or "",
        told=row.told or "",
        taken_up_at=row.taken_up_at,
        taken_up_by=(taker.name or "") if taker else "",
        done=row.done or "",
        closed_at=row.closed_at,
    )
