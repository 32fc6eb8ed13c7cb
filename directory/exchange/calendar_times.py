"""When an event of a calendar happens (iCalendar, RFC 5545), as a timetable of ours and the sessions that differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Any

from core.clock import LONDON
from core.errors import Invalid
from directory.listings.almanac import days_after
from directory.listings.recurrence import WEEK, Frequency, ScheduleRule, Weekday, rhythm_dates

MOST_COUNTED = 1_000
MOST_CHANGED = 500
_LONGEST = timedelta(days=40 * 366)
_PARTS = {"FREQ", "INTERVAL", "BYDAY", "UNTIL", "COUNT", "WKST"}


def times_of(event: Any) -> tuple[ScheduleRule | None, str]:
    """When it is, as a rule; or as words, where its rule is more than ours hold."""
    day, opens, closes = _span(event)
    rrule = event.get("rrule")
    if rrule is None:
        return ScheduleRule(Frequency.ONCE, day, opens, closes), ""
    try:
        return _rule(rrule, day, opens, closes), ""
    except (Invalid, ValueError):
        return None, f"From {day.isoformat()}, {opens.isoformat('minutes')}: {rrule.to_ical().decode()}"[:300]


def is_cancelled(event: Any) -> bool:
    """Whether the calendar says that it is off."""
    return str(event.get("status") or "").strip().upper() == "CANCELLED"


def sessions_changed(event: Any, changes: Sequence[Any], rule: ScheduleRule | None) -> list[dict[str, str]]:
    """The sessions that are off or moved, as a listing's content keeps them, the earliest first; of very many the
    latest. `changes` are the events that each change one of them. Raises `ValueError` for what cannot be read."""
    if rule is None:
        return []
    found = {day: _off(rule, day) for day in _days_left_out(event)}
    for change in changes:
        day = _day_of(change["recurrence-id"].dt)
        told = _off(rule, day) if is_cancelled(change) else _moved(change, rule, day)
        if told:
            found[day] = told
    if is_cancelled(event) and rule.freq is Frequency.ONCE:
        found[rule.dtstart] = _off(rule, rule.dtstart)
    return [found[day] for day in sorted(found)][-MOST_CHANGED:]


def _off(rule: ScheduleRule, day: date) -> dict[str, str]:
    return {"on": day.isoformat(), "session": rule.opens_at.isoformat("minutes")}


def _moved(change: Any, rule: ScheduleRule, day: date) -> dict[str, str]:
    """The session of that day as it is now; nothing where it is when it was."""
    now, opens, closes = _span(change)
    if (now, opens, closes or rule.closes_at) == (day, rule.opens_at, rule.closes_at):
        return {}
    parts = {"moved_to": now.isoformat(), "opens_at": opens.isoformat("minutes")}
    if closes is not None and closes != opens:
        parts["closes_at"] = closes.isoformat("minutes")
    return _off(rule, day) | parts


def _days_left_out(event: Any) -> list[date]:
    value = event.get("exdate")
    lists = value if isinstance(value, list) else [value] if value is not None else []
    return [_day_of(one.dt) for dates in lists for one in dates.dts]


def _day_of(moment: date) -> date:
    return _local(moment)[0] if isinstance(moment, datetime) else moment


def _span(event: Any) -> tuple[date, time, time | None]:
    """The day, the start and the end of an event. Raises `ValueError` for one of whole days."""
    start = event["dtstart"].dt
    end = event["dtend"].dt if event.get("dtend") is not None else None
    if end is None and event.get("duration") is not None and isinstance(start, datetime):
        end = start + event["duration"].dt
    if not isinstance(start, datetime):
        raise ValueError("an event of whole days has no times")
    day, opens = _local(start)
    return day, opens, _local(end)[1] if isinstance(end, datetime) else None


def _rule(rrule: Any, day: date, opens: time, closes: time | None) -> ScheduleRule:
    """A repeating rule, if it is one of ours. Raises `Invalid` or `ValueError` for any other."""
    if {part.upper() for part in rrule} - _PARTS:
        raise ValueError("more than our rules hold")
    said, interval = str(rrule["FREQ"][0]).upper(), int(rrule.get("INTERVAL", [1])[0])
    until = rrule.get("UNTIL", [None])[0]
    days = [str(one).upper() for one in rrule.get("BYDAY", [])]
    nths = {one[:-2] for one in days}
    byday, nth = tuple(Weekday(one[-2:]) for one in days), None
    if said == "DAILY" and nths <= {""} and interval == 1:
        said, byday = Frequency.WEEKLY, byday or WEEK
    elif said == Frequency.WEEKLY and nths <= {""}:
        byday = byday or (Weekday.of(day),)
    elif said == Frequency.MONTHLY and len(nths) == 1 and nths != {""}:
        nth = int(nths.pop())
    else:
        raise ValueError("more than our rules hold")
    rule = ScheduleRule(
        Frequency(said),
        day,
        opens,
        closes,
        byday=byday,
        interval=interval,
        nth=nth,
        valid_to=None if until is None else _day_of(until),
    )
    return _counted(rule, int(rrule["COUNT"][0])) if "COUNT" in rrule else rule


def _counted(rule: ScheduleRule, sessions: int) -> ScheduleRule:
    """The rule, ending with its last session. Raises `ValueError` where so many have no end that we could say."""
    if not 1 <= sessions <= MOST_COUNTED:
        raise ValueError("more than our rules hold")
    days = rhythm_dates(rule, rule.dtstart, days_after(rule.dtstart, _LONGEST))
    last = next(islice(days, sessions - 1, None), None)
    if last is None:
        raise ValueError("more than our rules hold")
    return replace(rule, valid_to=last)


def _local(moment: datetime) -> tuple[date, time]:
    """A moment on London's clocks; one without a zone is on them already."""
    at = moment.astimezone(LONDON) if moment.tzinfo else moment
    return at.date(), at.time().replace(second=0, microsecond=0, tzinfo=None)
