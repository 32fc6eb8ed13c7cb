"""When an activity happens: weekly and monthly rules, their exceptions, and the dated sessions they give.

Rules are written in local time and stay there: 10am is 10am in summer and in winter. The parts follow
iCalendar (RFC 5545) and the HSDS `schedule` object.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from itertools import islice
from typing import Literal

from core.calendar.rules import start_of
from core.clock import LONDON
from core.errors import Invalid
from directory.listings.almanac import (
    Rhythm,
    TermDates,
    days_after,
    is_bank_holiday,
    is_in_season,
    is_term_time,
    rhythm_days,
)

HORIZON = timedelta(days=3 * 366)
LONGEST_INTERVAL = 12
MIDNIGHT = time()
MOST_PENCE = 100_000


class Frequency(StrEnum):
    WEEKLY = "WEEKLY"
    MONTHLY = "MONTHLY"
    ONCE = "ONCE"


class Weekday(StrEnum):
    MONDAY = "MO"
    TUESDAY = "TU"
    WEDNESDAY = "WE"
    THURSDAY = "TH"
    FRIDAY = "FR"
    SATURDAY = "SA"
    SUNDAY = "SU"

    @property
    def number(self) -> int:
        """Monday is 0, as in `date.weekday()`."""
        return WEEK.index(self)

    @property
    def label(self) -> str:
        return self.name.capitalize()

    @classmethod
    def of(cls, day: date) -> Weekday:
        return WEEK[day.weekday()]


WEEK: tuple[Weekday, ...] = tuple(Weekday)


class BankHolidays(StrEnum):
    """What becomes of a session that falls on a bank holiday."""

    AS_USUAL = "as-usual"
    OFF = "off"
    OTHER_TIMES = "other-times"


def refuse_no_length(opens_at: time | None, closes_at: time | None, name: str = "closes_at") -> None:
    """Raise `Invalid`, naming the end, for a session that ends when it begins; midnight to midnight is all day."""
    if opens_at is not None and opens_at == closes_at != MIDNIGHT:
        raise Invalid("The end must be later than the start.", name)


@dataclass(frozen=True, slots=True)
class ScheduleRule:
    """One line of a timetable.

    `dtstart` anchors the count of an interval ("every other Thursday" from this week on) and is the day itself
    of a single session. `nth` (1 to 4, or -1 for the last) goes with MONTHLY only. A `closes_at` that is not
    later than `opens_at` is on the next day, so that midnight to midnight is all day; None means that no end was
    given. `season` is the first and the last month of every year, both included. `term_time` keeps to `terms`, which
    are the borough's and no part of what the group says; where there are none it is only said in words. `pence` is
    what this session costs where that is not the listing's usual price. Raises Invalid for parts that do not fit
    together.
    """

    freq: Frequency
    dtstart: date
    opens_at: time
    closes_at: time | None = None
    byday: tuple[Weekday, ...] = ()
    interval: int = 1
    nth: int | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    term_time: bool = False
    season: tuple[int, int] | None = None
    bank_holidays: BankHolidays = BankHolidays.AS_USUAL
    holiday_opens_at: time | None = None
    holiday_closes_at: time | None = None
    pence: int | None = None
    terms: tuple[TermDates, ...] = field(default=(), compare=False, repr=False)

    def __post_init__(self) -> None:
        if not 1 <= self.interval <= LONGEST_INTERVAL:
            raise Invalid(f"Repeat every 1 to {LONGEST_INTERVAL} weeks or months.", "interval")
        if self.freq is not Frequency.ONCE and not self.byday:
            raise Invalid("Choose at least one day of the week.", "byday")
        if self.freq is Frequency.ONCE and self.byday:
            raise Invalid("A single session has a date and no days of the week.", "byday")
        if self.freq is Frequency.MONTHLY and self.nth not in (1, 2, 3, 4, -1):
            raise Invalid("Choose which week of the month: first to fourth, or last.", "nth")
        if self.freq is not Frequency.MONTHLY and self.nth is not None:
            raise Invalid("Only a monthly session has a week of the month.", "nth")
        refuse_no_length(self.opens_at, self.closes_at)
        if self.valid_from and self.valid_to and self.valid_to < self.valid_from:
            raise Invalid("The last date must not be before the first date.", "valid_to")
        if self.season and not all(1 <= month <= 12 for month in self.season):
            raise Invalid("Choose the first and the last month.", "season")
        self._refuse_odd_holidays()
        if self.pence is not None and not 0 <= self.pence <= MOST_PENCE:
            raise Invalid(f"The price must be from £0 to £{MOST_PENCE // 100:,}.", "pence")
        object.__setattr__(self, "byday", tuple(sorted(set(self.byday), key=WEEK.index)))

    def _refuse_odd_holidays(self) -> None:
        has_times = self.holiday_opens_at is not None
        if (self.bank_holidays is BankHolidays.OTHER_TIMES) != has_times:
            raise Invalid("Enter the start on bank holidays, or choose another answer.", "holiday_opens_at")
        if self.holiday_closes_at is not None and not has_times:
            raise Invalid("Enter the start on bank holidays too.", "holiday_opens_at")
        refuse_no_length(self.holiday_opens_at, self.holiday_closes_at, "holiday_closes_at")

    @property
    def all_day(self) -> bool:
        """Whether it is on from midnight to midnight, which people say without a time."""
        return self.opens_at == self.closes_at == MIDNIGHT

    @property
    def is_plain(self) -> bool:
        """Whether its rhythm says all: no terms, no season, no bank holidays to leave out or hold at other times."""
        return (
            not (self.term_time and self.terms)
            and self.season is None
            and self.bank_holidays is BankHolidays.AS_USUAL
        )

    def times_on(self, day: date) -> tuple[time, time | None]:
        """Start and end of the session on that day."""
        if self.holiday_opens_at is not None and is_bank_holiday(day):
            return self.holiday_opens_at, self.holiday_closes_at
        return self.opens_at, self.closes_at

    @property
    def first_day(self) -> date:
        """The earliest day on which a session may fall."""
        return max(self.dtstart, self.valid_from or self.dtstart)


@dataclass(frozen=True, slots=True)
class ScheduleException:
    """One date that differs: cancelled, or moved when `moved_to` is given.

    `session` names the start of the session meant on a day with several; None means all of that day.
    `opens_at` and `closes_at` are the new times of a moved session; without them it keeps the old, and with a
    new start alone it lasts as long as before.
    """

    on: date
    note: str = ""
    moved_to: date | None = None
    opens_at: time | None = None
    closes_at: time | None = None
    session: time | None = None

    def __post_init__(self) -> None:
        refuse_no_length(self.opens_at, self.closes_at)

    def covers(self, rule: ScheduleRule, day: date) -> bool:
        return self.on == day and self.session in (None, rule.times_on(day)[0])


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One dated session, aware in London time. A moved one stands twice: cancelled where it was, and where it
    is now with `moved_from`. `pence` is its price where that is not the listing's usual one."""

    start: datetime
    end: datetime | None
    cancelled: bool = False
    note: str = ""
    moved_from: date | None = None
    moved_to: date | None = None
    pence: int | None = None

    @property
    def all_day(self) -> bool:
        """Whether it is on from midnight to midnight."""
        return self.end is not None and self.start.time() == self.end.time() == MIDNIGHT

    @property
    def finish(self) -> datetime:
        return self.end or self.start


