"""Records that we have, brought to what their file says now; what people corrected by hand stays theirs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core import clock, events
from core.access.rules import Actor
from directory.exchange import fields as merging
from directory.exchange import queries
from directory.exchange.fields import GROUP_FIELDS, POINT, STATUS, Fields, Merge
from directory.exchange.inserting import AT_ONCE, Groups, Origin, group_values, point_values
from directory.exchange.models import ImportedRecord
from directory.exchange.queries import Held
from directory.listings.content import apply_content, place_of
from directory.listings.events import ListingChanged
from directory.listings.models import (
    ChangeState,
    ListingChange,
    Location,
    Organization,
    Service,
    ServiceAtLocation,
)
from directory.listings.rules import ListingStatus, Mover, moves_open_to
from directory.listings.services import move_status

# No listing ever has this version, so such a record is looked at again by every import.
CORRECTED = 0
_STANDINGS: Mapping[ListingStatus, str] = {
    ListingStatus.PUBLISHED: "it is open again.",
    ListingStatus.PAUSED: "it is closed for now.",
    ListingStatus.CLOSED: "it has closed for good.",
}


@dataclass(frozen=True, slots=True)
class KnownRecord:
    """A record that we have, as its file gives it now."""

    held: Held
    group_key: str
    fields: Fields


@dataclass(frozen=True, slots=True)
class Updated:
    """What became of a record: the fields that were written, and those that stay as people corrected them."""

    changed: tuple[str, ...]
    kept: tuple[str, ...]


def update_records(
    session: Session,
    actor: Actor,
    origin: Origin,
    records: Sequence[KnownRecord],
    groups: Groups,
    advance: Callable[[int], None],
) -> list[Updated]:
    """Bring each record up to date; answers in the same order."""
    updater = _Updater(session, actor, origin, groups)
    done: list[Updated] = []
    for start in range(0, len(records), AT_ONCE):
        chunk = records[start : start + AT_ONCE]
        done += updater.bring(chunk)
        advance(len(chunk))
    return done


def compare_records(
    session: Session, records: Sequence[KnownRecord], advance: Callable[[int], None]
) -> list[Updated]:
    """What `update_records` would do, by reading alone."""
    done: list[Updated] = []
    renamed: dict[UUID, Fields] = {}
    for start in range(0, len(records), AT_ONCE):
        chunk = records[start : start + AT_ONCE]
        done += _compare(session, chunk, renamed)
        advance(len(chunk))
    return done


def _compare(
    session: Session, records: Sequence[KnownRecord], renamed: dict[UUID, Fields]
) -> Iterator[Updated]:
    """`renamed` are the names that groups would have by now, for the next of their records."""
    rows = queries.records_for_update(session, [one.held.id for one in records])
    whole = [one for one in records if not _has_only_moved(rows[one.held.id], one)]
    services = queries.listings_for_update(session, [one.held.service_id for one in whole])
    for one in records:
        row = rows[one.held.id]
        if _has_only_moved(row, one):
            yield Updated((POINT,), ())
            continue
        service = services[one.held.service_id]
        current = queries.current_fields(service) | renamed.get(service.organization_id, {})
        merge = merging.merge(row.fields, one.fields, current)
        wanted = _of_group(row, service, merge)
        if one.group_key == row.group_key:
            renamed.setdefault(service.organization_id, {}).update(wanted)
        yield Updated(_changed(merge, wanted), merge.kept)


def _has_only_moved(row: ImportedRecord, record: KnownRecord) -> bool:
    """A listing that nobody touched says what we last wrote: where only its point is new, it need not be read."""
    return record.held.is_untouched and merging.differing(row.fields, record.fields) == (POINT,)


def _of_group(row: ImportedRecord, service: Service, merge: Merge) -> Fields:
    """What is new of the record's group; nothing where people here put the listing into another."""
    if service.organization_id != row.organization_id:
        return {}
    return {name: value for name, value in merge.changes.items() if name in GROUP_FIELDS}


def _changed(merge: Merge, of_group: Fields) -> tuple[str, ...]:
    return tuple(name for name in merge.changes if name not in GROUP_FIELDS or name in of_group)


