"""iCalendar files: what every one of them begins with."""

from __future__ import annotations

from icalendar import Calendar, Timezone

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


def new_calendar(name: str, of: str) -> Calendar:
    """An empty calendar under this name, in British time; `of` says which part of the product made it."""
    calendar = Calendar()
    calendar.add("prodid", f"-//Golden Thread//{of}//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", name)
    calendar.add("x-wr-timezone", "Europe/London")
    calendar.add_component(Timezone.from_ical(_LONDON_CLOCKS))
    return calendar
