"""Whether a change lasted, and what is known of how big it must be."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from prescribing.measures.instruments import INSTRUMENTS
from prescribing.measures.lasting_rules import pair_later, say_importance, say_total
from prescribing.measures.rules import Point, Taken

START = datetime(2026, 1, 1, 12, tzinfo=UTC)


def taken(point: Point, days: int) -> Taken:
    return Taken(point, START + timedelta(days=days), {"anxiety": 3})


BEGAN, HALF, ENDED = taken(Point.BASELINE, 1), taken(Point.REVIEW, 20), taken(Point.EXIT, 40)
LATER, LATEST = taken(Point.FOLLOW_UP, 90), taken(Point.FOLLOW_UP, 180)


@pytest.mark.parametrize(
    ("sets", "pair"),
    [
        ([LATEST, ENDED, BEGAN, LATER, HALF], (ENDED, LATEST)),
        ([BEGAN, HALF, LATER], (HALF, LATER)),
        ([BEGAN, LATER], (BEGAN, LATER)),
        ([LATER, taken(Point.EXIT, 100)], None),
        ([LATER], None),
        ([BEGAN, ENDED], None),
        ([], None),
    ],
)
def test_a_follow_up_is_compared_with_the_end(sets: list[Taken], pair: tuple[Taken, Taken] | None) -> None:
    assert pair_later(sets) == pair


def test_where_a_size_is_known_it_is_said_and_else_that_it_is_not() -> None:
    assert say_importance(INSTRUMENTS["swemwbs"]) == (
        "A change of less than 1.03 is too small to be sure of. One of 2.87 or more matters."
    )
    for key in ("ons4", "ucla3", "goal"):
        assert "It is not known" in say_importance(INSTRUMENTS[key])


def test_one_total_says_its_ends_which_is_better_and_that_it_is_no_diagnosis() -> None:
    assert say_total(INSTRUMENTS["ucla3"]) == (
        "The total goes from 3 to 9: lower is better. By convention 6 or more counts as lonely: that is no diagnosis."
    )
    assert say_total(INSTRUMENTS["swemwbs"]) == (
        "The total goes from 7 to 35: higher is better. No line parts well from unwell."
    )
    assert [say_total(INSTRUMENTS[key]) for key in ("ons4", "goal", "pam")] == ["", "", ""]
