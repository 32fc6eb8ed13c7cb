"""Whose an episode is: the team's, the partner's who sent it, the person's own. Rows for services, held for update.

Rows are held in one order everywhere, so that no two wait for each other: the person, where their row is held at all;
their episodes, by id; what belongs to an episode, by id; then what is held by a name. See ADR 12.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol, TypeVar
from uuid import UUID

from sqlalchemy import Case, ColumnElement, and_, case, inspect, or_, select, true
from sqlalchemy.orm import Session, aliased

from core.access.rules import Actor, Role
from core.db import among, one_of, unindexed
from core.errors import Conflict, NotFound
from core.holding import held
from prescribing.episodes.episode_rows import EpisodeRow, episode_row
from prescribing.episodes.models import Action, Episode, Goal, Need, SupportRequest
from prescribing.episodes.moves import Mover, movers_of
from prescribing.episodes.rules import EPISODE_CLOSED, EPISODE_OPEN, EpisodeState
from prescribing.people.models import Person
from prescribing.people.queries import TEAM_ROLES


class InEpisode(Protocol):
    """A row that belongs to one episode."""

    @property
    def episode_id(self) -> UUID: ...


R = TypeVar("R", bound=InEpisode)


def of_team(actor: Actor, *, narrows: bool = True) -> ColumnElement[bool]:
    """Episodes of the actor's teams; not drafts, which are their senders' own.

    `narrows` False says that another condition leaves fewer, by whose index they are to be found.
    """
    if actor.kind == "system":
        return true()
    return in_teams(actor.team_ids(*TEAM_ROLES), narrows=narrows)


def in_teams(team_ids: Collection[UUID] | str, *, narrows: bool = True) -> ColumnElement[bool]:
    """As `of_team`, of the teams that are named, or under whose name a statement which is kept is given them."""
    team_id = Episode.team_id if narrows else unindexed(Episode.team_id)
    return and_(among(team_id, team_ids), Episode.state != EpisodeState.DRAFT)


def is_of_team(actor: Actor, episode: EpisodeRow) -> bool:
    """As `of_team`, of a row that is there."""
    if actor.kind == "system":
        return True
    return episode.team_id in actor.team_ids(*TEAM_ROLES) and episode.state is not EpisodeState.DRAFT


def episode_in_scope(session: Session, actor: Actor, episode_id: UUID) -> EpisodeRow | None:
    """The row of an episode of the actor's team, to be read only; None outside. Read once for all parts of a page."""
    episode = episode_row(session, episode_id)
    return episode if episode is not None and is_of_team(actor, episode) else None


def sent_by(actor: Actor) -> ColumnElement[bool]:
    """Requests that the actor's own partner body sent."""
    return SupportRequest.partner_id.in_(actor.partner_ids(Role.REFERRER))


def was_referred() -> ColumnElement[bool]:
    """Episodes that a partner sent, or to which something was added that one sent."""
    added, sent = aliased(Episode), aliased(SupportRequest)
    later = (
        select(added.id)
        .join(sent, sent.id == added.support_request_id)
        .where(added.joined_to_id == Episode.id, sent.partner_id.is_not(None))
        .correlate(Episode)
    )
    return or_(Episode.support_request.has(SupportRequest.partner_id.is_not(None)), later.exists())


def furthest_first() -> Case[int]:
    """For the order of somebody's supports: what goes on before what only waits to begin, what has ended last."""
    return case(
        (Episode.state == EpisodeState.ACTIVE, 0),
        (Episode.state == EpisodeState.PAUSED, 1),
        (Episode.state == EpisodeState.CONTACTING, 2),
        (Episode.state == EpisodeState.ALLOCATED, 3),
        (~one_of(Episode.state, EPISODE_CLOSED), 4),
        else_=5,
    )


def open_support(session: Session, person_id: UUID) -> Episode | None:
    """The open support of a person whom the caller may see, of two the one that goes on furthest; no draft."""
    return session.scalars(
        select(Episode)
        .where(Episode.person_id == person_id, Episode.state.in_(EPISODE_OPEN - {EpisodeState.DRAFT}))
        .order_by(furthest_first(), Episode.created_at.desc())
        .limit(1)
    ).first()


def movers_towards(actor: Actor, episode: Episode | EpisodeRow) -> frozenset[Mover]:
    """Who this actor is to this episode, for the rules."""
    roles: set[Role] = {
        member.role
        for member in actor.memberships
        if (member.role in TEAM_ROLES and member.team_id == episode.team_id)
        or (member.role is Role.RESIDENT and member.person_id == episode.person_id)
        or (
            member.role is Role.REFERRER
            and member.partner_id is not None
            and member.partner_id == episode.partner_id
        )
    }
    return movers_of(roles)


def episode_for_update(
    session: Session,
    actor: Actor,
    episode_id: UUID,
    expected_version: int | None = None,
    *,
    whole_person: bool = False,
) -> Episode:
    """The row of an episode of the actor's team; `whole_person` where all of the person's is about to change with it.
    Raises `NotFound` outside, `Conflict` when it has moved on."""
    found = select(Episode).where(Episode.id == episode_id, of_team(actor))
    if whole_person:
        person_id = session.scalar(found.with_only_columns(Episode.person_id))
        held(session, select(Person).where(Person.id == person_id))
        episodes_for_update(session, Episode.person_id == person_id)
    return _current(held(session, found), expected_version)


def own_episode_for_update(
    session: Session, actor: Actor, episode_id: UUID, expected_version: int | None = None
) -> Episode:
    """The row of an episode that the actor's partner body sent in. Raises as `episode_for_update`."""
    found = select(Episode).where(Episode.id == episode_id, Episode.support_request.has(sent_by(actor)))
    return _current(held(session, found), expected_version)


def episodes_for_update(session: Session, *which: ColumnElement[bool]) -> Sequence[Episode]:
    """The rows of several episodes that the caller may change, by id."""
    return held(session, select(Episode).where(*which).order_by(Episode.id))


def row_for_update(session: Session, actor: Actor, kind: type[R], row_id: UUID) -> tuple[R, Episode]:
    """A row of an episode of the actor's team, and the episode, which is held first. Raises `NotFound` outside."""
    columns = inspect(kind).columns
    episode_id = session.scalar(select(columns.episode_id).where(columns.id == row_id))
    if episode_id is None:
        raise NotFound
    episode = episode_for_update(session, actor, episode_id)
    rows = held(session, select(kind).where(columns.id == row_id, columns.episode_id == episode_id))
    if not rows:
        raise NotFound
    return rows[0], episode


def need_for_update(session: Session, actor: Actor, need_id: UUID) -> tuple[Need, Episode]:
    """A need of the actor's team, with its episode. Raises `NotFound` outside."""
    return row_for_update(session, actor, Need, need_id)


def goal_for_update(session: Session, actor: Actor, goal_id: UUID) -> Goal:
    """A goal of the actor's team. Raises `NotFound` outside."""
    return row_for_update(session, actor, Goal, goal_id)[0]


def action_for_update(session: Session, actor: Actor, action_id: UUID) -> Action:
    """An action of the actor's team. Raises `NotFound` outside."""
    return row_for_update(session, actor, Action, action_id)[0]


def _current(rows: Sequence[Episode], expected_version: int | None) -> Episode:
    if not rows:
        raise NotFound
    episode = rows[0]
    if expected_version is not None and episode.version != expected_version:
        raise Conflict(
            "Somebody else has moved this on while you had it open. Look at how it stands now.", {}, {}
        )
    return episode
