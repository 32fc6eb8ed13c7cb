"""The hazard log is true: every control names files that are there and tests that are run."""

from __future__ import annotations

import ast
import re
from functools import lru_cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOG = (ROOT / "docs" / "hazards.md").read_text(encoding="utf-8")
HAZARDS = re.split(r"^## (?=H\d)", LOG, flags=re.MULTILINE)[1:]
_RISK = re.compile(r"\| (Before|After) \| severity ([1-5]) x likelihood ([1-5]) = (\d+) \|")
_ACCEPTABLE = 9


@lru_cache(maxsize=64)
def names_in(path: Path) -> frozenset[str]:
    """The tests that a file holds, in a class or not."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def test_hazards_are_numbered_in_order() -> None:
    assert [hazard[:3] for hazard in HAZARDS] == [f"H{number:02}" for number in range(1, len(HAZARDS) + 1)]


@pytest.mark.parametrize("hazard", HAZARDS, ids=lambda hazard: hazard[:3])
def test_a_hazard_has_cause_effect_risk_control_and_tests(hazard: str) -> None:
    for row in ("Cause", "Effect", "Before", "Control", "After"):
        assert f"| {row} | " in hazard, f"{row} is missing"
    before, after = (tuple(map(int, found[1:])) for found in _RISK.findall(hazard))
    assert all(severity * likelihood == risk for severity, likelihood, risk in (before, after))
    assert (after[0], after[1] < before[1]) == (before[0], True), "a control makes a hazard less likely"
    control = next(line for line in hazard.splitlines() if line.startswith("| Control |"))
    places = re.findall(r"`([a-z_/]+(?:\.py)?)`", control)
    assert places, "the control names no place"
    assert [place for place in places if not (ROOT / place).exists()] == []
    named = re.findall(r"^- `(tests/[^`:]+)::(test_\w+)`$", hazard, flags=re.MULTILINE)
    assert named, "no test proves the control"
    gone = [f"{path}::{name}" for path, name in named if name not in names_in(ROOT / path)]
    assert gone == []
    assert after[2] <= _ACCEPTABLE or "Accepted because" in hazard
