"""Published vocabularies: what is read of them, and what taking one in would change."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Invalid
from directory.stewardship.taxonomies.files import LARGEST, open_scheme
from directory.stewardship.taxonomies.rules import MOST_CONCEPTS, Held, plan, read_skos, slug_of

LIST = {
    "@context": "https://openactive.io/",
    "id": "https://words.example/list",
    "title": "Sports",
    "description": "What people play",
    "concept": [
        {"id": "https://words.example/1", "prefLabel": "Football", "definition": "A game"},
        {
            "@id": "https://words.example/2",
            "skos:prefLabel": {"@value": "Walking football"},
            "broader": ["https://words.example/1"],
        },
        {
            "id": "https://words.example/3",
            "prefLabel": {"en": "Chess", "fr": "Échecs"},
            "broader": {"@id": "https://words.example/9"},
        },
        {"id": "https://words.example/3", "prefLabel": "Again"},
        {"prefLabel": "No id"},
        "not a concept",
        {"id": "https://words.example/4", "prefLabel": [{"@value": "Bowls"}], "broader": 7},
        {"id": "https://words.example/5", "prefLabel": []},
    ],
}


def test_a_list_is_read_and_what_is_wrong_in_it_is_told() -> None:
    scheme = read_skos(LIST)
    assert (scheme.uri, scheme.name) == ("https://words.example/list", "Sports")
    assert [one.name for one in scheme.concepts] == ["Football", "Walking football", "Chess", "Bowls"]
    assert scheme.concepts[1].broader == ("https://words.example/1",)
    assert scheme.problems == (
        "Concept 4 (Again) has the id of another.",
        "Concept 5 has no id or no label.",
        "Concept 6 has no id or no label.",
        "Concept 8 has no id or no label.",
    )
    assert read_skos({"concept": LIST["concept"]}).name == "A vocabulary"


@pytest.mark.parametrize(
    "data", [[], {"concept": "none"}, {}, {"concept": [1]}, {"concept": [{}] * (MOST_CONCEPTS + 1)}]
)
def test_what_is_no_list_is_refused(data: object) -> None:
    with pytest.raises(Invalid):
        read_skos(data)


@pytest.mark.parametrize("content", [b"\xff", b"{", b"[" * 100_000, b" " * (LARGEST + 1)])
def test_what_is_no_file_of_the_kind_is_refused(content: bytes) -> None:
    with pytest.raises(Invalid):
        open_scheme(content)


def test_what_taking_it_in_changes() -> None:
    scheme = read_skos(LIST)
    held = [
        Held("footie", "Football", "A game", "https://words.example/1", in_use=True),
        Held("chess", "Chess!", "", "https://words.example/3", in_use=True),
        Held("darts", "Darts", "", "https://words.example/8", in_use=True),
        Held("bingo", "Bingo", "", "https://words.example/7", in_use=False),
        Held("bowls", "Our own", "", "", in_use=True),
    ]
    made = plan(scheme, held)
    assert [one.name for one in made.added] == ["Walking football", "Bowls"]
    assert [one.name for one in made.changed] == ["Chess"]
    assert (made.same, made.gone) == (1, ("Darts",))
    assert made.slugs["https://words.example/1"] == "footie"


@pytest.mark.parametrize(
    ("name", "taken", "slug"),
    [
        ("Men's Shed & Café", (), "mens-shed-and-cafe"),
        ("Chess", ("chess", "chess-2"), "chess-3"),
        ("日本", (), "word"),
        ("x" * 80, (), "x" * 60),
    ],
)
def test_slugs(name: str, taken: tuple[str, ...], slug: str) -> None:
    assert slug_of(name, taken) == slug


_LEAVES = st.none() | st.booleans() | st.integers() | st.text(max_size=8)
_JSON = st.recursive(
    _LEAVES,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["id", "@id", "prefLabel", "broader", "concept", "@value", "en"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=20,
)


@given(_JSON)
def test_no_json_breaks_it(data: object) -> None:
    with suppress(Invalid):
        assert read_skos(data).concepts
