"""A timetable as it stands on one day: what it says, and which session is the next one at any minute of that day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from core.calendar.rules import start_of
from directory.listings import summaries
from directory.listings.almanac import days_after
from directory.listings.recurrence import (
    Occurrence,
    ScheduleException,
    ScheduleRule,
    is_ahead,
    next_occurrence,
    occurrences,
)
from directory.listings.wording import timetable_in_words


@dataclass(frozen=True, slots=True)
class Session:
    """One dated session that is on, and when it is in words: "Today, 10am to 12pm"."""

    occurrence: Occurrence
    words: str


@dataclass(frozen=True, slots=True)
class Timetable:
    """What a timetable says, a line each, and its sessions from this day on as far as one of them can be the next."""

    lines: tuple[str, ...]
    ahead: tuple[Session, ...]

    def following(self, now: datetime) -> Session | None:
        """The first session that is on and has not ended at `now`, which is a moment of that day."""
        return next((one for one in self.ahead if is_ahead(one.occurrence, now)), None)


def timetable_on(
    today: date, rules: tuple[ScheduleRule, ...], exceptions: tuple[ScheduleException, ...]
) -> Timetable:
    """The timetable of these rules on the day `today` (in London)."""
    start, end = (start_of(day) for day in (today, days_after(today, timedelta(days=1))))
    found = [one for one in occurrences(rules, exceptions, start, end) if not one.cancelled]
    later = next_occurrence(rules, exceptions, end)
    if later is not None and later not in found:
        found.append(later)
    return Timetable(
        timetable_in_words(rules, today),
        tuple(Session(one, summaries.session_in_words(one, today)) for one in found),
    )
