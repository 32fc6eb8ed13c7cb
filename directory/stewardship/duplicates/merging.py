"""Making two entries one, and two again: the old address leads on, nothing that points to it is rewritten."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from core import clock, events
from core.access.rules import Actor, Permission
from core.audit import services as audit
from core.errors import Invalid, NotFound, Refused
from directory.listings.content import apply_content, content_of
from directory.listings.events import ListingChanged
from directory.listings.merged import current
from directory.listings.models import ChangeState, ListingChange, Organization, Service, StatusEvent
from directory.listings.moderation import TO_DECIDE
from directory.listings.queries import listing_for_update
from directory.listings.rules import ListingStatus, changed_fields
from directory.listings.services import index, tell
from directory.stewardship.details.queries import content_of as content_of_group
from directory.stewardship.details.services import apply as apply_to_group
from directory.stewardship.duplicates.models import DuplicatePair, Kind, Merge
from directory.stewardship.duplicates.queries import UNDO_WITHIN


def merge(
    session: Session, actor: Actor, kind: Kind, old_id: UUID, into_id: UUID, take: Collection[str]
) -> UUID:
    """Make the old entry part of the other; `take` names the fields whose words come from the old one. Gives the id of
    the merge, by which it can be undone. Raises `NotFound`, and `Invalid` where the two are one already."""
    actor.must(Permission.MODERATE)
    if old_id == into_id:
        raise Invalid("Choose two entries that are not the same.", "keep")
    make = _merge_activities if kind is Kind.ACTIVITY else _merge_groups
    # Whoever merges the other way round at the same moment holds them in the same order.
    for one in sorted((old_id, into_id)):
        _held(session, actor, kind, one)
    row = make(session, actor, old_id, into_id, take)
    session.add(row)
    session.flush()
    session.execute(
        delete(DuplicatePair).where(
            DuplicatePair.kind == kind,
            DuplicatePair.dismissed_at.is_(None),
            or_(DuplicatePair.first_id == old_id, DuplicatePair.second_id == old_id),
        )
    )
    audit.record(session, actor, "duplicate.merge", kind.value, into_id, old=str(old_id), merge=str(row.id))
    return row.id


def _held(session: Session, actor: Actor, kind: Kind, one: UUID) -> Service | Organization:
    if kind is Kind.ACTIVITY:
        return listing_for_update(session, actor, one)
    group = session.get(Organization, one, with_for_update=True, populate_existing=True)
    if group is None or group.merged_into_id is not None:
        raise NotFound
    return group


def _merge_activities(
    session: Session, actor: Actor, old_id: UUID, into_id: UUID, take: Collection[str]
) -> Merge:
    old, into = (listing_for_update(session, actor, one) for one in (old_id, into_id))
    was, theirs = content_of(into), content_of(old)
    values = {name: theirs[name] for name in changed_fields(was, theirs) if name in take}
    before = {name: was[name] for name in values}
    if values:
        _change(session, actor, into, before, values)
    changes = session.scalars(
        select(ListingChange).where(ListingChange.service_id == old.id, ListingChange.state.in_(TO_DECIDE))
    ).all()
    kept = {str(one.id): one.state.value for one in changes}
    for one in changes:
        one.state = ChangeState.SUPERSEDED
    status = old.status
    _move(session, actor, old, ListingStatus.WITHDRAWN, f"Merged into “{into.name}”.")
    old.merged_into_id = into.id
    return _row(
        actor,
        Kind.ACTIVITY,
        old,
        into,
        {"fields": before, "took": values, "status": status.value, "changes": kept},
    )


def _merge_groups(
    session: Session, actor: Actor, old_id: UUID, into_id: UUID, take: Collection[str]
) -> Merge:
    old, into = (session.get_one(Organization, one) for one in (old_id, into_id))
    was, theirs = content_of_group(into), content_of_group(old)
    values = {name: theirs[name] for name in changed_fields(was, theirs) if name in take}
    before = {name: was[name] for name in values}
    services = session.scalars(select(Service).where(Service.organization_id == old.id)).all()
    for service in services:
        service.organization = into
        index(session, service.id)
    old.merged_into_id = into.id
    session.flush()
    apply_to_group(session, into, values)
    moved = [str(service.id) for service in services]
    return _row(actor, Kind.GROUP, old, into, {"fields": before, "took": values, "moved": moved})


def undo(session: Session, actor: Actor, merge_id: UUID) -> None:
    """Make two of them again. Fields that were changed since the merge stay as they are.

    Raises `NotFound`, and `Refused` where it is too late, or the survivor was merged further.
    """
    row = session.get(Merge, merge_id, with_for_update=True) if actor.can(Permission.MODERATE) else None
    if row is None:
        raise NotFound
    if row.undone_at is not None:
        raise Refused("This was undone already.")
    if clock.now() - row.at > UNDO_WITHIN:
        raise Refused(f"A merge can be undone for {UNDO_WITHIN // timedelta(days=1)} days.")
    kind = Service if row.kind is Kind.ACTIVITY else Organization
    if current(session, [row.into_id], kind)[row.into_id] != row.into_id:
        raise Refused(f"“{row.into_name}” was merged into another since. Undo that first.")
    (_undo_activities if row.kind is Kind.ACTIVITY else _undo_groups)(session, actor, row)
    row.undone_at = clock.now()
    audit.record(session, actor, "duplicate.undo", row.kind.value, row.into_id, old=str(row.old_id))


def _undo_activities(session: Session, actor: Actor, row: Merge) -> None:
    into = listing_for_update(session, actor, row.into_id)
    now = content_of(into)
    since = changed_fields(now, row.before["took"])
    back = {name: value for name, value in row.before["fields"].items() if name not in since}
    if back:
        _change(session, actor, into, {name: now[name] for name in back}, back)
    old = session.get_one(Service, row.old_id, with_for_update=True, populate_existing=True)
    old.merged_into_id = None
    _move(session, actor, old, ListingStatus(row.before["status"]), "The merge was undone.")
    for change_id, state in row.before["changes"].items():
        session.get_one(ListingChange, UUID(change_id)).state = ChangeState(state)


def _undo_groups(session: Session, _actor: Actor, row: Merge) -> None:
    into, old = (
        session.get_one(Organization, one, with_for_update=True) for one in (row.into_id, row.old_id)
    )
    since = changed_fields(content_of_group(into), row.before["took"])
    old.merged_into_id = None
    for one in row.before["moved"]:
        service = session.get_one(Service, UUID(one))
        if service.organization_id == into.id:
            service.organization = old
            index(session, service.id)
    session.flush()
    back = {name: value for name, value in row.before["fields"].items() if name not in since}
    apply_to_group(session, into, back)


def _change(
    session: Session, actor: Actor, row: Service, before: Mapping[str, Any], values: Mapping[str, Any]
) -> None:
    """Write fields into a listing, into its history too."""
    session.add(
        ListingChange(
            service_id=row.id,
            state=ChangeState.APPROVED,
            base_version=row.version,
            before=dict(before),
            after=dict(values),
            author_id=actor.account_id,
            author_name=actor.name,
            decided_by_id=actor.account_id,
            decided_at=clock.now(),
        )
    )
    apply_content(session, row, values)
    row.updated_at = clock.now()
    tell(session, row, tuple(values))


def _move(session: Session, actor: Actor, row: Service, target: ListingStatus, reason: str) -> None:
    """To or from a status that no page offers as a move: what a merged entry has."""
    session.add(
        StatusEvent(
            service_id=row.id,
            at=clock.now(),
            author_id=actor.account_id,
            from_status=row.status,
            to_status=target,
            reason=reason,
        )
    )
    row.status = target
    session.flush()
    events.publish(session, ListingChanged(row.id, ("status",)))
    index(session, row.id)


def _row(
    actor: Actor,
    kind: Kind,
    old: Service | Organization,
    into: Service | Organization,
    before: dict[str, Any],
) -> Merge:
    return Merge(
        kind=kind,
        old_id=old.id,
        into_id=into.id,
        old_name=old.name,
        into_name=into.name,
        author_id=actor.account_id,
        author_name=actor.name,
        before=before,
    )
