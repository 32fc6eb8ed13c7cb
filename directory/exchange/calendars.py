"""Events of a calendar that others publish (iCalendar, RFC 5545) as rows of an import. Nothing is looked up."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from icalendar import Calendar

from core.clock import LONDON
from core.errors import Invalid
from directory.exchange.fitting import LONGEST_NAME, Fitter, one_of_each, summarised
from directory.exchange.mapping import CUT, MappedListing, MappedRow
from directory.exchange.rules import link_in_text
from directory.listings import checks
from directory.listings.recurrence import Frequency, ScheduleRule, Weekday

MOST_EVENTS = 5_000
MOST_LINES = 400_000


def rows_of(data: bytes, name: str, group: str, today: date) -> tuple[MappedRow, ...]:
    """A row for each event, numbered from 1; `group` runs those that name no organiser. Raises `Invalid`.

    An event that is over before `today` is rejected, as are those without a time.
    """
    events = _events(data, name)
    if not events:
        raise Invalid(f"{name} holds no events.")
    return one_of_each(_row(number, event, group, today) for number, event in enumerate(events, start=1))


def _events(data: bytes, name: str) -> list[Any]:
    if b"BEGIN:VCALENDAR" not in data[:4096].upper():
        raise Invalid(f"{name} is not a calendar file: those begin with BEGIN:VCALENDAR.")
    if data.count(b"\n") > MOST_LINES:
        raise Invalid(f"{name} is longer than we take at once. Give it in parts.")
    try:
        events = list(Calendar.from_ical(data).walk("VEVENT"))
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError):
        raise Invalid(f"{name} cannot be read as a calendar.") from None
    if len(events) > MOST_EVENTS:
        raise Invalid(f"{name} has more than {MOST_EVENTS:,} events. Give it in parts.")
    return events


def _row(number: int, event: Any, group: str, today: date) -> MappedRow:
    key = " ".join(str(event.get("uid") or "").split())[:150]
    if not key.strip():
        return MappedRow(number, "", None, "It has no UID.", ())
    if event.get("recurrence-id") is not None:
        return MappedRow(number, key, None, "It changes one session of another event.", ())
    if str(event.get("status") or "").upper() == "CANCELLED":
        return MappedRow(number, key, None, "The calendar says that it is cancelled.", ())
    fitter = Fitter()
    name = fitter.line("name", _text(event, "summary"), checks.LONGEST["name"])
    if not name:
        return MappedRow(number, key, None, "There is no name.", ())
    try:
        rule, words = _times(event)
    except (ValueError, TypeError, KeyError, AttributeError, IndexError, OverflowError):
        return MappedRow(number, key, None, "Its times cannot be read.", ())
    if (
        rule is not None
        and (rule.valid_to or (rule.dtstart if rule.freq is Frequency.ONCE else today)) < today
    ):
        return MappedRow(number, key, None, "It is over.", ())
    if words:
        fitter.note("opening_times", "in-words", words, words)
    summary, description = summarised(
        fitter.lines("description", _text(event, "description"), CUT["description"])
    )
    street, postcode = _place(fitter, _text(event, "location"))
    listing = MappedListing(
        name=name,
        organization=_organiser(fitter, event) or group[:LONGEST_NAME],
        summary=summary,
        description=description,
        join_mode="turn-up",
        address=street,
        postcode=postcode,
        url=fitter.checked("url", link_in_text(_text(event, "url"))),
        schedules=() if rule is None else (rule,),
        opening_times_text=words,
    )
    return MappedRow(number, key, listing, "", tuple(fitter.repairs))


def _text(event: Any, name: str) -> str:
    value = event.get(name)
    return str(value[0] if isinstance(value, list) and value else value or "")


def _organiser(fitter: Fitter, event: Any) -> str:
    organiser = event.get("organizer")
    return fitter.line("organization", getattr(organiser, "params", {}).get("CN", ""), LONGEST_NAME)


def _place(fitter: Fitter, text: str) -> tuple[str, str]:
    """A written place as its street and its postcode, which stands at the end of most."""
    line = fitter.line("address", text, 300)
    words = line.replace(",", " ").split()
    for parts in (2, 1):
        candidate = " ".join(words[-parts:])
        if any(letter.isdigit() for letter in candidate):
            quiet = Fitter()
            postcode = quiet.checked("postcode", candidate)
            if postcode:
                cut = line.upper().rfind(words[-parts].upper())
                return line[:cut].rstrip(" ,"), postcode
    return line, ""


def _times(event: Any) -> tuple[ScheduleRule | None, str]:
    """When it is, as a rule; or as words, where its rule is more than ours hold."""
    start = event["dtstart"].dt
    end = event["dtend"].dt if event.get("dtend") is not None else None
    if end is None and event.get("duration") is not None and isinstance(start, datetime):
        end = start + event["duration"].dt
    if not isinstance(start, datetime):
        raise ValueError("an event of whole days has no times")
    day, opens = _local(start)
    closes = _local(end)[1] if isinstance(end, datetime) else None
    rrule = event.get("rrule")
    if rrule is None:
        return ScheduleRule(Frequency.ONCE, day, opens, closes), ""
    try:
        return _rule(rrule, day, opens, closes), ""
    except (Invalid, ValueError):
        return None, f"From {day.isoformat()}, {opens.isoformat('minutes')}: {rrule.to_ical().decode()}"[:300]


def _rule(rrule: Any, day: date, opens: time, closes: time | None) -> ScheduleRule:
    """A repeating rule, if it is one of ours. Raises `Invalid` or `ValueError` for any other."""
    known = {"FREQ", "INTERVAL", "BYDAY", "UNTIL", "WKST"}
    if {part.upper() for part in rrule} - known:
        raise ValueError("more than our rules hold")
    freq = Frequency(str(rrule["FREQ"][0]).upper())
    until = rrule.get("UNTIL", [None])[0]
    last = _local(until)[0] if isinstance(until, datetime) else until
    days = [str(one).upper() for one in rrule.get("BYDAY", [])]
    nths = {one[:-2] for one in days}
    if freq is Frequency.WEEKLY and nths <= {""}:
        return ScheduleRule(
            freq,
            day,
            opens,
            closes,
            byday=tuple(Weekday(one) for one in days) or (Weekday.of(day),),
            interval=int(rrule.get("INTERVAL", [1])[0]),
            valid_to=last,
        )
    if freq is Frequency.MONTHLY and len(nths) == 1 and nths != {""}:
        return ScheduleRule(
            freq,
            day,
            opens,
            closes,
            byday=tuple(Weekday(one[-2:]) for one in days),
            interval=int(rrule.get("INTERVAL", [1])[0]),
            nth=int(nths.pop()),
            valid_to=last,
        )
    raise ValueError("more than our rules hold")


def _local(moment: datetime) -> tuple[date, time]:
    """A moment on London's clocks; one without a zone is on them already."""
    at = moment.astimezone(LONDON) if moment.tzinfo else moment
    return at.date(), at.time().replace(second=0, microsecond=0, tzinfo=None)
