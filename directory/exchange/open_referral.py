"""Services as Open Referral writes them (HSDS 3.0 and its UK profile) as rows of an import. Nothing is looked up.

A service comes as a tree: its organisation, places, times, costs and terms hang on it. A CSV package is made into such
trees by `packages`. `details` is our own addition to a package: fields that the standard has no place for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, time
from typing import Any

from core.errors import Invalid
from directory.exchange.fitting import (
    LONGEST_NAME,
    MOST_LISTED,
    Fitter,
    one_of_each,
    summarised,
    times_in_words,
)
from directory.exchange.mapping import CUT, MappedListing, MappedRow
from directory.exchange.mapping_file import VOCABULARIES
from directory.exchange.rules import KINDS
from directory.listings import checks
from directory.listings.recurrence import ScheduleRule
from directory.listings.rules import DELIVERY_LABELS, JOIN_LABELS, DeliveryMode, JoinMode, ListingStatus
from directory.listings.schedule_json import rule_from_json

Json = Mapping[str, Any]

# Fields of our own in a package, each the plain JSON value of a listing's content.
DETAILS = (
    "summary",
    "description",
    "group_kind",
    "who_meets_you",
    "must_i_talk",
    "religious",
    "bring_someone",
    "what_to_bring",
    "opening_times_text",
    "getting_there",
    "mode",
    "join_mode",
    "schedules",
    "exceptions",
    "needs",
    "audience",
    "access",
)
_SHUT = {
    "inactive": (ListingStatus.PAUSED, "The source says that it is not active."),
    "defunct": (ListingStatus.CLOSED, "The source says that it has closed for good."),
    "temporarily closed": (ListingStatus.PAUSED, "The source says that it is closed for now."),
}
_SCHEMES = {"gb-chc": "charity_number", "gb-coh": "company_number"}
_JOIN = {label.casefold(): mode.value for mode, label in JOIN_LABELS.items()}
_DELIVERY = {label.casefold(): mode.value for mode, label in DELIVERY_LABELS.items()}


def rows_of(services: Iterable[object], slugs: Mapping[str, str]) -> tuple[MappedRow, ...]:
    """A row for each service, in order, numbered from 1. `slugs` gives our own slug for a term's name or code, in
    small letters, as "needs:..." and the like."""
    return one_of_each(_row(number, one, slugs) for number, one in enumerate(services, start=1))


def _row(number: int, service: object, slugs: Mapping[str, str]) -> MappedRow:
    if not isinstance(service, Mapping):
        return MappedRow(number, "", None, "It is not an object.", ())
    key = str(service.get("id") or "").strip()[:100]
    if not key or not key.isprintable():
        return MappedRow(number, "", None, "It has no id.", ())
    status = str(service.get("status") or "active").strip().casefold()
    fitter = Fitter()
    name = fitter.line("name", service.get("name"), checks.LONGEST["name"])
    if not name:
        return MappedRow(number, key, None, "There is no name.", ())
    listing = _listing(fitter, service, name, slugs)
    if status in _SHUT:
        shut, words = _SHUT[status]
        return MappedRow(number, key, None, words, (), shut=replace(listing, status=shut))
    return MappedRow(number, key, listing, "", tuple(fitter.repairs))


def _listing(fitter: Fitter, service: Json, name: str, slugs: Mapping[str, str]) -> MappedListing:
    group = _first(service, "organization")
    summary, description = summarised(
        fitter.lines("description", service.get("description"), CUT["description"])
    )
    place = _Place(fitter, _objects(service, "service_at_locations"))
    phone = _first(service, "phones") or _first(group, "phones")
    schedules, words = _times(fitter, service)
    terms = {**_terms(service, slugs), "access": ()}
    terms["access"] = tuple(
        dict.fromkeys((*_terms(service, slugs)["access"], *_terms(place.location, slugs)["access"]))
    )
    values: dict[str, Any] = {
        "organization": fitter.line("organization", group.get("name"), LONGEST_NAME) or name,
        "kind": "informal",
        "join_mode": _JOIN.get(_said(service.get("application_process")), JoinMode.RING_FIRST.value),
        "mode": _mode(service, place),
        "summary": summary,
        "description": description,
        "eligibility": fitter.line("eligibility", service.get("eligibility_description"), CUT["eligibility"]),
        "phone": fitter.checked("phone", phone.get("number")),
        "email": fitter.checked("email", service.get("email") or group.get("email")),
        "url": fitter.checked("url", service.get("url") or group.get("website")),
        "schedules": schedules,
        "opening_times_text": words,
        **place.values,
        **_numbers(fitter, group),
        **terms,
    }
    if values["charity_number"]:
        values["kind"] = "charity"
    extra = _extra(fitter, service, place)
    _add_details(fitter, service.get("details"), values, extra)
    return MappedListing(name=name, **values, extra=extra)


def _extra(fitter: Fitter, service: Json, place: _Place) -> dict[str, Any]:
    contact = _first(service, "contacts")
    costs = (
        fitter.cost(one.get("option"), one.get("amount"), one.get("amount_description"))
        for one in _objects(service, "cost_options")
    )
    youngest = fitter.whole("minimum_age", service.get("minimum_age"), 0, checks.OLDEST)
    oldest = fitter.whole("maximum_age", service.get("maximum_age"), 0, checks.OLDEST)
    if youngest is not None and oldest is not None and oldest < youngest:
        fitter.note("maximum_age", "left-out", oldest)
        oldest = None
    languages = [fitter.line("languages", one.get("name"), 60) for one in _objects(service, "languages")]
    return {
        "minimum_age": youngest,
        "maximum_age": oldest,
        "costs": [one for one in costs if one],
        "languages": sorted({one for one in languages if one}),
        "contact_name": fitter.line("contact_name", contact.get("name"), 120),
        "contact_role": fitter.line("contact_role", contact.get("title"), 120) if contact.get("name") else "",
        "notice": _notice(fitter, service.get("alert")),
        "venue": place.venue,
        "getting_there": place.getting_there,
    }


def _notice(fitter: Fitter, value: object) -> str:
    text = fitter.line("notice", value, checks.LONGEST["notice"])
    try:
        return checks.clean_note(text)
    except Invalid:
        fitter.note("notice", "left-out", text)
        return ""


class _Place:
    """The first of a service's places, which is the one that a listing has."""

    def __init__(self, fitter: Fitter, links: Sequence[Json]) -> None:
        self.location: Json = _first(links[0], "location") if links else {}
        address = _first(self.location, "addresses")
        self.is_virtual = _said(self.location.get("location_type")) == "virtual"
        street = ", ".join(
            filter(
                None, (fitter.line("address", address.get(one), 290) for one in ("address_1", "address_2"))
            )
        )
        latitude, longitude = fitter.degrees(self.location.get("latitude"), self.location.get("longitude"))
        self.values: dict[str, Any] = {
            "address": fitter.line("address", street, 300),
            "city": fitter.line("city", address.get("city"), CUT["city"]),
            "postcode": fitter.checked("postcode", address.get("postal_code")),
            "latitude": latitude,
            "longitude": longitude,
        }
        self.venue = fitter.line("venue", self.location.get("name"), 200)
        going = self.location.get("transportation") or self.location.get("description")
        self.getting_there = fitter.line("getting_there", going, checks.LONGEST["getting_there"])
        if len(links) > 1:
            fitter.note("places", "first-place", f"{len(links)} places", self.venue)


