"""A listing's rows as plain content, the mapping that forms, changes and history speak of; and content back into rows.

Fields are those of `rules.FIELDS`. `needs`, `audience` and `access` are lists of slugs, `languages` of names;
`address` has street, town and postcode; `schedules` are `recurrence.rule_as_json`, `exceptions` have `on` and, where
they differ, `session`, `moved_to`, `opens_at`, `closes_at`, `note`; `costs` have label and pence; `phone` is printed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from typing import Any

from sqlalchemy import ColumnElement, and_, func, inspect, select
from sqlalchemy.orm import Session, aliased

from core.errors import Invalid
from core.geography.queries import locate_postcodes
from directory.listings import checks
from directory.listings.cards import ACCESS, AUDIENCES, NEEDS
from directory.listings.models import (
    Accessibility,
    Attribute,
    Contact,
    CostOption,
    Eligibility,
    Language,
    Location,
    Phone,
    Schedule,
    ScheduleException,
    Service,
    ServiceAtLocation,
    Taxonomy,
    TaxonomyTerm,
)
from directory.listings.recurrence import ScheduleRule
from directory.listings.rules import Content, DeliveryMode, JoinMode, is_empty
from directory.listings.schedule_json import rule_as_json, rule_from_json
from directory.listings.session_news import tell_of_sessions

COLUMNS = (
    "name",
    "summary",
    "description",
    "who_meets_you",
    "must_i_talk",
    "religious",
    "bring_someone",
    "what_to_bring",
    "url",
    "opening_times_text",
    "capacity",
    "accepting_referrals",
    "notice",
    "masked_location",
)
PLACE_FIELDS = ("venue", "address", "getting_there")
VOCABULARIES: Mapping[str, str] = {"needs": NEEDS, "audience": AUDIENCES}
_NEVER_NULL = frozenset({"name", "summary", "description"})


def content_of(service: Service) -> dict[str, Any]:
    """Everything that the listing says, as plain JSON values. What the service leaves out, its group says for it."""
    ages = service.eligibilities[0] if service.eligibilities else None
    place = place_of(service)
    group = service.organization
    phone = next(iter(service.phones or group.phones), None)
    contact = next(iter(service.contacts or group.contacts), None)
    return {name: getattr(service, name) for name in COLUMNS} | {
        "needs": slugs(service.attributes, NEEDS),
        "audience": slugs(service.attributes, AUDIENCES),
        "access": slugs([*service.attributes, *(place.attributes if place else ())], ACCESS),
        "languages": [one.name for one in service.languages],
        "minimum_age": ages.minimum_age if ages else None,
        "maximum_age": ages.maximum_age if ages else None,
        "eligibility": ages.description if ages else None,
        "mode": service.delivery.value,
        "join_mode": service.join_mode.value,
        "venue": place.name if place else None,
        "address": _address(place) if place else None,
        "getting_there": place.getting_there if place else None,
        "contact_name": contact.name if contact else None,
        "contact_role": contact.title if contact else None,
        "phone": printed_phone(phone.number) if phone else None,
        "email": service.email or group.email,
        "costs": [{"label": one.label, "pence": one.pence} for one in service.cost_options],
        "schedules": [rule_as_json(one.rule) for one in service.schedules],
        "exceptions": sorted((_exception(one) for one in service.exceptions), key=lambda one: str(one["on"])),
    }


def place_of(service: Service) -> Location | None:
    """Where the listing is: the place that its form is about."""
    return service.places[0].location if service.places else None


def printed_phone(number: str) -> str:
    """A kept number as people read it."""
    try:
        return checks.read_phone(number).printed
    except Invalid:
        return number


def slugs(attributes: Sequence[Attribute], taxonomy: str) -> list[str]:
    """The slugs of one vocabulary among `attributes`, each once, in the vocabulary's order."""
    terms = {one.term.slug: one.term for one in attributes if one.term.taxonomy.slug == taxonomy}
    return sorted(terms, key=lambda slug: terms[slug].position)


def _address(place: Location) -> dict[str, str]:
    parts = {"street": place.address_1, "town": place.city, "postcode": place.postal_code}
    return {name: text for name, text in parts.items() if text}


def _exception(row: ScheduleException) -> dict[str, str]:
    parts = {
        "on": row.on.isoformat(),
        "session": row.session.isoformat("minutes") if row.session is not None else "",
        "moved_to": row.moved_to.isoformat() if row.moved_to else "",
        "opens_at": row.opens_at.isoformat("minutes") if row.opens_at is not None else "",
        "closes_at": row.closes_at.isoformat("minutes") if row.closes_at is not None else "",
        "note": row.note,
    }
    return {name: text for name, text in parts.items() if text}


