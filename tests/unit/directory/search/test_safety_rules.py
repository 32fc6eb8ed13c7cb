"""Danger is heard in a search, and nothing else is taken for it."""

from __future__ import annotations

import pytest

from directory.search.safety_rules import Danger, Heard, dangers_in, heard_in, need_of


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
        "dont want to wake up",
        "I don't wanna wake up",
        "I want to disappear",
        "I wish I could just disappear",
        "I do not want to exist",
        "go to sleep and never wake up",
        "everyone would be better off without me",
        "life is not worth living",
        "nothing to live for",
        "can't take it anymore",
        "I can't see the point of living",
        "hate being alive",
        "I want everything to stop",
        "unalive",
        "jump off a bridge",
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
        "forced to have sex",
        "he forced me to have sex",
        "makes me have sex",
        "he forces himself on me",
        "I am being hurt",
        "somebody hurt me",
        "my partner wont let me have money",
        "my husband doesn't let me work",
        "he takes my wages",
        "my son steals my pension",
        "economic abuse",
        "he controls my bank account",
        "my boyfriend checks my phone",
        "not allowed to leave the house",
        "grooming",
        "my daughter is being groomed online",
        "county lines",
        "sexually exploited",
        "revenge porn",
        "he shared my nudes",
        "my drink was spiked",
        "walking on eggshells",
        "gaslighting",
        "scared to go home",
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
        "dog grooming",
        "grooming for my dog",
        "bride and groom",
        "off the beaten track",
        "don't want to wake up early",
        "disappear for a weekend",
        "my mum won't let me have a dog",
        "he keeps the score",
        "forced to move",
        "can't take the bus any more",
        "being hurt by the rent",
        "not allowed to see my grandchildren",
    ],
)
def test_nothing_else_is_taken_for_it(typed: str) -> None:
    assert dangers_in(typed) == set()


@pytest.mark.parametrize(
    ("typed", "heard", "rest"),
    [
        ("My husband hits me!", [("hits me", "safety", False)], "my husband"),
        (
            "he beats me and I want to kill myself",
            [("kill myself", "mental-wellbeing", False), ("beats me", "safety", False)],
            "he and i want to",
        ),
        ("he hits me, he slaps me", [("hits me", "safety", False)], "he he"),
        ("women's refuge in Bury", [("womens refuge", "safety", True)], "in bury"),
        ("self-harm group", [("self harm", "mental-wellbeing", True)], "group"),
        ("walking", [], "walking"),
    ],
)
def test_what_is_told_of_danger_is_told_from_what_else_is_said(
    typed: str, heard: list[tuple[str, str, bool]], rest: str
) -> None:
    assert heard_in(typed) == (tuple(Heard(*one) for one in heard), rest)


def test_a_word_names_the_danger_that_was_heard_and_no_other() -> None:
    assert need_of("suicidal", set(Danger)) == "mental-wellbeing"
    assert need_of("sexual assault", {Danger.ABUSE}) == "safety"
    assert need_of("abuse", set()) is None
    assert need_of("walking", set(Danger)) is None