@dataclass(frozen=True, slots=True)
class RruleParts:
    """The recurrence as HSDS and iCalendar spell it; `byday` is like "TU,TH" or "2TU"."""

    freq: str
    interval: int
    byday: str
    until: date | None

    def text(self) -> str:
        """An RFC 5545 rule without its UNTIL, such as "FREQ=WEEKLY;INTERVAL=2;BYDAY=TH"."""
        return f"FREQ={self.freq};INTERVAL={self.interval};BYDAY={self.byday}"


def occurrences(
    rules: Sequence[ScheduleRule],
    exceptions: Sequence[ScheduleException],
    after: datetime,
    before: datetime | None = None,
    limit: int | None = None,
) -> list[Occurrence]:
    """The sessions that have not ended at `after` and start before `before`, in order of start.

    Both moments are aware. At most `limit`; a session under way counts; cancelled ones are in the list, marked.
    Without `before`, looks three years ahead.
    """
    if after.tzinfo is None or (before is not None and before.tzinfo is None):
        raise ValueError("a moment needs its time zone")
    end = before or after + HORIZON
    found: set[Occurrence] = set()
    for rule in rules:
        for day in _days_near(rule, exceptions, after, end, None if before else limit):
            found.update(_sessions(rule, day, exceptions))
    wanted = [one for one in found if is_ahead(one, after) and _utc(one.start) < _utc(end)]
    wanted.sort(key=lambda one: (_utc(one.start), _utc(one.finish), one.cancelled, one.note))
    return wanted[:limit]


