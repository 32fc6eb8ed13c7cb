"""A group's year: rounded, small numbers hidden, nothing to be worked out."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Invalid
from core.small_numbers import SUPPRESSED
from prescribing.groups.rules import (
    MOST_PENCE,
    STEPS,
    bounds,
    check_pence,
    load_of,
    pence_each,
    read_year,
    year_in_words,
    year_of,
)


@pytest.mark.parametrize(
    ("day", "year"), [(date(2026, 4, 1), 2026), (date(2027, 3, 31), 2026), (date(2026, 3, 31), 2025)]
)
def test_a_financial_year_begins_in_april(day: date, year: int) -> None:
    assert year_of(day) == year
    first, last = bounds(year)
    assert first <= day <= last


def test_a_year_is_said_in_words() -> None:
    assert year_in_words(2026) == "April 2026 to March 2027"


@pytest.mark.parametrize(
    ("text", "year"),
    [("", 2026), ("2025", 2025), ("2031", 2026), ("1999", 2026), ("20x6", 2026), ("²⁰²⁵", 2026)],
)
def test_nonsense_asks_for_this_year(text: str, year: int) -> None:
    assert read_year(text, date(2026, 11, 23)) == year


@given(st.lists(st.integers(0, 60), min_size=4, max_size=4), st.integers(0, 500))
def test_no_small_number_leaves(numbers: list[int], visits: int) -> None:
    people = dict(zip(STEPS, sorted(numbers, reverse=True), strict=True))
    load = load_of(people, visits)
    for step, number in people.items():
        shown = load.people[step]
        assert shown == SUPPRESSED or (shown == 0) is (number == 0)
        assert isinstance(shown, str) or shown % 5 == 0
    if load.people["came"] == SUPPRESSED:
        assert load.visits == SUPPRESSED


def test_money_for_each_comes_from_the_number_that_is_shown() -> None:
    assert pence_each(100_000, 10) == 10_000
    assert pence_each(None, 10) is None
    assert pence_each(100_000, 0) is None
    assert pence_each(100_000, SUPPRESSED) is None


@pytest.mark.parametrize("pence", [-1, MOST_PENCE + 1])
def test_an_amount_that_cannot_be_is_refused(pence: int) -> None:
    with pytest.raises(Invalid, match="£0 to"):
        check_pence(pence)
    check_pence(0)
