"""Listings, groups and changes, for the access matrix."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from directory.listings.models import ChangeState
from directory.listings.rules import ListingStatus
from tests import build_directory
from tests.contract.subjects import Cell, Subject, subject


def _listing(cell: Cell, **values: Any) -> UUID:
    group = cell.reach.organization_id if cell.reach else None
    return build_directory.listing(cell.session, group, **values)


@subject(
    "listings.activity",
    "listings.activity_calendar",
    "editing.edit",
    "editing.history",
    "editing.confirm",
)
def _any_listing(cell: Cell) -> Subject:
    return Subject({"service_id": _listing(cell)})


@subject("listings.group")
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
