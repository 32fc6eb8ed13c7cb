"""A day, or a session, that each reader is told in the words of their own language. Pure.

These are the languages in which we offer an interpreter ourselves. In any other a day stands as we write it in English.
Hours are those of a clock with twenty-four: every reader of these languages knows it, and none has to learn "pm".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from types import MappingProxyType

from core.calendar.rules import LONDON, london, say_day, say_session


@dataclass(frozen=True, slots=True)
class _Words:
    """`weekdays` from Monday, `months` from January, as they stand in a date. In `dated`, `dated_in_year` and `timed`
    these are named `weekday`, `day`, `month`, `year`; `date` and `hours`."""

    weekdays: tuple[str, ...]
    months: tuple[str, ...]
    dated: str
    dated_in_year: str
    timed: str

    def day(self, day: date, today: date | None) -> str:
        pattern = self.dated if today is None or day.year == today.year else self.dated_in_year
        weekday, month = self.weekdays[day.weekday()], self.months[day.month - 1]
        return pattern.format(weekday=weekday, day=day.day, month=month, year=day.year)


def _words(weekdays: str, months: str, dated: str, dated_in_year: str, timed: str) -> _Words:
    return _Words(tuple(weekdays.split()), tuple(months.split()), dated, dated_in_year, timed)


_EUROPEAN = ("{weekday}, {day} {month}", "{weekday}, {day} {month} {year}", "{date}, {hours}")
_CHINESE = ("{month}{day}日{weekday}", "{year}年{month}{day}日{weekday}", "{date} {hours}")
_CHINESE_NAMES = (
    "星期一 星期二 星期三 星期四 星期五 星期六 星期日",
    "1月 2月 3月 4月 5月 6月 7月 8月 9月 10月 11月 12月",
)
_IN: Mapping[str, _Words] = MappingProxyType(
    {
        "ar": _words(
            "الاثنين الثلاثاء الأربعاء الخميس الجمعة السبت الأحد",
            "يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر",
            "{weekday}، {day} {month}",
            "{weekday}، {day} {month} {year}",
            "{date}، {hours}",
        ),
        "bn": _words(
            "সোমবার মঙ্গলবার বুধবার বৃহস্পতিবার শুক্রবার শনিবার রবিবার",
            "জানুয়ারী ফেব্রুয়ারী মার্চ এপ্রিল মে জুন জুলাই আগস্ট সেপ্টেম্বর অক্টোবর নভেম্বর ডিসেম্বর",
            "{weekday}, {day} {month}",
            "{weekday}, {day} {month}, {year}",
            "{date}, {hours}",
        ),
        "fa": _words(
            "دوشنبه سه‌شنبه چهارشنبه پنجشنبه جمعه شنبه یکشنبه",
            "ژانویهٔ فوریهٔ مارس آوریل مهٔ ژوئن ژوئیهٔ اوت سپتامبر اکتبر نوامبر دسامبر",
            "{weekday} {day} {month}",
            "{weekday} {day} {month} {year}",
            "{date}، ساعت {hours}",
        ),
        "pa": _words(
            "ਸੋਮਵਾਰ ਮੰਗਲਵਾਰ ਬੁੱਧਵਾਰ ਵੀਰਵਾਰ ਸ਼ੁੱਕਰਵਾਰ ਸ਼ਨਿੱਚਰਵਾਰ ਐਤਵਾਰ",
            "ਜਨਵਰੀ ਫ਼ਰਵਰੀ ਮਾਰਚ ਅਪ੍ਰੈਲ ਮਈ ਜੂਨ ਜੁਲਾਈ ਅਗਸਤ ਸਤੰਬਰ ਅਕਤੂਬਰ ਨਵੰਬਰ ਦਸੰਬਰ",
            *_EUROPEAN,
        ),
        "pl": _words(
            "poniedziałek wtorek środa czwartek piątek sobota niedziela",
            "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia",
            *_EUROPEAN,
        ),
        "ro": _words(
            "luni marți miercuri joi vineri sâmbătă duminică",
            "ianuarie februarie martie aprilie mai iunie iulie august septembrie octombrie noiembrie decembrie",
            *_EUROPEAN,
        ),
        "ur": _words(
            "پیر منگل بدھ جمعرات جمعہ ہفتہ اتوار",
            "جنوری فروری مارچ اپریل مئی جون جولائی اگست ستمبر اکتوبر نومبر دسمبر",
            "{weekday}، {day} {month}",
            "{weekday}، {day} {month}، {year}",
            "{date}، {hours}",
        ),
        "zh-Hans": _words(*_CHINESE_NAMES, *_CHINESE),
        "zh-Hant": _words(*_CHINESE_NAMES, *_CHINESE),
    }
)


def says_days(language: str) -> bool:
    """Whether days have words in the language of that BCP 47 tag."""
    return language in _IN


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
        """In the words of that language, by its BCP 47 tag; in English where we have none."""
        words = _IN.get(language)
        if words is None:
            return str(self)
        day = words.day(self.day, self.today)
        if self.at is None:
            return day
        starts = f"{self.at:%H:%M}"
        if self.end is None:
            return words.timed.format(date=day, hours=starts)
        ends, last = f"{self.end:%H:%M}", self.end.date()
        if last == self.day or (self.end.time() == time(0) and last == self.day + timedelta(days=1)):
            return words.timed.format(date=day, hours=f"{starts}–{ends}")
        until = words.timed.format(date=words.day(last, self.today), hours=ends)
        return f"{words.timed.format(date=day, hours=starts)} – {until}"
