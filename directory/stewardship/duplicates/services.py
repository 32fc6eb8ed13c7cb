"""Looking for entries that are there twice, and remembering which are not."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from core import clock, events
from core.access.rules import Actor, Permission
from core.audit import services as audit
from core.db import hold
from core.errors import NotFound
from directory.listings.events import ListingCreated, ListingSent
from directory.stewardship.duplicates import entries
from directory.stewardship.duplicates.models import DuplicatePair, Kind
from directory.stewardship.duplicates.rules import LIKELY, Found, as_json, find, judge


def listen() -> None:
    """Look at every new activity: when it is begun, and again when all of it is sent for approval."""
    events.subscribe(ListingCreated, lambda session, event: look_for(session, [event.service_id]))
    events.subscribe(ListingSent, lambda session, event: look_for(session, [event.service_id]))


def look_for(session: Session, ids: Collection[UUID], kind: Kind = Kind.ACTIVITY) -> None:
    """Compare these entries with those near them, and keep the pairs that are likely one."""
    session.flush()
    load = entries.activities if kind is Kind.ACTIVITY else entries.groups
    found = []
    for entry in load(session, ids):
        for other in entries.near(session, kind, entry):
            likeness = judge(entry, other)
            if likeness.score >= LIKELY:
                first, second = sorted((entry.id, other.id))
                found.append(Found(first, second, likeness))
    _keep(session, kind, found)


def scan(session: Session) -> int:
    """Compare the whole borough, and bring the list up to date; gives how many pairs are likely one."""
    hold(session, "duplicates")
    number = 0
    for kind, load in ((Kind.ACTIVITY, entries.activities), (Kind.GROUP, entries.groups)):
        found = find(load(session))
        _keep(session, kind, found)
        _forget(session, kind, {(one.first, one.second) for one in found})
        number += len(found)
    return number


def dismiss(session: Session, actor: Actor, pair_id: UUID) -> None:
    """Say that two entries are not the same. Nobody is asked about them again. Raises `NotFound`."""
    row = (
        session.get(DuplicatePair, pair_id, with_for_update=True) if actor.can(Permission.MODERATE) else None
    )
    if row is None:
        raise NotFound
    if row.dismissed_at is None:
        row.dismissed_at, row.dismissed_by_id = clock.now(), actor.account_id
        audit.record(
            session, actor, "duplicate.dismiss", row.kind.value, row.first_id, other=str(row.second_id)
        )


def _keep(session: Session, kind: Kind, found: Iterable[Found]) -> None:
    known = {
        (row.first_id, row.second_id): row
        for row in session.scalars(select(DuplicatePair).where(DuplicatePair.kind == kind))
    }
    for one in found:
        row = known.get((one.first, one.second))
        if row is None:
            row = DuplicatePair(kind=kind, first_id=one.first, second_id=one.second)
            known[one.first, one.second] = row
            session.add(row)
        row.score, row.reasons = one.likeness.score, as_json(one.likeness)


def _forget(session: Session, kind: Kind, found: Collection[tuple[UUID, UUID]]) -> None:
    """Take out what is no longer likely; what an editor dismissed stays."""
    rows = session.execute(
        select(DuplicatePair.id, DuplicatePair.first_id, DuplicatePair.second_id).where(
            DuplicatePair.kind == kind, DuplicatePair.dismissed_at.is_(None)
        )
    ).all()
    gone = [row.id for row in rows if (row.first_id, row.second_id) not in found]
    for start in range(0, len(gone), 500):
        session.execute(delete(DuplicatePair).where(DuplicatePair.id.in_(gone[start : start + 500])))
