"""Reading what wants to be checked: the page behind a link, and the calls that editors are to make."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from core import clock
from core.access.rules import Actor, Permission
from core.calendar.rules import london_day
from core.errors import NotFound
from core.paging import within
from directory.listings.freshness_rules import REVIEW_AFTER, TIME_TO_RING, Urgency
from directory.listings.models import Service
from directory.listings.pages import ListingPage, page_of
from directory.listings.queries import WHOLE, Choice, coming_sessions
from directory.listings.rules import IN_SEARCH, ListingStatus
from directory.stewardship.freshness.links import ANSWER_WAITS, OpenLink, urgency_of
from directory.stewardship.freshness.models import CheckItem, CheckLink, EditorCall
from directory.stewardship.freshness.owners import KEPT

CALLS_A_PAGE = 20
# Nothing is due sooner than this, whatever its group.
SOONEST = min(REVIEW_AFTER.values())


@dataclass(frozen=True, slots=True)
class CheckListing:
    """One listing on a group's checking page. `done` says that it was confirmed since the link was sent."""

    page: ListingPage
    done: bool
    hidden: bool
    next_session: Choice | None


@dataclass(frozen=True, slots=True)
class CallLine:
    """One call for an editor. `hides_on` is the day from which the listing may hide; None where it has, or never
    does, as a made-up one."""

    service_id: UUID
    name: str
    group: str
    contact: str
    phone: str
    email: str
    last_word: str
    times: tuple[str, ...]
    where: str
    tries: int
    again_on: date | None
    hides_on: date | None
    hidden: bool
    later: bool


@dataclass(frozen=True, slots=True)
class CallPage:
    """A page of the calls to make, the soonest to hide first; those for another day last."""

    calls: tuple[CallLine, ...]
    total: int
    page: int
    pages: int


def check_listings(session: Session, link: OpenLink) -> tuple[CheckListing, ...]:
    """The listings of a link, in its order."""
    rows = session.scalars(
        select(Service)
        .where(Service.id.in_(link.service_ids), Service.status.in_(KEPT))
        .options(*WHOLE)
        .execution_options(populate_existing=True)
    )
    found = {row.id: _check_listing(row, link.sent_at) for row in rows}
    return tuple(found[one] for one in link.service_ids if one in found)


def check_listing(session: Session, link: OpenLink, service_id: UUID) -> Service:
    """The row of one listing of a link. Raises `NotFound` for any other."""
    if service_id not in link.service_ids:
        raise NotFound
    row = session.scalar(select(Service).where(Service.id == service_id).options(*WHOLE))
    if row is None:
        raise NotFound
    return row


def _check_listing(row: Service, sent_at: datetime) -> CheckListing:
    today = clock.today()
    coming = coming_sessions(row, today, limit=1) if row.status is ListingStatus.PUBLISHED else ()
    return CheckListing(
        page=page_of(row, today),
        done=row.confirmed_at is not None and row.confirmed_at >= sent_at,
        hidden=row.status is ListingStatus.UNCONFIRMED,
        next_session=coming[0] if coming else None,
    )


def wanting_reminder(session: Session, now: datetime) -> list[Service]:
    """Public listings that reached an urgency at which nobody has been reminded yet, the longest unchecked first."""
    word = func.coalesce(Service.confirmed_at, Service.created_at)
    sent = (
        select(func.max(CheckItem.urgency))
        .join(CheckLink, CheckLink.id == CheckItem.link_id)
        .where(CheckItem.service_id == Service.id, CheckLink.created_at > word)
        .correlate(Service)
        .scalar_subquery()
    )
    found = session.execute(
        select(Service, sent)
        .where(
            Service.status.in_(IN_SEARCH),
            word < now - SOONEST,
            or_(sent.is_(None), sent < Urgency.LAST),
            ~answered(now),
        )
        .order_by(word, Service.id)
    )
    return [row for row, before in found if min(urgency_of(row, now), Urgency.LAST) > (before or 0)]


