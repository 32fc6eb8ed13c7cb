"""Slips of the keyboard: what was meant by a word that nobody uses."""

from __future__ import annotations

import pytest

from directory.search.spelling_rules import best, edits_for, mend, mended_text


def nobody(_edits: int) -> list[tuple[str, int, int]]:
    return []


@pytest.mark.parametrize(("word", "edits"), [("pip", 0), ("yoga", 1), ("walking", 1), ("gardening", 2)])
def test_longer_words_are_forgiven_more(word: str, edits: int) -> None:
    assert edits_for(word) == edits


def test_fewest_slips_then_the_same_first_letter_then_what_is_used_most() -> None:
    assert best("bank", [("tanks", 90, 2), ("tank", 90, 1), ("back", 2, 1), ("bans", 3, 1)]) == "bans"
    assert best("bank", []) is None


def test_words_of_the_thesaurus_are_meant_too() -> None:
    assert mend("lonly", nobody, ["lonely", "debt"]) == "lonely"


def test_words_that_listings_use_come_before_those_that_only_mean_something() -> None:
    assert mend("walkin", lambda _edits: [("walking", 3, 1)], ["walkie"]) == "walking"


def test_two_slips_are_tried_where_one_is_not_enough() -> None:
    asked: list[int] = []

    def used(edits: int) -> list[tuple[str, int, int]]:
        asked.append(edits)
        return [("gardening", 1, 2)] if edits == 2 else []

    assert mend("gardnning", used, []) == "gardening"
    assert asked == [1, 2]


def test_what_is_like_nothing_stays_as_it_is() -> None:
    assert mend("xyzzy", nobody, ["debt"]) is None
    assert mend("pip", nobody, ["pin"]) is None


def test_what_is_shown_is_what_was_typed_but_for_the_slips() -> None:
    assert mended_text("My nan is Lonly!", [("lonly", "lonely")]) == "My nan is lonely!"
    assert mended_text("lonlyness", [("lonly", "lonely")]) == "lonlyness"
