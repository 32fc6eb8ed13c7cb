"""The two profiles that the API speaks, as data: which properties each object may have, and of what kind.

Everything that the API says, publishes as its OpenAPI schema or holds an answer against comes from these tables.
Source: HSDS 3.0 and its Open Referral UK profile, as compiled by their publishers.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any
from uuid import UUID

Json = dict[str, Any]

STATUSES = ("active", "inactive", "defunct", "temporarily closed")
PLACE_KINDS = ("physical", "postal", "virtual")
FREQUENCIES = ("WEEKLY", "MONTHLY")
DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")

# Property to kind. `!` marks what is required. A kind is one of `KINDS`, the name of an object, or that name in
# brackets for a list of them.
_HSDS: dict[str, str] = {
    "service": "id:uuid! organization_id:uuid program_id:uuid name:text! alternate_name:text description:text url:uri"
    " email:email status:status! interpretation_services:text application_process:text fees_description:text"
    " wait_time:text fees:text accreditations:text eligibility_description:text minimum_age:number"
    " maximum_age:number assured_date:text assurer_email:email licenses:text alert:text last_modified:moment"
    " phones:[phone] schedules:[schedule] service_areas:[service_area]"
    " service_at_locations:[service_at_location] languages:[language] organization:organization"
    " cost_options:[cost_option] contacts:[contact] attributes:[attribute]",
    "organization": "id:uuid! name:text! alternate_name:text description:text! email:email website:uri"
    " legal_status:text logo:text uri:uri parent_organization_id:uuid contacts:[contact] phones:[phone]"
    " organization_identifiers:[organization_identifier] attributes:[attribute] services:[service]",
    "organization_identifier": "id:uuid! organization_id:uuid identifier_scheme:text identifier_type:text!"
    " identifier:text!",
    "location": "id:uuid! location_type:place! url:uri name:text alternate_name:text transportation:text"
    " latitude:number longitude:number addresses:[address] accessibility:[accessibility] attributes:[attribute]",
    "address": "id:uuid! location_id:uuid attention:text address_1:text! address_2:text city:text! region:text"
    " state_province:text! postal_code:text! country:text! address_type:place!",
    "service_at_location": "id:uuid! service_id:uuid location_id:uuid description:text contacts:[contact]"
    " phones:[phone] schedules:[schedule] location:location service:service",
    "schedule": "id:uuid! service_id:uuid service_at_location_id:uuid valid_from:text valid_to:text dtstart:text"
    " until:text wkst:day freq:frequency interval:number byday:text bymonthday:text description:text"
    " opens_at:text closes_at:text schedule_link:uri attending_type:text notes:text",
    "phone": "id:uuid! service_id:uuid organization_id:uuid number:text! type:text description:text",
    "contact": "id:uuid! service_id:uuid organization_id:uuid name:text title:text email:email phones:[phone]",
    "cost_option": "id:uuid! service_id:uuid valid_from:text valid_to:text option:text currency:text amount:number"
    " amount_description:text",
    "language": "id:uuid! service_id:uuid name:text code:text note:text",
    "service_area": "id:uuid! service_id:uuid name:text description:text extent:text extent_type:text uri:text",
    "accessibility": "id:uuid! location_id:uuid description:text details:text url:uri",
    "attribute": "id:uuid! link_id:uuid taxonomy_term_id:uuid link_type:text link_entity:text value:text"
    " taxonomy_term:taxonomy_term",
    "taxonomy_term": "id:uuid! code:text name:text! description:text! parent_id:uuid taxonomy:text language:text"
    " taxonomy_id:uuid term_uri:uri",
    "taxonomy": "id:uuid! name:text! description:text! uri:uri version:text",
}

_UK: dict[str, str] = {
    "service": "id:uuid! organization_id:uuid name:text! description:text url:uri email:email status:status!"
    " fees:text accreditations:text minimum_age:number maximum_age:number assured_date:text assurer_email:email"
    " alert:text last_modified:moment schedules:[schedule] service_areas:[service_area]"
    " service_at_locations:[service_at_location] languages:[language] organization:organization"
    " cost_options:[cost_option] contacts:[contact] attributes:[attribute]",
    "organization": "id:uuid! name:text! description:text! email:email website:uri logo:text uri:uri"
    " parent_organization_id:uuid organization_identifiers:[organization_identifier] attributes:[attribute]"
    " services:[service]",
    "organization_identifier": "id:uuid! organization_id:uuid identifier_scheme:text identifier_type:text!"
    " identifier:text!",
    "location": "id:uuid! location_type:place! name:text description:text latitude:number longitude:number"
    " addresses:[address] accessibility:[accessibility] attributes:[attribute]",
    "address": "id:uuid! location_id:uuid attention:text address_1:text! city:text! region:text"
    " state_province:text! postal_code:text! country:text! address_type:place!",
    "service_at_location": "id:uuid! service_id:uuid location_id:uuid location:location service:service",
    "schedule": "id:uuid! service_id:uuid service_at_location_id:uuid valid_from:text valid_to:text dtstart:text"
    " freq:frequency interval:number byday:text bymonthday:text description:text opens_at:text closes_at:text"
    " schedule_link:uri attending_type:text notes:text",
    "contact": "id:uuid! service_id:uuid name:text title:text",
    "cost_option": "id:uuid! service_id:uuid valid_from:text valid_to:text option:text amount:number"
    " amount_description:text",
    "language": "id:uuid! service_id:uuid",
    "service_area": "id:uuid! service_id:uuid name:text extent:text extent_type:text uri:text service_area:text",
    "accessibility": "id:uuid! location_id:uuid description:text details:text url:uri",
    "attribute": "id:uuid! link_id:uuid taxonomy_term_id:uuid link_type:text taxonomy_term:taxonomy_term",
    "taxonomy_term": "id:uuid! name:text! description:text! parent_id:uuid taxonomy:text taxonomy_id:uuid"
    " term_uri:uri term:text",
    "taxonomy": "id:uuid! name:text! description:text! uri:uri version:text",
}

KINDS: Mapping[str, Json] = MappingProxyType(
    {
        "uuid": {"type": "string", "format": "uuid"},
        "text": {"type": "string"},
        "uri": {"type": "string", "format": "uri"},
        "email": {"type": "string", "format": "email"},
        "moment": {"type": "string", "format": "date-time"},
        "number": {"type": "number"},
        "status": {"type": "string", "enum": list(STATUSES)},
        "place": {"type": "string", "enum": list(PLACE_KINDS)},
        "frequency": {"type": "string", "enum": list(FREQUENCIES)},
        "day": {"type": "string", "enum": list(DAYS)},
    }
)


@dataclass(frozen=True, slots=True)
class Property:
    """One property of an object: a value of a `kind`, or another object (`many`: a list of them)."""

    name: str
    kind: str
    required: bool
    many: bool

    @property
    def is_object(self) -> bool:
        return self.kind not in KINDS


Objects = Mapping[str, Mapping[str, Property]]


@dataclass(frozen=True, slots=True)
class Profile:
    """One base of the API. `key` stands in its address; `openapi` is the file's title."""

    key: str
    version: str
    title: str
    about: str
    objects: Objects

    @property
    def path(self) -> str:
        """Where the base is on this site."""
        return f"/api/{self.key}/v3"

    def keep(self, name: str, values: Json) -> Json:
        """The object `name` with what the profile allows, in the profile's order, without what was not said."""
        return {
            one: values[one]
            for one in self.objects[name]
            if values.get(one) is not None and values[one] not in ([], {})
        }