def answered(now: datetime) -> ColumnElement[bool]:
    """That its owner answered by email lately and nobody has pressed for it, or put it right, since."""
    return (
        select(CheckItem.id)
        .join(CheckLink, CheckLink.id == CheckItem.link_id)
        .where(
            CheckItem.service_id == Service.id,
            CheckLink.replied_at > now - ANSWER_WAITS,
            or_(Service.confirmed_at.is_(None), CheckLink.replied_at > Service.confirmed_at),
        )
        .correlate(Service)
        .exists()
    )


def to_ring(session: Session, now: datetime, most: int) -> list[Service]:
    """Public listings past their last reminder about which no call is open, the longest unchecked first."""
    word = func.coalesce(Service.confirmed_at, Service.created_at)
    is_open = select(EditorCall.id).where(EditorCall.service_id == Service.id, EditorCall.done_at.is_(None))
    rows = session.scalars(
        select(Service)
        .where(Service.status.in_(IN_SEARCH), word < now - SOONEST, ~is_open.exists(), ~answered(now))
        .order_by(word, Service.id)
    )
    found = (row for row in rows if urgency_of(row, now) >= Urgency.RING)
    return [row for row, _ in zip(found, range(most), strict=False)]


def open_calls(session: Session, *where: ColumnElement[bool]) -> Sequence[tuple[EditorCall, Service]]:
    """Every call that is to be made and of whose listing this is so, with its listing, rows for services."""
    return [
        (call, service)
        for call, service in session.execute(
            select(EditorCall, Service)
            .join(Service, Service.id == EditorCall.service_id)
            .where(EditorCall.done_at.is_(None), *where)
            .order_by(EditorCall.asked_at, EditorCall.id)
        )
    ]


def call_for_update(session: Session, service_id: UUID) -> EditorCall:
    """The open call about a listing, its row held. Raises `NotFound`."""
    call = session.scalar(
        select(EditorCall)
        .where(EditorCall.service_id == service_id, EditorCall.done_at.is_(None))
        .order_by(EditorCall.asked_at)
        .limit(1)
        .with_for_update()
    )
    if call is None:
        raise NotFound
    return call


def count_calls(session: Session) -> int:
    """How many calls editors are to make."""
    return (
        session.scalar(
            select(func.count())
            .select_from(EditorCall)
            .join(Service, Service.id == EditorCall.service_id)
            .where(*_wanted())
        )
        or 0
    )


def calls(session: Session, actor: Actor, page: int) -> CallPage:
    """The calls to make. Raises `NotFound` for anybody but an editor."""
    actor.must(Permission.MODERATE)
    total, today = count_calls(session), clock.today()
    page, pages = within(page, total, CALLS_A_PAGE)
    later = EditorCall.again_on > today
    rows = session.execute(
        select(EditorCall, Service)
        .join(Service, Service.id == EditorCall.service_id)
        .where(*_wanted())
        .options(*WHOLE)
        .order_by(func.coalesce(later, False), EditorCall.asked_at, EditorCall.id)
        .limit(CALLS_A_PAGE)
        .offset((page - 1) * CALLS_A_PAGE)
    )
    return CallPage(tuple(_call_line(call, row, today) for call, row in rows), total, page, pages)


def _wanted() -> tuple[ColumnElement[bool], ...]:
    """Open calls about listings that nobody has spoken for since."""
    return (
        EditorCall.done_at.is_(None),
        Service.status.in_(KEPT),
        or_(Service.confirmed_at.is_(None), Service.confirmed_at <= EditorCall.asked_at),
    )


def _call_line(call: EditorCall, row: Service, today: date) -> CallLine:
    page = page_of(row, today)
    hidden = row.status is ListingStatus.UNCONFIRMED
    return CallLine(
        service_id=row.id,
        name=page.name,
        group=page.group,
        contact=page.contact,
        phone=page.phone,
        email=page.email,
        last_word=page.confirmed,
        times=page.timetable or ((page.times_text,) if page.times_text else ()),
        where=page.where,
        tries=call.tries,
        again_on=call.again_on,
        hides_on=None if hidden or row.is_example else london_day(call.asked_at + TIME_TO_RING),
        hidden=hidden,
        later=call.again_on is not None and call.again_on > today,
    )
