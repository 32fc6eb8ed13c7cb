"""Tokens: both sides of a search read words the same way."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.search.words import (
    compared,
    flat_words,
    joined,
    marked_stems,
    may_stem_from,
    plain_words,
    spelt_words,
    stem_of,
    tokens,
)


def test_accents_apostrophes_and_capitals_do_not_matter() -> None:
    assert list(plain_words("Men’s CAFÉ, Noël’s")) == ["mens", "cafe", "noels"]


def test_tokens_are_stems_and_their_neighbours() -> None:
    assert tokens("Walking for health") == ["walk", "health", "walk_health"]


def test_only_the_smallest_words_may_part_a_pair() -> None:
    assert "stay_play" in tokens("Stay and play")
    assert "food_bank" not in tokens("We cook food near the bank")


def test_no_pair_spans_two_texts() -> None:
    assert joined(["Food", "Bank Street"]).split() == ["food", "bank", "street", "bank_street"]


def test_what_parts_a_pair_is_marked() -> None:
    words = flat_words("Stay and play: a foodbank near you, 2 yoga4all classes")
    assert marked_stems(words) == ["stay", "play", "food", "bank", "", "", "", "yoga4all", "class"]


def test_words_are_spelt_as_people_spell_them() -> None:
    assert list(spelt_words(flat_words("The foodbanks of room 101, advise for over60s"))) == [
        "food",
        "banks",
        "room",
        "advice",
    ]


def test_a_word_of_endless_length_is_no_word() -> None:
    assert tokens("x" * 31) == []


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["long", "longer", "longest"], {"longer": "long", "longest": "long"}),
        (["longer", "longest"], {"longer": "longer", "longest": "longer"}),
        (["late", "later", "latest"], {"later": "late", "latest": "late"}),
        (["easy", "easier", "easiest"], {"easier": "easy", "easiest": "easy"}),
        (["big", "bigger", "biggest"], {"bigger": "big", "biggest": "big"}),
        (["for", "forest", "walk", "walker", "honest", "longest", "est"], {}),
    ],
)
def test_words_that_compare_come_from_the_plain_one(words: list[str], found: dict[str, str]) -> None:
    assert compared(words) == found


@given(
    st.from_regex(r"[^\W_]+(?:['’][^\W_]+)*", fullmatch=True)
    | st.from_regex(r"[a-z]{2,9}(ied|ies|ing|ly|ness|est)?", fullmatch=True)
    | st.sampled_from(["Dying", "skis", "Foodbanks", "play'group", "Éclair", "Key", "yoga"])
)
def test_no_stem_begins_with_a_letter_that_its_word_may_not_stem_from(word: str) -> None:
    assert all(may_stem_from(word, stem_of(plain)[:1]) for plain in plain_words(word))


def test_a_plain_word_stems_from_its_own_letter_alone() -> None:
    assert may_stem_from("Walking", "w")
    assert not may_stem_from("Walking", "abc")
