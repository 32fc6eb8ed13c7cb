"""When all that a timetable holds is behind us."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from directory.listings.recurrence import Frequency, ScheduleRule


def is_over(rules: Sequence[ScheduleRule], moved_to: Iterable[date], today: date) -> bool:
    """Whether its last date is before `today`; `moved_to` are the days that single sessions were put on. What goes on
    without an end is never over, nor is what has no dates at all."""
    last = [one.dtstart if one.freq is Frequency.ONCE else one.valid_to for one in rules]
    return bool(last) and all(day is not None and day < today for day in (*last, *moved_to))