def apply_content(session: Session, service: Service, values: Content) -> None:
    """Write these fields into the listing's rows. Raises `Invalid` for a value that cannot be kept."""
    writer = _Writer(session, service)
    before = list(map(_exception, service.exceptions)) if "exceptions" in values else []
    for name, value in values.items():
        if name in COLUMNS:
            kept = value if name in _NEVER_NULL or not is_empty(value) else None
            setattr(service, name, ("" if kept is None else kept) if name in _NEVER_NULL else kept)
        elif name in VOCABULARIES:
            writer.terms(VOCABULARIES[name], value or [])
        elif name in _WRITERS:
            _WRITERS[name](writer, value)
        elif name not in _TOGETHER:
            raise Invalid(f"A listing has no field {name!r}.", name)
    writer.together(values)
    if "exceptions" in values and service.id is not None:
        tell_of_sessions(session, service.id, before, list(map(_exception, service.exceptions)))


@dataclass
class _Writer:
    """Writes single fields; each method takes the field's plain value."""

    session: Session
    service: Service

    def terms(self, taxonomy: str, wanted: Sequence[str], keep: frozenset[str] = frozenset()) -> None:
        """Make the service's terms of a vocabulary these, less those in `keep`, which stand elsewhere."""
        service, known = self.service, vocabulary(self.session, taxonomy)
        missing = [slug for slug in wanted if slug not in known]
        if missing:
            raise Invalid(f"“{missing[0]}” is not in our list. Choose from the list.", taxonomy)
        left = set(wanted) - keep
        for attribute in list(service.attributes):
            if attribute.term.taxonomy.slug == taxonomy and attribute.term.slug not in left:
                service.attributes.remove(attribute)
        there = {one.term.slug for one in service.attributes if one.term.taxonomy.slug == taxonomy}
        service.attributes += [Attribute(term=known[slug]) for slug in wanted if slug in left - there]

    def access(self, wanted: Sequence[str] | None) -> None:
        place = place_of(self.service)
        of_place = set(slugs(place.attributes, ACCESS)) if place else set()
        gone = of_place - set(wanted or ())
        if gone:
            own = self.own_place()
            own.attributes = [one for one in own.attributes if one.term.slug not in gone]
        self.terms(ACCESS, wanted or (), frozenset(of_place - gone))

    def languages(self, names: Sequence[str] | None) -> None:
        self.service.languages = [Language(name=name) for name in dict.fromkeys(names or ())]

    def mode(self, value: str) -> None:
        self.service.delivery = DeliveryMode(value)

    def join_mode(self, value: str) -> None:
        self.service.join_mode = JoinMode(value)

    def phone(self, text: str | None) -> None:
        number = None if is_empty(text) else checks.read_phone(str(text))
        self.service.phones = [Phone(number=number.dial)] if number else []

    def email(self, text: str | None) -> None:
        self.service.email = None if is_empty(text) else checks.clean_email(str(text))

    def costs(self, costs: Sequence[Mapping[str, Any]] | None) -> None:
        self.service.cost_options = [
            CostOption(position=position, label=str(cost.get("label", "")), pence=int(cost["pence"]))
            for position, cost in enumerate(costs or ())
        ]

    def schedules(self, rules: Sequence[Mapping[str, Any]] | None) -> None:
        self.service.schedules = [
            Schedule(**schedule_values(rule_from_json(rule), position))
            for position, rule in enumerate(rules or ())
        ]

    def exceptions(self, exceptions: Sequence[Mapping[str, Any]] | None) -> None:
        self.service.exceptions = [ScheduleException(**exception_values(one)) for one in exceptions or ()]

    def together(self, values: Content) -> None:
        """Fields that share a row."""
        if values.keys() & {"minimum_age", "maximum_age", "eligibility"}:
            self._ages(values)
        if values.keys() & {"contact_name", "contact_role"}:
            self._contact(values)
        if values.keys() & set(PLACE_FIELDS):
            self._place(values)

    def _ages(self, values: Content) -> None:
        if not self.service.eligibilities:
            self.service.eligibilities = [Eligibility()]
        row = self.service.eligibilities[0]
        row.minimum_age = values.get("minimum_age", row.minimum_age)
        row.maximum_age = values.get("maximum_age", row.maximum_age)
        row.description = values.get("eligibility", row.description) or None

    def _contact(self, values: Content) -> None:
        held = next(iter(self.service.contacts or self.service.organization.contacts), None)
        name = values.get("contact_name", held.name if held else None)
        title = values.get("contact_role", held.title if held else None)
        self.service.contacts = [Contact(name=name, title=title or None)] if name else []

    def _place(self, values: Content) -> None:
        place = self.own_place()
        if "venue" in values:
            place.name = values["venue"] or ""
        if "getting_there" in values:
            place.getting_there = values["getting_there"] or None
        if "address" in values:
            address = values["address"] or {}
            place.address_1, place.city = address.get("street", ""), address.get("town", "")
            postcode = address.get("postcode", "")
            if postcode != place.postal_code:
                place.postal_code = postcode
                # Only a point of the postcode's own: the middle of an area would be shown as if it were the door.
                known = locate_postcodes(self.session, [postcode]).get(postcode)
                place.latitude, place.longitude = (known.lat, known.lon) if known else (None, None)
                place.ward_code = known.ward_code if known else None

    def own_place(self) -> Location:
        """The listing's place, as one that no other listing shares, so that a change moves nobody else."""
        service = self.service
        if not service.places:
            service.places = [ServiceAtLocation(location=Location())]
            return service.places[0].location
        link = service.places[0]
        if not inspect(link).persistent:
            return link.location
        uses = select(func.count()).where(ServiceAtLocation.location_id == link.location_id)
        if self.session.scalar(uses) == 1:
            return link.location
        service.places[0] = ServiceAtLocation(location=_copy(link.location))
        return service.places[0].location


