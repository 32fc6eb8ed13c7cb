"""Working days in England, and the words that we use for days, times and lengths of time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

LONDON = ZoneInfo("Europe/London")
SATURDAY = 5
DAYS_IN_WEEK = 7
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


@lru_cache(maxsize=64)
def bank_holidays(year: int) -> frozenset[date]:
    """The bank holidays of England in one year, substitute days included."""
    return frozenset(holidays.country_holidays("GB", subdiv="ENG", years=year))


def is_working_day(day: date) -> bool:
    """Monday to Friday, and not one of England's bank holidays."""
    return day.weekday() < SATURDAY and day not in bank_holidays(day.year)


def next_working_day(day: date) -> date:
    """The day itself if it is a working day, else the first one after it."""
    while not is_working_day(day):
        day += timedelta(days=1)
    return day


def add_working_days(start: date, n: int, stopped: Callable[[date], bool] | None = None) -> date:
    """The nth working day after `start`, which itself is day nought.

    With n = 0 it is `start`, or the first working day after it. Days for which `stopped` is true do not count.
    Raises ValueError when n is negative.
    """
    if n < 0:
        raise ValueError("Working days are counted forwards: n must be 0 or more.")
    if n == 0:
        return next_working_day(start)
    day = start
    while n:
        day += timedelta(days=1)
        if is_working_day(day) and not (stopped and stopped(day)):
            n -= 1
    return day


@lru_cache(maxsize=4_096)
def working_days_between(start: date, end: date) -> int:
    """How many working days come after `start`, up to and with `end`; negative when `end` is the earlier."""
    if end < start:
        return -working_days_between(end, start)
    off = sum(
        1
        for year in range(start.year, end.year + 1)
        for day in bank_holidays(year)
        if start < day <= end and day.weekday() < SATURDAY
    )
    return _weekdays_until(end) - _weekdays_until(start) - off


def _weekdays_until(day: date) -> int:
    """How many Mondays to Fridays there were from the first day of the calendar, a Monday, up to and with `day`."""
    weeks, days = divmod(day.toordinal(), DAYS_IN_WEEK)
    return weeks * SATURDAY + min(days, SATURDAY)


def add_months(day: date, months: int) -> date:
    """The same day of the month so many months later, or the last day of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    first_of_next = date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1)
    last = (first_of_next - timedelta(days=1)).day
    return date(year, month + 1, min(day.day, last))


def london(moment: datetime) -> datetime:
    """The same moment on London's clocks; a moment without a zone is taken to be London's already."""
    return moment.replace(tzinfo=LONDON) if moment.tzinfo is None else moment.astimezone(LONDON)


def london_day(moment: datetime) -> date:
    """The date in London at that moment."""
    return london(moment).date()


def start_of(day: date) -> datetime:
    """The moment (aware) at which that day begins in London."""
    return datetime.combine(day, time(), LONDON)


def _day_of(day: date) -> date:
    """A moment is a date to Python and to mypy, and without this would be said by its date in its own zone."""
    return london_day(day) if isinstance(day, datetime) else day


def _counted(number: int, unit: str) -> str:
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"


def say_day(day: date, today: date | None = None) -> str:
    """Words such as "Tuesday 3 March", with the year when it is not the year of `today`.

    A moment is said by its day in London.
    """
    day = _day_of(day)
    words = f"{WEEKDAYS[day.weekday()]} {day.day} {MONTHS[day.month - 1]}"
    return words if today is None or day.year == today.year else f"{words} {day.year}"


def say_date(day: date) -> str:
    """Words such as "3 March 2026", as for a date of birth; of a moment, its day in London."""
    day = _day_of(day)
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def _clock(at: time) -> str:
    hour = at.hour % 12 or 12
    half = "am" if at.hour < 12 else "pm"
    return f"{hour}:{at.minute:02}{half}" if at.minute else f"{hour}{half}"


def say_time(at: time) -> str:
    """Words such as "10am", "10:30am", "midday", "midnight"."""
    if (at.hour, at.minute) == (12, 0):
        return "midday"
    if (at.hour, at.minute) == (0, 0):
        return "midnight"
    return _clock(at)


def say_times(start: time, end: time | None = None) -> str:
    """Words such as "10am to 12pm", "9:30am to 11am", "10pm to midnight"; a start alone as in `say_time`.

    From midnight to midnight is "all day".
    """
    if end is None:
        return say_time(start)
    if start == end == time(0):
        return "all day"
    first, last = (say_time(at) if (at.hour, at.minute) == (0, 0) else _clock(at) for at in (start, end))
    return f"{first} to {last}"


def say_session(start: datetime, end: datetime | None = None, today: date | None = None) -> str:
    """Words such as "Tuesday 3 March, 10am to 12pm" on London's clocks; a session over midnight names both days."""
    first = london(start)
    if end is None:
        return f"{say_day(first.date(), today)}, {say_time(first.time())}"
    last = london(end)
    ends_at_midnight = last.time() == time(0) and last.date() == first.date() + timedelta(days=1)
    if first.date() == last.date() or ends_at_midnight:
        return f"{say_day(first.date(), today)}, {say_times(first.time(), last.time())}"
    return f"{say_session(start, None, today)} to {say_session(end, None, today)}"


