"""What a search may be narrowed by: what values cover, what passes, how choices are read and said."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from core.errors import Invalid
from directory.search import facets
from directory.search.facets import BY_NAME, FACETS, chosen_of, minute_of, passes, read

NOON = minute_of(datetime(2026, 3, 4, 12, tzinfo=UTC))


def meets(atoms: dict[str, set[str]], **chosen: str | tuple[str, ...]) -> bool:
    return passes(atoms, [(NOON - 30, NOON + 30)], chosen_of(**chosen), NOON)


def test_values_of_one_facet_widen_and_facets_narrow_each_other() -> None:
    atoms = {"need": {"food"}, "cost": {"free", "3"}}
    assert meets(atoms, need=("food", "work"))
    assert meets(atoms, need=("food", "work"), cost="3")
    assert not meets(atoms, need="food", cost="10")
    assert not meets({}, need="food")


def test_a_day_and_a_time_are_met_by_one_session_and_not_by_two() -> None:
    atoms = {"when": {"WE-morning", "TH-afternoon"}}
    assert meets(atoms, day="WE")
    assert meets(atoms, time="afternoon")
    assert meets(atoms, day=("WE", "TH"), time="afternoon")
    assert not meets(atoms, day="WE", time="afternoon")


def test_open_now_asks_whether_a_session_is_on_at_this_minute() -> None:
    now = chosen_of(now="yes")
    assert passes({}, [(NOON, NOON + 1)], now, NOON)
    assert not passes({}, [(NOON - 5, NOON), (NOON + 1, NOON + 5)], now, NOON)


def test_values_to_count_are_the_options_or_else_what_listings_hold() -> None:
    assert BY_NAME["time"].values({"MO-morning"}) == ("morning", "afternoon", "evening")
    assert BY_NAME["language"].values({"urdu", "polish"}) == ("polish", "urdu")


def test_reading_knows_other_spellings_and_merged_words_and_takes_each_once() -> None:
    assert read(BY_NAME["day"], ["monday", "MO", " tu ", ""], {}) == ("MO", "TU")
    known = {"hunger": "food", "food": "food"}
    assert read(BY_NAME["need"], ["hunger", " FOOD "], known) == ("food",)
    assert read(BY_NAME["need"], [], known) == ()


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("day", "someday", "must be one of MO, TU, WE, TH, FR, SA or SU"),
        ("now", "no", "can only be yes"),
        ("need", "gold", "We do not know the need gold. Choose one from the list"),
        ("for", "m\x00" + "m" * 60, "m m+…"),
    ],
)
def test_what_there_is_not_is_refused_with_what_there_is(name: str, text: str, message: str) -> None:
    with pytest.raises(Invalid, match=message) as refused:
        read(BY_NAME[name], [text], {})
    assert refused.value.field == name


def test_choices_are_said_in_a_phrase() -> None:
    assert BY_NAME["day"].say(("MO", "WE"), {}) == "on a Monday or a Wednesday"
    assert BY_NAME["access"].say(
        ("step-free", "bsl"), {"step-free": "Step-free", "bsl": "British Sign Language"}
    ) == ("with step-free or British Sign Language")
    assert BY_NAME["age"].say(("0-4", "80-120"), {}) == "for age under 5 or age 80 and over"
    assert BY_NAME["cost"].say(("free",), {}) == "free"
    assert BY_NAME["cost"].options[2].label == "Up to £5"


def test_the_table_holds_together() -> None:
    assert len(BY_NAME) == len(FACETS)
    assert set(facets.GIVEN_UP) == set(BY_NAME) | {facets.RADIUS, facets.WORDS}
    assert all(facet.options or facet.vocabulary for facet in FACETS)
    assert all(facet.column or facet.live for facet in FACETS)
