"""Listings, groups and changes, for the access matrix."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

from core import clock
from directory.listings.models import ChangeState, SchoolTerm, Service
from directory.listings.queries import coming_sessions
from directory.listings.rules import ListingStatus
from tests import build_directory
from tests.contract.subjects import Cell, Subject, subject


def _listing(cell: Cell, **values: Any) -> UUID:
    group = cell.reach.organization_id if cell.reach else None
    return build_directory.listing(cell.session, group, **values)


@subject("passing_on.send")
def _kept(cell: Cell) -> Subject:
    ids = str(_listing(cell))
    form = {"ids": ids, "how": "email", "to": "friend@example.com", "idempotency_key": str(uuid4())}
    return Subject({}, form=form, query={"ids": ids})


@subject(
    "listings.activity",
    "passing_on.leaflet",
    "listings.activity_calendar",
    "editing.edit",
    "editing.confirm",
)
def _any_listing(cell: Cell) -> Subject:
    return Subject({"service_id": _listing(cell)})


@subject("listings.group", "listings.group_calendar")
def _group(cell: Cell) -> Subject:
    group = cell.reach.organization_id if cell.reach else None
    return Subject({"organization_id": group or build_directory.organization(cell.session)})


@subject("editing.new")
def _new(cell: Cell) -> Subject:
    return _group(cell)


@subject("editing.section")
def _section(cell: Cell) -> Subject:
    return Subject(
        {"service_id": _listing(cell), "slug": "notice"},
        form={"notice": "Back soon", "expected_version": "1"},
    )


@subject("editing.times", "editing.remove_times")
def _times(cell: Cell) -> Subject:
    form = {"often": "weekly", "days": "MO", "opens_at": "2pm", "expected_version": "1"}
    return Subject({"service_id": _listing(cell), "line": "0"}, form=form)


@subject("editing.cancel")
def _cancel(cell: Cell) -> Subject:
    return Subject({"service_id": _listing(cell)}, form={"session": "2031-01-07T10:00", "note": ""})


@subject("editing.restore")
def _restore(cell: Cell) -> Subject:
    listing = _listing(cell, exceptions=[{"on": "2031-01-07", "session": "10:00"}])
    return Subject({"service_id": listing}, form={"session": "2031-01-07T10:00"})


@subject("rescheduling.move_session")
def _move_session(cell: Cell) -> Subject:
    service_id = _listing(cell)
    (first, *_) = coming_sessions(cell.session.get_one(Service, service_id), clock.today())
    new_day = clock.today() + timedelta(days=30)
    form = {f"moved_to-{part}": str(getattr(new_day, part)) for part in ("day", "month", "year")}
    return Subject(
        {"service_id": service_id}, form=form | {"session": first.key}, query={"session": first.key}
    )


@subject("rescheduling.closed_days")
def _closed_days(cell: Cell) -> Subject:
    last = clock.today() + timedelta(days=30)
    days = (("first", clock.today()), ("last", last))
    form = {
        f"{name}-{part}": str(getattr(day, part)) for name, day in days for part in ("day", "month", "year")
    }
    return Subject({"service_id": _listing(cell)}, form=form)


@subject("rescheduling.school_terms")
def _school_terms(cell: Cell) -> Subject:
    days = {"starts-day": "1", "starts-month": "9", "starts-year": "2031"}
    ends = {"ends-day": "20", "ends-month": "10", "ends-year": "2031"}
    return Subject({}, form={"name": "Autumn", "idempotency_key": str(uuid4()), **days, **ends})


@subject("rescheduling.remove_school_term")
def _school_term(cell: Cell) -> Subject:
    term = SchoolTerm(name="Autumn", starts=date(2033, 9, 1), ends=date(2033, 10, 20))
    cell.session.add(term)
    cell.session.flush()
    return Subject({"term_id": term.id})


@subject("editing.move")
def _move(cell: Cell) -> Subject:
    return Subject({"service_id": _listing(cell), "slug": "pause"})


@subject("moderation.change", "moderation.approve", "moderation.send_back")
def _waiting(cell: Cell) -> Subject:
    change = build_directory.change(cell.session, _listing(cell), ChangeState.WAITING, summary="Tea")
    return Subject({"change_id": change}, form={"reason": "Say more."})


@subject("moderation.looked_at", "moderation.put_back")
def _published(cell: Cell) -> Subject:
    listing = _listing(cell, notice="Soon")
    change = build_directory.change(cell.session, listing, ChangeState.PUBLISHED, notice="Soon")
    return Subject({"change_id": change}, form={"reason": "Say more."})


@subject("moderation.listing", "moderation.publish", "moderation.return_listing", "moderation.reject")
def _new_listing(cell: Cell) -> Subject:
    return Subject({"service_id": _listing(cell, status=ListingStatus.WAITING)}, form={"reason": "Say more."})
