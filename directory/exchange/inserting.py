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
from directory.exchange.queries import Term
from directory.listings.cards import ACCESS, AUDIENCES, NEEDS
from directory.listings.checks import read_phone
from directory.listings.content import exception_values, schedule_values
from directory.listings.models import (
    Attribute,
    Contact,
    CostOption,
    Eligibility,
    Language,
    Location,
    Organization,
    Phone,
    Schedule,
    ScheduleException,
    Service,
    ServiceAtLocation,
    StatusEvent,
)
from directory.listings.rules import DeliveryMode, JoinMode, ListingStatus
from directory.listings.schedule_json import rule_from_json

AT_ONCE = 500
VOCABULARIES: Mapping[str, str] = {"needs": NEEDS, "audience": AUDIENCES, "access": ACCESS}

# A listing's own columns that only some sources give.
FURTHER = (
    "notice",
    "who_meets_you",
    "must_i_talk",
    "religious",
    "bring_someone",
    "what_to_bring",
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
        advance(len(chunk))


@dataclass
class _Rows:
    """Rows for each table, parents before children."""

    origin: Origin
    groups: Groups
    tables: dict[type[Base], list[Row]] = field(
        default_factory=lambda: {
            model: []
            for model in (
                Organization,
                Service,
                Location,
                ServiceAtLocation,
                Schedule,
                ScheduleException,
                Eligibility,
                CostOption,
                Language,
                Contact,
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
            | {name: fields.get(name) or None for name in FURTHER}
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
        self.tables[ScheduleException] += [
            exception_values(one) | {"service_id": service_id} for one in fields.get("exceptions") or ()
        ]
        ages = {name: fields.get(name) for name in ("minimum_age", "maximum_age")}
        if fields["eligibility"] or any(age is not None for age in ages.values()):
            self.tables[Eligibility].append(
                {"service_id": service_id, "description": fields["eligibility"] or None} | ages
            )
        for position, cost in enumerate(fields.get("costs") or ()):
            self.tables[CostOption].append({"service_id": service_id, "position": position} | cost)
        self.tables[Language] += [
            {"service_id": service_id, "name": name} for name in fields.get("languages") or ()
        ]
        if fields.get("contact_name"):
            self.tables[Contact].append(
                {
                    "service_id": service_id,
                    "name": fields["contact_name"],
                    "title": fields.get("contact_role") or None,
                }
            )
        if fields["phone"]:
            self.tables[Phone].append({"service_id": service_id, "number": read_phone(fields["phone"]).dial})
        for name, taxonomy in VOCABULARIES.items():
            self.tables[Attribute] += [
                {"service_id": service_id, "term_id": self.origin.terms[taxonomy, slug].id}
                for slug in fields[name]
            ]

    def _place(self, service_id: UUID, fields: Fields) -> None:
        address, point = fields["address"], fields[POINT]
        told = {"name": fields.get("venue") or "", "getting_there": fields.get("getting_there") or None}
        if not address and not point and not any(told.values()):
            return
        location_id = new_id()
        self.tables[Location].append(
            {
                "id": location_id,
                "address_1": address.get("street", ""),
                "city": address.get("town", ""),
                "postal_code": address.get("postcode", ""),
            }
            | told
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
