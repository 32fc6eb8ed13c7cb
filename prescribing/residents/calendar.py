"""What is coming for one person, as an iCalendar file for their own calendar."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID, uuid5

from icalendar import Event

from core import clock
from core.calendar.files import new_calendar
from core.calendar.rules import london_day
from prescribing.residents.queries import Coming


def own_calendar(found: Iterable[Coming], person_id: UUID, base_url: str) -> bytes:
    """The file's bytes: one event for each thing that is coming, cancelled ones said to be so."""
    calendar = new_calendar("What is coming", "My plan")
    for one in found:
        event = Event()
        event.add("uid", str(uuid5(person_id, f"{one.service_id}|{one.start.isoformat()}")))
        event.add("dtstamp", clock.now())
        event.add("summary", one.what)
        if one.end is None:
            event.add("dtstart", london_day(one.start))
        else:
            event.add("dtstart", one.start)
            event.add("dtend", one.end)
            if one.place:
                event.add("location", one.place)
            event.add("url", f"{base_url}/activities/{one.service_id}")
        event.add("status", "CANCELLED" if one.is_off else "CONFIRMED")
        calendar.add_component(event)
    return bytes(calendar.to_ical())
