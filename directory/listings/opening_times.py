"""Opening times as people write them, read into a timetable where there is only one way to read them.

"Tuesdays & Fridays 12pm - 3pm; 1st Saturday of month 10am - 12noon" is certain. "Wednesday 10 - 12" is not: it
does not say morning or night, and we never guess. What is not certain stays the text that it was.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time
from enum import Enum, auto

from directory.listings.recurrence import WEEK, Frequency, ScheduleRule, Weekday
from directory.listings.written_times import Unsure, WrittenTime, span

# Neither a weekly rule nor a monthly one counts from its anchor, so a fixed one lets a second import find no
# difference.
ANCHOR = date(2000, 1, 3)
LONGEST_TEXT = 1000
LONGEST_ASIDE = 6

_SAYS_NOTHING = {"", "na", "n/a", "none", "not known", "unknown"}


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read. When `certain`, `rules` hold every session of the text and `leftover` a harmless aside, such
    as "Food parcels"; when not, there are no rules and `leftover` is the whole text."""

    rules: tuple[ScheduleRule, ...]
    certain: bool
    leftover: str


class _Kind(Enum):
    TIME = auto()
    DAY = auto()
    DAYS = auto()
    NTH = auto()
    OF_MONTH = auto()
    TERM = auto()
    EXCEPT = auto()
    TO = auto()
    AND = auto()
    BREAK = auto()
    FILLER = auto()
    OTHER = auto()


@dataclass(frozen=True, slots=True)
class _Token:
    kind: _Kind
    text: str
    start: int
    end: int


_DAY = (
    r"mon(?:day)?s?|tue(?:s(?:day)?)?s?|wed(?:s|nesday)?s?|thu(?:r(?:s(?:day)?)?)?s?|fri(?:day)?s?"
    r"|sat(?:ur(?:day)?)?s?|sun(?:day)?s?"
)
_TOKENS = re.compile(
    r"(?P<OF_MONTH>(?:of|in) (?:the |each |every |a )?month\b)"
    r"|(?P<TERM>(?:(?:in|during) )?(?:(?:local )?school )?term[- ]?time(?: only)?\b)"
    r"|(?P<DAYS>weekdays?\b|week-?ends?\b|daily\b|every ?day\b|(?:7|seven) days(?: a week| per week)?\b)"
    rf"|(?P<DAY>(?:{_DAY})\b)"
    r"|(?P<NTH>(?:1st|2nd|3rd|4th|first|second|third|fourth|last)\b)"
    r"|(?P<TIME>(?<![\d£.:])\d{1,2}(?:[:.]\d{2})?\s*(?:a\.?m\b\.?|p\.?m\b\.?|noon\b|midday\b|(?![\w%]|[:.]\d|/\d))"
    r"|(?:noon|midday)\b)"
    r"|(?P<EXCEPT>(?:except|excluding|apart from|but not)\b)"
    r"|(?P<TO>[-–—=]|(?:to|until|till)\b)"
    r"|(?P<AND>[,&/+]|and\b)"
    r"|(?P<BREAK>[.;\n])"
    r"|(?P<FILLER>[:@()]|(?:every|each|on|at|from|open(?:ing times?|ing hours)?)\b)"
    r"|(?P<OTHER>[^\s()]+?(?=[\s(),;:]|$)|\S)",
    re.IGNORECASE,
)
_DOUBT = re.compile(
    r"\d|clos|appoint|\b(?:except|not|no|only|ring|call|phone|contact|check|request|referral|holidays?|bank|month"
    r"|fortnight(?:ly)?|alternate|other|week|weeks|approx\w*|about|around|until|from|or|if|when|usually|tbc|may"
    r"|some|most|winter|summer|term|via|by|also|plus|then|break|mornings?|afternoons?|evenings?|nights?|lunch\w*"
    r"|jan\w*|feb\w*|march|april|june|july|aug\w*|sept?\w*|oct\w*|nov\w*|dec\w*)\b|[&+/]|^and\b",
    re.IGNORECASE,
)
_NTH = {"1st": 1, "2nd": 2, "3rd": 3, "4th": 4, "first": 1, "second": 2, "third": 3, "fourth": 4, "last": -1}


def read_opening_times(text: str) -> Reading:
    """The timetable in a free text, if the whole of it can be read in one way only."""
    plain = re.sub(r"[ \t\xa0]+", " ", text).strip()
    if plain.casefold() in _SAYS_NOTHING:
        return Reading((), certain=False, leftover="")
    if len(plain) > LONGEST_TEXT:
        return Reading((), certain=False, leftover=plain)
    try:
        rules, aside = _Parser(plain).read()
    except Unsure:
        return Reading((), certain=False, leftover=plain)
    return Reading(rules, certain=True, leftover=aside)