def _objects(tables: Mapping[str, str]) -> Objects:
    return {name: {one.name: one for one in map(_property, text.split())} for name, text in tables.items()}


def _property(text: str) -> Property:
    name, kind = text.split(":")
    return Property(name, kind.strip("[]!"), required=kind.endswith("!"), many=kind.startswith("["))


UK = Profile(
    "oruk",
    "HSDS-UK-3.0",
    "Open Referral UK 3.0",
    "https://docs.openreferraluk.org/en/latest/",
    _objects(_UK),
)
HSDS = Profile(
    "hsds",
    "3.0",
    "Human Services Data Specification 3.0",
    "https://docs.openreferral.org/en/3.0/",
    _objects(_HSDS),
)
PROFILES: Mapping[str, Profile] = MappingProxyType({profile.key: profile for profile in (UK, HSDS)})


def schema_name(name: str, *, flat: bool) -> str:
    """What the schema of an object is called; flat ones hold no lists and only flat objects."""
    return f"{name}_flat" if flat else name


def schemas(profile: Profile) -> Json:
    """JSON Schemas (Draft 2020-12) of every object of the profile, flat and whole, by `schema_name`."""
    return {
        schema_name(name, flat=flat): _schema(fields, flat=flat)
        for name, fields in profile.objects.items()
        for flat in (True, False)
    }


