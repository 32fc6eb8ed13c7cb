"""A link worker's day, for the access matrix."""

from __future__ import annotations

from datetime import timedelta

from core import clock
from core.calendar.rules import next_working_day
from tests.contract.subjects import Cell, Subject, subject
from tests.contract.subjects_episodes import active, by_episode


@subject("episodes.put_off", "episodes.do_put_off")
def _to_put_off(cell: Cell) -> Subject:
    day = next_working_day(clock.today() + timedelta(days=2))
    return by_episode(
        active(cell),
        **{"until-day": str(day.day), "until-month": str(day.month), "until-year": str(day.year)},
    )
