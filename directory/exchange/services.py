"""Taking a source's records in: new ones published, known ones brought up to date, vanished ones marked.

One import is one transaction of the caller's: all of the file, or nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core import clock
from core.access.rules import Actor
from core.audit import services as audit
from core.db import hold
from core.errors import Invalid
from core.geography.queries import Place, locate_postcodes
from directory.exchange import ended, queries
from directory.exchange.fields import GROUP_FIELDS, Fields, digest_of, fields_of, group_key, record_key
from directory.exchange.inserting import VOCABULARIES, Groups, NewRecord, Origin, insert_records
from directory.exchange.mapping import MappedListing, MappedRow
from directory.exchange.mapping_file import Credit
from directory.exchange.models import ImportedRecord
from directory.exchange.queries import Held, Term
from directory.exchange.updating import KnownRecord, Updated, compare_records, update_records
from directory.listings.models import Source
from directory.search.services import promise_rebuild

_AT_ONCE = 500


class Fate(StrEnum):
    """What an import did with a row's record."""

    CREATED = "new"
    CHANGED = "changed"
    UNCHANGED = "as it was"


class Whereabouts(StrEnum):
    """How we know where a record is."""

    FILE = "by the file's own coordinates"
    POSTCODE = "by their postcode"
    UNKNOWN = "without a place on the map: we do not hold their postcode"
    NONE = "without a place on the map: the file gives neither postcode nor coordinates"


@dataclass(frozen=True, slots=True)
class RowOutcome:
    """What became of one accepted row. `kept` names fields that differ from the file, as people corrected them."""

    row: int
    key: str
    name: str
    fate: Fate
    whereabouts: Whereabouts
    changed: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    has_returned: bool = False


@dataclass
class Outcome:
    """What an import did. `given` are the file's rows as they were read, `vanished` the keys of records that the file
    gives no more, since this import, and `ended` those of them whose dates had all passed."""

    given: Sequence[MappedRow] = ()
    rows: list[RowOutcome] = field(default_factory=list)
    vanished: tuple[str, ...] = ()
    ended: tuple[str, ...] = ()

    def count(self, fate: Fate) -> int:
        return sum(one.fate is fate for one in self.rows)

    @property
    def returned(self) -> int:
        return sum(one.has_returned for one in self.rows)

    @property
    def nothing_new(self) -> bool:
        """Whether the database is as it was."""
        changed = any(one.fate is not Fate.UNCHANGED or one.has_returned for one in self.rows)
        return not changed and not self.vanished and not self.ended


@dataclass(frozen=True, slots=True)
class _Record:
    """An accepted row on its way in."""

    row: int
    key: str
    group_key: str
    fields: Fields
    whereabouts: Whereabouts


def import_rows(
    session: Session,
    actor: Actor,
    credit: Credit,
    rows: Sequence[MappedRow],
    advance: Callable[[int], None] = lambda _records: None,
) -> Outcome:
    """Bring the listings of the mapping's source to what its file says; tells `advance` of records done.

    Raises `Invalid` where no row can be used, as then the file is wrong and not the world.
    """
    _check_usable(rows)
    hold(session, f"import {credit.source}")
    source = _source(session, credit)
    terms = queries.terms(session)
    origin = Origin(source.id, f"From {credit.publisher or credit.name}"[:120], terms)
    held = queries.records_of(session, source.id)
    given = with_what_is_shut(rows, held)
    records = _records(session, given, terms)
    updated = _write(session, actor, origin, records, held, advance)
    outcome = _outcome_of(session, given, records, held, updated)
    ended.end_them(session, actor, [held[key] for key in outcome.ended])
    _set_vanished(session, [held[key].id for key in outcome.vanished], vanished=True)
    if outcome.nothing_new:
        return outcome
    source.name, source.licence, source.url = credit.name, credit.licence, credit.address or None
    source.imported_at = clock.now()
    counts = {fate.name.lower(): outcome.count(fate) for fate in Fate}
    audit.record(
        session,
        actor,
        "exchange.import",
        "source",
        source.id,
        **counts,
        returned=outcome.returned,
        vanished=len(outcome.vanished),
        ended=len(outcome.ended),
    )
    if outcome.count(Fate.UNCHANGED) < len(outcome.rows) or outcome.ended:
        promise_rebuild(session)
    return outcome


def compare_rows(
    session: Session,
    credit: Credit,
    rows: Sequence[MappedRow],
    advance: Callable[[int], None] = lambda _records: None,
) -> Outcome:
    """What `import_rows` would do, by reading alone. Raises as it does."""
    _check_usable(rows)
    source_id = session.scalar(select(Source.id).where(Source.key == credit.source))
    held = queries.records_of(session, source_id) if source_id else {}
    given = with_what_is_shut(rows, held)
    records = _records(session, given, queries.terms(session))
    to_look_at = _to_look_at(records, held)
    advance(len(records) - len(to_look_at))
    known = [KnownRecord(held[one.key], one.group_key, one.fields) for one in to_look_at]
    compared = compare_records(session, known, advance)
    looked_at = {one.key: what for one, what in zip(to_look_at, compared, strict=True)}
    return _outcome_of(session, given, records, held, looked_at)


def _check_usable(rows: Iterable[MappedRow]) -> None:
    if not any(row.listing or row.shut or row.is_over for row in rows):
        raise Invalid(
            "No row of the file can be used, so nothing was changed. The report says why for each row."
        )


