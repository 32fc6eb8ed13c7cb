"""Decisions, and what listings said before, for the access matrix."""

from __future__ import annotations

from core import clock
from core.db import new_id
from directory.listings.models import ChangeState, ListingChange
from directory.listings.moderation_models import ListingDecision, Verdict
from tests import build_directory
from tests.contract.subjects import Cell, Subject, subject


@subject("history.lines", "history.earlier")
def _earlier(cell: Cell) -> Subject:
    group = cell.reach.organization_id if cell.reach else None
    listing = build_directory.listing(cell.session, group)
    change = build_directory.change(cell.session, listing, ChangeState.REVIEWED, notice="Soon")
    return Subject({"service_id": listing, "change_id": change}, form={"expected_version": "1"})


@subject("moderation.decide_many")
def _many(cell: Cell) -> Subject:
    listing = build_directory.listing(cell.session)
    change = build_directory.change(cell.session, listing, ChangeState.WAITING, summary="Tea")
    return Subject({}, form={"pick": f"change:{change}", "answer": "fine"})


@subject("moderation.undo")
def _batch(cell: Cell) -> Subject:
    listing = build_directory.listing(cell.session)
    change = build_directory.change(cell.session, listing, ChangeState.REVIEWED, summary="Tea")
    cell.session.get_one(ListingChange, change).decided_at = clock.now()
    batch = new_id()
    made = ListingDecision(
        batch_id=batch,
        service_id=listing,
        change_id=change,
        verdict=Verdict.LOOKED_AT,
        author_name="Fatima",
    )
    cell.session.add(made)
    cell.session.flush()
    return Subject({"batch_id": batch})