def _mode(service: Json, place: _Place) -> str:
    if place.location and not place.is_virtual:
        return DeliveryMode.IN_PERSON.value
    areas = _objects(service, "service_areas")
    said = next((_said(one.get("service_area") or one.get("description")) for one in areas), "")
    if place.is_virtual:
        return DeliveryMode.ONLINE.value
    return _DELIVERY.get(said, DeliveryMode.BOROUGH.value if areas else DeliveryMode.IN_PERSON.value)


def _times(fitter: Fitter, service: Json) -> tuple[tuple[ScheduleRule, ...], str]:
    rules, words = [], []
    places = _objects(service, "service_at_locations")
    for one in (*_objects(service, "schedules"), *(_objects(places[0], "schedules") if places else ())):
        rule = fitter.schedule(one)
        if rule is not None:
            rules.append(rule)
        else:
            said = fitter.line("opening_times", one.get("description"), 1000)
            if one.get("freq") or one.get("opens_at"):
                fitter.note(
                    "opening_times", "in-words" if said else "left-out", said or one.get("freq"), said
                )
            words.append(said)
    return tuple(dict.fromkeys(rules)), times_in_words(words)


def _numbers(fitter: Fitter, group: Json) -> dict[str, str]:
    found = {"charity_number": "", "company_number": ""}
    for one in _objects(group, "organization_identifiers"):
        column = _SCHEMES.get(_said(one.get("identifier_scheme")))
        if column:
            found[column] = fitter.line(column, one.get("identifier"), 40)
    return found


