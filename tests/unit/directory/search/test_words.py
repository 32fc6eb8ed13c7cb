"""Tokens and synonyms: both sides of a search read words the same way."""

from __future__ import annotations

import pytest

from directory.search.synonyms import RINGS, known_pairs, meanings
from directory.search.words import joined, need_token, phrase_token, plain_words, tokens
from migrations.seeds import NEEDS


def test_accents_apostrophes_and_capitals_do_not_matter() -> None:
    assert list(plain_words("Men’s CAFÉ, Noël’s")) == ["mens", "cafe", "noels"]


def test_tokens_are_stems_and_their_neighbours() -> None:
    assert tokens("Walking for health") == ["walk", "health", "walk_health"]


def test_only_the_smallest_words_may_part_a_pair() -> None:
    assert "stay_play" in tokens("Stay and play")
    assert "food_bank" not in tokens("We cook food near the bank")


def test_no_pair_spans_two_texts() -> None:
    assert joined(["Food", "Bank Street"]).split() == ["food", "bank", "street", "bank_street"]


def test_a_word_of_endless_length_is_no_word() -> None:
    assert tokens("x" * 31) == []


def test_every_phrase_of_the_rings_can_be_looked_for() -> None:
    for ring in RINGS:
        for phrase in (*ring.phrases, *ring.also):
            assert phrase_token(phrase)


def test_a_phrase_of_no_or_many_words_is_refused() -> None:
    with pytest.raises(ValueError, match="one or two"):
        phrase_token("the of")


def test_needs_in_the_rings_are_needs_that_there_are() -> None:
    assert {ring.need for ring in RINGS if ring.need} <= {slug for slug, _, _ in NEEDS}


def test_nothing_means_itself_and_needs_are_worth_less_than_the_word() -> None:
    for token, meaning in meanings().items():
        assert token not in meaning.tokens
        assert all(0 < worth < 1 for worth in meaning.tokens.values())


def test_known_pairs_are_those_that_may_be_asked_for() -> None:
    assert {"food_bank", "food_pantri"} <= known_pairs()
    assert need_token("food") not in known_pairs()
