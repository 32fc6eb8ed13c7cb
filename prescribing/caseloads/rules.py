"""Cover for leave: which days, and who may stand in. Pure."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from core.calendar.rules import say_day
from core.errors import Invalid

# A year, with a day to spare: longer is not leave, and the people should be handed over.
LONGEST = timedelta(days=366)


def check_cover(first: date, last: date, today: date, *, away_id: UUID, stand_in_id: UUID) -> None:
    """Raise Invalid, naming the field, unless these days can be covered by somebody else."""
    if stand_in_id == away_id:
        raise Invalid("Choose somebody else to stand in.", "stand_in_id")
    if last < first:
        raise Invalid("The last day must not be before the first.", "last_day")
    if last < today:
        raise Invalid("Those days are past. Enter days from today on.", "last_day")
    if last - first > LONGEST:
        raise Invalid("That is more than a year. Hand the people over instead.", "last_day")


def say_away(last: date, today: date) -> str:
    """Until when somebody is away, in words."""
    return f"away until {say_day(last, today)}"
