"""Where a listing keeps its address private, nobody can read or work out where it is."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from core import clock
from directory import published
from directory.listings.cards import cards
from directory.listings.content import apply_content, content_of
from directory.listings.documents import search_documents
from directory.listings.models import Location, Service
from directory.search import services
from tests import build_directory
from tests.html import HtmlClient

NEAR = (53.57, -2.32)
TELLING = ("Secret House", "Hidden Lane", "M26 9ZZ", "53.57", "-2.32", "Radcliffe", "third door")


@pytest.fixture
def refuge(session: Session) -> UUID:
    made = build_directory.listing(
        session,
        name="Safe nights",
        needs=["safety"],
        venue="Secret House",
        address={"street": "Hidden Lane", "town": "Radcliffe", "postcode": "M26 9ZZ"},
        getting_there="Knock at the third door.",
        access=["step-free"],
        masked_location=True,
    )
    place: Location = session.get_one(Service, made).places[0].location
    place.latitude, place.longitude = NEAR
    session.commit()
    return made


@pytest.mark.parametrize(
    "path", ["/activities/{}", "/activities/{}.ics", "/search?q=safe", "/search.json?q=safe"]
)
def test_no_page_file_or_answer_says_where(
    session: Session, client: HtmlClient, refuge: UUID, path: str
) -> None:
    services.rebuild(session)
    answer = client.get(path.format(refuge))
    assert answer.status_code == 200
    said = answer.get_data(as_text=True)
    assert "Safe nights" in said
    assert [word for word in TELLING if word in said] == []


def test_the_page_says_that_it_is_private_and_what_to_do(client: HtmlClient, refuge: UUID) -> None:
    said = client.get(f"/activities/{refuge}").get_data(as_text=True)
    assert "The address is private, to keep people safe. Ring, and they tell you how to come." in said
    assert "Step-free" in said
    assert "Exit this page" in said


@pytest.mark.parametrize("word", ["Hidden", "Secret House", "Radcliffe"])
def test_words_of_the_address_do_not_find_it(
    session: Session, client: HtmlClient, refuge: UUID, word: str
) -> None:
    services.rebuild(session)
    found = client.get("/search.json", query_string={"q": word}).get_json()
    assert str(refuge) not in [item["id"] for item in found["items"]]


def test_no_distance_hides_it_or_tells_how_far_it_is(
    session: Session, client: HtmlClient, refuge: UUID
) -> None:
    services.rebuild(session)
    for near in ("53.57,-2.32", "53.7,-2.0"):
        (item,) = client.get("/search.json", query_string={"near": near, "radius_km": "0.5"}).get_json()[
            "items"
        ]
        assert (item["id"], item["distance_km"]) == (str(refuge), None)


def test_a_lost_index_gives_nothing_away_either(session: Session, client: HtmlClient, refuge: UUID) -> None:
    answer = client.get(
        "/search.json", query_string={"near": "53.57,-2.32", "radius_km": "0.5", "q": "nights"}
    )
    assert [item["distance_km"] for item in answer.get_json()["items"]] == [None]
    assert client.get("/search.json", query_string={"q": "Hidden"}).get_json()["total"] == 0


def test_readers_inside_the_product_learn_no_more(session: Session, refuge: UUID) -> None:
    (card,) = cards(session, [refuge], near=NEAR, today=clock.today())
    assert (card.latitude, card.longitude, card.distance_km, card.town) == (None, None, None, "")
    assert card.place == published.offer(session, refuge).place == "The address is private"
    (document,) = search_documents(session, [refuge])
    assert (document.points, document.postcodes, document.ward_codes, document.place_words) == (
        (),
        (),
        (),
        (),
    )
    assert document.anywhere


def test_the_group_sees_its_own_address_and_may_show_it_again(session: Session, refuge: UUID) -> None:
    row = session.get_one(Service, refuge)
    assert content_of(row)["address"]["street"] == "Hidden Lane"
    apply_content(session, row, {"masked_location": False})
    session.flush()
    (card,) = cards(session, [refuge], today=clock.today())
    assert (card.place, card.is_private) == ("Secret House, Radcliffe", False)
