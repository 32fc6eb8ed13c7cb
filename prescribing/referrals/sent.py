"""Where somebody was sent in one episode, with every answer and visit, as the person's page and their own show it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session, selectinload

from core.access.rules import Actor, Role
from core.db import among, read
from core.once import once
from directory import published
from prescribing.episodes.scope import episode_in_scope
from prescribing.people.models import Person
from prescribing.referrals.models import Attendance, Presence, Referral, ReferralEvent, Signpost
from prescribing.referrals.queries import MoveRow, service_names
from prescribing.referrals.rules import REFERRAL_CLOSED, REFERRAL_WORDS, ReferralState
from prescribing.referrals.visits import VisitRow, holding, present_rows

_GONE = "An activity that is no longer listed"


@dataclass(frozen=True)
class ReferralLine:
    """A referral in a line on the person's page."""

    id: UUID
    need_id: UUID
    service: str
    state: ReferralState
    visits: int

    @property
    def said(self) -> str:
        return REFERRAL_WORDS[self.state]

    @property
    def is_open(self) -> bool:
        return self.state not in REFERRAL_CLOSED


@dataclass(frozen=True)
class SentTo:
    """One referral: where to, the moves that it made, oldest first, and what holds of each day of a visit."""

    id: UUID
    need_id: UUID
    service: str
    state: ReferralState
    events: Sequence[MoveRow]
    visits: Mapping[date, VisitRow]


@dataclass(frozen=True)
class ToldAbout:
    """An activity that somebody was told about while nothing was sent."""

    at: datetime
    service_id: UUID
    service: str
    is_listed: bool


@dataclass(frozen=True)
class Sent:
    """Where somebody was sent in one episode, and what they were told about, both oldest first."""

    referrals: tuple[SentTo, ...]
    told: tuple[ToldAbout, ...]


class _Referral(NamedTuple):
    """As `Referral`."""

    id: UUID
    need_id: UUID
    service_id: UUID
    state: ReferralState


def lines(session: Session, actor: Actor, episode_id: UUID) -> tuple[ReferralLine, ...]:
    """The referrals of an episode of the actor's team, oldest first, in a bounded number of queries."""
    if episode_in_scope(session, actor, episode_id) is None:
        return ()
    return tuple(
        ReferralLine(one.id, one.need_id, one.service, one.state, _came(one.visits))
        for one in sent_in(session, episode_id).referrals
    )


def own_lines(session: Session, actor: Actor) -> tuple[ReferralLine, ...]:
    """Where a resident was sent, oldest first; nothing of a record that is flagged for safety."""
    rows = session.scalars(
        select(Referral)
        .where(
            Referral.state != ReferralState.ENTERED_IN_ERROR,
            Referral.person_id.in_(actor.person_ids(Role.RESIDENT)),
            Referral.person.has(Person.flagged_for_safety.is_(False)),
        )
        .options(selectinload(Referral.attendances))
        .order_by(Referral.requested_at)
    ).all()
    names = service_names(session, rows)
    return tuple(
        ReferralLine(
            row.id, row.need_id, names.get(row.service_id, _GONE), row.state, _came(present_rows(row))
        )
        for row in rows
    )


def told_of(session: Session, actor: Actor, episode_id: UUID) -> tuple[tuple[UUID, str], ...]:
    """What the person of the actor's team was told about while nothing was sent: activities and their names. They
    never count as referrals."""
    if episode_in_scope(session, actor, episode_id) is None:
        return ()
    told = sent_in(session, episode_id).told
    return tuple({one.service_id: (one.service_id, one.service) for one in told if one.is_listed}.values())


def sent_in(session: Session, episode_id: UUID) -> Sent:
    """Where somebody was sent in an episode that the caller has in scope; read once for all parts of a page."""
    return once(session, ("sent", episode_id), lambda: _sent(session, episode_id))


def _sent(session: Session, episode_id: UUID) -> Sent:
    rows: dict[UUID, _Referral] = {}
    events: defaultdict[UUID, list[MoveRow]] = defaultdict(list)
    for row in read(session, _moved(), episode_id=episode_id):
        sent = rows.setdefault(row[0], _Referral._make(row[:4]))
        if row[4] is not None:
            events[sent.id].append(MoveRow._make(row[4:]))
    told = read(session, _told(), episode_id=episode_id)
    services = {one.service_id for one in (*rows.values(), *told)}
    briefs = published.briefs(session, services) if services else {}
    visits = _visited(session, rows)

    def called(service_id: UUID) -> str:
        return briefs[service_id].name if service_id in briefs else _GONE

    return Sent(
        tuple(
            SentTo(
                row.id,
                row.need_id,
                called(row.service_id),
                row.state,
                events[row.id],
                holding(visits[row.id]),
            )
            for row in rows.values()
        ),
        tuple(
            ToldAbout(row.at, row.service_id, called(row.service_id), row.service_id in briefs)
            for row in told
        ),
    )


def _visited(session: Session, ids: Collection[UUID]) -> Mapping[UUID, list[VisitRow]]:
    visits: defaultdict[UUID, list[VisitRow]] = defaultdict(list)
    for row in read(session, _visits(), ids=ids) if ids else ():
        visits[row.referral_id].append(VisitRow(*row))
    return visits


def _came(visits: Mapping[date, Attendance | VisitRow]) -> int:
    return sum(1 for one in visits.values() if one.presence is Presence.CAME)


@cache
def _moved() -> Select[*tuple[Any, ...]]:
    """A row for each move of each referral: in the order of `_Referral`, then of `MoveRow`."""
    return (
        select(
            *(Referral.id, Referral.need_id, Referral.service_id, Referral.state),
            *(ReferralEvent.id, ReferralEvent.referral_id, ReferralEvent.at, ReferralEvent.kind),
            *(ReferralEvent.target, ReferralEvent.said_by, ReferralEvent.author_name_sealed),
            ReferralEvent.reason_sealed,
        )
        .outerjoin(ReferralEvent, ReferralEvent.referral_id == Referral.id)
        .where(
            Referral.episode_id == bindparam("episode_id"), Referral.state != ReferralState.ENTERED_IN_ERROR
        )
        .order_by(Referral.requested_at, ReferralEvent.at, ReferralEvent.id)
    )


@cache
def _told() -> Select[*tuple[Any, ...]]:
    return (
        select(Signpost.at, Signpost.service_id)
        .where(Signpost.episode_id == bindparam("episode_id"))
        .order_by(Signpost.at)
    )


@cache
def _visits() -> Select[*tuple[Any, ...]]:
    return select(
        *(Attendance.id, Attendance.referral_id, Attendance.on, Attendance.presence, Attendance.recorded_at)
    ).where(among(Attendance.referral_id, "ids"))
