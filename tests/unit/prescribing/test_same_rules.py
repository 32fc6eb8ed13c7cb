"""Whether two records are about one person."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from prescribing.people.same_rules import Marks, Sameness, agreement, sameness

BORN = date(1948, 3, 27)
MARGARET = Marks("Margaret O'Brien", BORN, "9434765919")


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        (MARGARET, Sameness.SURE),
        (Marks("Maggie Obrien", None, "9434765919"), Sameness.SURE),
        (Marks("Margaret Hall", BORN, "9434765919"), Sameness.SURE),
        (Marks("Margaret O'Brien", date(1949, 3, 27), "9434765919"), Sameness.LIKELY),
        (Marks("Peter Hall", None, "9434765919"), Sameness.LIKELY),
        (Marks("Peggy OBRIEN", BORN), Sameness.LIKELY),
        (Marks("Margaret O'Brien", BORN, "9999999468"), Sameness.NO),
        (Marks("Margaret O'Brien"), Sameness.NO),
        (Marks("Margaret", BORN), Sameness.NO),
        (Marks("Margaret Hall", BORN), Sameness.NO),
    ],
)
def test_only_a_number_and_what_agrees_with_it_is_sure(other: Marks, expected: Sameness) -> None:
    assert sameness(MARGARET, other) is expected
    assert sameness(other, MARGARET) is expected


def test_nothing_known_is_nobody_in_particular() -> None:
    nobody = Marks("")
    assert sameness(nobody, nobody) is Sameness.NO
    assert sameness(replace(nobody, name="Sam"), replace(nobody, name="Sam")) is Sameness.NO


def test_what_agrees_is_said() -> None:
    assert agreement(MARGARET, MARGARET) == ("NHS number", "surname", "date of birth")
    assert agreement(MARGARET, Marks("Peggy OBRIEN", None, "9434765919")) == ("NHS number", "surname")
    assert agreement(MARGARET, Marks("Margaret", BORN)) == ("date of birth",)
    assert agreement(Marks(""), Marks("")) == ()
