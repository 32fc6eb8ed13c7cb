"""What a link worker has to know of an activity before and after sending somebody there."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, selectinload

from core import clock
from core.calendar.rules import start_of
from core.db import among, read
from core.errors import NotFound
from directory.listings import summaries
from directory.listings.cards import ACCESS, AUDIENCES, NEEDS, Term, terms_of, where_in_words
from directory.listings.content import ends_of, in_use, printed_phone
from directory.listings.merged import current, known_as
from directory.listings.models import Organization, Service, Taxonomy, TaxonomyTerm
from directory.listings.queries import WHOLE
from directory.listings.recurrence import Occurrence, occurrences, occurrences_between
from directory.listings.room import full_on
from directory.listings.rules import TAKES_REFERRALS, DeliveryMode, JoinMode, ListingStatus
from directory.listings.wording import timetable_in_words

SESSIONS_AHEAD = 4


@dataclass(frozen=True, slots=True)
class Offer:
    """An activity as somewhere to send a person. Ages are years, both inclusive; `capacity` counts places for
    referrals; `full_since` is the day on which the group said that it is full, until it says otherwise;
    `sustained_after` is the number of sessions after which somebody counts as staying, where the group set one.
    `next_sessions` are on, soonest first. `who_for` says whom it is for and their ages, `audiences` what of that it
    ticked."""

    service_id: UUID
    name: str
    summary: str
    path: str
    group_id: UUID
    group: str
    status: ListingStatus
    accepting_referrals: bool
    join_mode: JoinMode
    delivery: DeliveryMode
    capacity: int | None
    full_since: date | None
    sustained_after: int | None
    minimum_age: int | None
    maximum_age: int | None
    eligibility: str
    audiences: tuple[Term, ...]
    who_for: str
    languages: tuple[str, ...]
    access: tuple[Term, ...]
    needs: tuple[Term, ...]
    cost: str
    place: str
    timetable: tuple[str, ...]
    next_sessions: tuple[Occurrence, ...]
    next_words: str
    who_meets_you: str
    contact: str
    group_phones: tuple[str, ...]
    group_email: str
    version: int

    @property
    def takes_referrals(self) -> bool:
        """Whether somebody can be referred there today."""
        return self.accepting_referrals and self.status in TAKES_REFERRALS

    def audience_words(self, slugs: Collection[str]) -> str:
        """Those of its audiences inside a sentence: "carers and parents"."""
        return summaries.audiences_in_words(term.name for term in self.audiences if term.slug in slugs)

    @property
    def group_phone(self) -> str:
        """The number to ring; an empty text where none is known."""
        return next(iter(self.group_phones), "")

    @property
    def how_to_join(self) -> str:
        return self.join_mode.label

    @property
    def how(self) -> str:
        return self.delivery.label


@dataclass(frozen=True, slots=True)
class Brief:
    """An activity's name, and how many places it keeps for referrals, where it counts them."""

    name: str
    capacity: int | None


@dataclass(frozen=True, slots=True)
class NeedTerm:
    """A need of the borough's vocabulary. Slugs never change."""

    slug: str
    name: str
    description: str


@dataclass(frozen=True, slots=True)
class GroupFace:
    """A group, and how to reach it."""

    id: UUID
    name: str
    email: str
    phone: str
    contact: str
    is_example: bool


def offers(session: Session, service_ids: Collection[UUID]) -> dict[UUID, Offer]:
    """These activities whatever their status, by id, in a bounded number of queries; unknown ids are left out.

    Under the id of one that was merged stands the one that took it in.
    """
    today, here = clock.today(), current(session, service_ids)
    found = {row.id: _offer(row, today) for row in _rows(session, set(here.values()))}
    return {asked: found[one] for asked, one in here.items() if one in found}


def briefs(session: Session, service_ids: Collection[UUID]) -> dict[UUID, Brief]:
    """As `offers`, in one light query: for where a name or the number of places is all that is wanted."""
    rows = read(session, _briefs(), ids=service_ids)
    found = {row.id: Brief(row.name, row.capacity) for row in rows if row.merged_into_id is None}
    gone = [row.id for row in rows if row.merged_into_id is not None]
    if gone:
        here = current(session, gone)
        there = briefs(session, set(here.values()) - set(gone))
        found |= {asked: there[one] for asked, one in here.items() if one in there}
    return found