def occurrences_between(
    rules: Sequence[ScheduleRule], exceptions: Sequence[ScheduleException], first: date, last: date
) -> list[Occurrence]:
    """The sessions that start from `first` to `last` (days in London, both included), in order; cancelled ones are in
    the list, marked."""
    start = start_of(first)
    end = start_of(days_after(last, timedelta(days=1)))
    return [one for one in occurrences(rules, exceptions, start, end) if one.start >= start]


def next_occurrence(
    rules: Sequence[ScheduleRule], exceptions: Sequence[ScheduleException], after: datetime
) -> Occurrence | None:
    """The first session that is on and has not ended at `after`; None if there is none in three years."""
    enough = 1 + len(exceptions) * max(1, len(rules))
    ahead = occurrences(rules, exceptions, after, limit=enough)
    return next((one for one in ahead if not one.cancelled), None)


def happens_on(rule: ScheduleRule, day: date) -> bool:
    """Whether the rule alone, without exceptions, gives a session on `day`."""
    return day in _days(rule, day, day)


def happens_on_weekday(
    rules: Sequence[ScheduleRule],
    exceptions: Sequence[ScheduleException],
    weekday: Weekday,
    after: datetime,
    before: datetime,
) -> bool:
    """Whether a real session that is on starts on that weekday between the two moments.

    So a monthly session matches a week only if it falls in it.
    """
    ahead = occurrences(rules, exceptions, after, before)
    return any(not one.cancelled and one.start.weekday() == weekday.number for one in ahead)


def weekdays(rules: Iterable[ScheduleRule]) -> tuple[Weekday, ...]:
    """The days of the week that the rules name, Monday first; for a filter such as "happens on Wednesday"."""
    named = {
        day
        for rule in rules
        for day in ((Weekday.of(rule.dtstart),) if rule.freq is Frequency.ONCE else rule.byday)
    }
    return tuple(day for day in WEEK if day in named)


def first_date(rule: ScheduleRule) -> date | None:
    """The rule's first real session, which is what iCalendar wants as DTSTART; None if it never happens."""
    return next(_days(rule, rule.first_day, days_after(rule.first_day, HORIZON)), None)


def rrule_parts(rule: ScheduleRule) -> RruleParts:
    """The parts for HSDS `schedule` and iCalendar; a single session is a weekly one that ends on its day."""
    if rule.freq is Frequency.ONCE:
        return RruleParts("WEEKLY", 1, Weekday.of(rule.dtstart).value, rule.dtstart)
    nth = "" if rule.nth is None else str(rule.nth)
    byday = ",".join(f"{nth}{day.value}" for day in rule.byday)
    return RruleParts(rule.freq.value, rule.interval, byday, rule.valid_to)


