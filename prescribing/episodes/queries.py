"""Reading episodes within the actor's teams: what forms and other features stand on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from sqlalchemy import Select, and_, bindparam, exists, func, or_, select
from sqlalchemy.orm import Session, joinedload

from core.access.rules import Actor, Role
from core.accounts import queries as accounts
from core.accounts.models import Account, MembershipRow
from core.db import read
from core.errors import NotFound
from core.once import once
from directory import published
from directory.published import NeedTerm
from prescribing.episodes import contributions
from prescribing.episodes.load_rules import weight
from prescribing.episodes.models import Episode, Need, NeedEvent, RequestSource
from prescribing.episodes.needs import NEED_OPEN, NEED_WORDS, NeedState
from prescribing.episodes.rules import (
    CASELOAD,
    EPISODE_CLOSED,
    EPISODE_OPEN,
    EPISODE_WORDS,
    EpisodeState,
    with_nobody,
)
from prescribing.episodes.scope import episode_in_scope, of_team
from prescribing.people import queries as people
from prescribing.people.models import Person
from prescribing.people.queries import TEAM_ROLES, PersonRecord


@dataclass(frozen=True)
class NeedView:
    """A need with its name from the vocabulary and the person's own words."""

    id: UUID
    episode_id: UUID
    slug: str
    name: str
    words: str
    state: NeedState
    version: int

    @property
    def is_open(self) -> bool:
        return self.state in NEED_OPEN

    @property
    def said(self) -> str:
        """Its state in words."""
        return NEED_WORDS[self.state]


@dataclass(frozen=True)
class EpisodeBrief:
    """One episode and the person in it, for the team: what every page of theirs keeps in sight. `stopped` says that
    they took their support back and have no other: nobody gets in touch, by whatever way they once allowed."""

    id: UUID
    version: int
    reference: str
    state: EpisodeState
    team_id: UUID
    link_worker_id: UUID | None
    partner_id: UUID | None
    source: RequestSource
    submitted_at: datetime | None
    closed_at: datetime | None
    feedback_sent_at: datetime | None
    person: PersonRecord
    stopped: bool = False

    @property
    def said(self) -> str:
        """Its state in words."""
        return EPISODE_WORDS[self.state]

    @property
    def is_open(self) -> bool:
        return self.state not in EPISODE_CLOSED

    @property
    def with_nobody(self) -> str:
        """Why nobody is in touch with them now, and what to do; empty where a link worker is."""
        return with_nobody(self.state, died=self.person.died_at is not None)


@dataclass(frozen=True)
class WorkerLoad:
    """A link worker, how many people are with them now, and how much work these are (`load`, in points).

    `away` says until when somebody is away; empty for whoever is here.
    """

    account_id: UUID
    name: str
    people: int
    load: int = 0
    at_risk: int = 0
    away: str = ""


def brief(session: Session, actor: Actor, episode_id: UUID) -> EpisodeBrief:
    """One episode of the actor's team. Raises `NotFound` outside. Whoever shows it audits the look."""
    row = session.scalars(
        select(Episode)
        .where(Episode.id == episode_id, of_team(actor))
        .options(joinedload(Episode.person), joinedload(Episode.support_request))
    ).one_or_none()
    if row is None:
        raise NotFound
    return EpisodeBrief(
        id=row.id,
        version=row.version,
        reference=row.reference,
        state=row.state,
        team_id=row.team_id,
        link_worker_id=row.link_worker_id,
        partner_id=row.support_request.partner_id,
        source=row.support_request.source,
        submitted_at=row.submitted_at,
        closed_at=row.closed_at,
        feedback_sent_at=row.feedback_sent_at,
        person=people.as_record(session, row.person),
        stopped=row.state is EpisodeState.PERSON_DECLINED and not is_supported(session, row.person_id),
    )


def is_supported(session: Session, person_id: UUID) -> bool:
    """Whether any support of theirs goes on or waits to begin; what nobody has sent yet is none."""
    going_on = Episode.state.in_(EPISODE_OPEN - {EpisodeState.DRAFT})
    return session.scalars(select(exists().where(Episode.person_id == person_id, going_on))).one()


def need_names(session: Session) -> dict[str, str]:
    """What each need that can be chosen is called, by its slug, in the vocabulary's order."""
    return {term.slug: term.name for term in published.needs(session)}


def every_need_name(session: Session) -> dict[str, str]:
    """What each need is called that was ever written down, by its slug: one that was merged by today's name."""
    return {slug: term.name for slug, term in published.every_need(session).items()}


def need(session: Session, actor: Actor, need_id: UUID) -> NeedView:
    """One need of somebody in the actor's team. Raises `NotFound` outside."""
    row = session.scalars(
        select(Need).join(Episode, Episode.id == Need.episode_id).where(Need.id == need_id, of_team(actor))
    ).one_or_none()
    if row is None:
        raise NotFound
    return _need_view(row, row.words, published.every_need(session))


