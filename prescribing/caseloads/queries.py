"""Reading caseloads: who carries how much, who is away, who stands in, and what was handed over."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Date, Select, bindparam, select
from sqlalchemy.orm import Session, joinedload

from core import clock
from core.access.rules import Actor, Role
from core.accounts.models import MembershipRow
from core.db import among, read
from core.errors import NotFound
from prescribing.caseloads.models import Cover, Handover
from prescribing.caseloads.rules import say_away
from prescribing.episodes.boards import overdue
from prescribing.episodes.cases import case_of
from prescribing.episodes.contributions import Contribution, Covered, News, Press
from prescribing.episodes.load_rules import weight
from prescribing.episodes.models import Episode
from prescribing.episodes.queries import WorkerLoad, account_names, workers
from prescribing.episodes.rules import CASELOAD, EPISODE_WORDS
from prescribing.episodes.scope import of_team
from prescribing.episodes.situations import standings
from prescribing.people.choosing import lines_to_choose
from prescribing.people.queries import PersonLine

# A handover is news on Today for a week.
NEWS_FOR = timedelta(days=7)


@dataclass(frozen=True)
class CoverView:
    """Days on which somebody is away, and who stands in."""

    id: UUID
    away: str
    stand_in: str
    first_day: date
    last_day: date


@dataclass(frozen=True)
class Carried:
    """One person of a caseload, with what they weigh."""

    episode_id: UUID
    person: PersonLine
    said: str
    when: str
    late: int
    points: int


@dataclass(frozen=True)
class Caseload:
    """One link worker's people, the heaviest first and of these the longest overdue, their leave, and the colleagues
    who could take over."""

    worker: WorkerLoad
    people: tuple[Carried, ...]
    covers: tuple[CoverView, ...]
    colleagues: tuple[WorkerLoad, ...]


@dataclass(frozen=True)
class HandoverView:
    """One handover, as the person's team reads it."""

    at: datetime
    author: str
    giver: str
    taker: str
    note: str


def loads(session: Session, actor: Actor) -> tuple[tuple[WorkerLoad, ...], Mapping[UUID, int]]:
    """Each link worker of the coordinator's teams, the heaviest load first, and how many overdue people each has, as
    their Today counts them."""
    found = workers(session, actor)
    return tuple(sorted(found, key=lambda each: (-each.load, each.name))), overdue(session, actor)


def caseload(session: Session, actor: Actor, account_id: UUID) -> Caseload:
    """One link worker of the coordinator's teams. Raises `NotFound` for anybody else."""
    found = {each.account_id: each for each in workers(session, actor)}
    if account_id not in found:
        raise NotFound
    rows = session.scalars(
        select(Episode)
        .where(
            Episode.team_id.in_(actor.team_ids(Role.COORDINATOR)),
            Episode.link_worker_id == account_id,
            Episode.state.in_(CASELOAD),
        )
        .options(joinedload(Episode.person), joinedload(Episode.support_request))
    ).all()
    stands, today = standings(session, [case_of(row) for row in rows]), clock.today()
    lines = lines_to_choose(row.person for row in rows)
    people = []
    for row in rows:
        person, due = lines[row.person_id], stands[row.id].due
        people.append(
            Carried(
                episode_id=row.id,
                person=person,
                said=EPISODE_WORDS[row.state],
                when=due.say(today) if due and due.on else "",
                late=due.late(today) if due else 0,
                points=weight(row.state, row.priority, risk=person.has_risk),
            )
        )
    return Caseload(
        worker=found[account_id],
        people=tuple(sorted(people, key=lambda each: (-each.points, -each.late, each.person.called))),
        covers=_covers(session, actor, account_id),
        colleagues=tuple(each for each in found.values() if each.account_id != account_id),
    )


def _covers(session: Session, actor: Actor, account_id: UUID) -> tuple[CoverView, ...]:
    rows = session.scalars(
        select(Cover)
        .where(
            Cover.team_id.in_(actor.team_ids(Role.COORDINATOR)),
            Cover.away_id == account_id,
            Cover.ended_at.is_(None),
            Cover.last_day >= clock.today(),
        )
        .order_by(Cover.first_day)
    ).all()
    names = account_names(session, {each for row in rows for each in (row.away_id, row.stand_in_id)})
    return tuple(
        CoverView(row.id, names[row.away_id], names[row.stand_in_id], row.first_day, row.last_day)
        for row in rows
    )


