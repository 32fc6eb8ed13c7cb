"""An activity's timetable as an iCalendar file: rules that repeat, without the days that are off."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

from icalendar import Calendar, Event, Timezone, vRecur

from core.clock import LONDON
from directory.listings.pages import ListingPage
from directory.listings.recurrence import (
    Frequency,
    ScheduleRule,
    happens_on,
    occurrences,
    rrule_parts,
)

# British clocks as the law has set them since 1996.
_LONDON_CLOCKS = """BEGIN:VTIMEZONE
TZID:Europe/London
BEGIN:DAYLIGHT
DTSTART:19960331T010000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
TZNAME:BST
TZOFFSETFROM:+0000
TZOFFSETTO:+0100
END:DAYLIGHT
BEGIN:STANDARD
DTSTART:19961027T020000
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
TZNAME:GMT
TZOFFSETFROM:+0100
TZOFFSETTO:+0000
END:STANDARD
END:VTIMEZONE
"""


def calendar_file(page: ListingPage, base_url: str, now: datetime) -> bytes:
    """The file's bytes. One event for each rule, from its first session after `now`; a moved session is an event of
    its own on its new day."""
    calendar = Calendar()
    calendar.add("prodid", "-//Golden Thread//Activities//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", page.name)
    calendar.add("x-wr-timezone", "Europe/London")
    calendar.add_component(Timezone.from_ical(_LONDON_CLOCKS))
    for number, rule in enumerate(page.rules):
        for first in occurrences([rule], [], now, limit=1):
            calendar.add_component(
                _event(page, base_url, f"{page.id}-{number}", first.start, first.end, rule)
            )
    for number, exception in enumerate(page.exceptions):
        for rule in page.rules:
            if exception.moved_to is None or not (
                exception.covers(rule, exception.on) and happens_on(rule, exception.on)
            ):
                continue
            for one in _moved(rule, page, exception.moved_to):
                calendar.add_component(_event(page, base_url, f"{page.id}-moved-{number}", *one, None))
    return bytes(calendar.to_ical())


def _event(
    page: ListingPage,
    base_url: str,
    uid: str,
    start: datetime,
    end: datetime | None,
    rule: ScheduleRule | None,
) -> Event:
    event = Event()
    event.add("uid", f"{uid}@{base_url.partition('://')[2] or base_url}")
    event.add("dtstamp", page.updated_at.astimezone(UTC))
    event.add("sequence", page.version)
    event.add("summary", f"{page.name} (example)" if page.is_example else page.name)
    event.add("dtstart", start)
    if end is not None:
        event.add("dtend", end)
    if page.places:
        event.add(
            "location", ", ".join(part for part in (page.places[0].name, *page.places[0].lines) if part)
        )
    event.add("description", "\n".join(_words(page)))
    event.add("url", f"{base_url}{page.path}")
    if rule is not None and rule.freq is not Frequency.ONCE:
        event.add("rrule", _recurrence(rule))
    for off in _days_off(page, rule) if rule is not None else ():
        event.add("exdate", datetime.combine(off, start.time(), LONDON))
    return event


def _words(page: ListingPage) -> list[str]:
    ring = f"Ring {page.contact or page.group} on {page.phone}." if page.phone else ""
    return [part for part in (page.summary, page.join_words, ring) if part]


def _recurrence(rule: ScheduleRule) -> vRecur:
    parts = rrule_parts(rule)
    recurrence: vRecur = vRecur.from_ical(f"{parts.text()};WKST=MO")
    if parts.until is not None:
        # Where a start has a time zone, the standard wants the end of the rule in UTC.
        recurrence["until"] = datetime.combine(parts.until, time(23, 59, 59), LONDON).astimezone(UTC)
    return recurrence


def _days_off(page: ListingPage, rule: ScheduleRule) -> list[date]:
    return sorted(
        {one.on for one in page.exceptions if one.covers(rule, one.on) and happens_on(rule, one.on)}
    )


def _moved(rule: ScheduleRule, page: ListingPage, to: date) -> list[tuple[datetime, datetime | None]]:
    day = datetime.combine(to, time(), LONDON)
    here = occurrences([rule], page.exceptions, day, limit=8)
    return [(one.start, one.end) for one in here if one.moved_from is not None and one.start.date() == to]