@cache
def _briefs() -> Select[*tuple[Any, ...]]:
    return select(Service.id, Service.name, Service.capacity, Service.merged_into_id).where(
        among(Service.id, "ids")
    )


def offer(session: Session, service_id: UUID) -> Offer:
    """One activity, whatever its status. Raises `NotFound`."""
    found = offers(session, [service_id])
    if service_id not in found:
        raise NotFound
    return found[service_id]


def offers_of_group(session: Session, organization_id: UUID) -> list[Offer]:
    """What a group, or the one that took it in, offers that people can be sent to, by name."""
    organization_id = current(session, [organization_id], Organization)[organization_id]
    ids = session.scalars(
        select(Service.id)
        .where(Service.organization_id == organization_id, Service.status.in_(TAKES_REFERRALS))
        .order_by(Service.name)
    ).all()
    found = offers(session, ids)
    return [found[one] for one in ids]


def group(session: Session, organization_id: UUID) -> GroupFace:
    """A group by its id. Raises `NotFound`."""
    row = session.get(
        Organization,
        organization_id,
        options=[selectinload(Organization.phones), selectinload(Organization.contacts)],
    )
    if row is None:
        raise NotFound
    return GroupFace(
        id=row.id,
        name=row.name,
        email=row.email or "",
        phone=printed_phone(row.phones[0].number) if row.phones else "",
        contact=row.contacts[0].name if row.contacts else "",
        is_example=row.is_example,
    )


def group_names(session: Session, organization_ids: Collection[UUID]) -> dict[UUID, str]:
    """What these groups are called, by id, in one light query; unknown ids are left out."""
    rows = read(session, _group_names(), ids=organization_ids)
    return {one: name for one, name in rows}  # noqa: C416 - rows are no pairs to the checker


@cache
def _group_names() -> Select[*tuple[Any, ...]]:
    return select(Organization.id, Organization.name).where(among(Organization.id, "ids"))


def needs(session: Session) -> list[NeedTerm]:
    """The needs that people can choose from, in their order."""
    terms = session.scalars(
        select(TaxonomyTerm)
        .join(Taxonomy)
        .where(Taxonomy.slug == NEEDS, in_use())
        .order_by(TaxonomyTerm.position)
    )
    return [NeedTerm(term.slug, term.name, term.description) for term in terms]


def every_need(session: Session) -> dict[str, NeedTerm]:
    """By slug, every need that there ever was: a merged one is the one that took it in."""
    rows = read(session, _every_need())
    slugs = {row.id: row.slug for row in rows}
    by_slug = {row.slug: NeedTerm(row.slug, row.name, row.description) for row in rows}
    ends = ends_of({row.slug: slugs[row.merged_into_id] for row in rows if row.merged_into_id in slugs})
    return {slug: by_slug[ends.get(slug, slug)] for slug in by_slug}


@cache
def _every_need() -> Select[*tuple[Any, ...]]:
    return (
        select(
            TaxonomyTerm.id,
            TaxonomyTerm.slug,
            TaxonomyTerm.name,
            TaxonomyTerm.description,
            TaxonomyTerm.merged_into_id,
        )
        .join(Taxonomy)
        .where(Taxonomy.slug == NEEDS)
        .order_by(TaxonomyTerm.position)
    )


def sessions_between(session: Session, service_id: UUID, first: date, last: date) -> list[Occurrence]:
    """The sessions of an activity from `first` to `last`, both included, cancelled ones marked. Raises `NotFound`."""
    return _between(_timed(session, service_id), first, last)


def sessions_of_many(
    session: Session, service_ids: Collection[UUID], first: date, last: date
) -> dict[UUID, list[Occurrence]]:
    """As `sessions_between`, for many activities in a bounded number of queries; one that is not there is left out."""
    here = current(session, service_ids)
    rows = session.scalars(
        select(Service)
        .where(Service.id.in_(set(here.values())))
        .options(selectinload(Service.schedules), selectinload(Service.exceptions))
    )
    found = {row.id: _between(row, first, last) for row in rows}
    return {asked: found[one] for asked, one in here.items() if one in found}


