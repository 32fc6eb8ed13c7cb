"""Every act that is written down about a person can be said to that person."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from prescribing.episodes.moves import MoveKind
from prescribing.referrals.rules import ReferralState
from prescribing.residents.rules import Voice
from prescribing.rights.acts import ACTS, is_look, say_act

PRESCRIBING = Path(__file__).parents[3] / "prescribing"

# Acts that are made of a word of the rules: the file, how the code says it, and what it can be.
MADE = {
    ("referrals/services.py", "f'referral.{event.target}'"): [f"referral.{each}" for each in ReferralState],
    ("referrals/telling.py", "f'referral.{template}'"): [
        "referral.session-off",
        "referral.session-moved",
        "referral.session-on",
    ],
    ("residents/services.py", "f'message.{voice}'"): [f"message.{each}" for each in Voice],
    ("episodes/services.py", "f'episode.{event.kind}'"): [f"episode.{each}" for each in MoveKind],
    ("rights/services.py", "action"): ["rights.proof", "rights.take-longer", "rights.answer"],
    ("fhir/serving.py", "action"): [
        f"{whose}.{done}-task" for whose in ("fhir", "fhir-team", "fhir-group") for done in ("read", "search")
    ],
}
# What no person can see in their own record: it is about an account, a listing, a team's list, the whole product, or
# what somebody asks who has no record.
ABOUT_NOBODY = {
    "account",
    "ask_draft",
    "buddy",
    "fhir-client",
    "letter-version",
    "measure-licence",
    "organization",
    "partner",
    "publication",
    "service",
    "unknown_request",
}


def acts() -> Iterator[tuple[str, str]]:
    """Every act that prescribing writes down about somebody, and the file that does."""
    for path in sorted(PRESCRIBING.rglob("*.py")):
        name = path.relative_to(PRESCRIBING).as_posix()
        text = path.read_text(encoding="utf-8")
        if "audit.record(" not in text:
            continue
        for call in ast.walk(ast.parse(text)):
            if not isinstance(call, ast.Call) or ast.unparse(call.func) != "audit.record":
                continue
            action, subject = call.args[2], call.args[3]
            if isinstance(subject, ast.Constant) and subject.value in ABOUT_NOBODY:
                continue
            yield from ((each, name) for each in said(action, name))


def said(action: ast.expr, name: str) -> list[str]:
    if isinstance(action, ast.Constant):
        return [str(action.value)]
    if isinstance(action, ast.IfExp):
        return [*said(action.body, name), *said(action.orelse, name)]
    return MADE[name, ast.unparse(action)]


WRITTEN = sorted(set(acts()))


def test_the_walk_finds_the_acts() -> None:
    found = {action for action, _name in WRITTEN}
    assert {"person.read", "referral.waitlisted", "action.add", "attendance.correct", "need.move"} <= found


def test_every_act_is_said_in_plain_words() -> None:
    other = say_act("something.unheard-of")
    unsaid = [f"{action} ({name})" for action, name in WRITTEN if say_act(action) == other]
    assert unsaid == []


@pytest.mark.parametrize("action", sorted(ACTS))
def test_no_code_shows_in_the_words(action: str) -> None:
    words = say_act(action)
    assert words[0].isupper()
    assert not words.endswith(".")
    assert not re.search(r"[a-z][._:][a-z]|triage|episode|referral|audit", words)


def test_an_act_that_nothing_names_shows_no_code() -> None:
    assert say_act("referral.some-old-thing") == "Did something with your record"


@pytest.mark.parametrize(
    ("action", "look"),
    [
        ("person.read", True),
        ("fhir.read-task", True),
        ("fhir-team.search-goal", True),
        ("fhir-group.read-task", True),
        ("fhir.create", False),
        ("referral.waitlisted", False),
    ],
)
def test_reading_is_told_from_changing(action: str, look: bool) -> None:
    assert is_look(action) is look
