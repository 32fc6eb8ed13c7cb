"""People say where they are as they would to a neighbour: by a hall, a park, a town with a slip in it."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from core.geography.queries import Place, UnknownPlace
from core.geography.rules import Precision
from core.geography.services import load_demo_facts
from directory.listings.models import Location, Service
from directory.listings.rules import ListingStatus
from directory.listings.venues import find_place
from tests import build_directory
from tests.html import HtmlClient, parse, text_of

HALL = (53.57, -2.32)


def meets(session: Session, venue: str, at: tuple[float, float] = HALL, town: str = "Radcliffe") -> UUID:
    """A public listing that meets there."""
    made = build_directory.listing(session, venue=venue)
    place: Location = session.get_one(Service, made).places[0].location
    place.latitude, place.longitude = at
    place.city = town
    session.commit()
    return made


@pytest.fixture(autouse=True)
def facts(session: Session) -> None:
    load_demo_facts(session)
    session.commit()


@pytest.mark.parametrize(
    "typed",
    ["St. Mary's Hall", "saint marys hall", "St Marys", "near st mary’s hall, Radcliffe", "marys hall"],
)
def test_a_place_where_a_listing_meets_is_known_by_its_name(session: Session, typed: str) -> None:
    meets(session, "St. Mary's Hall")
    found = find_place(session, typed)
    if typed == "St Marys":
        # The ward of that name comes first.
        assert isinstance(found, Place)
        assert found.precision is Precision.WARD
        return
    assert found == Place("near St. Mary's Hall", *HALL, Precision.VENUE)
    assert not found.approximate


def test_the_whole_name_comes_before_a_part_and_two_far_apart_are_not_guessed(session: Session) -> None:
    meets(session, "Clarence Park")
    meets(session, "Clarence Park Lodge", (53.6, -2.29), "Bury")
    found = find_place(session, "clarence park")
    assert isinstance(found, Place)
    assert found.label == "near Clarence Park"
    meets(session, "Clarence Park", (53.66, -2.33), "Ramsbottom")
    two = find_place(session, "clarence park")
    assert isinstance(two, UnknownPlace)
    assert two.message.startswith("There is more than one place called clarence park.")
    one = find_place(session, "Clarence Park, Ramsbottom")
    assert isinstance(one, Place)
    assert one.lat == 53.66


@pytest.mark.parametrize(
    ("typed", "note"),
    [
        ("The Loom Halls", ""),
        ("loom hall centre", ""),
        ("Weavers Libary", "We took Weavers Libary to mean The Weaver's Library."),
        ("wevers library, radcliffe", "We took wevers library, radcliffe to mean The Weaver's Library."),
        ("Lomo Hall", "We took Lomo Hall to mean Loom Hall."),
    ],
)
def test_a_slip_in_the_name_of_a_hall_is_forgiven_and_told(session: Session, typed: str, note: str) -> None:
    meets(session, "Loom Hall")
    meets(session, "The Weaver's Library", (53.6, -2.3))
    found = find_place(session, typed)
    assert isinstance(found, Place)
    assert found.note == note
    assert found.precision is Precision.VENUE


def test_a_slip_is_not_guessed_where_two_places_are_as_near(session: Session, client: HtmlClient) -> None:
    meets(session, "Mill Hall")
    meets(session, "Hill Hall", (53.6, -2.3))
    assert isinstance(find_place(session, "Bill Hall"), UnknownPlace)
    meets(session, "Mill Hall", (53.66, -2.33), "Ramsbottom")
    two = find_place(session, "Mil Hall")
    assert isinstance(two, UnknownPlace)
    assert "more than one place" in two.message
    meets(session, "Clarence Park", (53.6, -2.3))
    shown = text_of(parse(client.get("/search?postcode=Clarance+Park").get_data(as_text=True)))
    assert "near Clarence Park" in shown
    assert "We took Clarance Park to mean Clarence Park." in shown


def test_what_is_private_or_not_public_is_not_known_by_its_name(session: Session) -> None:
    private = meets(session, "Secret House")
    session.get_one(Service, private).masked_location = True
    draft = meets(session, "Draft House")
    session.get_one(Service, draft).status = ListingStatus.DRAFT
    session.commit()
    for typed in ("Secret House", "Secrat House", "Draft House", "%", "__", "hous", "h"):
        assert isinstance(find_place(session, typed), UnknownPlace), typed


def test_the_pages_measure_from_there_and_say_what_a_slip_was_taken_for(
    session: Session, client: HtmlClient
) -> None:
    meets(session, "Loom Hall")
    for address in ("/search?postcode=Loom+Hall", "/whats-on?postcode=loom+hall"):
        assert "near Loom Hall" in text_of(parse(client.get(address).get_data(as_text=True)))
    slip = text_of(parse(client.get("/search?postcode=Radclif").get_data(as_text=True)))
    assert "We took Radclif to mean Radcliffe." in slip
    assert "near Radcliffe" in slip
