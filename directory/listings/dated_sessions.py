"""The dated sessions of many listings at once, read as plain texts, so that a whole borough's day is quick to give."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from directory.listings.almanac import TermDates
from directory.listings.card_rows import EXCEPTIONS, SCHEDULES, SCHOOL_TERMS, own_rows
from directory.listings.models import Schedule, ScheduleException, Service, exception_of, rule_of
from directory.listings.recurrence import Occurrence, ScheduleRule, occurrences_between
from directory.listings.recurrence import ScheduleException as Exceptional

# The sessions of so many timetables are kept; their texts are their keys, so that a change is seen at once.
MOST = 8_000

_TIMETABLES = select(
    Service.id,
    own_rows(SCHEDULES, Schedule.service_id, "schedules"),
    own_rows(EXCEPTIONS, ScheduleException.service_id, "exceptions"),
)


def sessions_between(
    session: Session, first: date, last: date, *listings: ColumnElement[bool]
) -> Iterator[tuple[UUID, tuple[Occurrence, ...]]]:
    """Each of the listings, which are named by conditions on `Service`, that has a session from `first` to `last` (days
    in London, both included), with its sessions in order; cancelled ones are among them, marked."""
    session.flush()
    connection = session.connection()
    school = connection.scalar(SCHOOL_TERMS.select())
    for one, schedules, exceptions in connection.execute(_TIMETABLES.where(*listings)):
        found = _sessions(first, last, schedules, exceptions, school) if schedules else ()
        if found:
            yield one, found


def read_timetable(
    schedules: str | None, exceptions: str | None, school: str | None
) -> tuple[tuple[ScheduleRule, ...], tuple[Exceptional, ...]]:
    """The rules and the exceptions in the texts of a listing's rows; `school` is that of the borough's terms."""
    terms = tuple(TermDates(row.starts, row.ends) for row in SCHOOL_TERMS.read(school))
    rules = tuple(rule_of(row, terms if row.term_time else ()) for row in SCHEDULES.read(schedules))
    return rules, tuple(map(exception_of, EXCEPTIONS.read(exceptions)))


@lru_cache(maxsize=MOST)
def _sessions(
    first: date, last: date, schedules: str, exceptions: str | None, school: str | None
) -> tuple[Occurrence, ...]:
    return tuple(occurrences_between(*read_timetable(schedules, exceptions, school), first, last))