def read_day_columns(columns: Mapping[Weekday, str]) -> Reading:
    """A timetable kept in a column for each day, on the 24-hour clock: "08:30-13:00,14:00-17:30" or "CLOSED".

    One column that cannot be read makes the whole uncertain; `leftover` then says every day in the file's words.
    """
    days_of: dict[tuple[time, time], list[Weekday]] = {}
    try:
        for day in WEEK:
            for hours in _day_column(columns.get(day, "")):
                days_of.setdefault(hours, []).append(day)
    except Unsure:
        words = "; ".join(
            f"{day.label} {columns[day].strip()}" for day in WEEK if columns.get(day, "").strip()
        )
        return Reading((), certain=False, leftover=words)
    rules = tuple(_weekly(tuple(days), hours) for hours, days in days_of.items())
    return Reading(rules, certain=bool(rules), leftover="")


def _day_column(text: str) -> list[tuple[time, time]]:
    if text.strip().casefold() in _SAYS_NOTHING | {"closed"}:
        return []
    sessions: list[tuple[time, time]] = []
    ended = time()
    for part in text.split(","):
        clock = re.fullmatch(r"\s*([01]\d|2[0-3]):([0-5]\d)\s*-\s*([01]\d|2[0-3]):([0-5]\d)\s*", part)
        if not clock:
            raise Unsure
        hour, minute, last_hour, last_minute = map(int, clock.groups())
        opens, closes = time(hour, minute), time(last_hour, last_minute)
        if opens < ended or (closes <= opens and closes != time()) or (sessions and ended == time()):
            raise Unsure
        ended = closes
        sessions.append((opens, closes))
    return sessions


def _weekly(
    days: tuple[Weekday, ...], hours: tuple[time, time | None], term_time: bool = False
) -> ScheduleRule:
    return ScheduleRule(Frequency.WEEKLY, ANCHOR, hours[0], hours[1], days, term_time=term_time)


@dataclass(frozen=True, slots=True)
class _Entry:
    days: tuple[Weekday, ...]
    nths: tuple[int, ...]
    hours: tuple[tuple[time, time | None], ...]

    def rules(self, term_time: bool) -> list[ScheduleRule]:
        if not self.nths:
            return [_weekly(self.days, hours, term_time) for hours in self.hours]
        return [
            ScheduleRule(Frequency.MONTHLY, ANCHOR, opens, closes, self.days, nth=nth, term_time=term_time)
            for nth in self.nths
            for opens, closes in self.hours
        ]


