"""A group's own year, and its rota of buddies."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from core import clock
from core.access.rules import Actor, Role
from core.calendar.rules import london_day, start_of
from core.errors import NotFound
from directory import published
from directory.published import GroupFace, Offer
from prescribing.groups import rules
from prescribing.groups.models import Buddy, BuddyTurn, GroupFunding
from prescribing.groups.rules import Load
from prescribing.referrals import inbox
from prescribing.referrals.models import Attendance, Presence, Referral, ReferralEvent
from prescribing.referrals.rules import ReferralState
from prescribing.referrals.seen import GroupReferral

WEEKS_AHEAD = timedelta(days=42)
MOST_SESSIONS = 8


@dataclass(frozen=True)
class Year:
    """What a group did in one financial year for people who were referred. `pence` is what it says that it was paid for
    that, `each` what that is for everybody who came; None where it is not known or may not be shown."""

    group: GroupFace
    year: int
    words: str
    load: Load
    pence: int | None
    each: int | None
    years: tuple[int, ...]


@dataclass(frozen=True)
class BuddyView:
    """Somebody who meets newcomers."""

    id: UUID
    name: str


@dataclass(frozen=True)
class Turn:
    """One day of an activity: who meets newcomers, and who comes for the first time."""

    on: date
    buddy: BuddyView | None
    newcomers: tuple[GroupReferral, ...]


@dataclass(frozen=True)
class Rota:
    """Who meets newcomers at the next sessions of an activity."""

    offer: Offer
    buddies: tuple[BuddyView, ...]
    turns: tuple[Turn, ...]


def own_groups(session: Session, actor: Actor, organization_id: UUID) -> frozenset[UUID]:
    """Every id of a group of the actor's. Raises `NotFound` for another's."""
    known = published.known_group_ids(session, organization_id)
    if known.isdisjoint(actor.organization_ids(Role.GROUP_MEMBER)):
        raise NotFound
    return known


def year(session: Session, actor: Actor, organization_id: UUID, number: int) -> Year:
    """One year of the actor's group. Raises `NotFound`."""
    groups = own_groups(session, actor, organization_id)
    first, last = rules.bounds(number)
    start, end = start_of(first), start_of(last + timedelta(days=1))
    asked = (
        Referral.organization_id.in_(groups),
        Referral.requested_at >= start,
        Referral.requested_at < end,
        Referral.state != ReferralState.ENTERED_IN_ERROR,
    )

    def reached(state: ReferralState) -> int:
        met = select(ReferralEvent.referral_id).where(ReferralEvent.target == state)
        return session.scalar(select(func.count()).where(*asked, Referral.id.in_(met))) or 0

    people = {
        "asked": session.scalar(select(func.count()).select_from(Referral).where(*asked)) or 0,
        "yes": reached(ReferralState.ACCEPTED),
        "came": reached(ReferralState.STARTED),
        "settled": reached(ReferralState.COMPLETED),
    }
    corrected = select(Attendance.corrects_id).where(Attendance.corrects_id.is_not(None))
    visits = session.scalar(
        select(func.count())
        .select_from(Attendance)
        .join(Referral, Referral.id == Attendance.referral_id)
        .where(
            Referral.organization_id.in_(groups),
            Attendance.on >= first,
            Attendance.on <= last,
            Attendance.presence == Presence.CAME,
            Attendance.id.not_in(corrected),
        )
    )
    load = rules.load_of(people, visits or 0)
    paid = funding_of(session, organization_id, groups, number)
    pence = paid.pence if paid else None
    this = rules.year_of(clock.today())
    return Year(
        group=published.group(session, organization_id),
        year=number,
        words=rules.year_in_words(number),
        load=load,
        pence=pence,
        each=rules.pence_each(pence, load.people["came"]),
        years=tuple(one for one in (this, this - 1, this - 2) if one >= rules.FIRST_YEAR),
    )


def rota(session: Session, actor: Actor, service_id: UUID) -> Rota:
    """Who meets newcomers at an activity of the actor's group. Each newcomer shown is a look. Raises `NotFound`."""
    offer = inbox.own_offer(session, actor, service_id)
    today = clock.today()
    found = published.sessions_between(session, service_id, today, today + WEEKS_AHEAD)
    days = sorted({london_day(one.start) for one in found if not one.cancelled})[:MOST_SESSIONS]
    held = {turn.on: turn.buddy for turn in _turns(session, service_id, days)}
    coming = inbox.newcomers(session, actor, service_id)
    return Rota(
        offer=offer,
        buddies=tuple(buddies(session, actor, offer.group_id)),
        turns=tuple(
            Turn(
                on=day,
                buddy=_view(held[day]) if day in held else None,
                newcomers=tuple(one for one in coming if one.scheduled_for == day),
            )
            for day in days
        ),
    )


def buddies(session: Session, actor: Actor, organization_id: UUID) -> list[BuddyView]:
    """Who meets newcomers in a group of the actor's, by name. Raises `NotFound`."""
    groups = own_groups(session, actor, organization_id)
    rows = session.scalars(select(Buddy).where(Buddy.organization_id.in_(groups), Buddy.gone.is_(False)))
    return sorted((_view(row) for row in rows), key=lambda one: (one.name.casefold(), one.id))


def buddy_on(session: Session, service_id: UUID, on: date) -> str:
    """The first name of whoever meets newcomers there on that day; empty where nobody is down for it."""
    return next((turn.buddy.name or "" for turn in _turns(session, service_id, [on])), "")


def funding_of(
    session: Session, organization_id: UUID, groups: Collection[UUID], number: int
) -> GroupFunding | None:
    """What a group that goes by the ids of `groups` was paid in a year: what was said of the entry that is asked for,
    else of another."""
    return session.scalars(
        select(GroupFunding)
        .where(GroupFunding.organization_id.in_(groups), GroupFunding.year == number)
        .order_by((GroupFunding.organization_id == organization_id).desc(), GroupFunding.id)
        .limit(1)
    ).one_or_none()


def _turns(session: Session, service_id: UUID, days: list[date]) -> list[BuddyTurn]:
    return list(
        session.scalars(
            select(BuddyTurn)
            .where(BuddyTurn.service_id == service_id, BuddyTurn.on.in_(days))
            .options(joinedload(BuddyTurn.buddy))
        )
    )


def _view(row: Buddy) -> BuddyView:
    return BuddyView(row.id, row.name or "")