def _copy(place: Location) -> Location:
    return Location(
        name=place.name,
        address_1=place.address_1,
        address_2=place.address_2,
        city=place.city,
        postal_code=place.postal_code,
        latitude=place.latitude,
        longitude=place.longitude,
        ward_code=place.ward_code,
        getting_there=place.getting_there,
        accessibility=[
            Accessibility(description=one.description, url=one.url) for one in place.accessibility
        ],
        attributes=[Attribute(term=one.term) for one in place.attributes],
    )


def schedule_values(rule: ScheduleRule, position: int) -> dict[str, Any]:
    """The columns of a `Schedule` for one line of a timetable."""
    return {
        "position": position,
        "freq": rule.freq,
        "interval": rule.interval,
        "dtstart": rule.dtstart,
        "byday": ",".join(day.value for day in rule.byday),
        "nth": rule.nth,
        "opens_at": rule.opens_at,
        "closes_at": rule.closes_at,
        "valid_from": rule.valid_from,
        "valid_to": rule.valid_to,
        "term_time": "in term time" if rule.term_time else "",
        "season_from": rule.season[0] if rule.season else None,
        "season_to": rule.season[1] if rule.season else None,
        "bank_holidays": rule.bank_holidays,
        "holiday_opens_at": rule.holiday_opens_at,
        "holiday_closes_at": rule.holiday_closes_at,
        "pence": rule.pence,
    }


def exception_values(data: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of a `ScheduleException` for one date that differs. Raises `Invalid`."""
    try:
        return {
            "on": date.fromisoformat(str(data["on"])),
            "session": time.fromisoformat(data["session"]) if data.get("session") else None,
            "moved_to": date.fromisoformat(data["moved_to"]) if data.get("moved_to") else None,
            "opens_at": time.fromisoformat(data["opens_at"]) if data.get("opens_at") else None,
            "closes_at": time.fromisoformat(data["closes_at"]) if data.get("closes_at") else None,
            "note": str(data.get("note", "")),
        }
    except (KeyError, ValueError) as error:
        raise Invalid("The date of a cancelled session cannot be read.", "exceptions") from error


def in_use() -> ColumnElement[bool]:
    """Which words are offered: neither merged into another nor retired."""
    return and_(TaxonomyTerm.merged_into_id.is_(None), TaxonomyTerm.retired_at.is_(None))


def vocabulary(session: Session, taxonomy: str) -> dict[str, TaxonomyTerm]:
    """The words of a vocabulary by slug, in its order; those that are not in use are left out."""
    terms = session.scalars(
        select(TaxonomyTerm)
        .join(Taxonomy)
        .where(Taxonomy.slug == taxonomy, in_use())
        .order_by(TaxonomyTerm.position, TaxonomyTerm.slug)
    )
    return {term.slug: term for term in terms}


def merged_slugs(session: Session, taxonomy: str) -> dict[str, str]:
    """For every merged word of a vocabulary, the slug of the one in use that took it in, by however many steps."""
    into = aliased(TaxonomyTerm)
    pairs = session.execute(
        select(TaxonomyTerm.slug, into.slug)
        .join(Taxonomy, Taxonomy.id == TaxonomyTerm.taxonomy_id)
        .join(into, into.id == TaxonomyTerm.merged_into_id)
        .where(Taxonomy.slug == taxonomy)
    )
    return ends_of(dict(pairs.all()))


def ends_of(steps: Mapping[str, str]) -> dict[str, str]:
    """Where each word ends up that was merged into another, from the next step of each; a ring ends somewhere in it."""
    ends = {}
    for slug in steps:
        end, seen = slug, {slug}
        while end in steps and steps[end] not in seen:
            end = steps[end]
            seen.add(end)
        ends[slug] = end
    return ends


def resolved_words(session: Session, values: Content) -> dict[str, Any]:
    """The same content, with merged words of its vocabularies said by those that took them in."""
    resolved = dict(values)
    for name, taxonomy in {**VOCABULARIES, "access": ACCESS}.items():
        if resolved.get(name):
            ends = merged_slugs(session, taxonomy)
            resolved[name] = list(dict.fromkeys(ends.get(slug, slug) for slug in resolved[name]))
    return resolved


_WRITERS: Mapping[str, Callable[[_Writer, Any], None]] = {
    "access": _Writer.access,
    "languages": _Writer.languages,
    "mode": _Writer.mode,
    "join_mode": _Writer.join_mode,
    "phone": _Writer.phone,
    "email": _Writer.email,
    "costs": _Writer.costs,
    "schedules": _Writer.schedules,
    "exceptions": _Writer.exceptions,
}
_TOGETHER = frozenset(
    {*PLACE_FIELDS, "minimum_age", "maximum_age", "eligibility", "contact_name", "contact_role"}
)