def with_what_is_shut(rows: Sequence[MappedRow], known: Collection[str]) -> list[MappedRow]:
    """The rows, of which those that their source has shut are taken where we have them by the keys that are `known`."""
    taken = {row.key for row in rows if row.listing is not None}
    given = []
    for row in rows:
        key = record_key(row.key)
        if row.shut is not None and key in known and row.key not in taken:
            taken.add(row.key)
            given.append(replace(row, listing=row.shut, rejected="", shut=None))
        else:
            given.append(row)
    return given


def _source(session: Session, credit: Credit) -> Source:
    source = session.scalar(select(Source).where(Source.key == credit.source))
    if source is None:
        source = Source(key=credit.source, name=credit.name, licence=credit.licence)
        session.add(source)
        session.flush()
    return source


def _records(
    session: Session, rows: Iterable[MappedRow], terms: Mapping[tuple[str, str], Term]
) -> list[_Record]:
    accepted = [(row, row.listing) for row in rows if row.listing]
    places = locate_postcodes(session, [listing.postcode for _, listing in accepted if listing.postcode])
    groups: dict[str, Fields] = {}
    records = []
    for row, listing in accepted:
        point, whereabouts = _where(listing, places.get(listing.postcode))
        fields, of_group = fields_of(listing, point), group_key(listing)
        # What rows say of a group that they share is what its first row says.
        fields |= groups.setdefault(of_group, {name: fields[name] for name in GROUP_FIELDS})
        for name, taxonomy in VOCABULARIES.items():
            known = [terms[taxonomy, slug].slug for slug in fields[name] if (taxonomy, slug) in terms]
            fields[name] = list(dict.fromkeys(known))
        records.append(_Record(row.row, record_key(row.key), of_group, fields, whereabouts))
    return records


def _where(
    listing: MappedListing, place: Place | None
) -> tuple[Mapping[str, float | str] | None, Whereabouts]:
    ward = listing.ward_code or (place.ward_code if place else "")
    known: dict[str, float | str] = {"ward": ward} if ward else {}
    if listing.latitude is not None and listing.longitude is not None:
        return {"lat": listing.latitude, "lon": listing.longitude} | known, Whereabouts.FILE
    if place is not None:
        return {"lat": place.lat, "lon": place.lon} | known, Whereabouts.POSTCODE
    return known, Whereabouts.UNKNOWN if listing.postcode else Whereabouts.NONE


def _write(
    session: Session,
    actor: Actor,
    origin: Origin,
    records: Sequence[_Record],
    held: Mapping[str, Held],
    advance: Callable[[int], None],
) -> dict[str, Updated]:
    """Write the records; gives what became of those that we had and looked at, by their keys."""
    groups: Groups = {one.group_key: (one.organization_id, one.organization_version) for one in held.values()}
    new = [NewRecord(one.key, one.group_key, one.fields) for one in records if one.key not in held]
    insert_records(session, origin, new, groups, advance)
    to_look_at = _to_look_at(records, held)
    advance(len(records) - len(new) - len(to_look_at))
    updated = update_records(
        session,
        actor,
        origin,
        [KnownRecord(held[one.key], one.group_key, one.fields) for one in to_look_at],
        groups,
        advance,
    )
    back = [held[one.key].id for one in to_look_at if held[one.key].has_vanished]
    _set_vanished(session, back, vanished=False)
    return {one.key: what for one, what in zip(to_look_at, updated, strict=True)}


def _to_look_at(records: Iterable[_Record], held: Mapping[str, Held]) -> list[_Record]:
    return [one for one in records if one.key in held and _needs_a_look(held[one.key], one)]


def _needs_a_look(held: Held, record: _Record) -> bool:
    return held.has_vanished or not held.is_untouched or held.digest != digest_of(record.fields)


def _outcome_of(
    session: Session,
    given: Sequence[MappedRow],
    records: Sequence[_Record],
    held: Mapping[str, Held],
    looked_at: Mapping[str, Updated],
) -> Outcome:
    """What became of each record, and what the file gives no more: such a listing stays, for a file may be cut short,
    and only people know; unless all its dates are over."""
    there = {one.key for one in records}
    gone = {key: one for key, one in held.items() if key not in there}
    over = ended.over(session, gone)
    return Outcome(
        given=given,
        rows=[_outcome(one, held.get(one.key), looked_at.get(one.key)) for one in records],
        vanished=tuple(sorted(key for key in gone.keys() - over if not gone[key].has_vanished)),
        ended=tuple(sorted(over)),
    )


def _outcome(record: _Record, held: Held | None, updated: Updated | None) -> RowOutcome:
    fate = Fate.CREATED if held is None else Fate.CHANGED if updated and updated.changed else Fate.UNCHANGED
    return RowOutcome(
        row=record.row,
        key=record.key,
        name=record.fields["name"],
        fate=fate,
        whereabouts=record.whereabouts,
        changed=updated.changed if updated else (),
        kept=updated.kept if updated else (),
        has_returned=held is not None and held.has_vanished,
    )


def _set_vanished(session: Session, ids: Sequence[UUID], *, vanished: bool) -> None:
    at = clock.now() if vanished else None
    for start in range(0, len(ids), _AT_ONCE):
        chunk = ids[start : start + _AT_ONCE]
        session.execute(
            update(ImportedRecord)
            .where(ImportedRecord.id.in_(chunk))
            .values(vanished_at=at, kept_at=None)
            .execution_options(synchronize_session=False)
        )
