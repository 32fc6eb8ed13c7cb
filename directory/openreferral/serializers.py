"""Rows as the objects of Open Referral: one tree for both profiles, cut to what each allows.

Nothing is null: what is not known is left out. Ids that we keep no row for (an address, a charity number) are made from
their owner's, so that they stay the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from urllib.parse import quote, urlsplit, urlunsplit
from uuid import UUID, uuid5

from core.calendar.rules import london_day, say_day
from directory.listings import summaries
from directory.listings.models import (
    Accessibility,
    Attribute,
    Contact,
    CostOption,
    Language,
    Location,
    Organization,
    Phone,
    Schedule,
    ScheduleException,
    Service,
    ServiceAtLocation,
    Taxonomy,
    TaxonomyTerm,
)
from directory.listings.recurrence import Frequency, rrule_parts
from directory.listings.rules import DeliveryMode
from directory.listings.wording import in_words
from directory.openreferral.profiles import EMAIL, URI, Json, Profile

# Schemes of org-id.guide.
_IDENTIFIERS = (
    ("charity_number", "GB-CHC", "Charity number"),
    ("company_number", "GB-COH", "Company number"),
)


@dataclass(frozen=True, slots=True)
class Writer:
    """Makes a profile's objects. `base_url` is the site's own; `borough` fills what an address leaves open."""

    profile: Profile
    base_url: str
    borough: str
    today: date

    def service(self, row: Service, *, full: bool, places: bool = True, organization: bool = True) -> Json:
        """A service: alone with its organisation, or with all that hangs on it. The row must be loaded that far."""
        values = self._service(row)
        if organization:
            values["organization"] = self.organization(row.organization, full=full)
        if full:
            sole = row.public_places[0].id if len(row.public_places) == 1 else None
            values |= {
                "phones": self._phones(row.phones),
                "schedules": self.schedules(row, sole),
                "service_areas": self._areas(row),
                "languages": [self._language(one) for one in row.languages],
                "cost_options": [self._cost(one) for one in row.cost_options],
                "contacts": [self._contact(one) for one in row.contacts],
                "attributes": self._attributes(row.attributes, row.id, "service"),
            }
            if places:
                values["service_at_locations"] = [self._place(one) for one in row.public_places]
        return self.profile.keep("service", values)

    def minimal(self, service_id: UUID, name: str, status: str, modified: datetime) -> Json:
        """What tells a service apart and when it changed."""
        values = {"id": str(service_id), "name": name, "status": status, "last_modified": _moment(modified)}
        return self.profile.keep("service", values)

    def organization(self, row: Organization, *, full: bool) -> Json:
        """A group, without its services."""
        values: Json = {
            "id": str(row.id),
            "name": row.name,
            "description": row.description or row.summary or row.name,
            "email": email(row.email),
            "website": uri(row.website),
            "uri": f"{self.base_url}/groups/{row.id}",
        }
        if full:
            values |= {
                "organization_identifiers": self._identifiers(row),
                "phones": self._phones(row.phones),
                "contacts": [self._contact(one) for one in row.contacts],
            }
        return self.profile.keep("organization", values)

    def service_at_location(self, row: ServiceAtLocation, service: Service, *, full: bool) -> Json:
        """A service at a place: each alone, or each with all that hangs on it."""
        values: Json = {
            "id": str(row.id),
            "location": self.location(row.location, full=full),
            "service": self.service(service, full=full, places=False),
        }
        if full:
            values["schedules"] = self.schedules(service, row.id)
        return self.profile.keep("service_at_location", values)

    def _place(self, row: ServiceAtLocation) -> Json:
        values = {"id": str(row.id), "location": self.location(row.location, full=True)}
        return self.profile.keep("service_at_location", values)

    def _service(self, row: Service) -> Json:
        ages = row.eligibilities[0] if row.eligibilities else None
        cost = summaries.cost_summary([summaries.Cost(one.label, one.pence) for one in row.cost_options])
        confirmed = row.confirmed_at
        return {
            "id": str(row.id),
            "name": row.name,
            "description": row.description or row.summary,
            "url": uri(row.url),
            "email": email(row.email),
            "status": row.status.hsds,
            "application_process": row.join_mode.label,
            "fees": cost or None,
            "fees_description": cost or None,
            "eligibility_description": (ages.description if ages else None) or None,
            "minimum_age": ages.minimum_age if ages else None,
            "maximum_age": ages.maximum_age if ages else None,
            "assured_date": london_day(confirmed).isoformat() if confirmed else None,
            "alert": row.notice or None,
            "last_modified": _moment(row.updated_at),
        }

    def schedules(self, row: Service, place_id: UUID | None) -> list[Json]:
        """When it is on. Sessions that fall out are said in `notes`, as no property holds them."""
        notes = self._exceptions(row.exceptions)
        found = [self._schedule(one, place_id, notes) for one in row.schedules]
        if not found and row.opening_times_text:
            values = {"id": _made(row.id, "opening times"), "description": row.opening_times_text}
            found = [self.profile.keep("schedule", values)]
        return found

    def _schedule(self, row: Schedule, place_id: UUID | None, notes: str) -> Json:
        rule = row.rule
        parts = rrule_parts(rule)
        until = parts.until.isoformat() if parts.until else None
        values = {
            "id": str(row.id),
            "service_at_location_id": str(place_id) if place_id else None,
            "valid_from": (row.dtstart if rule.freq is Frequency.ONCE else rule.first_day).isoformat(),
            "valid_to": until,
            "dtstart": row.dtstart.isoformat(),
            "until": until,
            "wkst": "MO",
            "freq": parts.freq,
            "interval": parts.interval,
            "byday": parts.byday,
            "description": in_words(rule, self.today),
            "opens_at": None if rule.all_day else rule.opens_at.isoformat(),
            "closes_at": rule.closes_at.isoformat() if rule.closes_at and not rule.all_day else None,
            "notes": notes or None,
        }
        return self.profile.keep("schedule", values)

    def _exceptions(self, rows: Iterable[ScheduleException]) -> str:
        ahead = sorted(
            (one for one in rows if one.on >= self.today), key=lambda one: (one.on, str(one.session))
        )
        return " ".join(_exception(one, self.today) for one in ahead)

    def location(self, row: Location, *, full: bool) -> Json:
        """A place."""
        values: Json = {
            "id": str(row.id),
            "location_type": "physical",
            "name": row.name or None,
            "description": row.getting_there or None,
            "transportation": row.getting_there or None,
            "latitude": row.latitude,
            "longitude": row.longitude,
        }
        if full:
            values |= {
                "addresses": self._addresses(row),
                "accessibility": [self._accessibility(one) for one in row.accessibility],
                "attributes": self._attributes(row.attributes, row.id, "location"),
            }
        return self.profile.keep("location", values)

    def _addresses(self, row: Location) -> list[Json]:
        if not (row.address_1 or row.postal_code):
            return []
        values = {
            "id": _made(row.id, "address"),
            "address_1": row.address_1 or row.name,
            "address_2": row.address_2 or None,
            "city": row.city or self.borough,
            "state_province": self.borough,
            "postal_code": row.postal_code,
            "country": "GB",
            "address_type": "physical",
        }
        return [self.profile.keep("address", values)]

    def _areas(self, row: Service) -> list[Json]:
        """Whatever needs no journey is for the whole borough."""
        if row.delivery is DeliveryMode.IN_PERSON:
            return []
        said = row.delivery.label
        values = {
            "id": _made(row.id, "area"),
            "name": self.borough,
            "description": said,
            "service_area": said,
        }
        return [self.profile.keep("service_area", values)]

    def _identifiers(self, row: Organization) -> list[Json]:
        return [
            self.profile.keep(
                "organization_identifier",
                {
                    "id": _made(row.id, scheme),
                    "identifier_scheme": scheme,
                    "identifier_type": label,
                    "identifier": getattr(row, column),
                },
            )
            for column, scheme, label in _IDENTIFIERS
            if getattr(row, column)
        ]

    def _phones(self, rows: Iterable[Phone]) -> list[Json]:
        return [
            self.profile.keep(
                "phone", {"id": str(row.id), "number": row.number, "description": row.description or None}
            )
            for row in rows
            if "phone" in self.profile.objects
        ]

    def _contact(self, row: Contact) -> Json:
        return self.profile.keep("contact", {"id": str(row.id), "name": row.name, "title": row.title or None})

    def _cost(self, row: CostOption) -> Json:
        values = {
            "id": str(row.id),
            "option": row.label,
            "currency": "GBP",
            "amount": row.pence / 100,
        }
        return self.profile.keep("cost_option", values)

    def _language(self, row: Language) -> Json:
        values = {"id": str(row.id), "name": row.name, "code": row.code or None}
        return self.profile.keep("language", values)

    def _accessibility(self, row: Accessibility) -> Json:
        values = {"id": str(row.id), "description": row.description or None, "url": uri(row.url)}
        return self.profile.keep("accessibility", values)

    def _attributes(self, rows: Sequence[Attribute], subject_id: UUID, subject: str) -> list[Json]:
        return [
            self.profile.keep(
                "attribute",
                {
                    "id": str(row.id),
                    "link_id": str(subject_id),
                    "taxonomy_term_id": str(row.term_id),
                    "link_type": row.term.taxonomy.slug,
                    "link_entity": subject,
                    "value": row.term.name,
                    "taxonomy_term": self.taxonomy_term(row.term),
                },
            )
            for row in sorted(rows, key=lambda row: (row.term.taxonomy.slug, row.term.position, str(row.id)))
        ]

    def taxonomy(self, row: Taxonomy) -> Json:
        """A vocabulary."""
        return self.profile.keep(
            "taxonomy",
            {"id": str(row.id), "name": row.name, "description": row.description, "uri": uri(row.uri)},
        )

    def taxonomy_term(self, row: TaxonomyTerm) -> Json:
        """A word of a vocabulary."""
        values = {
            "id": str(row.id),
            "code": row.slug,
            "name": row.name,
            "description": row.description,
            "parent_id": str(row.parent_id) if row.parent_id else None,
            "taxonomy": row.taxonomy.name,
            "language": "en",
            "taxonomy_id": str(row.taxonomy_id),
            "term_uri": uri(row.uri) or f"{self.base_url}{self.profile.path}/taxonomy_terms/{row.id}",
            "term": row.name,
        }
        return self.profile.keep("taxonomy_term", values)


def _exception(one: ScheduleException, today: date) -> str:
    day = say_day(one.on, today)
    said = f"Moved from {day} to {say_day(one.moved_to, today)}" if one.moved_to else f"Not on {day}"
    return f"{said} ({one.note})." if one.note else f"{said}."


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _made(owner: UUID, what: str) -> str:
    return str(uuid5(owner, what))


def email(text: str | None) -> str | None:
    """An email address that a strict reader takes; None for anything else."""
    address = (text or "").strip()
    return address if EMAIL.fullmatch(address) else None


def uri(text: str | None) -> str | None:
    """A web address as RFC 3986 spells it, where `text` is one or can be read as one; None for anything else."""
    address = (text or "").strip()
    if address.lower().startswith("www."):
        address = f"https://{address}"
    try:
        parts = urlsplit(address)
        host = parts.netloc.encode("idna").decode("ascii") if parts.netloc else ""
    except (ValueError, UnicodeError):
        return None
    if parts.scheme.lower() not in {"http", "https"} or not host:
        return None
    safe = "/:?@!$&'()*+,;=~%-._"
    clean = urlunsplit(
        (parts.scheme, host, quote(parts.path, safe), quote(parts.query, safe), quote(parts.fragment, safe))
    )
    return clean if URI.fullmatch(clean) else None
