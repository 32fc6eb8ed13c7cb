"""When an activity happens: weekly and monthly rules, their exceptions, and the dated sessions they give.

Rules are written in local time and stay there: 10am is 10am in summer and in winter. The parts follow
iCalendar (RFC 5545) and the HSDS `schedule` object.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from itertools import islice
from typing import Literal

from dateutil import rrule

from core.clock import LONDON
from core.errors import Invalid

HORIZON = timedelta(days=3 * 366)
LONGEST_INTERVAL = 12


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
_DATEUTIL_DAYS = (rrule.MO, rrule.TU, rrule.WE, rrule.TH, rrule.FR, rrule.SA, rrule.SU)


@dataclass(frozen=True, slots=True)
class ScheduleRule:
    """One line of a timetable.

    `dtstart` anchors the count of an interval ("every other Thursday" from this week on) and is the day itself
    of a single session. `nth` (1 to 4, or -1 for the last) goes with MONTHLY only. A `closes_at` that is not
    later than `opens_at` is on the next day; None means that no end was given. `term_time` is
    said in words and not calculated with, as terms differ between schools. Raises Invalid for parts that do
    not fit together.
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
        if self.closes_at == self.opens_at:
            raise Invalid("The end must be later than the start.", "closes_at")
        if self.valid_from and self.valid_to and self.valid_to < self.valid_from:
            raise Invalid("The last date must not be before the first date.", "valid_to")
        object.__setattr__(self, "byday", tuple(sorted(set(self.byday), key=WEEK.index)))

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
        if self.opens_at is not None and self.opens_at == self.closes_at:
            raise Invalid("The end must be later than the start.", "closes_at")

    def covers(self, rule: ScheduleRule, day: date) -> bool:
        return self.on == day and self.session in (None, rule.opens_at)


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One dated session, aware in London time. A moved one stands twice: cancelled where it was, and where it
    is now with `moved_from`."""

    start: datetime
    end: datetime | None
    cancelled: bool = False
    note: str = ""
    moved_from: date | None = None
    moved_to: date | None = None

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
    wanted = [one for one in found if _is_ahead(one, after) and _utc(one.start) < _utc(end)]
    wanted.sort(key=lambda one: (_utc(one.start), _utc(one.finish), one.cancelled, one.note))
    return wanted[:limit]


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
    return next(_days(rule, rule.first_day, rule.first_day + HORIZON), None)


def rrule_parts(rule: ScheduleRule) -> RruleParts:
    """The parts for HSDS `schedule` and iCalendar; a single session is a weekly one that ends on its day."""
    if rule.freq is Frequency.ONCE:
        return RruleParts("WEEKLY", 1, Weekday.of(rule.dtstart).value, rule.dtstart)
    nth = "" if rule.nth is None else str(rule.nth)
    byday = ",".join(f"{nth}{day.value}" for day in rule.byday)
    return RruleParts(rule.freq.value, rule.interval, byday, rule.valid_to)


def rule_as_json(rule: ScheduleRule) -> dict[str, str | int | bool | list[str]]:
    """The rule as plain JSON values, without empty parts; `rule_from_json` reads it back."""
    parts: dict[str, str | int | bool | list[str] | None] = {
        "freq": rule.freq.value,
        "dtstart": rule.dtstart.isoformat(),
        "opens_at": rule.opens_at.isoformat("minutes"),
        "closes_at": rule.closes_at.isoformat("minutes") if rule.closes_at is not None else None,
        "byday": [day.value for day in rule.byday],
        "interval": rule.interval,
        "nth": rule.nth,
        "valid_from": rule.valid_from.isoformat() if rule.valid_from else None,
        "valid_to": rule.valid_to.isoformat() if rule.valid_to else None,
        "term_time": rule.term_time or None,
    }
    return {name: value for name, value in parts.items() if value not in (None, "", [])}


def rule_from_json(data: Mapping[str, object]) -> ScheduleRule:
    """Raises Invalid if a part is missing or cannot be read."""
    byday = data.get("byday", [])
    interval = data.get("interval", 1)
    nth = data.get("nth")
    if not isinstance(byday, list) or not isinstance(interval, int) or not isinstance(nth, int | None):
        raise Invalid("The days, the interval or the week of the month cannot be read.", "schedule")
    try:
        return ScheduleRule(
            freq=Frequency(str(data["freq"])),
            dtstart=date.fromisoformat(str(data["dtstart"])),
            opens_at=time.fromisoformat(str(data["opens_at"])),
            closes_at=time.fromisoformat(str(data["closes_at"])) if data.get("closes_at") else None,
            byday=tuple(Weekday(str(day)) for day in byday),
            interval=interval,
            nth=nth,
            valid_from=date.fromisoformat(str(data["valid_from"])) if data.get("valid_from") else None,
            valid_to=date.fromisoformat(str(data["valid_to"])) if data.get("valid_to") else None,
            term_time=bool(data.get("term_time", False)),
        )
    except (KeyError, ValueError) as error:
        raise Invalid(f"The times cannot be read: {error}.", "schedule") from error


def _days(rule: ScheduleRule, start: date, end: date) -> Iterator[date]:
    """The rule's days from `start` to `end`, both included, in order."""
    start = max(start, rule.first_day)
    end = min(end, rule.valid_to or end)
    if rule.freq is Frequency.ONCE:
        return iter([rule.dtstart] if start <= rule.dtstart <= end else [])
    freq: Literal[1, 2]
    if rule.freq is Frequency.WEEKLY:
        freq = rrule.WEEKLY
        byday = [_DATEUTIL_DAYS[day.number] for day in rule.byday]
        weeks = (start - rule.dtstart).days // 7 // rule.interval * rule.interval
        anchor = rule.dtstart - timedelta(days=rule.dtstart.weekday()) + timedelta(weeks=weeks)
    else:
        freq = rrule.MONTHLY
        byday = [_DATEUTIL_DAYS[day.number](rule.nth or 1) for day in rule.byday]
        months = (start.year - rule.dtstart.year) * 12 + start.month - rule.dtstart.month
        month = rule.dtstart.year * 12 + rule.dtstart.month - 1 + months // rule.interval * rule.interval
        anchor = date(month // 12, month % 12 + 1, 1)
    days = rrule.rrule(
        freq,
        dtstart=datetime.combine(anchor, time()),
        interval=rule.interval,
        byweekday=byday,
        wkst=rrule.MO,
        until=datetime.combine(end, time()),
    )
    return (moment.date() for moment in days if moment.date() >= start)


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
    first = after.astimezone(LONDON).date() - timedelta(days=1)
    ahead = _days(rule, first, end.astimezone(LONDON).date())
    most = None if limit is None else limit + len(exceptions) + 2
    moved_here = {one.on for one in exceptions if one.moved_to is not None and happens_on(rule, one.on)}
    return set(islice(ahead, most)) | moved_here


def _sessions(rule: ScheduleRule, day: date, exceptions: Sequence[ScheduleException]) -> list[Occurrence]:
    start, end = _moments(day, rule.opens_at, rule.closes_at)
    change = next((one for one in exceptions if one.covers(rule, day)), None)
    if change is None:
        return [Occurrence(start, end)]
    was = Occurrence(start, end, cancelled=True, note=change.note, moved_to=change.moved_to)
    if change.moved_to is None:
        return [was]
    new_start, new_end = _moments(
        change.moved_to, change.opens_at or rule.opens_at, change.closes_at or rule.closes_at
    )
    if change.opens_at is not None and change.closes_at is None and end is not None:
        new_end = (_utc(new_start) + (_utc(end) - _utc(start))).astimezone(LONDON)
    return [was, Occurrence(new_start, new_end, note=change.note, moved_from=day)]


def _moments(day: date, opens_at: time, closes_at: time | None) -> tuple[datetime, datetime | None]:
    """Local start and end; a start inside the lost hour of March is read as one hour later, which exists."""
    start = datetime.combine(day, opens_at, LONDON).astimezone(UTC).astimezone(LONDON)
    if closes_at is None:
        return start, None
    last_day = day if closes_at > opens_at else day + timedelta(days=1)
    end = datetime.combine(last_day, closes_at, LONDON).astimezone(UTC)
    return start, max(end, _utc(start)).astimezone(LONDON)


def _is_ahead(one: Occurrence, after: datetime) -> bool:
    if one.end is None:
        return _utc(one.start) >= _utc(after)
    return _utc(one.end) > _utc(after)


def _utc(moment: datetime) -> datetime:
    """Two moments in one zone are compared by their wall clocks, which is wrong in the hour that repeats."""
    return moment.astimezone(UTC)
