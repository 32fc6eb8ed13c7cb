"""Home, results and the search for scripts, as people and programs meet them."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable
from datetime import date
from html import unescape
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event
from sqlalchemy.orm import Session

from core.db import db
from core.settings import Settings
from core.web.setup import BUILT
from directory.listings.models import Service
from directory.listings.rules import DeliveryMode, JoinMode
from directory.search import services
from tests.html import HtmlClient, parse, text_of
from tests.integration.directory.search.conftest import Listing

HALL = (53.593, -2.298)
FAR = (53.66, -2.33)


@pytest.fixture
def index(session: Session, places: None) -> Callable[[], None]:
    def build() -> None:
        services.rebuild(session)

    return build


def ask(client: HtmlClient, **query: Any) -> dict[str, Any]:
    answer = client.get(f"/search.json?{urlencode(query, doseq=True)}")
    assert answer.status_code == 200, answer.get_data(as_text=True)
    body: dict[str, Any] = answer.get_json()
    return body


def page(client: HtmlClient, **query: Any) -> str:
    answer = client.get(f"/search?{urlencode(query, doseq=True)}")
    assert answer.status_code == 200
    return text_of(parse(answer.get_data(as_text=True)))


class TestHome:
    def test_it_says_what_this_is_for_whom_and_what_one_can_do(
        self, client: HtmlClient, places: None, settings: Settings
    ) -> None:
        answer = client.get("/")
        words = text_of(parse(answer.get_data(as_text=True)))
        for said in (
            "Find local support in Bury",
            "For everyone in Bury",
            "What would help?",
            "Postcode or town",
        ):
            assert said in words
        assert "Food" in words
        assert settings.phone in words
        assert settings.phone_hours in words
        assert "999" in words
        assert "116 123" in words
        assert 'href="/search?need=food"' in answer.get_data(as_text=True)

    def test_caches_may_keep_it(self, client: HtmlClient, places: None) -> None:
        assert "public" in client.get("/").headers["Cache-Control"]


class TestJson:
    def test_it_has_the_agreed_shape(
        self, client: HtmlClient, listing: Listing, index: Callable[[], None]
    ) -> None:
        made = listing("Tea and talk", group="Tea makers", at=HALL, needs=["loneliness"], days="TU")
        index()
        body = ask(client, q="tea", postcode="BL9 0AA")
        assert set(body) == {"total", "page", "pages", "relaxed", "items"}
        assert (body["total"], body["page"], body["pages"], body["relaxed"]) == (1, 1, 1, [])
        (item,) = body["items"]
        assert item == {
            "id": str(made),
            "name": "Tea and talk",
            "url": f"/activities/{made}",
            "group": "Tea makers",
            "distance_km": item["distance_km"],
            "next_session": item["next_session"],
            "cost": "Free",
            "needs": ["loneliness"],
        }
        assert 0 < item["distance_km"] < 3
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT10:00:00\+0[01]:00", item["next_session"])

    def test_it_says_how_many_have_all_that_was_asked_and_that_the_rest_come_close(
        self, client: HtmlClient, listing: Listing, index: Callable[[], None]
    ) -> None:
        listing("Gentle chair yoga")
        listing("Yoga in the park")
        listing("Chair football")
        index()
        said = "Only the first has all that you asked for. The rest come close."
        assert said in text_of(parse(client.get("/search?q=chair+yoga").get_data(as_text=True)))
        assert "come close" not in client.get("/search?q=yoga").get_data(as_text=True)

    def test_food_banks_nearest_first(
        self, client: HtmlClient, listing: Listing, index: Callable[[], None]
    ) -> None:
        listing("Far Foodbank", at=FAR, needs=["food"])
        listing("Corner food bank", at=HALL, needs=["food"])
        listing("Cookery class", description="We cook food near the bank", at=HALL, needs=["food"])
        listing("Doorstep food parcels", delivery=DeliveryMode.BOROUGH, needs=["food"])
        index()
        answer = client.get("/search.json?q=food+bank&postcode=BL9+0AA")
        items = answer.get_json()["items"]
        assert [item["name"] for item in items] == [
            "Corner food bank",
            "Far Foodbank",
            "Doorstep food parcels",
        ]
        assert items[-1]["distance_km"] is None

    def test_what_was_given_up_is_named(
        self, client: HtmlClient, listing: Listing, index: Callable[[], None]
    ) -> None:
        listing("Tea and talk", days="MO", at=FAR)
        index()
        assert ask(client, q="tea", day="TU")["relaxed"] == ["day"]
        assert ask(client, q="tea", postcode="BL9 0", radius_km="0.5")["relaxed"] == ["radius"]
        assert ask(client, q="tea", need="food")["relaxed"] == ["need"]
        assert ask(client, q="tea zqxj")["relaxed"] == ["words"]

    def test_pages(self, client: HtmlClient, listing: Listing, index: Callable[[], None]) -> None:
        for number in range(12):
            listing(f"Tea {number:02}")
        index()
        first, second, third = (ask(client, q="tea", page=number) for number in (1, 2, 3))
        assert (first["total"], first["pages"]) == (12, 2)
        assert len(first["items"]) == 10
        assert len(second["items"]) == 2
        assert third["items"] == []
        names = [item["name"] for item in first["items"] + second["items"]]
        assert len(set(names)) == 12

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("day", "someday"),
            ("sort", "cheapest"),
            ("page", "0"),
            ("page", "two"),
            ("radius_km", "far"),
            ("radius_km", "-1"),
            ("need", "gold"),
            ("postcode", "ZZ99 9ZZ"),
            ("postcode", "Atlantis"),
            ("postcode", "x" * 200),
        ],
    )
    def test_a_value_that_cannot_be_used_is_a_problem(
        self, client: HtmlClient, places: None, name: str, value: str
    ) -> None:
        answer = client.get(f"/search.json?{urlencode({name: value})}")
        assert answer.status_code == 400
        assert answer.mimetype == "application/problem+json"
        problem = json.loads(answer.get_data())
        assert problem["status"] == 400
        assert [error["parameter"] for error in problem["errors"]] == [name]
        assert problem["detail"]
        assert answer.headers["Cache-Control"] == "no-store"

    @pytest.mark.parametrize(
        "q", ["*1*", "~9", "[a TO z]", "a" * 5000, "🙂", "'; DROP TABLE services;--", "\x00%_\\"]
    )
    def test_any_words_are_answered(
        self, client: HtmlClient, listing: Listing, index: Callable[[], None], q: str
    ) -> None:
        listing("Tea and talk")
        index()
        listed = "Tea and talk" in page(client, q=q)
        assert ask(client, q=q)["total"] == (1 if listed else 0)

    def test_a_value_given_twice_asks_for_either_need(
        self, client: HtmlClient, listing: Listing, index: Callable[[], None]
    ) -> None:
        listing("Pantry", needs=["food"])
        listing("Job club", needs=["work"])
        listing("Choir", needs=["purpose"])
        index()
        assert ask(client, need=["food", "work"])["total"] == 2


class TestResults:
    def test_a_card_says_what_is_near_when_next_and_whether_to_just_turn_up(
        self, client: HtmlClient, listing: Listing, index: Callable[[], None]
    ) -> None:
        made = listing(
            "Tea and talk",
            summary="A warm room and a kettle",
            group="Tea makers",
            at=HALL,
            days="TU",
            join_mode=JoinMode.TURN_UP,
        )
        index()
        words = page(client, q="tea", postcode="BL9 0AA")
        for said in (
            "“tea” near BL9 0",
            "1 activity",
            "Tea and talk",
            "Tea makers",
            "A warm room",
            "10am to 12pm",
        ):
            assert said in words
        assert re.search(r"Less than a mile away|About \d+ miles? away", words)
        assert "distances are from the middle of BL9 0" in words
        assert "Just turn up" in words
        assert "Free" in words
        assert f'href="/activities/{made}"' in client.get("/search?q=tea").get_data(as_text=True)

    def test_an_unknown_postcode_is_said_to_be_unknown(
        self, client: HtmlClient, listing: Listing, index: Callable[[], None]
    ) -> None:
        listing("Tea and talk", at=HALL)
        index()
        words = page(client, q="tea", postcode="ZZ99 9ZZ")
        assert "We do not know the postcode ZZ99 9ZZ" in words
        assert "Tea and talk" in words
        assert "away" not in words.replace("go away", "")

    def test_filters_keep_what_was_chosen_and_count_what_each_would_give(
        self, client: HtmlClient, listing: Listing, index: Callable[[], None]
    ) -> None:
        listing("Pantry", needs=["food"], days="MO", at=HALL)
        listing("Soup", needs=["food"], days="TU", at=HALL)
        index()
        answer = client.get("/search?need=food&day=MO&postcode=BL9+0AA&radius_km=5")
        html = answer.get_data(as_text=True)
        for name, value, label in (("need", "food", "Food"), ("day", "MO", "Monday")):
            box = rf'<input type="checkbox" name="{name}" value="{value}" checked>\s*<span>{label} '
            assert re.search(box + r'<span class="gt-facet__count">\(1\)', html)
        assert re.search(r'<option value="5" selected>Within 3.1 miles', html)
        assert 'value="BL9 0AA"' in html

    def test_nothing_found_says_what_else_to_try(
        self, client: HtmlClient, listing: Listing, index: Callable[[], None], settings: Settings
    ) -> None:
        listing("Tea and talk")
        index()
        words = page(client, q="zqxj")
        assert "We found nothing for that" in words
        assert "plainer or fewer words" in words
        assert settings.phone in words

    def test_what_was_given_up_is_told(
        self, client: HtmlClient, listing: Listing, index: Callable[[], None]
    ) -> None:
        listing("Tea and talk", days="MO")
        index()
        assert "We found nothing on a Tuesday. Here is what there is for any day." in page(
            client, q="tea", day="TU"
        )

    def test_where_only_what_needs_no_journey_is_near_what_is_further_away_is_offered(
        self, client: HtmlClient, listing: Listing, index: Callable[[], None]
    ) -> None:
        listing("Walking by telephone", delivery=DeliveryMode.PHONE)
        listing("Walk in the hills", at=FAR)
        index()
        asked = {"q": "walk", "postcode": "BL9 0AA", "radius_km": "1"}
        said = "Nothing that you go to is that near"
        words = page(client, **asked)
        assert said in words
        assert "Show the one further away" in words
        html = parse(client.get("/search", query_string=asked).get_data(as_text=True))
        (link,) = [one for one in html.iter("a") if "further away" in text_of(one)]
        assert "Walk in the hills" in text_of(parse(client.get(str(link.get("href"))).get_data(as_text=True)))
        assert said not in page(client, **asked, how="phone")
        assert said not in page(client, q="walk", postcode="BL9 0AA", radius_km="50")
        assert said not in page(client, q="telephone", postcode="BL9 0AA", radius_km="1")

    def test_few_answers_to_several_words_offer_the_words_apart(
        self, client: HtmlClient, listing: Listing, index: Callable[[], None]
    ) -> None:
        listing("Tea and singing")
        listing("Singing")
        index()
        words = page(client, q="tea singing")
        assert "tea (1)" in words
        assert "singing (2)" in words

    def test_danger_is_answered_first(self, client: HtmlClient, places: None) -> None:
        words = page(client, q="suicide")
        assert words.index("Are you in danger") < words.index("Or talk to a person")
        assert "We found nothing" not in words
        assert "fewer words" not in words

    @pytest.mark.parametrize(
        ("q", "found"),
        [
            ("suicide", ["A quiet hour", "Open door"]),
            ("self harm", ["A quiet hour", "Open door"]),
            ("I want to disappear", ["A quiet hour", "Open door"]),
            ("I've been raped", ["Safe space"]),
            ("sexual assault", ["Safe space"]),
            ("my partner wont let me have money", ["Safe space"]),
        ],
    )
    def test_below_it_stands_who_helps_and_nothing_that_only_shares_a_word(
        self, client: HtmlClient, listing: Listing, index: Callable[[], None], q: str, found: list[str]
    ) -> None:
        listing("Open door", needs=["mental-wellbeing"])
        listing("A quiet hour", needs=["mental-wellbeing"])
        listing("Safe space", needs=["safety"])
        listing("Doing no harm to your self", description="Partner dancing; a sexual health talk; money")
        index()
        assert sorted(item["name"] for item in ask(client, q=q)["items"]) == found
        assert "We found nothing" not in page(client, q=q)

    def test_a_page_too_far_leads_to_the_last(
        self, client: HtmlClient, listing: Listing, index: Callable[[], None]
    ) -> None:
        listing("Tea and talk")
        index()
        answer = client.get("/search?q=tea&page=9")
        assert answer.status_code == 302
        assert answer.headers["Location"].endswith("/search?q=tea&page=1")

    def test_bad_values_are_told_and_left_out(
        self, client: HtmlClient, listing: Listing, index: Callable[[], None]
    ) -> None:
        listing("Tea and talk")
        index()
        words = page(client, q="tea", day="someday", radius_km="far", need="gold", page="x", sort="odd")
        assert "The day must be one of" in words
        assert "Tea and talk" in words

    def test_the_sort_can_be_chosen_where_there_is_something_to_measure(
        self, client: HtmlClient, listing: Listing, index: Callable[[], None]
    ) -> None:
        listing("Tea tea tea", summary="Tea", at=FAR)
        listing("Talk", description="And tea", at=HALL)
        index()
        assert [item["name"] for item in ask(client, q="tea", postcode="BL9 0")["items"]] == [
            "Talk",
            "Tea tea tea",
        ]
        best = ask(client, q="tea", postcode="BL9 0", sort="best")
        assert [item["name"] for item in best["items"]] == ["Tea tea tea", "Talk"]
        assert "Nearest first" in page(client, q="tea", postcode="BL9 0")
        assert "Nearest first" not in page(client, q="tea")


def test_a_page_of_results_weighs_little(app: Flask, listing: Listing, index: Callable[[], None]) -> None:
    client = FlaskClient(app, app.response_class)
    for number in range(30):
        listing(
            f"Tea and talk {number}",
            summary="A warm room and a kettle. " * 5,
            at=HALL,
            days="TU",
            needs=["food"],
        )
    index()
    answer = client.get("/search?q=tea&postcode=BL9+0AA", headers={"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"
    html = gzip.decompress(answer.get_data()).decode()
    addresses = set(re.findall(r'(?:href|src)="(/static/[^"]+|/theme-[^"]+)"', html))
    assert any(address.endswith(".css") for address in addresses)
    assert any(address.endswith(".js") for address in addresses)
    weight = len(answer.get_data())
    for address in addresses:
        if address.startswith("/static/"):
            built = BUILT / address.removeprefix("/static/")
            packed = built.with_name(built.name + ".gz")
            weight += (packed if packed.exists() else built).stat().st_size
        else:
            weight += len(client.get(address).get_data())
    assert weight < 100_000


def test_a_page_asks_the_database_a_bounded_number_of_times(
    app: Flask, client: HtmlClient, listing: Listing, index: Callable[[], None]
) -> None:
    def count(number: int) -> int:
        for _ in range(number):
            listing("Tea and talk", at=HALL, days="TU", needs=["food"])
        index()
        asked: list[str] = []

        def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
            asked.append(statement)

        with app.app_context():
            engine = db.engine
        # What a process reads once, such as the thesaurus, is read by its first answer.
        client.get("/search?q=tea&postcode=BL9+0AA")
        event.listen(engine, "before_cursor_execute", note)
        client.get("/search?q=tea&postcode=BL9+0AA")
        event.remove(engine, "before_cursor_execute", note)
        return len(asked)

    assert count(2) == count(8) < 25


def test_nothing_that_was_typed_is_logged(
    client: HtmlClient, listing: Listing, index: Callable[[], None], caplog: pytest.LogCaptureFixture
) -> None:
    listing("Tea and talk")
    index()
    caplog.set_level("DEBUG")
    page(client, q="zebrafish", postcode="BL9 0AA")
    ask(client, q="zebrafish", postcode="BL9 0AA")
    told = " ".join(
        f"{record.getMessage()} {record.__dict__}" for record in caplog.records if record.name[0] != "s"
    )
    assert "zebrafish" not in told
    assert "BL9" not in told


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(q=st.text(max_size=300))
def test_whatever_is_typed_is_answered(q: str, client: HtmlClient, places: None) -> None:
    for address in ("/search", "/search.json"):
        assert client.get(address, query_string={"q": q.encode("utf-8", "replace")}).status_code == 200


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    values=st.fixed_dictionaries(
        {},
        optional={
            name: st.text(max_size=30)
            for name in ("q", "postcode", "radius_km", "need", "day", "sort", "page", "unheard_of")
        },
    )
)
def test_whatever_stands_in_the_address_is_answered(
    values: dict[str, str], client: HtmlClient, places: None
) -> None:
    query = {name: value.encode("utf-8", "replace") for name, value in values.items()}
    assert client.get("/search", query_string=query).status_code in {200, 302}
    assert client.get("/search.json", query_string=query).status_code in {200, 400}


class TestNarrowing:
    @pytest.fixture
    def three(self, listing: Listing, index: Callable[[], None]) -> None:
        listing("Pantry", needs=["food"], days="MO", at=HALL)
        listing("Soup", needs=["food", "loneliness"], days="TU", at=HALL, join_mode=JoinMode.RING_FIRST)
        listing("Chat line", needs=["loneliness"], days="TU", delivery=DeliveryMode.PHONE)
        index()

    @pytest.mark.parametrize(
        ("query", "names"),
        [
            ({"need": ["food", "loneliness"]}, {"Pantry", "Soup", "Chat line"}),
            ({"need": "food", "join": "ring-first"}, {"Soup"}),
            ({"how": "phone"}, {"Chat line"}),
            ({"day": ["MO", "TU"], "time": "morning", "need": "food"}, {"Pantry", "Soup"}),
            ({"cost": "free", "day": "monday"}, {"Pantry"}),
            ({"age": "80-120", "need": "loneliness"}, {"Soup", "Chat line"}),
        ],
    )
    def test_values_of_one_kind_widen_and_kinds_narrow(
        self, client: HtmlClient, three: None, query: dict[str, Any], names: set[str]
    ) -> None:
        body = ask(client, **query)
        assert {item["name"] for item in body["items"]} == names
        assert body["relaxed"] == []

    def test_every_count_is_what_choosing_it_gives(self, client: HtmlClient, three: None) -> None:
        html = client.get("/search?need=food").get_data(as_text=True)
        counted = re.findall(
            r'name="(\w+)" value="([\w-]+)"(?: checked)?>\s*<span>[^<]+<span class="gt-facet__count">\((\d+)\)',
            html,
        )
        assert {name for name, _, _ in counted} >= {"need", "day", "time", "cost", "how", "join", "age"}
        for name, value, count in counted:
            query = {"need": "food"} | {name: value}
            assert ask(client, **query)["total"] == int(count), (name, value)

    def test_each_choice_is_taken_away_by_its_own_link(self, client: HtmlClient, three: None) -> None:
        answer = client.get("/search?need=food&need=loneliness&day=TU&q=soup&postcode=BL9+0AA&page=1")
        html = answer.get_data(as_text=True)
        links = dict(
            re.findall(
                r'<a href="([^"]+)"><span class="nhsuk-u-visually-hidden">Take away </span>([^<]+) <', html
            )
        )
        plain = {label: unescape(href) for href, label in links.items()}
        assert plain == {
            "Near BL9 0": "/search?q=soup&need=food&need=loneliness&day=TU",
            "Food": "/search?q=soup&postcode=BL9+0AA&need=loneliness&day=TU",
            "Company and friendship": "/search?q=soup&postcode=BL9+0AA&need=food&day=TU",
            "Tuesday": "/search?q=soup&postcode=BL9+0AA&need=food&need=loneliness",
        }

    def test_days_are_those_of_real_sessions(
        self, client: HtmlClient, session: Session, listing: Listing, index: Callable[[], None]
    ) -> None:
        made = listing("Over for now", days="TU", at=HALL)
        for schedule in session.get_one(Service, made).schedules:
            schedule.valid_to = date(2026, 1, 31)
        session.commit()
        index()
        assert ask(client, day="TU")["relaxed"] == ["day"]

    def test_a_value_that_there_is_not_is_a_problem(self, client: HtmlClient, places: None) -> None:
        answer = client.get("/search.json?language=klingon&now=no&near=here")
        assert answer.status_code == 400
        assert {one["parameter"] for one in answer.get_json()["errors"]} == {"language", "now", "near"}


class TestWhere:
    def test_where_a_device_is_stands_for_a_postcode_and_is_kept_coarse(
        self, client: HtmlClient, listing: Listing, index: Callable[[], None]
    ) -> None:
        listing("Near", at=HALL)
        listing("Far", at=FAR)
        listing("At home", delivery=DeliveryMode.ONLINE)
        index()
        body = ask(client, near="53.59312,-2.29788", radius_km="2")
        assert [item["name"] for item in body["items"]] == ["Near", "At home"]
        html = client.get("/search?near=53.59312,-2.29788").get_data(as_text=True)
        assert "All groups and activities near you" in html
        assert "53.59312" not in re.sub(r'<a [^>]*href="[^"]*"', "", html)
        assert 'name="near" value="53.595,-2.300"' in html

    def test_a_postcode_that_is_typed_goes_before_it(
        self, client: HtmlClient, listing: Listing, index: Callable[[], None]
    ) -> None:
        listing("Near", at=HALL)
        index()
        assert "near BL9 0" in page(client, near="53.1,-2.1", postcode="BL9 0AA")

    def test_a_walk_is_said_as_the_straight_line_that_it_is(self, client: HtmlClient, places: None) -> None:
        words = page(client)
        assert "About 15 minutes’ walk (up to 0.6 miles in a straight line)" in words


class TestSafety:
    def test_whom_to_ring_and_a_way_out_stand_before_the_list(
        self, client: HtmlClient, listing: Listing, index: Callable[[], None]
    ) -> None:
        listing("Boxing that hits back", at=HALL)
        listing("A quiet room", at=HALL, needs=("safety",))
        index()
        answer = client.get("/search?q=my+husband+hits+me")
        html = answer.get_data(as_text=True)
        assert html.index("Exit this page") < html.index("0808 2000 247") < html.index("A quiet room")
        assert "Boxing" not in html
        assert 'href="/search?need=safety">Groups that help with safety' in html
        assert "husband" not in html[: html.index("</title>")]

    def test_other_searches_have_neither(self, client: HtmlClient, places: None) -> None:
        assert "Exit this page" not in page(client, q="walking")

    def test_choosing_safety_is_enough(self, client: HtmlClient, places: None) -> None:
        words = page(client, need="safety")
        assert "Exit this page" in words
        assert "0808 2000 247" in words
