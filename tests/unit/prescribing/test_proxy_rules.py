"""Who may act for somebody else, on whose word, and how long it lasts."""

from __future__ import annotations

from datetime import date

import pytest

from prescribing.proxies.rules import (
    MONTHS,
    Ground,
    Let,
    last_day_of,
    problem_alone,
    problem_with_ground,
    still_acts,
)

TODAY = date(2026, 3, 3)
LET = Let(TODAY, date(2026, 9, 3))


@pytest.mark.parametrize(
    ("given_on", "months", "last"),
    [
        (TODAY, 1, date(2026, 4, 3)),
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
    ],
)
def test_it_lasts_for_so_many_months(given_on: date, months: int, last: date) -> None:
    assert last_day_of(given_on, months) == last


def test_nobody_acts_for_ever() -> None:
    assert max(MONTHS) == 12
    with pytest.raises(ValueError, match="offered"):
        last_day_of(TODAY, 24)


@pytest.mark.parametrize(
    ("let", "today", "acts"),
    [
        (LET, TODAY, True),
        (LET, LET.last_day, True),
        (LET, date(2026, 9, 4), False),
        (LET, date(2026, 3, 2), False),
        (Let(TODAY, LET.last_day, ended=True), TODAY, False),
    ],
)
def test_it_holds_from_its_first_day_to_its_last(let: Let, today: date, acts: bool) -> None:
    assert still_acts(let, None, today) is acts
    assert still_acts(let, date(1951, 2, 3), today) is acts


def test_what_began_before_the_sixteenth_birthday_ends_with_it() -> None:
    born = date(2010, 6, 1)
    assert still_acts(LET, born, date(2026, 5, 31))
    assert not still_acts(LET, born, date(2026, 6, 1))
    assert still_acts(Let(date(2026, 6, 1), LET.last_day), born, date(2026, 6, 1)), "given again"


@pytest.mark.parametrize(
    ("ground", "years", "understands", "problem"),
    [
        (Ground.OWN_WORD, None, False, ""),
        (Ground.OWN_WORD, 12, True, "A parent or guardian acts"),
        (Ground.OWN_WORD, 13, False, "they understand"),
        (Ground.OWN_WORD, 13, True, ""),
        (Ground.OWN_WORD, 16, False, ""),
        (Ground.PARENT, None, False, "date of birth first"),
        (Ground.PARENT, 5, False, ""),
        (Ground.PARENT, 12, True, ""),
        (Ground.PARENT, 13, False, ""),
        (Ground.PARENT, 15, True, "theirs to say"),
        (Ground.PARENT, 16, False, "From 16 on"),
        (Ground.COURT, None, False, ""),
        (Ground.COURT, 15, False, "parent or guardian"),
        (Ground.COURT, 16, False, ""),
        (Ground.COURT, 80, False, ""),
    ],
)
def test_on_whose_word_goes_by_age(
    ground: Ground, years: int | None, understands: bool, problem: str
) -> None:
    said = problem_with_ground(ground, years, understands=understands)
    assert (problem in said) if problem else said == ""


@pytest.mark.parametrize(("years", "alone"), [(None, True), (17, False), (18, True)])
def test_under_18_nobody_lets_another_act_without_their_team(years: int | None, alone: bool) -> None:
    assert (problem_alone(years) == "") is alone