def teams_led(session: Session, actor: Actor, account_id: UUID) -> frozenset[UUID]:
    """The teams that the actor coordinates and in which this account is a link worker."""
    return frozenset(
        session.scalars(
            select(MembershipRow.team_id).where(
                MembershipRow.account_id == account_id,
                MembershipRow.role == Role.LINK_WORKER,
                MembershipRow.ended_at.is_(None),
                MembershipRow.team_id.in_(actor.team_ids(Role.COORDINATOR)),
            )
        )
    )


def cover_for_update(session: Session, actor: Actor, cover_id: UUID) -> Cover:
    """The row of a cover in the coordinator's teams. Raises `NotFound` outside."""
    found = select(Cover).where(Cover.id == cover_id, Cover.team_id.in_(actor.team_ids(Role.COORDINATOR)))
    cover = session.scalars(found.with_for_update()).one_or_none()
    if cover is None:
        raise NotFound
    return cover


def covering(session: Session, actor: Actor) -> tuple[Covered, ...]:
    """Whom the actor stands in for today."""
    today = clock.today()
    teams = actor.team_ids(Role.LINK_WORKER, Role.COORDINATOR)
    rows = read(session, _covering(), stand_in_id=actor.account_id, team_ids=teams, today=today)
    return tuple(Covered(row.away_id, say_away(row.last_day, today)) for row in rows)


@cache
def _covering() -> Select[*tuple[Any, ...]]:
    today = bindparam("today", type_=Date())
    return select(Cover.away_id, Cover.last_day).where(
        Cover.stand_in_id == bindparam("stand_in_id"),
        among(Cover.team_id, "team_ids"),
        Cover.first_day <= today,
        Cover.last_day >= today,
        Cover.ended_at.is_(None),
    )


def away(session: Session, account_ids: Collection[UUID]) -> dict[UUID, str]:
    """Who of these is away today, with until when."""
    today = clock.today()
    rows = session.execute(
        select(Cover.away_id, Cover.last_day)
        .where(
            Cover.away_id.in_(account_ids),
            Cover.first_day <= today,
            Cover.last_day >= today,
            Cover.ended_at.is_(None),
        )
        .order_by(Cover.last_day)
    )
    return {row.away_id: say_away(row.last_day, today) for row in rows}


def contribute(session: Session, episode_ids: Collection[UUID]) -> dict[UUID, Contribution]:
    """A handover of these days is news, with the way to its note."""
    rows = read(session, _handed_over(), ids=episode_ids, since=clock.now() - NEWS_FOR)
    return {
        episode_id: Contribution(
            news=(
                News(
                    f"Handed over by {author_name}. Read the note.",
                    "caseloads.handed_over",
                    link := {"episode_id": episode_id},
                    at,
                    press=Press("Read the note", "caseloads.handed_over", link),
                ),
            ),
            until=at + NEWS_FOR,
        )
        for episode_id, author_name, at in rows
    }


@cache
def _handed_over() -> Select[*tuple[Any, ...]]:
    return (
        select(Handover.episode_id, Handover.author_name, Handover.at)
        .where(among(Handover.episode_id, "ids"), Handover.at > bindparam("since"))
        .order_by(Handover.at)
    )


def handovers(session: Session, actor: Actor, episode_id: UUID) -> tuple[HandoverView, ...]:
    """Every handover of one episode of the actor's team, the newest first."""
    rows = session.scalars(
        select(Handover)
        .join(Episode, Episode.id == Handover.episode_id)
        .where(Handover.episode_id == episode_id, of_team(actor))
        .order_by(Handover.at.desc(), Handover.id.desc())
    ).all()
    ids = {each for row in rows for each in (row.from_id, row.to_id) if each is not None}
    names = account_names(session, ids)
    return tuple(
        HandoverView(
            row.at,
            row.author_name,
            names.get(row.from_id, "nobody") if row.from_id else "nobody",
            names.get(row.to_id, ""),
            row.note or "",
        )
        for row in rows
    )
