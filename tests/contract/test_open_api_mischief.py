"""The OpenAPI documents are true, and no question breaks the open API."""

from __future__ import annotations

from collections import Counter
from typing import Any

import hypothesis
import pytest
from flask import Flask
from sqlalchemy.orm import Session

from tests import build_directory
from tests.contract.mischief import ask, ask_anything, operations

# `dev.py check` looks less hard than `dev.py test`; tests/bench/open_api.py asks ten thousand questions.
HARD = 10


@pytest.fixture
def settings_changes() -> dict[str, Any]:
    return {"api_per_minute": 1_000_000_000}


@pytest.fixture(autouse=True)
def _listings(session: Session) -> None:
    for number in range(3):
        build_directory.listing(session, name=f"Tea {number}", minimum_age=18, access=["step-free"])
    session.commit()


def how_hard() -> int:
    """How many questions of a kind to ask under this profile of Hypothesis."""
    return max(2, HARD * hypothesis.settings().max_examples // 100)


def test_the_documents_are_true(app: Flask) -> None:
    seen: Counter[int] = Counter()
    documented = list(operations(app))
    assert len(documented) >= 40
    for operation in documented:
        ask(operation, how_hard(), seen)
    assert min(seen[200], seen[400], seen[404]) > 0


def test_no_question_breaks_it(app: Flask) -> None:
    seen: Counter[int] = Counter()
    ask_anything(app, how_hard() * 20, seen)
    assert seen[400] > 0
