"""Places as people name them: what the borough's facts know, and halls, parks and cafés where listings meet."""

from __future__ import annotations

from sqlalchemy import func, or_, select
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


def find_place(session: Session, text: str) -> Place | UnknownPlace:
    """Where somebody looks for help: a postcode, a town, a ward, a place where a public listing meets, or a town that
    is spelt nearly so."""
    known = locate(session, text)
    if isinstance(known, Place):
        return known
    return _venue(session, text) or locate_slip(session, text) or known


def _venue(session: Session, text: str) -> Place | UnknownPlace | None:
    """The place of that name where a listing meets; one that is kept private is never found by its name."""
    key = rules.bare_key(rules.place_key(text))
    # "marys" is written "Mary's", so an s at the end is not looked for.
    words = [word.rstrip("s") for word in key.split() if len(word) > SHORTEST]
    if not words:
        return None
    rows = session.execute(
        select(Location.name, Location.city, Location.latitude, Location.longitude)
        .join(ServiceAtLocation, ServiceAtLocation.location_id == Location.id)
        .join(Service, Service.id == ServiceAtLocation.service_id)
        .where(
            Service.status.in_(IN_SEARCH),
            ~Service.masked_location,
            or_(*(func.lower(Location.name).contains(word, autoescape=True) for word in words[:MOST_WORDS])),
        )
        .distinct()
        .order_by(Location.name, Location.latitude, Location.longitude)
        .limit(MOST)
    )
    named = [
        (rules.place_key(name), rules.place_key(city), (name, lat, lon))
        for name, city, lat, lon in rows
        if lat is not None and lon is not None
    ]
    found = [spot for name, city, spot in named if key in (name, f"{name} {city}")]
    found = found or [spot for name, city, spot in named if f" {key} " in f" {name} {city} "]
    if not found:
        return None
    name, lat, lon = found[0]
    if any(rules.distance_km(lat, lon, other[1], other[2]) > ONE_PLACE_KM for other in found):
        return UnknownPlace(text, rules.explain_ambiguous(text))
    return Place(rules.say_near(name), lat, lon, Precision.VENUE)