def needs(
    session: Session, actor: Actor, episode_id: UUID, known: Mapping[str, NeedTerm] | None = None
) -> tuple[NeedView, ...]:
    """The needs of one episode of the actor's team, open ones first, then as they were raised.

    `known` is the vocabulary, where the caller has fetched it.
    """
    if episode_in_scope(session, actor, episode_id) is None:
        return ()
    rows = {row.id: row for row in needs_moved(session, episode_id)}.values()
    terms = published.every_need(session) if known is None else known
    views = (_need_view(row, Need.words.read(Need, row.id, row.words_sealed), terms) for row in rows)
    return tuple(sorted(views, key=lambda each: not each.is_open))


class NeedMoved(NamedTuple):
    """A need, and one of the moves that somebody made with it: None where nobody made any."""

    id: UUID
    episode_id: UUID
    slug: str
    words_sealed: bytes | None
    state: NeedState
    version: int
    at: datetime | None
    target: NeedState | None


def needs_moved(session: Session, episode_id: UUID) -> list[NeedMoved]:
    """The needs of one episode that the caller has in scope, as they were raised, a row for each of their moves; read
    once for all parts of a page."""

    def found() -> list[NeedMoved]:
        return list(map(NeedMoved._make, read(session, _needs(), episode_id=episode_id)))

    return once(session, ("needs", episode_id), found)


@cache
def _needs() -> Select[*tuple[Any, ...]]:
    """In the order of `NeedMoved`."""
    return (
        select(
            *(Need.id, Need.episode_id, Need.slug, Need.words_sealed, Need.state, Need.version),
            *(NeedEvent.at, NeedEvent.target),
        )
        .outerjoin(NeedEvent, and_(NeedEvent.need_id == Need.id, NeedEvent.author != "system"))
        .where(Need.episode_id == bindparam("episode_id"))
        .order_by(Need.created_at, Need.id, NeedEvent.at, NeedEvent.id)
    )


def workers(session: Session, actor: Actor) -> tuple[WorkerLoad, ...]:
    """The link workers of the actor's teams, whoever has most room first; whoever is away comes last."""
    team_ids = actor.team_ids(*TEAM_ROLES)
    risk = or_(Person.risks_sealed.is_not(None), Person.flagged_for_safety)
    counted = session.execute(
        select(Episode.link_worker_id, Episode.state, Episode.priority, risk, func.count())
        .join(Person, Person.id == Episode.person_id)
        .where(Episode.team_id.in_(team_ids), Episode.state.in_(CASELOAD))
        .group_by(Episode.link_worker_id, Episode.state, Episode.priority, risk)
    ).all()
    people: Counter[UUID | None] = Counter()
    load: Counter[UUID | None] = Counter()
    at_risk: Counter[UUID | None] = Counter()
    for account_id, state, priority, has_risk, count in counted:
        people[account_id] += count
        load[account_id] += count * weight(state, priority, risk=bool(has_risk))
        at_risk[account_id] += count if has_risk else 0
    rows = session.execute(
        select(Account.id, Account.name_sealed)
        .join(MembershipRow, MembershipRow.account_id == Account.id)
        .where(
            MembershipRow.team_id.in_(team_ids),
            MembershipRow.role == Role.LINK_WORKER,
            MembershipRow.ended_at.is_(None),
            Account.disabled_at.is_(None),
        )
        .distinct()
    ).all()
    away = contributions.away(session, {row.id for row in rows})
    loads = [
        WorkerLoad(
            row.id,
            accounts.name_of(row.id, row.name_sealed),
            people[row.id],
            load[row.id],
            at_risk[row.id],
            away.get(row.id, ""),
        )
        for row in rows
    ]
    return tuple(sorted(loads, key=lambda each: (bool(each.away), each.load, each.people, each.name)))


def account_names(session: Session, ids: set[UUID]) -> dict[UUID, str]:
    """The names of colleagues, by account."""
    return accounts.names(session, ids) if ids else {}


class _NeedRow(Protocol):
    """A `Need`, or `NeedMoved`."""

    @property
    def id(self) -> UUID: ...
    @property
    def episode_id(self) -> UUID: ...
    @property
    def slug(self) -> str: ...
    @property
    def state(self) -> NeedState: ...
    @property
    def version(self) -> int: ...


def _need_view(row: _NeedRow, words: str | None, known: Mapping[str, NeedTerm]) -> NeedView:
    term = known.get(row.slug)
    return NeedView(
        id=row.id,
        episode_id=row.episode_id,
        slug=term.slug if term else row.slug,
        name=term.name if term else row.slug,
        words=words or "",
        state=row.state,
        version=row.version,
    )
