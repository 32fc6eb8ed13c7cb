"""A person's own copy of their plan: the words, and the form that they need."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

from core.calendar.when_rules import When
from core.notify.rules import Format
from prescribing.plans import rules
from prescribing.plans.rules import Coming, Copy, Going, Line, Section, Step

TODAY = date(2026, 3, 2)
SOON = When(date(2026, 3, 3))
NOTHING = Copy("Margaret", "GT-7K4M-2Q", datetime(2026, 3, 2, 9, tzinfo=UTC), "", "", "", "", (), (), (), ())


def test_every_form_and_way_has_words() -> None:
    assert set(rules.FORMAT_WORDS) == set(Format)
    assert set(rules.WAY_WORDS) == set(rules.Way)


def test_an_empty_plan_still_says_whom_to_ask() -> None:
    heading = "If something is wrong or changes"
    assert rules.sections(NOTHING, TODAY) == (Section("phone", heading, (Line("Tell your link worker."),)),)


def test_a_plan_is_said_to_the_person() -> None:
    copy = replace(
        NOTHING,
        link_worker="Priya",
        team_phone="0161 496 0999",
        matters="Jack's roses\n\nSunday calls",
        strengths="Baking",
        goals=(("Sing again", False), ("Ride the bus", True)),
        steps=(
            Step("You", "Look out the photographs.", None),
            Step("Priya", "Ring the choir", date(2026, 3, 3)),
        ),
        going=(Going("Choir", "You go there."),),
        coming=(
            Coming("Tomorrow, 10am", SOON, "Choir", "Peel Hall"),
            Coming("Friday, 10am", SOON, "Tea", ""),
        ),
    )
    said = {
        part.heading: [(line.first, line.words) for line in part.lines]
        for part in rules.sections(copy, TODAY)
    }
    assert said == {
        "What matters to you": [("", "Jack's roses"), ("", "Sunday calls")],
        "What you are good at": [("", "Baking")],
        "What you want": [("", "Sing again"), ("You did it", "Ride the bus")],
        "Who does what": [
            ("You", "Look out the photographs."),
            ("Priya", "Ring the choir, by Tuesday 3 March."),
        ],
        "Where you go": [("Choir", "You go there.")],
        "What is coming": [("Tomorrow, 10am", "Choir, Peel Hall."), ("Friday, 10am", "Tea.")],
        "If something is wrong or changes": [("", "Priya is your link worker."), ("", "Ring 0161 496 0999.")],
    }
