"""Places as people name them: what the borough's facts know, and halls, parks and cafés where listings meet."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from core.geography import rules
from core.geography.queries import Place, UnknownPlace, locate, locate_slip
from core.geography.rules import Precision
from directory.listings.models import Location, Service, ServiceAtLocation
from directory.listings.rules import IN_SEARCH

# So many places are looked through, for so many words, each of more letters than this.
MOST = 500
MOST_WORDS = 6
SHORTEST = 3

# Two that bear one name are one place when they are no farther apart.
ONE_PLACE_KM = 0.5


# What is looked through for a slip, where nothing else was found.
MOST_NAMES = 5_000

# What a place is called, and where it is in degrees (WGS 84).
Spot = tuple[str, float, float]


def find_place(session: Session, text: str) -> Place | UnknownPlace:
    """Where somebody looks for help: a postcode, a town, a ward, a place where a public listing meets, or one of these
    that is spelt nearly so, whose `note` then says what was taken for what."""
    known = locate(session, text)
    if isinstance(known, Place):
        return known
    return _venue(session, text) or locate_slip(session, text) or _venue_slip(session, text) or known


def _venue(session: Session, text: str) -> Place | UnknownPlace | None:
    """The place of that name where a listing meets: of that whole name, else of a name that holds it."""
    keys = _keys_of(text)
    # "marys" is written "Mary's", and "halls" may be a hall, so an s at the end is not looked for.
    words = [word.rstrip("s") for word in keys[-1].split() if len(word) > SHORTEST]
    if not words:
        return None
    named = _named(
        session,
        or_(*(func.lower(Location.name).contains(word, autoescape=True) for word in words[:MOST_WORDS])),
        MOST,
    )
    for key in keys:
        found = [spot for name, city, spot in named if key in (name, f"{name} {city}")]
        if found:
            return _only(found, text)
    found = [spot for name, city, spot in named if f" {keys[-1]} " in f" {name} {city} "]
    return _only(found, text) if found else None


def _venue_slip(session: Session, text: str) -> Place | UnknownPlace | None:
    """The place where a listing meets that was most likely meant by a name with a slip in it, and says so."""
    spots: defaultdict[str, list[Spot]] = defaultdict(list)
    for name, city, spot in _named(session, Location.name != "", MOST_NAMES):
        for key in {name, f"{name} {city}".strip()}:
            spots[key].append(spot)
    meant = next(
        (near for key in _keys_of(text) if (near := rules.nearest_key(key, spots)) is not None), None
    )
    if meant is None:
        return None
    found = _only(spots[meant], text)
    if isinstance(found, UnknownPlace):
        return found
    return replace(found, note=rules.explain_slip(text, spots[meant][0][0]))


def _named(session: Session, wanted: ColumnElement[bool], most: int) -> list[tuple[str, str, Spot]]:
    """Places where public listings meet, with their names and towns as they are compared. One that is kept private is
    never found by its name."""
    rows = session.execute(
        select(Location.name, Location.city, Location.latitude, Location.longitude)
        .join(ServiceAtLocation, ServiceAtLocation.location_id == Location.id)
        .join(Service, Service.id == ServiceAtLocation.service_id)
        .where(Service.status.in_(IN_SEARCH), ~Service.masked_location, wanted)
        .distinct()
        .order_by(Location.name, Location.latitude, Location.longitude)
        .limit(most)
    )
    return [
        (
            _singular(rules.place_key(name)).removeprefix("the "),
            _singular(rules.place_key(city)),
            (name, lat, lon),
        )
        for name, city, lat, lon in rows
        if lat is not None and lon is not None
    ]


def _keys_of(text: str) -> tuple[str, ...]:
    """What was typed as it is compared: as it stands, then without what people put around a name."""
    key = rules.place_key(text)
    return tuple(dict.fromkeys((_singular(key).removeprefix("the "), _singular(rules.bare_key(key)))))


def _singular(key: str) -> str:
    """A key whose longer words have no s at their end: "scout halls" and "scouts hall" are both a scout hall."""
    return " ".join(word.rstrip("s") if len(word) > SHORTEST else word for word in key.split())


def _only(found: list[Spot], text: str) -> Place | UnknownPlace:
    """The one place that these are, if they are one."""
    name, lat, lon = found[0]
    if any(rules.distance_km(lat, lon, other[1], other[2]) > ONE_PLACE_KM for other in found):
        return UnknownPlace(text, rules.explain_ambiguous(text))
    return Place(rules.say_near(name), lat, lon, Precision.VENUE)
