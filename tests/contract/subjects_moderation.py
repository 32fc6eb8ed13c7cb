"""Decisions, and what listings said before, for the access matrix."""

from __future__ import annotations

from core import clock
from core.access.rules import Role
from core.db import new_id
from directory.listings.models import ChangeState, ListingChange
from directory.listings.moderation_models import ListingDecision, Verdict
from directory.stewardship.duplicates import merging
from directory.stewardship.duplicates.models import DuplicatePair, Kind
from tests import build, build_directory
from tests.contract.subjects import Cell, Subject, subject


@subject("history.lines")
def _history(cell: Cell) -> Subject:
    group = cell.reach.organization_id if cell.reach else None
    return Subject({"service_id": build_directory.listing(cell.session, group)})


@subject("history.earlier")
def _earlier(cell: Cell) -> Subject:
    listing = _history(cell).values["service_id"]
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


@subject("duplicates.dismiss", "duplicates.merge")
def _pair(cell: Cell) -> Subject:
    first, second = sorted(build_directory.listing(cell.session) for _ in range(2))
    row = DuplicatePair(kind=Kind.ACTIVITY, first_id=first, second_id=second, score=0.9, reasons=[])
    cell.session.add(row)
    cell.session.flush()
    return Subject({"pair_id": row.id})


@subject("duplicates.undo")
def _merge(cell: Cell) -> Subject:
    old, into = (build_directory.listing(cell.session) for _ in range(2))
    editor = build.actor(cell.session, Role.EDITOR)
    return Subject({"merge_id": merging.merge(cell.session, editor, Kind.ACTIVITY, old, into, [])})


@subject("words.paste", "words.confirm")
def _flyer(cell: Cell) -> Subject:
    group = cell.reach.organization_id if cell.reach else None
    form = {
        "text": "Ring 0161 496 0101",
        "use": "phone",
        "said-phone": "0161 496 0101",
        "expected_version": "1",
    }
    return Subject({"service_id": build_directory.listing(cell.session, group)}, form=form)


@subject("vocabularies.show")
def _vocabulary(cell: Cell) -> Subject:
    form = {"name": "Warmth", "description": "Warm rooms", "idempotency_key": str(new_id())}
    return Subject({"vocabulary": "needs"}, form=form)


@subject("vocabularies.term")
def _word(cell: Cell) -> Subject:
    return Subject({"vocabulary": "needs", "term": "fuel"})


@subject("vocabularies.change")
def _renamed(cell: Cell) -> Subject:
    return Subject({"vocabulary": "needs", "term": "fuel", "deed": "rename"}, form={"name": "Warmth"})
