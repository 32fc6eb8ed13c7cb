"""A day, or a session, that each reader is told in the words of their own language. Pure.

Days are said as CLDR has them (through Babel), with their year: only the whole date is in full words everywhere. Hours
are those of a clock with twenty-four: every reader of these languages knows it, and none has to learn "pm".
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache

from babel import Locale
from babel.dates import format_date, get_datetime_format

from core.calendar.rules import LONDON, london, say_day, say_session

# What CLDR knows by another tag than the language has of its own.
_IN_CLDR = {"prs": "fa-AF"}


@cache
def _locale(language: str) -> Locale:
    return Locale.parse(_IN_CLDR.get(language, language), sep="-")


@dataclass(frozen=True, slots=True)
class When:
    """A day in London, with the time `at` which it begins where one is known, and the moment (aware) of its `end`. The
    year is said where it is not that of `today`. As text it is English."""

    day: date
    at: time | None = None
    end: datetime | None = None
    today: date | None = None

    @classmethod
    def of_session(cls, start: datetime, end: datetime | None, today: date | None = None) -> When:
        """Of a session between two moments, as `say_session` takes them."""
        first = london(start)
        return cls(first.date(), first.time(), london(end) if end is not None else None, today)

    def __str__(self) -> str:
        if self.at is None:
            return say_day(self.day, self.today)
        return say_session(datetime.combine(self.day, self.at, LONDON), self.end, self.today)

    def said_in(self, language: str) -> str:
        """In the words of that language, by its BCP 47 tag: one of `core.notify.tongue_rules.TONGUES`."""
        locale = _locale(language)
        day = _said(self.day, locale)
        if self.at is None:
            return day
        starts = f"{self.at:%H:%M}"
        if self.end is None:
            return _said_with(day, starts, locale)
        ends, last = f"{self.end:%H:%M}", self.end.date()
        if last == self.day or (self.end.time() == time(0) and last == self.day + timedelta(days=1)):
            return _said_with(day, f"{starts}–{ends}", locale)
        return f"{_said_with(day, starts, locale)} – {_said_with(_said(last, locale), ends, locale)}"


def _said(day: date, locale: Locale) -> str:
    return format_date(day, "full", locale)


def _said_with(day: str, hours: str, locale: Locale) -> str:
    return str(get_datetime_format("medium", locale)).format(hours, day)
