"""What is read from a flyer or a letter, how sure we are, and what we say that we could not read."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Invalid
from directory.listings.schedule_json import rule_from_json
from directory.listings.wording import timetable_in_words
from directory.stewardship.words.rules import Confidence, read_said, read_words

FLYER = """RADCLIFFE CHAIR YOGA
Every Tuesday and Thursday, 10am - 12.30pm
Where: Peel Mill Hall, Loom Street, Radcliffe, M26 1AA
£2 per session, tea included
For people aged 50 and over
Ring Derek on 0161 496 0101 or email chairs@example.org
www.chairs.example
Bring a bottle of water"""


def found(text: str) -> dict[str, tuple[str, str]]:
    return {one.name: (one.said, one.confidence.value) for one in read_words(text).found}


def test_a_flyer_is_read_and_what_is_left_is_told() -> None:
    reading = read_words(FLYER)
    assert found(FLYER) == {
        "schedules": ("Every Tuesday and Thursday, 10am to 12:30pm", "sure"),
        "venue": ("Peel Mill Hall", "likely"),
        "address": ("Loom Street, Radcliffe, M26 1AA", "likely"),
        "costs": ("£2 (Each session)", "likely"),
        "phone": ("0161 496 0101", "sure"),
        "email": ("chairs@example.org", "sure"),
        "url": ("https://www.chairs.example", "sure"),
        "ages": ("50 and over", "likely"),
        "needs": found(FLYER)["needs"],
    }
    assert reading.unread == ("RADCLIFFE CHAIR YOGA", "Bring a bottle of water")
    assert [one.words for one in reading.found if one.name == "costs"] == ["£2 per session, tea included"]
    assert Confidence.GUESS.label.startswith("A guess")


def test_a_reply_to_an_email_is_read_without_what_it_quotes() -> None:
    letter = "Now every Wednesday 1pm to 3pm, not in August.\n> Tuesday 10am\n"
    letter += "On 3 November Golden Thread wrote:\nTuesday 9am"
    assert found(letter) == {"schedules": ("Every Wednesday, 1pm to 3pm", "guess")}
    assert read_words("> Tuesday 10am").found == ()


@pytest.mark.parametrize(
    ("text", "said", "sure"),
    [
        (
            "Second Saturday of the month 10am to 12 noon",
            "Second Saturday of the month, 10am to 12pm",
            "sure",
        ),
        (
            "Come along and sing at the top of your voice each Monday 7pm to 9pm",
            "Every Monday, 7pm to 9pm",
            "likely",
        ),
        (
            "Monday 10am to 11am\nWe all sit round one big table every Tuesday 1pm to 2pm.",
            "Every Monday, 10am to 11am; Every Tuesday, 1pm to 2pm",
            "likely",
        ),
        (
            "We may change, not in May, Monday 10am to 11am\nAnd all of us sing together on Tuesday 1pm to 2pm.",
            "Every Monday, 10am to 11am; Every Tuesday, 1pm to 2pm",
            "guess",
        ),
    ],
)
def test_times(text: str, said: str, sure: str) -> None:
    assert found(text)["schedules"] == (said, sure)


@pytest.mark.parametrize("text", ["Mondays 6-7. 50p", "Monday evenings from 6 or 10:30", "Come at 10am"])
def test_times_that_can_be_read_two_ways_are_left_to_people(text: str) -> None:
    reading = read_words(text)
    assert "schedules" not in {one.name for one in reading.found}
    assert reading.unread == (text,)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("It costs £3.50", "£3.50"),
        ("50p a cup", "50p"),
        ("£3 per person, £1 per child", "£3 (Each person); £1 (Each child)"),
        ("Free to attend", "Free"),
        ("Free entry. Free tea", "Free"),
    ],
)
def test_prices(text: str, said: str) -> None:
    assert found(text)["costs"] == (said, "likely")


def test_prices_that_contradict_are_a_guess_and_free_tea_is_no_price() -> None:
    assert found("£3 each\nFree for all")["costs"][1] == "guess"
    assert "costs" not in found("Free tea for everybody. Please feel free to ask")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Ages 11 to 16", "11 to 16"),
        ("8 - 12 years", "8 to 12"),
        ("Over 60s welcome", "60 and over"),
        ("18+", "18 and over"),
        ("Under 5s", "up to 4"),
        ("for up to 12 years", "up to 12"),
    ],
)
def test_ages(text: str, said: str) -> None:
    assert found(text)["ages"] == (said, "likely")
    assert read_said("ages", said).keys() == {"minimum_age", "maximum_age"}


def test_what_cannot_be_an_age_or_a_place_is_none() -> None:
    for text in ("Over 200s", "Ages 16 to 11", "A up to 20 people", "Flat AB1 2CC"):
        assert not {"ages", "address"} & found(text).keys()
    assert found("M26 1AA") == {"address": ("M26 1AA", "sure")}
    assert found("12 Loom Street, M26 1AA").keys() == {"address"}
    assert "phone" not in found("Ring 0000 000 0000")


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("venue", "The  Hall", {"venue": "The Hall"}),
        ("address", "m261aa", {"address": {"postcode": "M26 1AA"}}),
        ("address", "Radcliffe, M26 1AA", {"address": {"postcode": "M26 1AA", "town": "Radcliffe"}}),
        (
            "address",
            "The Mill, 3 Loom Street, Radcliffe, M26 1AA",
            {"address": {"postcode": "M26 1AA", "town": "Radcliffe", "street": "3 Loom Street"}},
        ),
        ("costs", "Free", {"costs": [{"label": "Free", "pence": 0}]}),
        (
            "costs",
            "£2 (Adults); 50p",
            {"costs": [{"label": "Adults", "pence": 200}, {"label": "", "pence": 50}]},
        ),
        ("phone", "01614960101", {"phone": "0161 496 0101"}),
        ("email", "a@EXAMPLE.org", {"email": "a@example.org"}),
        ("url", "example.org", {"url": "https://example.org"}),
        ("ages", "16-18", {"minimum_age": 16, "maximum_age": 18}),
        ("needs", "food, housing,", {"needs": ["food", "housing"]}),
    ],
)
def test_what_is_confirmed_is_read_again(name: str, text: str, value: dict[str, Any]) -> None:
    assert read_said(name, text) == value


def test_confirmed_times_are_read_again() -> None:
    rules = read_said("schedules", "Every Tuesday, 10am to 12pm; First Friday of the month, 1pm to 2pm")[
        "schedules"
    ]
    assert timetable_in_words(rule_from_json(rule) for rule in rules) == (
        "Every Tuesday, 10am to 12pm",
        "First Friday of the month, 1pm to 2pm",
    )


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("schedules", "Sometimes"),
        ("address", "Nowhere"),
        ("costs", "A little"),
        ("costs", "£2 £3"),
        ("ages", "grown-ups"),
        ("phone", "12"),
        ("venue", "  "),
    ],
)
def test_what_cannot_be_read_again_says_how_to_write_it(name: str, text: str) -> None:
    with pytest.raises(Invalid) as fault:
        read_said(name, text)
    assert fault.value.field == name


@given(
    st.text(max_size=300)
    | st.from_regex(r"(?:Mon|£\d|\d{1,2}[ap]m|0161|M26|over \d|[ ,\n;-]){1,20}", fullmatch=True)
)
def test_no_text_breaks_it_and_what_it_says_can_be_read_again(text: str) -> None:
    for one in read_words(text).found:
        assert one.said.strip()
        assert one.words