def _terms(owner: Json, slugs: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """The terms on an object that are ours too, by vocabulary."""
    found: dict[str, list[str]] = {name: [] for name in VOCABULARIES}
    for one in _objects(owner, "attributes"):
        term = _first(one, "taxonomy_term")
        for said in filter(None, (_said(term.get("code")), _said(term.get("name")), _said(one.get("value")))):
            hit = next((name for name in found if f"{name}:{said}" in slugs), None)
            if hit is not None:
                found[hit].append(slugs[f"{hit}:{said}"])
                break
    return {name: tuple(dict.fromkeys(one)) for name, one in found.items()}


def _add_details(fitter: Fitter, details: object, values: dict[str, Any], extra: dict[str, Any]) -> None:
    """Lay our own fields over what the standard's say. One that cannot be kept is left out."""
    if not isinstance(details, Mapping):
        return
    for name in DETAILS:
        if name not in details:
            continue
        try:
            value = _detail(name, details[name])
        except (Invalid, ValueError, TypeError, KeyError, AttributeError):
            fitter.note(name, "left-out", details[name])
            continue
        target = "kind" if name == "group_kind" else name
        (values if target in values else extra)[target] = value


def _detail(name: str, value: Any) -> Any:
    """A detail's value, if a listing can keep it. Raises `Invalid` or `ValueError`."""
    if name in VOCABULARIES:
        return tuple(one for one in value if one in VOCABULARIES[name])
    if name == "schedules":
        return tuple(rule_from_json(one) for one in value[:MOST_LISTED])
    if name == "exceptions":
        return [_exception(one) for one in value[:MOST_LISTED]]
    if not isinstance(value, str):
        raise Invalid("It is not a text.")
    if name == "mode":
        return DeliveryMode(value).value
    if name == "join_mode":
        return JoinMode(value).value
    if name == "group_kind" and value not in KINDS:
        raise Invalid("There is no such kind of group.")
    problems = checks.problems({name: value})
    if problems:
        raise Invalid(problems[name])
    return value


def _exception(value: Json) -> dict[str, str]:
    """A date that differs, as a listing keeps it. Raises `ValueError` or `KeyError` for what is none."""
    days, clocks = ("on", "moved_to"), ("session", "opens_at", "closes_at")
    kept = {name: str(value[name]) for name in (*days, *clocks, "note") if value.get(name) or name == "on"}
    for name, text in kept.items():
        if name in days:
            date.fromisoformat(text)
        elif name in clocks:
            time.fromisoformat(text)
    return kept | ({"note": kept["note"][:200]} if "note" in kept else {})


def _objects(owner: Json, name: str) -> Sequence[Json]:
    """The objects under a name: a list of them, or one that was not put into a list."""
    value = owner.get(name)
    listed = value if isinstance(value, list) else [value]
    return [one for one in listed[:MOST_LISTED] if isinstance(one, Mapping)]


def _first(owner: Json, name: str) -> Json:
    return next(iter(_objects(owner, name)), {})


def _said(value: object) -> str:
    return " ".join(value.split()).casefold() if isinstance(value, str) else ""
