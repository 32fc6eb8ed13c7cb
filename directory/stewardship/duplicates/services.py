"""Looking for entries that are there twice, and remembering which are not."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from core import clock, events
from core.access.rules import Actor, Permission
from core.audit import services as audit
from core.db import among, hold, reading_beside
from core.errors import NotFound
from directory.listings.events import ListingCreated, ListingSent
from directory.stewardship.duplicates import entries
from directory.stewardship.duplicates.models import DuplicatePair, Kind
from directory.stewardship.duplicates.rules import LIKELY, Found, as_json, find, judge

_LOADS = {Kind.ACTIVITY: entries.activities, Kind.GROUP: entries.groups}


def listen() -> None:
    """Look at every new activity: when it is begun, and again when all of it is sent for approval."""
    events.subscribe(ListingCreated, lambda session, event: look_for(session, [event.service_id]))
    events.subscribe(ListingSent, lambda session, event: look_for(session, [event.service_id]))


def look_for(session: Session, ids: Collection[UUID], kind: Kind = Kind.ACTIVITY) -> None:
    """Compare these entries with those near them, and keep the pairs that are likely one."""
    session.flush()
    found = []
    for entry in _LOADS[kind](session, ids):
        for other in entries.near(session, kind, entry):
            likeness = judge(entry, other)
            if likeness.score >= LIKELY:
                first, second = sorted((entry.id, other.id))
                found.append(Found(first, second, likeness))
    _keep(session, kind, found)


def scan(session: Session) -> int:
    """Compare the whole borough, and bring the list up to date; gives how many pairs are likely one.

    A borough takes many seconds to read and compare. That happens beside `session`, over what is committed, so that
    nobody who writes meanwhile waits for it; only the pairs are written in the caller's transaction.
    """
    with reading_beside(session) as reading:
        asked = set(reading.scalars(select(DuplicatePair.id).where(DuplicatePair.dismissed_at.is_(None))))
        looks = {kind: find(load(reading)) for kind, load in _LOADS.items()}
    hold(session, "duplicates")
    for kind, found in looks.items():
        standing = entries.standing(
            session, kind, {one for pair in found for one in (pair.first, pair.second)}
        )
        _keep(session, kind, (one for one in found if {one.first, one.second} <= standing))
        _forget(session, kind, asked, {(one.first, one.second) for one in found})
    return sum(map(len, looks.values()))


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


def _forget(
    session: Session, kind: Kind, asked: Collection[UUID], found: Collection[tuple[UUID, UUID]]
) -> None:
    """Take out what is no longer likely, of the pairs that were `asked` about when the look began; what an editor
    dismissed stays."""
    rows = session.execute(
        select(DuplicatePair.id, DuplicatePair.first_id, DuplicatePair.second_id).where(
            DuplicatePair.kind == kind, DuplicatePair.dismissed_at.is_(None), among(DuplicatePair.id, asked)
        )
    ).all()
    gone = [row.id for row in rows if (row.first_id, row.second_id) not in found]
    session.execute(delete(DuplicatePair).where(among(DuplicatePair.id, gone)))
