"""Sessions that are not as the timetable says: one that moves, days that are closed; and the borough's school terms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock
from core.access.rules import Actor
from core.audit import services as audit
from core.errors import Invalid, NotFound, Refused
from directory.listings import checks
from directory.listings.almanac import TermDates
from directory.listings.content import content_of
from directory.listings.models import Schedule, SchoolTerm
from directory.listings.queries import listing_for_update
from directory.listings.recurrence import happens_on, occurrences, occurrences_between, refuse_no_length
from directory.listings.schedule_json import rule_from_json
from directory.listings.services import change_sessions, index, rules_of
from directory.listings.summaries import session_in_words
from directory.listings.wording import in_words

LONGEST_CLOSED = timedelta(days=366)
DATES_READ_BACK = 3


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a timetable as it is read back: in words, and the next dates that it gives."""

    words: str
    dates: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Term:
    """A stretch of school."""

    id: UUID
    name: str
    starts: date
    ends: date


def read_back(session: Session, schedules: Sequence[Mapping[str, Any]]) -> list[Line]:
    """What a group entered, in words and in dates, so that a slip is seen. `schedules` is as content keeps it."""
    today = clock.today()
    terms = tuple(TermDates(one.starts, one.ends) for one in school_terms(session))
    lines = []
    for data in schedules:
        rule = replace(rule_from_json(data), terms=terms)
        ahead = occurrences([rule], [], clock.now(), limit=DATES_READ_BACK)
        lines.append(Line(in_words(rule, today), tuple(session_in_words(one, today) for one in ahead)))
    return lines


def move_session(
    session: Session,
    actor: Actor,
    service_id: UUID,
    at: datetime,
    moved_to: date,
    *,
    opens_at: time | None = None,
    closes_at: time | None = None,
    note: str = "",
) -> None:
    """Put the one session that starts at `at` (London's clocks) on another day or time. It is public at once.

    Raises `NotFound`, `Refused` where there is no such session or it is off or moved already, `Invalid`.
    """
    row = listing_for_update(session, actor, service_id)
    words = checks.clean_note(note)
    day, start = at.date(), at.time().replace(tzinfo=None)
    if not any(rule.times_on(day)[0] == start and happens_on(rule, day) for rule in rules_of(row)):
        raise Refused("There is no session on that day and time any more.")
    if any(one.on == day and one.session in {None, start} for one in row.exceptions):
        raise Refused("That session is off or moved already. Undo that first.")
    if moved_to < clock.today():
        raise Invalid("The new date must be today or later.", "moved_to")
    if moved_to == day and opens_at in {None, start}:
        raise Invalid("That is when it is now. Enter another date or another time.", "moved_to")
    refuse_no_length(opens_at, closes_at)
    moved = {
        "on": day.isoformat(),
        "session": start.isoformat("minutes"),
        "moved_to": moved_to.isoformat(),
        "opens_at": opens_at.isoformat("minutes") if opens_at is not None else "",
        "closes_at": closes_at.isoformat("minutes") if closes_at is not None else "",
        "note": words,
    }
    public = content_of(row)
    kept = {name: text for name, text in moved.items() if text}
    change_sessions(session, actor, row, public, [*public["exceptions"], kept], "listing.move-session")


def close_between(
    session: Session, actor: Actor, service_id: UUID, first: date, last: date, note: str
) -> int:
    """Call off every session from `first` to `last`, both included. Gives how many.

    Raises `NotFound`; `Invalid` for the dates or the note, and where nothing would have been on.
    """
    row = listing_for_update(session, actor, service_id)
    words = checks.clean_note(note)
    if last < first:
        raise Invalid("The last day must not be before the first day.", "last")
    if last < clock.today():
        raise Invalid("The last day must be today or later.", "last")
    if last - first > LONGEST_CLOSED:
        raise Invalid("That is more than a year. Use “Close for now” instead.", "last")
    public = content_of(row)
    found = occurrences_between(rules_of(row), [one.exception for one in row.exceptions], first, last)
    on = [one.start for one in found if not one.cancelled and one.moved_from is None]
    if not on:
        raise Invalid("Nothing is on between those days, so there is nothing to call off.", "first")
    off = [
        {"on": at.date().isoformat(), "session": at.strftime("%H:%M")} | ({"note": words} if words else {})
        for at in on
    ]
    change_sessions(session, actor, row, public, [*public["exceptions"], *off], "listing.close-days")
    return len(off)


def school_terms(session: Session) -> list[Term]:
    """The borough's school terms, in order."""
    rows = session.scalars(select(SchoolTerm).order_by(SchoolTerm.starts))
    return [Term(row.id, row.name, row.starts, row.ends) for row in rows]


def add_term(session: Session, actor: Actor, name: str, starts: date, ends: date) -> None:
    """Add a stretch of school. Raises `Invalid` where the days do not fit, or are in another one's."""
    if ends < starts:
        raise Invalid("The last day must not be before the first day.", "ends")
    if ends - starts > LONGEST_CLOSED:
        raise Invalid("A term is shorter than a year.", "ends")
    for other in school_terms(session):
        if starts <= other.ends and other.starts <= ends:
            raise Invalid(f"Those days are partly in “{other.name}”.", "starts")
    row = SchoolTerm(name=name.strip(), starts=starts, ends=ends)
    session.add(row)
    session.flush()
    audit.record(session, actor, "school-term.add", "school-term", row.id)
    _index_again(session)


def remove_term(session: Session, actor: Actor, term_id: UUID) -> None:
    """Take a stretch of school out. Raises `NotFound`."""
    row = session.get(SchoolTerm, term_id)
    if row is None:
        raise NotFound
    session.delete(row)
    audit.record(session, actor, "school-term.remove", "school-term", term_id)
    _index_again(session)


def _index_again(session: Session) -> None:
    """Promise that search will know the new dates of whatever keeps to school terms."""
    for service_id in session.scalars(select(Schedule.service_id).where(Schedule.term_time != "").distinct()):
        index(session, service_id)