def _between(row: Service, first: date, last: date) -> list[Occurrence]:
    return occurrences_between(
        [one.rule for one in row.schedules], [one.exception for one in row.exceptions], first, last
    )


def next_session_after(session: Session, service_id: UUID, day: date) -> Occurrence | None:
    """The first session that is on and starts after `day` is over; None in the three years to come."""
    row = _timed(session, service_id)
    start = start_of(day + timedelta(days=1))
    rules, exceptions = [one.rule for one in row.schedules], [one.exception for one in row.exceptions]
    ahead = occurrences(rules, exceptions, start, limit=2 + len(exceptions) * max(1, len(rules)))
    return next((one for one in ahead if not one.cancelled and one.start >= start), None)


def _timed(session: Session, service_id: UUID) -> Service:
    row = session.get(Service, current(session, [service_id])[service_id])
    if row is None:
        raise NotFound
    return row


def known_ids(session: Session, service_id: UUID) -> frozenset[UUID]:
    """Every id by which an activity goes: its own, and those of all that were merged into it."""
    return known_as(session, [service_id])[service_id]


def known_group_ids(session: Session, organization_id: UUID) -> frozenset[UUID]:
    """As `known_ids`, for a group."""
    return known_as(session, [organization_id], Organization)[organization_id]


def _rows(session: Session, service_ids: Collection[UUID]) -> list[Service]:
    return list(session.scalars(select(Service).where(Service.id.in_(service_ids)).options(*WHOLE)))


def _offer(row: Service, today: date) -> Offer:
    rules = [one.rule for one in row.schedules]
    exceptions = [one.exception for one in row.exceptions]
    ahead = occurrences(rules, exceptions, clock.now(), limit=SESSIONS_AHEAD + 2 * len(exceptions))
    coming = tuple(one for one in ahead if not one.cancelled)[:SESSIONS_AHEAD]
    ages = row.eligibilities[0] if row.eligibilities else None
    place = row.public_places[0].location if row.public_places else None
    contact = next(iter(row.contacts or row.organization.contacts), None)
    audiences = terms_of(row.attributes, AUDIENCES)
    attributes = [*row.attributes, *(one for held in row.places[:1] for one in held.location.attributes)]
    return Offer(
        service_id=row.id,
        name=row.name,
        summary=row.summary,
        path=f"/activities/{row.id}",
        group_id=row.organization_id,
        group=row.organization.name,
        status=row.status,
        accepting_referrals=row.accepting_referrals,
        join_mode=row.join_mode,
        delivery=row.delivery,
        capacity=row.capacity,
        full_since=full_on(row, today),
        sustained_after=row.sustained_after,
        minimum_age=ages.minimum_age if ages else None,
        maximum_age=ages.maximum_age if ages else None,
        eligibility=(ages.description if ages else None) or "",
        audiences=audiences,
        who_for=summaries.who_for(
            [(term.slug, term.name) for term in audiences],
            ages.minimum_age if ages else None,
            ages.maximum_age if ages else None,
        ),
        languages=tuple(one.name for one in row.languages),
        access=tuple(dict.fromkeys(terms_of(attributes, ACCESS))),
        needs=terms_of(row.attributes, NEEDS),
        cost=summaries.cost_summary([summaries.Cost(one.label, one.pence) for one in row.cost_options]),
        place=where_in_words(row, place),
        timetable=timetable_in_words(rules, today)
        or ((row.opening_times_text,) if row.opening_times_text else ()),
        next_sessions=coming,
        next_words=summaries.session_in_words(coming[0], today) if coming else "",
        who_meets_you=row.who_meets_you or "",
        contact=contact.name if contact else "",
        group_phones=tuple(printed_phone(one.number) for one in row.phones or row.organization.phones),
        group_email=row.email or row.organization.email or "",
        version=row.version,
    )