@dataclass
class _Updater:
    session: Session
    actor: Actor
    origin: Origin
    groups: Groups

    def bring(self, records: Sequence[KnownRecord]) -> list[Updated]:
        rows = queries.records_for_update(self.session, [one.held.id for one in records])
        quick = [one for one in records if _has_only_moved(rows[one.held.id], one)]
        quick_ids = {one.held.id for one in quick}
        whole = [one for one in records if one.held.id not in quick_ids]
        services = queries.listings_for_update(self.session, [one.held.service_id for one in whole])
        self._move(quick)
        done = []
        for one in records:
            row = rows[one.held.id]
            if one.held.id in quick_ids:
                result = Updated((POINT,), ())
                self._note(row, one)
            else:
                result = self._bring_one(row, services[one.held.service_id], one)
            done.append(result)
        self.session.flush()
        return done

    def _bring_one(self, row: ImportedRecord, service: Service, record: KnownRecord) -> Updated:
        current = queries.current_fields(service)
        merge = merging.merge(row.fields, record.fields, current)
        of_group = _of_group(row, service, merge)
        self._change_group(row, service, record, of_group)
        content = {name: value for name, value in merge.changes.items() if name not in GROUP_FIELDS}
        point = content.pop(POINT, current[POINT])
        status = content.pop(STATUS, None)
        if content:
            self._change_listing(service, content, current)
        place = place_of(service)
        if place is not None and dict(queries.point_of(place)) != dict(point):
            for name, value in point_values(point).items():
                setattr(place, name, value)
        if status is not None:
            self._move_status(service, ListingStatus(status))
        changed = _changed(merge, of_group)
        if changed:
            self._touch(service, changed)
        if changed or row.digest != merging.digest_of(record.fields):
            self._note(row, record)
            row.organization_id = service.organization_id
            row.organization_version = service.organization.version
            row.service_version = CORRECTED if merge.kept else service.version
        return Updated(changed, merge.kept)

    def _change_listing(self, service: Service, content: Fields, current: Fields) -> None:
        now = clock.now()
        self.session.add(
            ListingChange(
                service_id=service.id,
                state=ChangeState.APPROVED,
                base_version=service.version,
                before={name: current.get(name) for name in content},
                after=content,
                author_id=self.actor.account_id,
                author_name=self.origin.confirmed_by,
                decided_at=now,
            )
        )
        apply_content(self.session, service, content)

    def _move_status(self, service: Service, target: ListingStatus) -> None:
        """Close or open the listing as its source says, where it may be moved so."""
        if target in moves_open_to(service.status, Mover.SOURCE):
            said = f"{self.origin.confirmed_by}: {_STANDINGS[target]}"
            move_status(self.session, self.actor, service.id, target, said, mover=Mover.SOURCE)

    def _touch(self, service: Service, changed: tuple[str, ...]) -> None:
        """Count the listing's version up, so that whoever is writing just now is shown what came in between."""
        service.updated_at = clock.now()
        if service.confirmed_by == self.origin.confirmed_by:
            service.confirmed_at = clock.now()
        self.session.flush()
        events.publish(self.session, ListingChanged(service.id, changed))

    def _change_group(
        self, row: ImportedRecord, service: Service, record: KnownRecord, wanted: Fields
    ) -> None:
        """Rename the record's group, or move the listing to another where others share it."""
        if not wanted:
            return
        group = service.organization
        if record.group_key == row.group_key or queries.listings_in(self.session, group.id) == 1:
            values = group_values(record.fields)
            for name in wanted:
                setattr(group, GROUP_FIELDS[name], values[GROUP_FIELDS[name]])
            self.session.flush()
            self.groups[record.group_key] = (group.id, group.version)
        else:
            service.organization = self._group(record)

    def _group(self, record: KnownRecord) -> Organization:
        known = self.groups.get(record.group_key)
        if known is not None:
            return self.session.get_one(Organization, known[0])
        made = Organization(source_id=self.origin.source_id, **group_values(record.fields))
        self.session.add(made)
        self.session.flush()
        self.groups[record.group_key] = (made.id, made.version)
        return made

    def _note(self, row: ImportedRecord, record: KnownRecord) -> None:
        row.fields, row.digest, row.group_key = (
            record.fields,
            merging.digest_of(record.fields),
            record.group_key,
        )

    def _move(self, records: Sequence[KnownRecord]) -> None:
        """Put the places of these listings where they are now."""
        if not records:
            return
        points: Mapping[UUID, Fields] = {one.held.service_id: one.fields[POINT] for one in records}
        links = self.session.execute(
            select(ServiceAtLocation.service_id, ServiceAtLocation.location_id).where(
                ServiceAtLocation.service_id.in_(list(points))
            )
        )
        values = [{"id": place} | point_values(points[service]) for service, place in links]
        if values:
            self.session.execute(update(Location), values)
