"""Days as an address names them, and lists that an address carries."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.clock import LONDON
from core.errors import Invalid
from core.geography.rules import coarse_place
from directory.listings.recurrence import Occurrence
from directory.passing_on.rules import MOST_KEPT, read_ids, without, write_ids
from directory.whats_on import rules
from directory.whats_on.rules import Days, Wanted

MONDAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("text", "today", "first", "last"),
    [
        ("", MONDAY, MONDAY, MONDAY),
        ("Today", MONDAY, MONDAY, MONDAY),
        ("tomorrow", MONDAY, date(2026, 11, 24), date(2026, 11, 24)),
        ("weekend", MONDAY, date(2026, 11, 28), date(2026, 11, 29)),
        ("weekend", date(2026, 11, 28), date(2026, 11, 28), date(2026, 11, 29)),
        ("weekend", date(2026, 11, 29), date(2026, 11, 29), date(2026, 11, 29)),
        ("2026-12-25", MONDAY, date(2026, 12, 25), date(2026, 12, 25)),
    ],
)
def test_days_are_read(text: str, today: date, first: date, last: date) -> None:
    found = rules.read_days(text, today)
    assert (found.first, found.last, found.is_one) == (first, last, first == last)


@pytest.mark.parametrize("text", ["2026-11-22", "2027-11-22", "soon", "2026-02-30"])
def test_other_days_are_refused_with_what_to_do(text: str) -> None:
    with pytest.raises(Invalid, match="Choose a day") as fault:
        rules.read_days(text, MONDAY)
    assert fault.value.field == "day"


def test_parts_of_the_day_and_distances() -> None:
    assert rules.read_part(" Evening ") == "evening"
    assert rules.read_part("") == ""
    assert [rules.read_radius(text) for text in ("", "5", "any")] == [2, 5, None]
    for reader in (rules.read_part, rules.read_radius):
        with pytest.raises(Invalid):
            reader("3")
    noon = datetime(2026, 11, 23, 11, 30, tzinfo=LONDON)
    one = Occurrence(noon, noon.replace(hour=13))
    assert [part for part in ("", *rules.PARTS) if rules.is_wanted(one, part)] == ["", "morning", "afternoon"]


def test_the_strip_has_a_week_and_says_days_in_full() -> None:
    strip = rules.strip(MONDAY)
    assert [short for _, short, _ in strip] == [
        "Today",
        "Tomorrow",
        "This weekend",
        "Wed 25",
        "Thu 26",
        "Fri 27",
        "Sat 28",
        "Sun 29",
    ]
    assert strip[3] == ("2026-11-25", "Wed 25", "Wednesday 25 November")


def test_days_are_said_as_people_say_them() -> None:
    assert rules.say_days(rules.read_days("", MONDAY), "") == "today"
    there = rules.read_days("2026-11-25", MONDAY)
    assert rules.say_days(there, "afternoon") == "Wednesday 25 November, in the afternoon"


def test_an_address_says_only_what_differs_from_the_usual() -> None:
    assert Wanted(Days("today", MONDAY, MONDAY)).address() == {}
    wanted = Wanted(Days("tomorrow", MONDAY, MONDAY), "morning", ("food",), "BL9", 5, 3)
    assert wanted.address() == {
        "day": "tomorrow",
        "part": "morning",
        "need": "food",
        "postcode": "BL9",
        "radius": "5",
    }
    assert Wanted(Days("today", MONDAY, MONDAY), place="BL9", radius_miles=None).address(day="weekend") == {
        "day": "weekend",
        "postcode": "BL9",
        "radius": "any",
    }


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("bl9 0aa", "BL9 0"), ("BL9 0", "BL9 0"), ("BL9", "BL9"), ("Radcliffe", "Radcliffe"), ("", "")],
)
def test_a_place_that_is_kept_is_never_closer_than_its_sector(typed: str, kept: str) -> None:
    assert coarse_place(typed) == kept


@given(st.lists(st.uuids(), max_size=40))
def test_a_list_survives_its_address_as_far_as_it_holds(ids: list[UUID]) -> None:
    assert read_ids(write_ids(ids)) == tuple(dict.fromkeys(ids))[:MOST_KEPT]


@given(st.text(max_size=300))
def test_no_address_breaks_a_list(text: str) -> None:
    assert len(read_ids(text)) <= MOST_KEPT


def test_one_is_taken_off() -> None:
    one, other = uuid4(), uuid4()
    assert without([one, other], one) == str(other)
