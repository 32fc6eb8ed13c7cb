"""Timetables and single sessions as iCalendar files: rules that repeat, without the days that are off."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta

from icalendar import Event, vRecur

from core.calendar.files import new_calendar
from core.calendar.rules import london_day
from core.clock import LONDON
from directory.listings.almanac import days_after
from directory.listings.pages import ListingPage
from directory.listings.recurrence import (
    HORIZON,
    Frequency,
    Occurrence,
    ScheduleRule,
    happens_on,
    moments,
    occurrences_between,
    rhythm_dates,
    rrule_parts,
)

# How far ahead a rule is written out that keeps to terms, seasons or bank holidays: these change from year to year.
AHEAD = timedelta(days=400)


def calendar_file(pages: Iterable[ListingPage], name: str, base_url: str, now: datetime) -> bytes:
    """The file's bytes: for each activity one event for each rule, from its first session today or later. A moved
    session, and one with other times on a bank holiday, is an event of its own."""
    calendar = new_calendar(name, "Activities")
    today = london_day(now)
    for page in pages:
        for number, rule in enumerate(page.rules):
            for event in _events(page, base_url, number, rule, today):
                calendar.add_component(event)
    return bytes(calendar.to_ical())


def sessions_file(sessions: Iterable[tuple[ListingPage, Occurrence]], name: str, base_url: str) -> bytes:
    """The file's bytes: one event for each of these sessions, cancelled ones said to be so."""
    calendar = new_calendar(name, "Activities")
    for page, one in sessions:
        uid = f"{page.id}-{one.start:%Y%m%dT%H%M}"
        event = _event(page, base_url, uid, one.start, one.end)
        if one.cancelled:
            event.add("status", "CANCELLED")
        calendar.add_component(event)
    return bytes(calendar.to_ical())


def _events(
    page: ListingPage, base_url: str, number: int, rule: ScheduleRule, today: date
) -> Iterator[Event]:
    """The rule's series, then the sessions that stand apart from it."""
    end = days_after(today, HORIZON if rule.is_plain else AHEAD)
    first = next((day for day in rhythm_dates(rule, today, end) if _is_usual(rule, day)), None)
    if first is not None:
        yield _series(page, base_url, f"{page.id}-{number}", rule, first, end)
    for one in page.exceptions:
        if one.moved_to is not None and one.covers(rule, one.on) and happens_on(rule, one.on):
            for new in occurrences_between([rule], [one], one.moved_to, one.moved_to):
                if new.moved_from == one.on and one.moved_to >= today:
                    uid = f"{page.id}-{number}-moved-{one.on:%Y%m%d}"
                    yield _event(page, base_url, uid, new.start, new.end)
    if rule.holiday_opens_at is not None:
        for day in rhythm_dates(rule, today, end):
            if happens_on(rule, day) and not _is_usual(rule, day) and day not in _days_off(page, rule):
                uid = f"{page.id}-{number}-{day:%Y%m%d}"
                yield _event(page, base_url, uid, *moments(day, *rule.times_on(day)))


def _is_usual(rule: ScheduleRule, day: date) -> bool:
    """Whether the rule gives a session on that day at its usual times."""
    return happens_on(rule, day) and rule.times_on(day) == (rule.opens_at, rule.closes_at)


def _series(page: ListingPage, base_url: str, uid: str, rule: ScheduleRule, first: date, end: date) -> Event:
    event = _event(page, base_url, uid, *moments(first, rule.opens_at, rule.closes_at))
    off = _days_off(page, rule)
    if rule.freq is Frequency.ONCE:
        if first in off:
            event.add("status", "CANCELLED")
        return event
    if not rule.is_plain:
        off |= {day for day in rhythm_dates(rule, first, end) if not _is_usual(rule, day)}
    event.add("rrule", _recurrence(rule, None if rule.is_plain else end))
    for day in sorted(off):
        if day >= first:
            event.add("exdate", day if rule.all_day else moments(day, rule.opens_at, None)[0])
    return event


def _event(page: ListingPage, base_url: str, uid: str, start: datetime, end: datetime | None) -> Event:
    event = Event()
    event.add("uid", f"{uid}@{base_url.partition('://')[2] or base_url}")
    event.add("dtstamp", page.updated_at.astimezone(UTC))
    event.add("sequence", page.version)
    event.add("summary", f"{page.name} (example)" if page.is_example else page.name)
    whole_days = Occurrence(start, end).all_day
    event.add("dtstart", start.date() if whole_days else start)
    if end is not None:
        event.add("dtend", end.date() if whole_days else end)
    if page.places:
        event.add(
            "location", ", ".join(part for part in (page.places[0].name, *page.places[0].lines) if part)
        )
    event.add("description", "\n".join(_words(page)))
    event.add("url", f"{base_url}{page.path}")
    return event


def _words(page: ListingPage) -> list[str]:
    ring = f"Ring {page.contact or page.group} on {page.phone}." if page.phone else ""
    return [part for part in (page.summary, page.join_words, ring) if part]


def _recurrence(rule: ScheduleRule, end: date | None) -> vRecur:
    """The rule's RRULE, ending at `end` where it would end later."""
    parts = rrule_parts(rule)
    recurrence: vRecur = vRecur.from_ical(f"{parts.text()};WKST=MO")
    until = min(one for one in (parts.until, end, date.max) if one is not None)
    if until < date.max and rule.all_day:
        recurrence["until"] = until
    elif until < date.max:
        # Where a start has a time zone, the standard wants the end of the rule in UTC.
        recurrence["until"] = datetime.combine(until, time(23, 59, 59), LONDON).astimezone(UTC)
    return recurrence


def _days_off(page: ListingPage, rule: ScheduleRule) -> set[date]:
    """The rule's days that an exception calls off or moves."""
    return {one.on for one in page.exceptions if one.covers(rule, one.on) and happens_on(rule, one.on)}
