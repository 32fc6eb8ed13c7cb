"""Reading calendar files as a calendar program does."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from dateutil.rrule import rruleset, rrulestr
from icalendar import Calendar

from core.clock import LONDON


def read_calendar(content: bytes) -> Any:
    """The file's calendar; fails unless it is one."""
    return Calendar.from_ical(content)


def _moment(value: date) -> datetime:
    """A moment on London's clocks without its zone; a whole day begins at midnight."""
    if not isinstance(value, datetime):
        return datetime.combine(value, time())
    return (value.astimezone(LONDON) if value.tzinfo else value).replace(tzinfo=None)


def starts_of(calendar: Any, last: datetime) -> list[datetime]:
    """Every start that a calendar program would show until then, worked out from the file alone."""
    found: set[datetime] = set()
    for event in calendar.walk("VEVENT"):
        first = _moment(event.decoded("dtstart"))
        if "rrule" not in event:
            found.add(first)
            continue
        text = event["rrule"].to_ical().decode()
        until = event["rrule"].get("until")
        if until:
            local = _moment(until[0])
            text = ";".join(part for part in text.split(";") if not part.startswith("UNTIL"))
            text += f";UNTIL={local:%Y%m%dT%H%M%S}"
        days = rruleset()
        repeats: Any = rrulestr(text, dtstart=first)
        days.rrule(repeats)
        off = event.get("exdate", [])
        for one in off if isinstance(off, list) else [off]:
            for moment in one.dts:
                days.exdate(_moment(moment.dt))
        found |= set(days.between(first, last, inc=True))
    return sorted(one for one in found if one <= last)