@dataclass
class _Parser:
    """Reads entries of days and times from left to right; anything it does not know makes it unsure."""

    text: str
    tokens: list[_Token] = field(init=False)
    at: int = 0

    def __post_init__(self) -> None:
        self.tokens = [
            _Token(_Kind[str(found.lastgroup)], found[0], found.start(), found.end())
            for found in _TOKENS.finditer(self.text)
        ]

    def read(self) -> tuple[tuple[ScheduleRule, ...], str]:
        """The rules and the aside that is left. Raises Unsure."""
        before = self._aside_before()
        times_first = self._kind() is _Kind.TIME
        entries: list[_Entry] = []
        term_time = False
        while True:
            ended = self.at
            self._skip(_Kind.AND, _Kind.BREAK, _Kind.FILLER)
            if self._kind() is _Kind.TO and self._kind(1) in (_Kind.TERM, _Kind.OTHER):
                self.at += 1
            if self._kind() in (None, _Kind.OTHER):
                break
            if self._take(_Kind.TERM):
                term_time = True
                continue
            entries.append(self._entry(times_first))
        after = self._aside_after(ended)
        if not entries or self._repeats(entries):
            raise Unsure
        rules = tuple(rule for entry in entries for rule in entry.rules(term_time))
        return rules, " ".join(part for part in (before, after) if part)

    def _aside_before(self) -> str:
        starts = (_Kind.TIME, _Kind.DAY, _Kind.DAYS, _Kind.NTH)
        while self._kind() not in (None, *starts):
            self.at += 1
        words = [one.text for one in self.tokens[: self.at] if one.kind is _Kind.OTHER]
        if not words:
            return ""
        # A label such as "Foodbank:" says that the rest is one thing of several.
        if any(one.kind in (_Kind.TO, _Kind.EXCEPT) or one.text == ":" for one in self.tokens[: self.at]):
            raise Unsure
        return self._harmless(self.text[: self.tokens[self.at - 1].end], words)

    def _aside_after(self, ended: int) -> str:
        rest = self.tokens[self.at :]
        words = [one.text for one in rest if one.kind is _Kind.OTHER]
        if any(one.kind not in (_Kind.OTHER, _Kind.AND, _Kind.BREAK, _Kind.FILLER) for one in rest):
            raise Unsure
        return self._harmless(self.text[self.tokens[ended].start :], words) if words else ""

    @staticmethod
    def _harmless(aside: str, words: list[str]) -> str:
        """An aside of a few words, none of which could mean that a session is not as the rest says."""
        aside = aside.strip(" .,;:()-–—\n")
        if len(words) > LONGEST_ASIDE or _DOUBT.search(aside):
            raise Unsure
        return aside

    @staticmethod
    def _repeats(entries: list[_Entry]) -> bool:
        """Two weekly sessions that overlap contradict each other."""
        taken: list[tuple[Weekday, time, time]] = []
        for entry in entries:
            for day in entry.days if not entry.nths else ():
                for opens, closes in entry.hours:
                    end = time.max if closes is None or closes < opens else closes
                    if any(day == other and opens < last and first < end for other, first, last in taken):
                        return True
                    taken.append((day, opens, end))
        return False

    def _entry(self, times_first: bool) -> _Entry:
        hours = self._hours() if times_first else ()
        self._skip(_Kind.FILLER)
        days, nths = self._days()
        self._skip(_Kind.FILLER)
        if not times_first:
            self._take(_Kind.AND)
            self._skip(_Kind.FILLER)
            hours = self._hours()
        return _Entry(days, nths, hours)

    def _days(self) -> tuple[tuple[Weekday, ...], tuple[int, ...]]:
        nths = []
        while nth := self._take(_Kind.NTH):
            nths.append(_NTH[nth.text.lower()])
            self._take(_Kind.AND)
        days = self._day_or_run()
        while self._kind() is _Kind.AND and self._kind(1) in (_Kind.DAY, _Kind.DAYS):
            self.at += 1
            days |= self._day_or_run()
        if self._take(_Kind.OF_MONTH) is None and nths:
            raise Unsure
        if self._is_except():
            days -= set(self._days()[0])
        if not days or (nths and len(days) > 1):
            raise Unsure
        return tuple(day for day in WEEK if day in days), tuple(nths)

    def _is_except(self) -> bool:
        at = self.at
        self._skip(_Kind.FILLER)
        if self._take(_Kind.EXCEPT) is not None:
            return True
        self.at = at
        return False

    def _day_or_run(self) -> set[Weekday]:
        if several := self._take(_Kind.DAYS):
            word = several.text.lower()
            if word.startswith("weekd"):
                return set(WEEK[:5])
            return set(WEEK[5:]) if word.startswith("week") else set(WEEK)
        first = self._one_day()
        if self._kind() is not _Kind.TO or self._kind(1) is not _Kind.DAY:
            return {first}
        self.at += 1
        last = self._one_day()
        if last.number <= first.number:
            raise Unsure
        return set(WEEK[first.number : last.number + 1])

    def _one_day(self) -> Weekday:
        token = self._take(_Kind.DAY)
        if token is None:
            raise Unsure
        return next(day for day in WEEK if day.value == token.text[:2].upper())

    def _hours(self) -> tuple[tuple[time, time | None], ...]:
        hours = [self._session()]
        while self._kind() is _Kind.AND and self._kind(1) is _Kind.TIME:
            self.at += 1
            hours.append(self._session())
        return tuple(hours)

    def _session(self) -> tuple[time, time | None]:
        first = self._take(_Kind.TIME)
        if first is None:
            raise Unsure
        if self._take(_Kind.TO) is None:
            return WrittenTime.read(first.text).alone(), None
        last = self._take(_Kind.TIME)
        if last is None:
            raise Unsure
        return span(WrittenTime.read(first.text), WrittenTime.read(last.text))

    def _kind(self, ahead: int = 0) -> _Kind | None:
        at = self.at + ahead
        return self.tokens[at].kind if at < len(self.tokens) else None

    def _take(self, kind: _Kind) -> _Token | None:
        if self._kind() is not kind:
            return None
        self.at += 1
        return self.tokens[self.at - 1]

    def _skip(self, *kinds: _Kind) -> None:
        while self._kind() in kinds:
            self.at += 1
