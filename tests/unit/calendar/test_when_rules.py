"""Days and sessions in the reader's own language."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import pytest

from core.calendar.when_rules import When
from core.notify.tongue_rules import TONGUES

DAY = date(2026, 12, 1)
START, END = datetime(2026, 12, 1, 14, tzinfo=UTC), datetime(2026, 12, 1, 16, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("ar", "الثلاثاء، 1 ديسمبر 2026، 14:00–16:30"),
        ("bn", "মঙ্গলবার, 1 ডিসেম্বর, 2026 14:00–16:30"),
        ("fa", "سه‌شنبه 1 دسامبر 2026،\u200f 14:00–16:30"),
        ("pa", "ਮੰਗਲਵਾਰ, 1 ਦਸੰਬਰ 2026, 14:00–16:30"),
        ("pl", "wtorek, 1 grudnia 2026, 14:00–16:30"),
        ("ro", "marți, 1 decembrie 2026, 14:00–16:30"),
        ("ur", "منگل، 1 دسمبر، 2026 14:00–16:30"),
        ("zh-Hans", "2026年12月1日星期二 14:00–16:30"),
        ("zh-Hant", "2026年12月1日 星期二 14:00–16:30"),
        ("so", "Talaado, Diseembar 1, 2026 14:00–16:30"),
        ("vi", "14:00–16:30 Thứ Ba, 1 tháng 12, 2026"),
    ],
)
def test_a_session_is_said_in_the_words_of_a_language_that_has_them(language: str, said: str) -> None:
    assert When.of_session(START, END, DAY).said_in(language) == said


def test_a_day_alone_a_start_alone_and_another_year() -> None:
    assert When(DAY).said_in("pl") == "wtorek, 1 grudnia 2026"
    assert str(When(DAY)) == "Tuesday 1 December"
    assert When(DAY, time(9, 30)).said_in("pl") == "wtorek, 1 grudnia 2026, 09:30"
    assert When.of_session(START, None).said_in("ro") == "marți, 1 decembrie 2026, 14:00"
    assert str(When(DAY, time(9, 30))) == "Tuesday 1 December, 9:30am"
    other = When(DAY, today=date(2027, 1, 4))
    assert other.said_in("zh-Hans") == "2026年12月1日星期二"
    assert str(other) == "Tuesday 1 December 2026"


def test_a_session_until_midnight_has_one_day_and_one_that_goes_on_has_two() -> None:
    midnight = datetime(2026, 12, 2, tzinfo=UTC)
    assert When.of_session(START, midnight).said_in("pl") == "wtorek, 1 grudnia 2026, 14:00–00:00"
    morning = datetime(2026, 12, 2, 7, tzinfo=UTC)
    assert (
        When.of_session(START, morning).said_in("pl")
        == "wtorek, 1 grudnia 2026, 14:00 – środa, 2 grudnia 2026, 07:00"
    )


@pytest.mark.parametrize("language", TONGUES)
def test_every_day_and_month_has_a_word_of_its_own_in_every_language_that_we_name(language: str) -> None:
    assert len({When(date(2026, 12, day)).said_in(language) for day in range(1, 32)}) == 31
    months = {When(date(2026, month, 1)).said_in(language) for month in range(1, 13)}
    weekdays = {When(date(2026, 3, day)).said_in(language).replace(str(day), "") for day in range(2, 9)}
    assert (len(months), len(weekdays)) == (12, 7)
    assert "14:00" in When(DAY, time(14)).said_in(language)