def say_moment(moment: datetime, today: date | None = None) -> str:
    """Words such as "Tuesday 3 March at 10:30am" on London's clocks."""
    there = london(moment)
    return f"{say_day(there.date(), today)} at {say_time(there.time())}"


def say_duration(minutes: int) -> str:
    """Words such as "45 minutes", "1 hour", "2 hours 30 minutes". Raises ValueError when negative."""
    if minutes < 0:
        raise ValueError("A length of time cannot be less than nothing.")
    hours, rest = divmod(minutes, 60)
    parts = [_counted(hours, "hour")] if hours else []
    if rest or not hours:
        parts.append(_counted(rest, "minute"))
    return " ".join(parts)


def say_length_of_days(days: int) -> str:
    """Words such as "3 days", "2 weeks", "4 months", "1 year": the largest unit that fits, rounded down."""
    if days < 2 * DAYS_IN_WEEK:
        return _counted(days, "day")
    if days < 61:
        return _counted(days // DAYS_IN_WEEK, "week")
    if days < 365:
        return _counted(days * 12 // 365, "month")
    return _counted(days // 365, "year")


def say_days_ago(day: date, today: date) -> str:
    """Words such as "today", "yesterday", "3 days ago", "2 weeks ago"; also "tomorrow" and "in 3 days"."""
    days = (today - day).days
    near = {0: "today", 1: "yesterday", -1: "tomorrow"}.get(days)
    if near:
        return near
    return f"{say_length_of_days(days)} ago" if days > 0 else f"in {say_length_of_days(-days)}"


def say_ago(then: datetime, now: datetime) -> str:
    """Words such as "just now", "5 minutes ago", "2 hours ago", then as `say_days_ago` has it.

    A moment ahead of `now` is "just now".
    """
    # Two moments of one zone would be subtracted on the wall clock, wrong by an hour where clocks change.
    minutes = int((london(now).astimezone(UTC) - london(then).astimezone(UTC)).total_seconds() // 60)
    if minutes < 1:
        return "just now"
    if minutes < 60:
        return f"{_counted(minutes, 'minute')} ago"
    day, today = london_day(then), london_day(now)
    if day == today:
        return f"{_counted(minutes // 60, 'hour')} ago"
    return say_days_ago(day, today)


def days_late(due: date, today: date) -> int:
    """Whole working days past `due`; 0 when it is not late, as on the weekend after a Friday."""
    return max(0, working_days_between(due, today))


def say_due(due: date, today: date) -> str:
    """Words such as "due today", "due in 3 working days", "due Tuesday 3 March", "2 working days late"."""
    late = days_late(due, today)
    if late:
        return f"{_counted(late, 'working day')} late"
    if due == today:
        return "due today"
    if due == today + timedelta(days=1):
        return "due tomorrow"
    ahead = working_days_between(today, due)
    if 0 < ahead <= 10:
        return f"due in {_counted(ahead, 'working day')}"
    return f"{'was ' if due < today else ''}due {say_day(due, today)}"