def _schema(fields: Mapping[str, Property], *, flat: bool) -> Json:
    kept = [one for one in fields.values() if not (flat and one.many)]
    return {
        "type": "object",
        "properties": {one.name: _property_schema(one, flat=flat) for one in kept},
        "required": [one.name for one in kept if one.required],
        "additionalProperties": False,
    }


def _property_schema(one: Property, *, flat: bool) -> Json:
    if not one.is_object:
        return dict(KINDS[one.kind])
    reference = {"$ref": f"#/components/schemas/{schema_name(one.kind, flat=flat)}"}
    return {"type": "array", "items": reference} if one.many else reference


# --- judging ------------------------------------------------------------------------------------------------


URI = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*://[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]+")
EMAIL = re.compile(r"[^@\s<>\"]+@[^@\s<>\".][^@\s<>\"]*")


def faults(profile: Profile, name: str, value: object, *, strict: bool, at: str = "") -> list[str]:
    """What is wrong with `value` as the object `name`, each with where it stands; empty for a sound one.

    `strict` also faults properties that the profile does not have.
    """
    here = at or name
    if not isinstance(value, dict):
        return [f"{here} is not an object"]
    fields = profile.objects[name]
    found = [
        f"{here}.{one.name} is missing" for one in fields.values() if one.required and one.name not in value
    ]
    for key, held in value.items():
        one = fields.get(key)
        if one is not None:
            found += _faults_of(profile, one, held, strict=strict, at=f"{here}.{key}")
        elif strict:
            found.append(f"{here}.{key} is not in {profile.title}")
    return found


def _faults_of(profile: Profile, one: Property, value: object, *, strict: bool, at: str) -> list[str]:
    if not one.is_object:
        return (
            [] if _is_kind(one.kind, value) else [f"{at} is not {_SAID.get(one.kind, 'one of its values')}"]
        )
    if not one.many:
        return faults(profile, one.kind, value, strict=strict, at=at)
    if not isinstance(value, list):
        return [f"{at} is not a list"]
    return [
        fault
        for index, part in enumerate(value)
        for fault in faults(profile, one.kind, part, strict=strict, at=f"{at}[{index}]")
    ]


_SAID = {
    "uuid": "a UUID",
    "text": "text",
    "uri": "a web address",
    "email": "an email address",
    "moment": "a date and time with its zone",
    "number": "a number",
}


def _is_kind(kind: str, value: object) -> bool:
    if kind == "number":
        return isinstance(value, int | float) and not isinstance(value, bool)
    if not isinstance(value, str):
        return False
    match kind:
        case "text":
            return True
        case "uuid":
            return _is_uuid(value)
        case "moment":
            return _is_moment(value)
        case "uri":
            return URI.fullmatch(value) is not None
        case "email":
            return EMAIL.fullmatch(value) is not None
        case _:
            return value in KINDS[kind]["enum"]


def _is_uuid(text: str) -> bool:
    try:
        return str(UUID(text)) == text.lower()
    except ValueError:
        return False


def _is_moment(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False
