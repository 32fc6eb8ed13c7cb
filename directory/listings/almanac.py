"""Days of the year: those that a rhythm gives, school terms, seasons, bank holidays. Nothing here knows a listing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Literal, NamedTuple

from dateutil import rrule

from core.calendar.rules import bank_holidays

# Days are worked out in blocks with fixed ends and kept, as the whole borough shares a handful of rhythms.
BLOCK = 112
# The library looks a week further than it is asked to, and there must be one.
_LAST = date.max - timedelta(days=19)
_WEEK = (rrule.MO, rrule.TU, rrule.WE, rrule.TH, rrule.FR, rrule.SA, rrule.SU)


class Rhythm(NamedTuple):
    """How often: every `interval` weeks on these weekdays (Monday is 0), or every so many months on the `nth` such
    day, -1 the last."""

    unit: Literal["WEEKLY", "MONTHLY"]
    interval: int
    weekdays: tuple[int, ...]
    nth: int = 1


@dataclass(frozen=True, slots=True, order=True)
class TermDates:
    """One stretch of school, both days included."""

    starts: date
    ends: date


def is_term_time(day: date, terms: Sequence[TermDates]) -> bool:
    """Whether schools are open by these terms. Before the first and after the last nothing is known, and it counts
    as term: a session that may be on is shown rather than hidden."""
    if not terms or day < min(terms).starts or day > max(one.ends for one in terms):
        return True
    return any(one.starts <= day <= one.ends for one in terms)


def is_in_season(day: date, season: tuple[int, int] | None) -> bool:
    """Whether the day's month is from the first to the last of `season`, both included; (10, 3) is over winter."""
    if season is None:
        return True
    first, last = season
    return first <= day.month <= last if first <= last else day.month >= first or day.month <= last


def is_bank_holiday(day: date) -> bool:
    """Whether it is a bank holiday in England."""
    return day in bank_holidays(day.year)


def rhythm_days(rhythm: Rhythm, anchor: date, first: date, last: date) -> Iterator[date]:
    """The days of a rhythm from `first` to `last`, both included, in order; weeks or months are counted from the one
    that `anchor` is in."""
    phase = _number(rhythm, anchor) % rhythm.interval
    for number in range(first.toordinal() // BLOCK, last.toordinal() // BLOCK + 1):
        for day in _block(rhythm, phase, number):
            if first <= day <= last:
                yield day


@lru_cache(maxsize=4096)
def _block(rhythm: Rhythm, phase: int, number: int) -> tuple[date, ...]:
    """The days of a rhythm in the block of that number."""
    first = date.fromordinal(max(1, number * BLOCK))
    last = date.fromordinal(min(_LAST.toordinal(), number * BLOCK + BLOCK - 1))
    # The count begins with a week or month of the rhythm at or before the block.
    back = (_number(rhythm, first) - phase) % rhythm.interval
    if rhythm.unit == "WEEKLY":
        start = date.fromordinal(max(1, first.toordinal() - first.weekday() - 7 * back))
        days = [_WEEK[day] for day in rhythm.weekdays]
    else:
        month = max(12, first.year * 12 + first.month - 1 - back)
        start = date(month // 12, month % 12 + 1, 1)
        days = [_WEEK[day](rhythm.nth) for day in rhythm.weekdays]
    found = rrule.rrule(
        rrule.WEEKLY if rhythm.unit == "WEEKLY" else rrule.MONTHLY,
        dtstart=datetime.combine(start, time()),
        interval=rhythm.interval,
        byweekday=days,
        wkst=rrule.MO,
        until=datetime.combine(last, time()),
    )
    return tuple(moment.date() for moment in found if moment.date() >= first)


def _number(rhythm: Rhythm, day: date) -> int:
    """The week or month of a day, counted from the beginning of the calendar."""
    return (day.toordinal() - 1) // 7 if rhythm.unit == "WEEKLY" else day.year * 12 + day.month - 1


def days_after(day: date, more: timedelta) -> date:
    """So much later (earlier if negative), or where the calendar ends: its first or its last day."""
    return date.fromordinal(min(max(day.toordinal() + more.days, 1), date.max.toordinal()))
