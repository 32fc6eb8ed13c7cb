"""Listings as flat tables: one row a listing for people, and the tables of HSDS 3.0 for programs. No I/O."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from core.calendar.rules import london_day
from core.spreadsheets import Cell
from directory.exchange.open_referral import DETAILS
from directory.exchange.packages import DETAILS_TABLE
from directory.listings import summaries
from directory.listings.cards import ACCESS, AUDIENCES, NEEDS, terms_of
from directory.listings.content import content_of, printed_phone
from directory.listings.models import Service
from directory.listings.rules import is_empty
from directory.listings.wording import timetable_in_words
from directory.openreferral.profiles import Json
from directory.openreferral.serializers import Writer

HEADING = (
    "id",
    "name",
    "group",
    "summary",
    "description",
    "needs",
    "who_for",
    "access",
    "how",
    "how_to_join",
    "when",
    "cost",
    "minimum_age",
    "maximum_age",
    "venue",
    "street",
    "town",
    "postcode",
    "ward",
    "latitude",
    "longitude",
    "phone",
    "email",
    "website",
    "last_checked",
    "page",
    "example",
)

# The tables of the package with their columns, as HSDS 3.0 names both.
COLUMNS: Mapping[str, tuple[str, ...]] = {
    name: tuple(columns.split())
    for name, columns in {
        "services": "id organization_id name description url email status application_process fees_description fees"
        " eligibility_description minimum_age maximum_age assured_date alert last_modified",
        "organizations": "id name description email website uri",
        "organization_identifiers": "id organization_id identifier_scheme identifier_type identifier",
        "locations": "id location_type name transportation latitude longitude",
        "addresses": "id location_id address_1 address_2 city state_province postal_code country address_type",
        "accessibility": "id location_id description url",
        "service_at_location": "id service_id location_id",
        "schedules": "id service_id service_at_location_id valid_from valid_to dtstart until wkst freq interval byday"
        " description opens_at closes_at notes",
        "cost_options": "id service_id option currency amount",
        "languages": "id service_id name code",
        "phones": "id service_id organization_id number description",
        "contacts": "id service_id organization_id name title",
        "service_areas": "id service_id name description",
        "attributes": "id link_id taxonomy_term_id link_type link_entity value",
        "taxonomy_terms": "id code name description parent_id taxonomy language taxonomy_id term_uri",
        DETAILS_TABLE: "service_id field value",
    }.items()
}
_OF_SERVICE = ("schedules", "cost_options", "languages", "phones", "contacts", "service_areas")
_OF_GROUP = ("organization_identifiers", "phones", "contacts")
_OF_PLACE = ("addresses", "accessibility")

TableRow = tuple[str, Json]


@dataclass
class Flattener:
    """Takes services one by one and gives the rows of each table once, whatever refers to them."""

    writer: Writer

    def __post_init__(self) -> None:
        self._given: set[tuple[str, str]] = set()

    def rows(self, row: Service) -> list[TableRow]:
        """The rows that this listing adds, parents before children."""
        tree = self.writer.service(row, full=True)
        group, key = tree["organization"], tree["id"]
        found: list[TableRow] = []
        if self._first("organizations", group["id"]):
            found.append(("organizations", group))
            found += self._children(group, _OF_GROUP, "organization_id")
        found.append(("services", tree | {"organization_id": group["id"]}))
        found += self._children(tree, _OF_SERVICE, "service_id")
        for link in tree.get("service_at_locations", ()):
            place = link["location"]
            if self._first("locations", place["id"]):
                found.append(("locations", place))
                found += self._children(place, _OF_PLACE, "location_id")
                found += self._terms(place)
            found.append(
                ("service_at_location", {"id": link["id"], "service_id": key, "location_id": place["id"]})
            )
        return found + self._terms(tree) + [(DETAILS_TABLE, one) for one in _details(row)]

    def _children(self, owner: Json, names: tuple[str, ...], by: str) -> list[TableRow]:
        return [(name, one | {by: owner["id"]}) for name in names for one in owner.get(name, ())]

    def _terms(self, owner: Json) -> list[TableRow]:
        found: list[TableRow] = []
        for one in owner.get("attributes", ()):
            term = one["taxonomy_term"]
            if self._first("taxonomy_terms", term["id"]):
                found.append(("taxonomy_terms", term))
            found.append(("attributes", one))
        return found

    def _first(self, table: str, key: str) -> bool:
        new = (table, key) not in self._given
        self._given.add((table, key))
        return new


def _details(row: Service) -> list[Json]:
    """What HSDS has no place for, so that our own package loses nothing."""
    content = content_of(row) | {"group_kind": row.organization.kind}
    if row.masked_location:
        content["getting_there"] = None
    return [
        {"service_id": str(row.id), "field": name, "value": json.dumps(content[name], sort_keys=True)}
        for name in DETAILS
        if not is_empty(content[name])
    ]


def line(row: Service, today: date, base_url: str, wards: Mapping[str, str]) -> tuple[Cell, ...]:
    """One listing in the order of `HEADING`."""
    places = [one.location for one in row.public_places]
    place = places[0] if places else None
    ages = row.eligibilities[0] if row.eligibilities else None
    phones = row.phones or row.organization.phones
    costs = summaries.cost_summary([summaries.Cost(one.label, one.pence) for one in row.cost_options])
    when = timetable_in_words([one.rule for one in row.schedules], today) or (row.opening_times_text or "",)
    access = [*row.attributes, *(one for each in places for one in each.attributes)]
    return (
        str(row.id),
        row.name,
        row.organization.name,
        row.summary,
        row.description,
        _names(row.attributes, NEEDS),
        _names(row.attributes, AUDIENCES),
        _names(access, ACCESS),
        row.delivery.label,
        row.join_mode.label,
        "; ".join(when),
        costs,
        ages.minimum_age if ages else None,
        ages.maximum_age if ages else None,
        place.name if place else "",
        place.address_1 if place else "",
        place.city if place else "",
        place.postal_code if place else "",
        wards.get(place.ward_code or "", "") if place else "",
        place.latitude if place else None,
        place.longitude if place else None,
        printed_phone(phones[0].number) if phones else "",
        row.email or row.organization.email,
        row.url or row.organization.website,
        london_day(row.confirmed_at).isoformat() if row.confirmed_at else "",
        f"{base_url}/activities/{row.id}",
        "yes" if row.is_example else "",
    )


def _names(attributes: Any, taxonomy: str) -> str:
    return "; ".join(dict.fromkeys(term.name for term in terms_of(attributes, taxonomy)))


def feature(cells: tuple[Cell, ...]) -> Json | None:
    """A listing with a public point as GeoJSON (RFC 7946); None for any other."""
    values = dict(zip(HEADING, cells, strict=True))
    latitude, longitude = values.pop("latitude"), values.pop("longitude")
    if latitude is None or longitude is None:
        return None
    return {
        "type": "Feature",
        "id": values["id"],
        "geometry": {"type": "Point", "coordinates": [longitude, latitude]},
        "properties": {name: value for name, value in values.items() if value not in (None, "")},
    }


def descriptor(base_url: str, title: str, licence: str) -> Json:
    """The package's `datapackage.json` (Frictionless Data Package 1)."""
    return {
        "profile": "tabular-data-package",
        "name": "groups-and-activities",
        "title": title,
        "homepage": f"{base_url}/open-data",
        "licenses": [{"title": licence}],
        "resources": [
            {
                "profile": "tabular-data-resource",
                "name": name,
                "path": f"{name}.csv",
                "encoding": "utf-8",
                "schema": {"fields": [{"name": column, "type": "string"} for column in columns]},
            }
            for name, columns in COLUMNS.items()
        ],
    }
