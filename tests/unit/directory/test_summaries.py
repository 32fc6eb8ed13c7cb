"""The few words of a card."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from core.clock import LONDON
from directory.listings.recurrence import Occurrence
from directory.listings.summaries import (
    Cost,
    ages_in_words,
    confirmed_in_words,
    cost_summary,
    is_free,
    place_in_words,
    session_in_words,
    who_for,
)

TODAY = date(2026, 3, 3)


@pytest.mark.parametrize(
    ("costs", "words"),
    [
        ([], ""),
        ([Cost("Free", 0)], "Free"),
        ([Cost("Each session", 350)], "£3.50"),
        ([Cost("Adults", 400), Cost("Children", 200)], "From £2"),
        ([Cost("Each session", 300), Cost("Carers", 0)], "£3, free for some"),
        ([Cost("Adults", 300), Cost("Over 60", 200), Cost("Carers", 0)], "From £2, free for some"),
        ([Cost("Suggested donation", 200)], "Free, or give £2"),
    ],
)
def test_cost(costs: list[Cost], words: str) -> None:
    assert cost_summary(costs) == words


def test_free_is_free_for_everybody() -> None:
    assert is_free([Cost("Free", 0)])
    assert not is_free([])
    assert not is_free([Cost("Each", 100), Cost("Carers", 0)])


@pytest.mark.parametrize(
    ("minimum", "maximum", "words"),
    [(None, None, ""), (18, None, "18 and over"), (None, 4, "up to 4"), (11, 18, "11 to 18"), (0, None, "")],
)
def test_ages(minimum: int | None, maximum: int | None, words: str) -> None:
    assert ages_in_words(minimum, maximum) == words


@pytest.mark.parametrize(
    ("audiences", "minimum", "words"),
    [
        ([], None, "Everyone"),
        ([("everyone", "Everyone"), ("families", "Families")], None, "Everyone"),
        ([("everyone", "Everyone")], 16, "Everyone aged 16 and over"),
        ([("adults", "Adults"), ("men", "Men")], 18, "Adults and men, 18 and over"),
        ([("adults", "Adults"), ("lgbt", "LGBT+ people")], None, "Adults and LGBT+ people"),
    ],
)
def test_who_for(audiences: list[tuple[str, str]], minimum: int | None, words: str) -> None:
    assert who_for(audiences, minimum, None) == words


def test_place_says_the_town_once() -> None:
    assert place_in_words("Bury", "Bury") == "Bury"
    assert place_in_words("Peel Mill Hall ", "Radcliffe") == "Peel Mill Hall, Radcliffe"
    assert place_in_words("", "") == ""


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (3, "Today, 10am to 12pm"),
        (4, "Tomorrow, 10am to 12pm"),
        (5, "Thursday 5 March, 10am to 12pm"),
    ],
)
def test_session(day: int, words: str) -> None:
    one = Occurrence(datetime(2026, 3, day, 10, tzinfo=LONDON), datetime(2026, 3, day, 12, tzinfo=LONDON))
    assert session_in_words(one, TODAY) == words


def test_confirmed() -> None:
    at = datetime(2026, 3, 1, 12, tzinfo=UTC)
    assert confirmed_in_words(None, None, TODAY) == ""
    assert confirmed_in_words(at, None, TODAY) == "Checked 2 days ago"
    assert confirmed_in_words(at, "Derek", TODAY) == "Checked by Derek, 2 days ago"
