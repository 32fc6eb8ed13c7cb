"""Tokens as numbers: one at a time or many at once, they are the same."""

from __future__ import annotations

import numpy as np

from directory.search.numbering import BREAK, pair_numbers, stem_number, token_number


def test_a_pair_has_one_number_however_it_is_asked_for() -> None:
    ones, others = (
        np.array([stem_number(stem) for stem in told], np.uint64)
        for told in (("food", "walk"), ("bank", "3"))
    )
    assert pair_numbers(ones, others).tolist() == [token_number(b"food_bank"), token_number(b"walk_3")]


def test_tokens_have_numbers_of_their_own() -> None:
    tokens = [
        b"food",
        b"bank",
        b"food_bank",
        b"bank_food",
        b"foodbank",
        b"=food",
        b"=food_bank",
        b"=food-bank",
    ]
    numbers = {token_number(token) for token in tokens}
    assert len(numbers) == len(tokens)
    assert all(0 <= number < 1 << 64 for number in numbers)
    assert BREAK not in numbers


def test_nothing_is_a_break() -> None:
    assert stem_number("") == BREAK
    assert stem_number("food") == token_number(b"food")
