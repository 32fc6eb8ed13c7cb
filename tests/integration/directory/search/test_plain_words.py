"""People type their own words, with slips, in quotation marks, or half of them: everybody finds something."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

from core.settings import Settings
from directory.listings.models import Service
from directory.listings.rules import ListingStatus
from directory.search import services
from migrations.seeds import NEEDS
from migrations.synonym_seeds import ENTRIES
from tests.html import HtmlClient, parse, text_of
from tests.integration.directory.search.conftest import Listing

Find = Callable[..., list[str]]


@pytest.fixture
def find(client: HtmlClient, session: Session, places: None) -> Find:
    """Names of what a search finds; the index is built before the first one."""
    built: list[bool] = []

    def ask(q: str, **query: str) -> list[str]:
        if not built:
            built.append(True)
            services.rebuild(session)
            session.commit()
        answer = client.get("/search.json", query_string={"q": q, **query})
        assert answer.status_code == 200
        return [item["name"] for item in answer.get_json()["items"]]

    return ask


class TestSlips:
    def test_a_slip_is_mended_said_and_can_be_taken_as_typed(
        self, client: HtmlClient, listing: Listing, find: Find
    ) -> None:
        listing("Befriending visits", needs=("loneliness",))
        listing("Bowls")
        assert find("my nan is lonly") == ["Befriending visits"]
        page = text_of(parse(client.get("/search?q=my+nan+is+lonly").get_data(as_text=True)))
        assert "Showing results for my nan is lonely" in page
        assert "Search instead for my nan is lonly" in page
        exact = text_of(parse(client.get("/search?q=my+nan+is+lonly&exact=1").get_data(as_text=True)))
        assert "Showing results for" not in exact

    def test_slips_in_words_that_belong_together_find_what_the_words_do(
        self, listing: Listing, find: Find
    ) -> None:
        listing("Friday pantry", description="Benefits too")
        listing("Welfare rights", needs=("money-and-debt",))
        listing("Benefits advice", needs=("money-and-debt",))
        wanted = find("benefits advice")
        assert wanted[0] == "Benefits advice"
        assert "Welfare rights" in wanted
        assert find("benifits advise") == find("benefits advise") == wanted

    def test_danger_in_a_slip_is_heard(self, client: HtmlClient, listing: Listing, find: Find) -> None:
        listing("Talking about suicide", needs=("mental-wellbeing",))
        listing("Open door", needs=("mental-wellbeing",))
        assert set(find("suicde")) == {"Talking about suicide", "Open door"}
        assert "Are you in danger" in text_of(parse(client.get("/search?q=suicde").get_data(as_text=True)))

    def test_a_word_that_only_a_description_has_can_be_meant(self, listing: Listing, find: Find) -> None:
        listing("Monday group", description="We look at dragonflies by the canal.")
        assert find("dragonfles") == ["Monday group"]


class TestQuotations:
    def test_quoted_words_are_met_word_for_word(self, listing: Listing, find: Find) -> None:
        listing("Long table", description="Soup and a chat on Fridays")
        listing("Soup kitchen", description="A chat on Fridays")
        assert find('"soup and a chat"') == ["Long table"]
        assert set(find("soup chat")) == {"Long table", "Soup kitchen"}

    def test_they_are_never_given_up(self, listing: Listing, find: Find) -> None:
        listing("Bowls")
        assert find('"wibble wobble" bowls') == []

    def test_words_that_nobody_has_side_by_side_are_offered_apart(
        self, client: HtmlClient, listing: Listing, find: Find
    ) -> None:
        listing("Tea and a chat")
        listing("Tea, then a dance", needs=("loneliness",))
        assert find('"tea dance"') == []
        page = parse(client.get("/search?q=“tea+dance”&need=loneliness").get_data(as_text=True))
        assert "look for the same words, but not side by side (1)" in text_of(page)
        (link,) = [one for one in page.iter("a") if "side by side" in text_of(one)]
        assert link.get("href") == "/search?q=tea+dance&need=loneliness"
        assert "Tea, then a dance" in text_of(parse(client.get(link.get("href")).get_data(as_text=True)))
        nowhere = text_of(parse(client.get('/search?q="wibble wobble"').get_data(as_text=True)))
        assert "side by side" not in nowhere


class TestPreferringMore:
    def test_any_word_will_do_and_more_of_them_come_first(self, listing: Listing, find: Find) -> None:
        listing("Painting for beginners")
        listing("Painting by the canal")
        listing("Canal walk for beginners")
        assert find("painting canal")[0] == "Painting by the canal"
        assert len(find("painting canal")) == 3


class TestAdvertised:
    def test_every_need_and_all_that_is_said_for_it_finds_what_carries_it(
        self, listing: Listing, find: Find
    ) -> None:
        for slug, name, _description in NEEDS:
            listing(f"Zz {slug.replace('-', 'q')}", needs=(slug,))
            assert name
        found = {slug: f"Zz {slug.replace('-', 'q')}" for slug, _, _ in NEEDS}
        for slug, name, _ in NEEDS:
            assert found[slug] in find("", need=slug), slug
            assert found[slug] in find(name), name
        for same, typed, need in ENTRIES:
            for phrase in (*same, *typed) if need else ():
                assert found[need or ""] in find(phrase), phrase

    def test_whatever_is_suggested_finds_something(
        self, client: HtmlClient, listing: Listing, find: Find
    ) -> None:
        listing("Walking football", group="Whitefield Walkers", at=(53.593, -2.298))
        listing("Wood workshop", needs=("work",))
        find("walking")
        seen = set()
        for typed in ("wa", "wal", "foot", "whi", "work", "bu", "skint", "walking fo"):
            for item in client.get("/suggest.json", query_string={"q": typed}).get_json()["items"]:
                seen.add(item["kind"])
                answer = client.get(item["url"])
                assert answer.status_code == 200, item
                if item["kind"] == "Search":
                    assert "We found nothing" not in answer.get_data(as_text=True), item
        assert seen == {"Search", "Activity", "Group", "Near", "Kind of help"}


class TestSuggesting:
    def test_only_what_the_public_may_see_is_suggested(
        self, client: HtmlClient, listing: Listing, find: Find
    ) -> None:
        listing("Quizzes", group="Quiz friends")
        listing("Quietly waiting", group="Quince", status=ListingStatus.DRAFT)
        find("quiz")
        items = client.get("/suggest.json?q=qui").get_json()["items"]
        assert {item["text"] for item in items} == {"quiz", "quizzes", "Quizzes", "Quiz friends"}

    def test_names_come_from_the_index_and_are_what_the_database_says_now(
        self, client: HtmlClient, session: Session, listing: Listing, find: Find
    ) -> None:
        gone = listing("Men’s shed")
        listing("Mending clothes", group="The Menders")
        find("mending")

        def named() -> tuple[list[str], list[str]]:
            asked: list[str] = []

            def note(*told: object) -> None:
                asked.append(str(told[2]))

            event.listen(Engine, "before_cursor_execute", note)
            try:
                items = client.get("/suggest.json?q=men").get_json()["items"]
            finally:
                event.remove(Engine, "before_cursor_execute", note)
            return [item["text"] for item in items if item["kind"] in ("Activity", "Group")], asked

        names, asked = named()
        assert names == ["Mending clothes", "Men’s shed", "The Menders"]
        assert not [one for one in asked if "like" in one.lower()]
        session.get_one(Service, gone).status = ListingStatus.PAUSED
        session.get_one(Service, gone).name = "Men’s den"
        session.commit()
        assert named()[0] == ["Mending clothes", "Men’s den", "The Menders"]
        session.get_one(Service, gone).status = ListingStatus.DRAFT
        session.commit()
        assert named()[0] == ["Mending clothes", "The Menders"]

    def test_a_name_is_suggested_as_soon_as_it_is_in_the_index(
        self, client: HtmlClient, session: Session, listing: Listing, find: Find
    ) -> None:
        listing("Quizzes", group="Quiz friends")
        find("quiz")
        services.bring_up_to_date(session, listing("Quilting", group="Quilt makers"))
        session.commit()
        items = client.get("/suggest.json?q=qui").get_json()["items"]
        texts = [item["text"] for item in items if item["kind"] in ("Activity", "Group")]
        assert texts == ["Quilting", "Quizzes", "Quilt makers", "Quiz friends"]

    def test_of_the_forms_of_a_word_only_the_one_used_most_is_offered(
        self, client: HtmlClient, listing: Listing, find: Find
    ) -> None:
        for name in ("Walking football", "Walking for health", "A walk in the park", "Walks by the river"):
            listing(name)
        find("walking")
        items = client.get("/suggest.json?q=wal").get_json()["items"]
        assert [item["text"] for item in items if item["kind"] == "Search"] == ["walking"]

    def test_words_that_compare_are_offered_as_the_one_used_most(
        self, client: HtmlClient, listing: Listing, find: Find
    ) -> None:
        for name in ("A long walk", "The long table", "A longer walk", "The longest table"):
            listing(name)
        find("long")
        items = client.get("/suggest.json?q=lon").get_json()["items"]
        assert [item["text"] for item in items if item["kind"] == "Search"] == ["long"]

    @pytest.mark.parametrize("typed", ["", "q", "🙂", "%", "_", "\\", "x" * 5000, "' OR 1=1 --", "%%"])
    def test_nothing_is_suggested_for_nothing(self, client: HtmlClient, places: None, typed: str) -> None:
        answer = client.get("/suggest.json", query_string={"q": typed})
        assert (answer.status_code, answer.get_json()) == (200, {"items": []})

    def test_it_works_without_scripts_and_without_an_index(
        self, client: HtmlClient, places: None, listing: Listing
    ) -> None:
        listing("Quizzes")
        page = client.get("/suggest?q=qui").get_data(as_text=True)
        assert "Quizzes" in text_of(parse(page))
        assert "Nothing begins so" in text_of(parse(client.get("/suggest?q=zzz").get_data(as_text=True)))
        assert client.get("/suggest").status_code == 200

    def test_a_cache_may_keep_the_answer(self, client: HtmlClient, places: None, settings: Settings) -> None:
        assert "public" in client.get("/suggest.json?q=wa").headers["Cache-Control"]


@pytest.mark.parametrize(
    "typed",
    [
        "the and of my",
        "🙂🙂🙂",
        "lonely " * 700,
        "x" * 5000,
        "name:* OR (a~2 AND [x TO y])^9",
        '"""',
        '"the" "of"',
        "*",
        "-debt +food ~",
    ],
)
def test_odd_questions_are_answered_sensibly_and_soon(
    client: HtmlClient, listing: Listing, find: Find, typed: str
) -> None:
    listing("Food bank", needs=("food",))
    find("food")
    begun = time.monotonic()
    page = client.get("/search", query_string={"q": typed}).get_data(as_text=True)
    assert time.monotonic() - begun < 5
    said = text_of(parse(page))
    assert "We could not find a word" in said or "That is a lot of words" in said or "activit" in said
