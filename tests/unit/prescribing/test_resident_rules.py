"""What the person's own side decides."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from prescribing.people.rules import Ask, problems_with
from prescribing.people.safe_contact import Channel
from prescribing.residents import rules

NOW = datetime(2026, 3, 3, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("at", "is_recent"),
    [
        (NOW.isoformat(), True),
        ((NOW - HOUR).isoformat(), True),
        ((NOW - HOUR - timedelta(seconds=1)).isoformat(), False),
        ("2026-03-03T12:00:00", False),
        ("yesterday", False),
    ],
)
def test_a_cookie_is_believed_for_a_while(at: str, is_recent: bool) -> None:
    assert rules.is_recent(at, HOUR, NOW) is is_recent


def test_an_unfinished_request_is_kept_until_its_time_is_over() -> None:
    until = NOW + rules.DRAFT_LIFE
    assert rules.is_kept(until, until - timedelta(seconds=1))
    assert not rules.is_kept(until, until)


def test_only_what_says_something_is_kept() -> None:
    assert not rules.is_worth_keeping({"who": "other", "name": "", "texts": False, "need_slugs": None})
    assert rules.is_worth_keeping({"who": "me", "name": "", "texts": True})


def test_what_was_kept_comes_back_without_boxes_that_are_gone() -> None:
    kept = rules.as_text({"name": "Núria", "need_slugs": ["food"], "old": "x"})
    assert rules.as_values(kept, frozenset({"name", "need_slugs"})) == {
        "name": "Núria",
        "need_slugs": ["food"],
    }


def problems(**changes: object) -> list[str]:
    ask = Ask(**{"name": "Sam", "ways": {Channel.PHONE: "1"}, **changes})  # type: ignore[arg-type]
    return [problem.field for problem in problems_with(ask, NOW.date())]


def test_under_16s_ask_with_a_grown_up_who_is_rung_first() -> None:
    assert problems(says_under_16=True) == ["age_group"]
    other = {"for_someone_else": True, "knows_and_agrees": True, "says_under_16": True}
    assert problems(**other, whom_to_ring="the person") == ["whom_to_ring"]
    assert problems(**other, whom_to_ring="whoever asked") == []