def rhythm_dates(rule: ScheduleRule, start: date, end: date) -> Iterator[date]:
    """What the rhythm alone gives from `start` to `end`, both included: holidays, terms and seasons not left out."""
    start = max(start, rule.first_day)
    end = min(end, rule.valid_to or end)
    if rule.freq is Frequency.ONCE:
        return iter([rule.dtstart] if start <= rule.dtstart <= end else [])
    unit: Literal["WEEKLY", "MONTHLY"] = "WEEKLY" if rule.freq is Frequency.WEEKLY else "MONTHLY"
    rhythm = Rhythm(unit, rule.interval, tuple(day.number for day in rule.byday), rule.nth or 1)
    return rhythm_days(rhythm, rule.dtstart, start, end)


def _days(rule: ScheduleRule, start: date, end: date) -> Iterator[date]:
    """The rule's days from `start` to `end`, both included, in order."""
    dates = rhythm_dates(rule, start, end)
    return dates if rule.is_plain else (day for day in dates if _is_on(rule, day))


def _is_on(rule: ScheduleRule, day: date) -> bool:
    """Whether a day of the rhythm is kept: in season, in term, no bank holiday that is off."""
    return (
        is_in_season(day, rule.season)
        and (not rule.term_time or is_term_time(day, rule.terms))
        and not (rule.bank_holidays is BankHolidays.OFF and is_bank_holiday(day))
    )


def _days_near(
    rule: ScheduleRule,
    exceptions: Sequence[ScheduleException],
    after: datetime,
    end: datetime,
    limit: int | None,
) -> set[date]:
    """Every day whose session, exceptions applied, can fall between the two moments.

    With a limit, no more days than can matter: those of the last night, the limit, and one for each exception.
    """
    first = days_after(after.astimezone(LONDON).date(), timedelta(days=-1))
    ahead = _days(rule, first, end.astimezone(LONDON).date())
    most = None if limit is None else limit + len(exceptions) + 2
    moved_here = {one.on for one in exceptions if one.moved_to is not None and happens_on(rule, one.on)}
    return set(islice(ahead, most)) | moved_here


def _sessions(rule: ScheduleRule, day: date, exceptions: Sequence[ScheduleException]) -> list[Occurrence]:
    opens_at, closes_at = rule.times_on(day)
    start, end = moments(day, opens_at, closes_at)
    change = next((one for one in exceptions if one.covers(rule, day)), None)
    if change is None:
        return [Occurrence(start, end, pence=rule.pence)]
    was = Occurrence(start, end, cancelled=True, note=change.note, moved_to=change.moved_to, pence=rule.pence)
    if change.moved_to is None:
        return [was]
    new_start, new_end = moments(change.moved_to, change.opens_at or opens_at, change.closes_at or closes_at)
    if change.opens_at is not None and change.closes_at is None and end is not None:
        new_end = (_utc(new_start) + (_utc(end) - _utc(start))).astimezone(LONDON)
    return [was, Occurrence(new_start, new_end, note=change.note, moved_from=day, pence=rule.pence)]


def moments(day: date, opens_at: time, closes_at: time | None) -> tuple[datetime, datetime | None]:
    """Local start and end; a start inside the lost hour of March is read as one hour later, which exists."""
    start = datetime.combine(day, opens_at, LONDON).astimezone(UTC).astimezone(LONDON)
    if closes_at is None:
        return start, None
    last_day = day if closes_at > opens_at else days_after(day, timedelta(days=1))
    end = datetime.combine(last_day, closes_at, LONDON).astimezone(UTC)
    return start, max(end, _utc(start)).astimezone(LONDON)


def is_ahead(one: Occurrence, after: datetime) -> bool:
    """Whether a session has not ended at `after`; one without an end, whether it has not begun before."""
    if one.end is None:
        return _utc(one.start) >= _utc(after)
    return _utc(one.end) > _utc(after)


def _utc(moment: datetime) -> datetime:
    """Two moments in one zone are compared by their wall clocks, which is wrong in the hour that repeats."""
    return moment.astimezone(UTC)
