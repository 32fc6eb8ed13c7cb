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
    """The tests of a file that pytest runs: it collects no other file and nothing inside a function, and skips what
    is marked so."""
    if not path.name.startswith("test_") or not path.exists():
        return frozenset()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    classes = [each for each in tree.body if isinstance(each, ast.ClassDef) and each.name.startswith("Test")]
    inside = [each for holder in classes for each in holder.body]
    found = [each for each in (*tree.body, *inside) if isinstance(each, ast.FunctionDef)]
    return frozenset(each.name for each in found if not any(map(_is_left_out, each.decorator_list)))


def _is_left_out(decorator: ast.expr) -> bool:
    return re.search(r"\b(skip|skipif|xfail)\b", ast.unparse(decorator)) is not None


def named_tests(hazard: str) -> list[tuple[str, str]]:
    """The file and the name of each test under a hazard. A line that names none in the form of the log fails."""
    lines = re.findall(r"^[-*] .*$", hazard, flags=re.MULTILINE)
    named = [re.fullmatch(r"- `(tests/[^`:]+)::(test_\w+)`", line) for line in lines]
    assert [line for line, found in zip(lines, named, strict=True) if found is None] == []
    return [(found[1], found[2]) for found in named if found is not None]


def test_a_name_is_known_only_where_a_test_runs(tmp_path: Path) -> None:
    skipped = "@pytest.mark.skip\ndef test_a(): pass\n"
    inner = "def test_f():\n  def test_b(): pass\n"
    text = skipped + inner + "def test_c(): pass\nclass TestD:\n  def test_e(self): pass\n"
    for name in ("test_it.py", "walk.py"):
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert names_in(tmp_path / "test_it.py") == {"test_c", "test_e", "test_f"}
    assert names_in(tmp_path / "walk.py") == names_in(tmp_path / "test_gone.py") == frozenset()
    with pytest.raises(AssertionError, match="walk"):
        named_tests("- `tests/x.py::test_y`\n- tests/walk.py::test_z\n")


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
    places = re.findall(r"`([^`]+)`", control)
    assert places, "the control names no place"
    assert [place for place in places if not (ROOT / place).exists()] == []
    named = named_tests(hazard)
    assert named, "no test proves the control"
    gone = [f"{path}::{name}" for path, name in named if name not in names_in(ROOT / path)]
    assert gone == []
    assert after[2] <= _ACCEPTABLE or "Accepted because" in hazard
