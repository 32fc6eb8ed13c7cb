"""Events of a calendar that others publish (iCalendar, RFC 5545) as rows of an import. Nothing is looked up."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from icalendar import Calendar

from core.errors import Invalid
from directory.exchange.calendar_times import is_cancelled, sessions_changed, times_of
from directory.exchange.fitting import LONGEST_NAME, Fitter, one_of_each, summarised
from directory.exchange.mapping import CUT, MappedListing, MappedRow
from directory.exchange.rules import link_in_text
from directory.listings import checks
from directory.listings.ending_rules import is_over
from directory.listings.recurrence import Frequency
from directory.listings.rules import ListingStatus

MOST_EVENTS = 5_000
MOST_LINES = 400_000


def rows_of(data: bytes, name: str, group: str, today: date) -> tuple[MappedRow, ...]:
    """A row for each event, numbered as they stand in the file from 1; `group` runs those that name no organiser.

    What the file says of single sessions of an event (off, moved) is a part of that event's row. An event that is over
    before `today` is rejected, as are those without a time. Raises `Invalid`.
    """
    events = _events(data, name)
    if not events:
        raise Invalid(f"{name} holds no events.")
    whole = {_key(event) for event in events if event.get("recurrence-id") is None}
    changes: defaultdict[str, list[Any]] = defaultdict(list)
    for event in events:
        if _is_of_one_session(event) and _key(event) in whole:
            changes[_key(event)].append(event)
    return one_of_each(
        _row(number, event, group, today, changes[_key(event)])
        for number, event in enumerate(events, start=1)
        if not (_is_of_one_session(event) and _key(event) in whole)
    )


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


def _key(event: Any) -> str:
    return " ".join(str(event.get("uid") or "").split())[:150].strip()


def _is_of_one_session(event: Any) -> bool:
    """Whether it changes one session of another event, and not all from one on."""
    changed = event.get("recurrence-id")
    return changed is not None and "RANGE" not in getattr(changed, "params", {})


def _row(number: int, event: Any, group: str, today: date, changes: Sequence[Any]) -> MappedRow:
    key = _key(event)
    if not key:
        return MappedRow(number, "", None, "It has no UID.", ())
    if event.get("recurrence-id") is not None:
        return MappedRow(number, key, None, "It changes sessions of an event that we cannot follow.", ())
    fitter = Fitter()
    name = fitter.line("name", _text(event, "summary"), checks.LONGEST["name"])
    if not name:
        return MappedRow(number, key, None, "There is no name.", ())
    try:
        rules, words = times_of(event)
        different = sessions_changed(event, changes, rules)
    except (ValueError, TypeError, KeyError, AttributeError, IndexError, OverflowError, Invalid):
        return MappedRow(number, key, None, "Its times cannot be read.", ())
    moved_to = [date.fromisoformat(one["moved_to"]) for one in different if "moved_to" in one]
    if is_over(rules, moved_to, today):
        return MappedRow(number, key, None, "It is over.", (), is_over=True)
    if words:
        fitter.note("opening_times", "in-words", words, words)
    listing = _listing(fitter, event, name, group)
    off = is_cancelled(event)
    once = bool(rules) and all(rule.freq is Frequency.ONCE for rule in rules)
    listing = replace(
        listing,
        schedules=rules,
        opening_times_text=words,
        status=ListingStatus.PAUSED if off and not once else ListingStatus.PUBLISHED,
        extra={"exceptions": different},
    )
    if off:
        return MappedRow(number, key, None, "The calendar says that it is cancelled.", (), shut=listing)
    return MappedRow(number, key, listing, "", tuple(fitter.repairs))


def _listing(fitter: Fitter, event: Any, name: str, group: str) -> MappedListing:
    """All that an event says but its times."""
    summary, description = summarised(
        fitter.lines("description", _text(event, "description"), CUT["description"])
    )
    street, postcode = _place(fitter, _text(event, "location"))
    return MappedListing(
        name=name,
        organization=_organiser(fitter, event) or group[:LONGEST_NAME],
        summary=summary,
        description=description,
        join_mode="turn-up",
        address=street,
        postcode=postcode,
        url=fitter.checked("url", link_in_text(_text(event, "url"))),
    )


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
