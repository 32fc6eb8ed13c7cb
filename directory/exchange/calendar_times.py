"""When an event of a calendar happens (iCalendar, RFC 5545), as a timetable of ours and the sessions that differ."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Any

from core.clock import LONDON
from core.errors import Invalid
from directory.listings.almanac import days_after
from directory.listings.recurrence import (
    MIDNIGHT,
    WEEK,
    Frequency,
    ScheduleRule,
    Weekday,
    happens_on,
    rhythm_dates,
)

MOST_COUNTED = 1_000
MOST_CHANGED = 500
MOST_ADDED = 366
# Whole days in a row that are written out one by one; more of them are "every day from ... until ...".
MOST_APART = 2
_DAY = timedelta(days=1)
_LONGEST = timedelta(days=40 * 366)
_PARTS = {"FREQ", "INTERVAL", "BYDAY", "UNTIL", "COUNT", "WKST"}


@dataclass(frozen=True, slots=True)
class _Span:
    """The day and the times of one session; whole days are midnight to midnight, `days` of them in a row."""

    day: date
    opens: time
    closes: time | None
    days: int = 1

    def on(self, day: date) -> ScheduleRule:
        return ScheduleRule(Frequency.ONCE, day, self.opens, self.closes)

    def each_day(self, first: date) -> list[date]:
        """The days that the session beginning on `first` takes up."""
        return [days_after(first, _DAY * ahead) for ahead in range(self.days)]


def times_of(event: Any) -> tuple[tuple[ScheduleRule, ...], str]:
    """When it is, as rules; or as words, where its rule is more than ours hold."""
    span = _span(event["dtstart"].dt, _end_of(event))
    rrule = event.get("rrule")
    if rrule is None:
        rules = _once(span, span.day)
    else:
        try:
            rules = [_repeating(rrule, span)]
        except (Invalid, ValueError):
            start = span.day.isoformat()
            if span.closes != MIDNIGHT or span.opens != MIDNIGHT:
                start = f"{start}, {span.opens.isoformat('minutes')}"
            return (), f"From {start}: {rrule.to_ical().decode()}"[:300]
    return (*rules, *_added(event, span, rules)), ""


def is_cancelled(event: Any) -> bool:
    """Whether the calendar says that it is off."""
    return str(event.get("status") or "").strip().upper() == "CANCELLED"


def sessions_changed(
    event: Any, changes: Sequence[Any], rules: Sequence[ScheduleRule]
) -> list[dict[str, str]]:
    """The sessions that are off or moved, as a listing's content keeps them, the earliest first; of very many the
    latest. `changes` are the events that each change one of them. Raises `ValueError` for what cannot be read."""
    if not rules:
        return []
    span = _span(event["dtstart"].dt, _end_of(event))
    found = {day: _off(rules, day) for first in _days_left_out(event) for day in span.each_day(first)}
    for change in changes:
        first = _day_of(change["recurrence-id"].dt)
        # A session of several days is moved day by day; those that it has no longer are off.
        now = span if is_cancelled(change) else _span(change["dtstart"].dt, _end_of(change))
        new_days = [] if is_cancelled(change) else now.each_day(now.day)
        for ahead, day in enumerate(span.each_day(first)):
            told = _moved(now, new_days[ahead], rules, day) if ahead < len(new_days) else _off(rules, day)
            if told:
                found[day] = told
    if is_cancelled(event) and all(rule.freq is Frequency.ONCE for rule in rules):
        found |= {rule.dtstart: _off([rule], rule.dtstart) for rule in rules}
    return [found[day] for day in sorted(found)][-MOST_CHANGED:]


def _rule_on(rules: Sequence[ScheduleRule], day: date) -> ScheduleRule:
    """The rule that gives the session of that day; of a day that none has, the first."""
    return next((rule for rule in rules if happens_on(rule, day)), rules[0])


def _off(rules: Sequence[ScheduleRule], day: date) -> dict[str, str]:
    return {"on": day.isoformat(), "session": _rule_on(rules, day).opens_at.isoformat("minutes")}


def _moved(span: _Span, to: date, rules: Sequence[ScheduleRule], day: date) -> dict[str, str]:
    """The session of that day as it is now; nothing where it is when it was."""
    rule = _rule_on(rules, day)
    if (to, span.opens, span.closes or rule.closes_at) == (day, rule.opens_at, rule.closes_at):
        return {}
    parts = {"moved_to": to.isoformat(), "opens_at": span.opens.isoformat("minutes")}
    if span.closes is not None:
        parts["closes_at"] = span.closes.isoformat("minutes")
    return _off([rule], day) | parts


def _days_left_out(event: Any) -> list[date]:
    return [_day_of(one) for one in _listed(event, "exdate")]


def _listed(event: Any, name: str) -> Iterator[Any]:
    """Every moment, day or period of a property that may stand several times with several values."""
    value = event.get(name)
    for dates in value if isinstance(value, list) else [value] if value is not None else []:
        yield from (one.dt for one in dates.dts)


def _day_of(moment: date) -> date:
    return _local(moment)[0] if isinstance(moment, datetime) else moment


def _end_of(event: Any) -> Any:
    """When it ends as the event says it: a moment, a day, a length of time, or nothing."""
    name = "dtend" if event.get("dtend") is not None else "duration"
    return None if event.get(name) is None else event[name].dt


def _span(start: Any, end: Any) -> _Span:
    """A session from its start to its end, which may be a length of time. Raises `ValueError` for what is none."""
    finish = start + end if isinstance(end, timedelta) else end
    if not isinstance(start, datetime):
        if isinstance(finish, datetime) or (finish is not None and finish < start):
            raise ValueError("whole days end with a day")
        days = 1 if finish is None else max(1, (finish - start).days)
        if days > MOST_ADDED:
            raise ValueError("more days than we hold")
        return _Span(start, MIDNIGHT, MIDNIGHT, days)
    day, opens = _local(start)
    last, closes = _local(finish) if isinstance(finish, datetime) else (day, None)
    if closes != opens:
        return _Span(day, opens, closes)
    return _span(day, last) if opens == MIDNIGHT and last > day else _Span(day, opens, None)


def _once(span: _Span, first: date) -> list[ScheduleRule]:
    """A session that does not repeat: its day, or each of its days."""
    if span.days <= MOST_APART:
        return [span.on(day) for day in span.each_day(first)]
    last = span.each_day(first)[-1]
    return [ScheduleRule(Frequency.WEEKLY, first, MIDNIGHT, MIDNIGHT, byday=WEEK, valid_to=last)]


def _added(event: Any, span: _Span, rules: Sequence[ScheduleRule]) -> list[ScheduleRule]:
    """Sessions that the event names beside its rhythm; of very many the latest. Raises `ValueError`."""
    added: dict[ScheduleRule, None] = {}
    for one in _listed(event, "rdate"):
        if isinstance(one, tuple):
            session = _span(*one)
        elif isinstance(one, datetime):
            day, opens = _local(one)
            session = replace(span, day=day, opens=opens, closes=_as_long(span, opens))
        else:
            session = replace(span, day=one)
        for rule in _once(session, session.day):
            if not any(
                happens_on(old, rule.dtstart)
                and (old.opens_at, old.closes_at) == (rule.opens_at, rule.closes_at)
                for old in rules
            ):
                added[rule] = None
    return sorted(added, key=lambda rule: (rule.dtstart, rule.opens_at))[-MOST_ADDED:]


def _as_long(span: _Span, opens: time) -> time | None:
    """The end of a session that lasts as long as the event's own and begins at that time."""
    if span.closes is None:
        return None
    began = datetime.combine(span.day, span.opens)
    lasts = datetime.combine(span.day, span.closes) - began
    return (datetime.combine(span.day, opens) + lasts).time()


def _repeating(rrule: Any, span: _Span) -> ScheduleRule:
    """A repeating rule of sessions that may last several days. Raises `Invalid` or `ValueError` for any other."""
    rule = _rule(rrule, span.day, span.opens, span.closes)
    if span.days == 1:
        return rule
    days = {(day.number + ahead) % len(WEEK) for day in rule.byday for ahead in range(span.days)}
    # In a rhythm of more weeks than one, days over the week's end would belong to a week that is left out.
    over_the_end = any(day.number + span.days > len(WEEK) for day in rule.byday)
    if rule.freq is not Frequency.WEEKLY or (rule.interval > 1 and over_the_end):
        raise ValueError("more than our rules hold")
    last = None
    if rule.valid_to is not None:
        *_, start = [rule.dtstart, *rhythm_dates(rule, rule.dtstart, rule.valid_to)]
        last = span.each_day(start)[-1]
    return replace(rule, byday=tuple(WEEK[number] for number in sorted(days)), valid_to=last)


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
