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
        "wanna die",
        "kill my self",
        "take my own life",
        "I wish I was dead",
        "I no longer want to live",
        "my mum wants to die",
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
        "I don't feel safe at home",
        "he is going to kill me",
        "my husband pushed me down the stairs",
        "my boyfriend attacked me",
        "sexual assault",
        "my dad touches me",
        "hit by him",
        "hit by my stepdad",
        "he is hurting me",
        "my partner hurts our baby",
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
        "landlord kicked me out",
        "my mum kicked me out",
        "being kicked out of my flat",
        "locked me out of my flat",
        "being hit by energy bills",
        "being hit by a car",
        "cost of living hit us",
        "grief hit me",
        "my back hurts me",
        "walking hurts me",
        "arthritis hurts my mum",
        "she hurt her back",
        "can't go on the bus",
        "can't go on my own",
        "can't go on holiday",
        "don't want to live alone",
        "mum wants to die at home",
        "cut himself off from friends",
        "tired of living with pain",
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
