"""A group's year in figures that give nobody away. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from core.errors import Invalid
from core.small_numbers import SUPPRESSED, Shown, suppress
from prescribing.evidence.disclosure import Table, protect

FIRST_YEAR = 2020
APRIL = 4
# Each of these people is among those before.
STEPS = ("asked", "yes", "came", "settled")
MOST_PENCE = 100_000_000


@dataclass(frozen=True)
class Load:
    """What referrals brought in a year: people step by step, and visits. Numbers are rounded, small ones hidden."""

    people: Mapping[str, Shown]
    visits: Shown


def year_of(day: date) -> int:
    """The year in which the financial year of that day begins, in April."""
    return day.year if day.month >= APRIL else day.year - 1


def bounds(year: int) -> tuple[date, date]:
    """The first and the last day of a financial year."""
    return date(year, APRIL, 1), date(year + 1, APRIL - 1, 31)


def year_in_words(year: int) -> str:
    """Such as "April 2026 to March 2027"."""
    return f"April {year} to March {year + 1}"


def read_year(text: str, today: date) -> int:
    """The year that was asked for, this one where nothing or nonsense was."""
    now = year_of(today)
    if text.isascii() and text.isdigit() and len(text) == 4 and FIRST_YEAR <= int(text) <= now:
        return int(text)
    return now


def load_of(people: Mapping[str, int], visits: int) -> Load:
    """The figures of a year as they may be shown: nobody can work out a hidden one from its neighbours."""
    shown = protect(people, Table(sums=(), falling=(STEPS,)))
    return Load(shown, SUPPRESSED if shown["came"] == SUPPRESSED else suppress(visits))


def pence_each(pence: int | None, number: Shown) -> int | None:
    """What was paid for each, from the number as it is shown; None where nobody said, or that is hidden or nought."""
    if pence is None or isinstance(number, str) or number == 0:
        return None
    return pence // number


def check_pence(pence: int) -> None:
    """Raise `Invalid` for an amount that no group was paid."""
    if not 0 <= pence <= MOST_PENCE:
        raise Invalid("Enter an amount from £0 to £1,000,000.", "pounds")
