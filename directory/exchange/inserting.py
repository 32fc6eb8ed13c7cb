"""New records as rows, in bulk: thousands of listings in a few statements for each table."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.orm import Session

from core import clock
from core.db import Base, new_id
from directory.exchange.fields import GROUP_FIELDS, POINT, Fields, digest_of
from directory.exchange.models import ImportedRecord
from directory.exchange.queries import Term, listings_for_update
from directory.listings.cards import ACCESS, AUDIENCES, NEEDS
from directory.listings.checks import read_phone
from directory.listings.content import apply_content, schedule_values
from directory.listings.models import (
    Attribute,
    Eligibility,
    Location,
    Organization,
    Phone,
    Schedule,
    Service,
    ServiceAtLocation,
    StatusEvent,
)
from directory.listings.recurrence import rule_from_json
from directory.listings.rules import DeliveryMode, JoinMode, ListingStatus, is_empty

AT_ONCE = 500
VOCABULARIES: Mapping[str, str] = {"needs": NEEDS, "audience": AUDIENCES, "access": ACCESS}

# Fields of a listing's content that are not written in bulk.
FURTHER = frozenset(
    {
        "minimum_age",
        "maximum_age",
        "costs",
        "languages",
        "contact_name",
        "contact_role",
        "notice",
        "venue",
        "getting_there",
        "exceptions",
        "who_meets_you",
        "must_i_talk",
        "religious",
        "bring_someone",
        "what_to_bring",
    }
)

Row = dict[str, Any]
# A source's groups by key: id and version.
Groups = dict[str, tuple[UUID, int]]


@dataclass(frozen=True, slots=True)
class NewRecord:
    """A record that is to become a listing."""

    key: str
    group_key: str
    fields: Fields


@dataclass(frozen=True, slots=True)
class Origin:
    """Where new records come from, and how their listings say so."""

    source_id: UUID
    confirmed_by: str
    terms: Mapping[tuple[str, str], Term]


def insert_records(
    session: Session,
    origin: Origin,
    records: Sequence[NewRecord],
    groups: Groups,
    advance: Callable[[int], None],
) -> None:
    """Publish a listing for each record. `groups` are the source's groups by key, and learn the new ones."""
    for start in range(0, len(records), AT_ONCE):
        chunk = records[start : start + AT_ONCE]
        rows = _Rows(origin, groups)
        for record in chunk:
            rows.add(record)
        for model, values in rows.tables.items():
            if values:
                session.execute(insert(model), values)
        _add_the_rest(session, rows.made)
        advance(len(chunk))


def _add_the_rest(session: Session, made: Mapping[UUID, Fields]) -> None:
    """Write the fields that only some sources give, listing by listing."""
    rest = {one: {name: fields[name] for name in fields if name in FURTHER} for one, fields in made.items()}
    rest = {
        one: {name: value for name, value in fields.items() if not is_empty(value)}
        for one, fields in rest.items()
    }
    services = listings_for_update(session, [one for one, fields in rest.items() if fields])
    for service_id, service in services.items():
        apply_content(session, service, rest[service_id])
    session.flush()


@dataclass
class _Rows:
    """Rows for each table, parents before children."""

    origin: Origin
    groups: Groups
    made: dict[UUID, Fields] = field(default_factory=dict)
    tables: dict[type[Base], list[Row]] = field(
        default_factory=lambda: {
            model: []
            for model in (
                Organization,
                Service,
                Location,
                ServiceAtLocation,
                Schedule,
                Eligibility,
                Phone,
                Attribute,
                StatusEvent,
                ImportedRecord,
            )
        }
    )

    def add(self, record: NewRecord) -> None:
        fields, service_id, now = record.fields, new_id(), clock.now()
        organization_id, organization_version = self._group(record)
        self.made[service_id] = fields
        self.tables[Service].append(
            {
                "id": service_id,
                "organization_id": organization_id,
                "name": fields["name"],
                "summary": fields["summary"],
                "description": fields["description"],
                "status": ListingStatus.PUBLISHED,
                "delivery": DeliveryMode(fields["mode"]),
                "join_mode": JoinMode(fields["join_mode"]),
                "url": fields["url"] or None,
                "email": fields["email"] or None,
                "opening_times_text": fields["opening_times_text"] or None,
                # Nobody there has said that they answer referrals: their group turns it on.
                "accepting_referrals": False,
                "confirmed_at": now,
                "confirmed_by": self.origin.confirmed_by,
                "source_id": self.origin.source_id,
                "version": 1,
            }
        )
        self._beside(service_id, fields)
        self._place(service_id, fields)
        self.tables[StatusEvent].append(
            {"service_id": service_id, "at": now, "to_status": ListingStatus.PUBLISHED}
            | {"reason": self.origin.confirmed_by}
        )
        self.tables[ImportedRecord].append(
            {
                "source_id": self.origin.source_id,
                "record_key": record.key,
                "group_key": record.group_key,
                "organization_id": organization_id,
                "service_id": service_id,
                "organization_version": organization_version,
                "service_version": 1,
                "digest": digest_of(fields),
                "fields": fields,
            }
        )

    def _group(self, record: NewRecord) -> tuple[UUID, int]:
        if record.group_key not in self.groups:
            made = (new_id(), 1)
            self.groups[record.group_key] = made
            self.tables[Organization].append(
                {"id": made[0], "source_id": self.origin.source_id, "version": made[1]}
                | group_values(record.fields)
            )
        return self.groups[record.group_key]

    def _beside(self, service_id: UUID, fields: Fields) -> None:
        for position, rule in enumerate(map(rule_from_json, fields["schedules"])):
            self.tables[Schedule].append({"service_id": service_id} | schedule_values(rule, position))
        if fields["eligibility"]:
            self.tables[Eligibility].append({"service_id": service_id, "description": fields["eligibility"]})
        if fields["phone"]:
            self.tables[Phone].append({"service_id": service_id, "number": read_phone(fields["phone"]).dial})
        for name, taxonomy in VOCABULARIES.items():
            self.tables[Attribute] += [
                {"service_id": service_id, "term_id": self.origin.terms[taxonomy, slug].id}
                for slug in fields[name]
            ]

    def _place(self, service_id: UUID, fields: Fields) -> None:
        address, point = fields["address"], fields[POINT]
        if not address and not point:
            return
        location_id = new_id()
        self.tables[Location].append(
            {
                "id": location_id,
                "address_1": address.get("street", ""),
                "city": address.get("town", ""),
                "postal_code": address.get("postcode", ""),
            }
            | point_values(point)
        )
        self.tables[ServiceAtLocation].append({"service_id": service_id, "location_id": location_id})


def group_values(fields: Fields) -> Row:
    """A group's columns as an import gives them; what the file leaves out is left out."""
    return {column: fields[name] or None for name, column in GROUP_FIELDS.items()}


def point_values(point: Mapping[str, Any]) -> Row:
    """A place's columns that say where it is."""
    return {
        "latitude": point.get("lat"),
        "longitude": point.get("lon"),
        "ward_code": point.get("ward"),
    }
