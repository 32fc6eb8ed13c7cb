"""Danger is heard in a search, and nothing else is taken for it."""

from __future__ import annotations

import pytest

from directory.search.safety_rules import Danger, dangers_in, deeds_in


@pytest.mark.parametrize(
    "typed",
    [
        "suicidal",
        "I want to die",
        "self-harm",
        "Overdose",
        "cutting myself",
        "I don’t want to be here any more",
        "no reason to live",
        "can't go on",
    ],
)
def test_somebody_who_may_harm_themselves_is_heard(typed: str) -> None:
    assert dangers_in(typed) == {Danger.SELF_HARM}


@pytest.mark.parametrize(
    "typed",
    [
        "he is abusive",
        "domestic violence",
        "my husband hits me",
        "my boyfriend slapped me",
        "he punches the kids",
        "I was hit by my husband",
        "I'm being hit",
        "he locks me in",
        "my partner won't let me out",
        "scared of my partner",
        "women's refuge",
        "controlling boyfriend",
        "I am not safe at home",
        "forced marriage",
    ],
)
def test_somebody_whom_others_harm_is_heard(typed: str) -> None:
    assert dangers_in(typed) == {Danger.ABUSE}


def test_both_are_heard_and_so_is_the_choice_of_safety() -> None:
    assert dangers_in("he beats me and I want to kill myself") == set(Danger)
    assert dangers_in("", ("food", "safety")) == {Danger.ABUSE}


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "walking",
        "grief",
        "x" * 5000,
        "refugees",
        "scared of falling",
        "drug abuse",
        "alcohol misuse",
        "dying matters cafe",
        "hit and miss cricket",
        "hit by a car",
        "beat the blues",
        "kick boxing",
        "somebody to push me in my wheelchair",
        "living with diabetes",
    ],
)
def test_nothing_else_is_taken_for_it(typed: str) -> None:
    assert dangers_in(typed) == set()


@pytest.mark.parametrize(
    ("typed", "deeds", "rest"),
    [
        ("My husband hits me!", {"hits me": "safety"}, "my husband"),
        (
            "he beats me and I want to kill myself",
            {"kill myself": "mental-wellbeing", "beats me": "safety"},
            "he and i want to",
        ),
        ("women's refuge in Bury", {}, "womens refuge in bury"),
        ("self-harm group", {}, "self harm group"),
        ("walking", {}, "walking"),
    ],
)
def test_what_is_done_is_told_from_what_else_is_said(typed: str, deeds: dict[str, str], rest: str) -> None:
    assert deeds_in(typed) == (deeds, rest)
