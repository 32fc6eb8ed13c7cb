"""What a group's answer to our email is taken for."""

from __future__ import annotations

import pytest

from directory.stewardship.replies import rules
from directory.stewardship.replies.rules import Heard
from directory.stewardship.words.rules import read_words


@pytest.mark.parametrize(
    "text",
    [
        "Yes",
        "still right",
        "Yes all good, thanks!",
        "It\u2019s all correct thank you.",
        "All still the same as before. Thanks for asking.",
        "Everything is up to date.",
        "No changes",
        "No, nothing has changed.",
        "There are no changes needed. Many thanks",
        "Confirmed.",
    ],
)
def test_only_that_all_is_right(text: str) -> None:
    assert rules.heard_of(text, read_words(text)) is Heard.RIGHT


@pytest.mark.parametrize(
    ("text", "heard"),
    [
        ("All good except the phone: 0161 496 0123", Heard.CHANGES),
        ("Yes, but on Wednesday 1pm to 3pm now.", Heard.CHANGES),
        ("It is not right", Heard.NOTHING),
        ("It isn't right", Heard.NOTHING),
        ("Right, we have closed.", Heard.NOTHING),
        ("No, it changed", Heard.NOTHING),
        ("Thank you", Heard.NOTHING),
        ("Who are you? Please ring Derek", Heard.NOTHING),
        ("", Heard.NOTHING),
    ],
)
def test_anything_else_is_never_taken_for_a_yes(text: str, heard: Heard) -> None:
    assert rules.heard_of(text, read_words(text)) is heard


NAMES = {1: "Tea", 2: "Tea and talk", 3: "Chair yoga"}


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("Chair Yoga is on Fridays now", 3),
        ("tea and talk: 2pm", 2),
        ("Tea is at 3pm", 1),
        ("Teatime is at 3pm", None),
        ("Chair yoga and tea both moved", None),
        ("We moved", None),
    ],
)
def test_which_of_several_listings_is_meant(text: str, named: int | None) -> None:
    assert rules.named_in(text, NAMES) == named


@pytest.mark.parametrize(
    ("text", "ticked"),
    [
        ("Every Wednesday 1pm to 3pm\n0161 496 0123", ["schedules"]),
        ("Tel: 0161 496 0123", []),
        ("E: derek@shed.example.org | www.shed.example.org", []),
        ("Our new number is 0161 496 0123", ["phone"]),
        ("Please write to derek@shed.example.org", ["email"]),
        ("We are on www.shed.example.org since May", ["url"]),
    ],
)
def test_a_number_that_stands_alone_is_not_ticked(text: str, ticked: list[str]) -> None:
    assert rules.ticked(read_words(text).found) == ticked


def test_a_guess_is_not_ticked() -> None:
    found = read_words("Mostly every Wednesday 1pm to 3pm except in August").found
    assert [one.name for one in found] == ["schedules"]
    assert rules.ticked(found) == []
