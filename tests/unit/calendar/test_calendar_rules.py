"""Working days and the words for days and times."""

from __future__ import annotations

import csv
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.calendar import rules

DAYS = st.dates(min_value=date(2015, 1, 1), max_value=date(2035, 12, 31))
FRIDAY = date(2026, 3, 6)
TUESDAY = date(2026, 3, 3)
SHARED = Path(__file__).resolve().parents[4] / "shared" / "data"


@pytest.mark.shared_data
def test_bank_holidays_agree_with_the_published_list() -> None:
    with (SHARED / "geography" / "bank_holidays_flat.csv").open(newline="", encoding="utf-8") as source:
        published = {
            date.fromisoformat(row["date"])
            for row in csv.DictReader(source)
            if row["division"] == "england-and-wales"
        }
    years = {day.year for day in published}
    ours = {day for year in years for day in rules.bank_holidays(year) if day.weekday() < rules.SATURDAY}
    assert ours == published


@pytest.mark.parametrize(
    ("day", "working"),
    [
        (FRIDAY, True),
        (date(2026, 3, 7), False),
        (date(2026, 3, 8), False),
        (date(2026, 4, 3), False),
        (date(2026, 4, 6), False),
        (date(2022, 9, 19), False),
        (date(2026, 12, 28), False),
        (date(2026, 12, 29), True),
    ],
)
def test_weekends_and_bank_holidays_are_not_working_days(day: date, working: bool) -> None:
    assert rules.is_working_day(day) is working


def test_counting_over_easter() -> None:
    assert rules.add_working_days(date(2026, 4, 2), 2) == date(2026, 4, 8)
    assert rules.working_days_between(date(2026, 4, 2), date(2026, 4, 8)) == 2
    assert rules.working_days_between(date(2026, 4, 8), date(2026, 4, 2)) == -2


def test_no_days_from_a_saturday_is_the_monday() -> None:
    assert rules.add_working_days(date(2026, 3, 7), 0) == date(2026, 3, 9)
    assert rules.add_working_days(FRIDAY, 0) == FRIDAY


def test_days_that_are_stopped_do_not_count() -> None:
    assert rules.add_working_days(TUESDAY, 2, lambda day: day == date(2026, 3, 4)) == FRIDAY


def test_counting_backwards_is_an_error() -> None:
    with pytest.raises(ValueError, match="forwards"):
        rules.add_working_days(FRIDAY, -1)


@given(DAYS, st.integers(0, 60))
def test_adding_and_counting_are_inverse(start: date, n: int) -> None:
    start = rules.next_working_day(start)
    end = rules.add_working_days(start, n)
    assert rules.is_working_day(end)
    assert rules.working_days_between(start, end) == n


@given(DAYS, st.integers(-800, 800))
def test_counting_agrees_with_looking_at_each_day(start: date, days: int) -> None:
    end = start + timedelta(days=days)
    first, last = min(start, end), max(start, end)
    between = [first + timedelta(days=n) for n in range(1, (last - first).days + 1)]
    counted = sum(1 for day in between if rules.is_working_day(day))
    assert rules.working_days_between(start, end) == (counted if days >= 0 else -counted)


@given(DAYS, st.integers(-30, 60))
def test_months_keep_the_day_or_fall_back_to_the_last(day: date, months: int) -> None:
    later = rules.add_months(day, months)
    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == months
    assert later.day == day.day or ((later + timedelta(days=1)).day == 1 and later.day < day.day)


def test_months_at_the_end_of_the_year() -> None:
    assert rules.add_months(date(2025, 11, 30), 3) == date(2026, 2, 28)
    assert rules.add_months(date(2025, 9, 30), 3) == date(2025, 12, 30)


def test_london_in_summer_is_an_hour_ahead() -> None:
    assert rules.london(datetime(2026, 7, 1, 23, 30, tzinfo=UTC)).date() == date(2026, 7, 2)
    assert rules.london_day(datetime(2026, 7, 1, 23, 30, tzinfo=UTC)) == date(2026, 7, 2)
    assert rules.london(datetime(2026, 7, 1, 9)).hour == 9


def test_days_in_words() -> None:
    assert rules.say_day(TUESDAY) == "Tuesday 3 March"
    assert rules.say_day(TUESDAY, date(2026, 12, 1)) == "Tuesday 3 March"
    assert rules.say_day(TUESDAY, date(2025, 12, 1)) == "Tuesday 3 March 2026"
    assert rules.say_date(TUESDAY) == "3 March 2026"
    after_midnight = datetime(2026, 7, 1, 23, 30, tzinfo=UTC)
    assert rules.say_day(after_midnight) == "Thursday 2 July"
    assert rules.say_date(after_midnight) == "2 July 2026"


@pytest.mark.parametrize(
    ("at", "words"),
    [
        (time(0), "midnight"),
        (time(0, 30), "12:30am"),
        (time(9, 5), "9:05am"),
        (time(10), "10am"),
        (time(12), "midday"),
        (time(12, 15), "12:15pm"),
        (time(23, 59), "11:59pm"),
    ],
)
def test_times_in_words(at: time, words: str) -> None:
    assert rules.say_time(at) == words


def test_times_joined() -> None:
    assert rules.say_times(time(10), time(12)) == "10am to 12pm"
    assert rules.say_times(time(9, 30), time(11)) == "9:30am to 11am"
    assert rules.say_times(time(22), time(0)) == "10pm to midnight"
    assert rules.say_times(time(0), time(0)) == "all day"
    assert rules.say_times(time(12)) == "midday"


def test_sessions_in_words() -> None:
    start = datetime(2026, 3, 3, 10, tzinfo=UTC)
    assert rules.say_session(start, start + timedelta(hours=2)) == "Tuesday 3 March, 10am to 12pm"
    assert rules.say_session(start) == "Tuesday 3 March, 10am"
    assert rules.say_session(start, start + timedelta(hours=14)) == "Tuesday 3 March, 10am to midnight"
    assert (
        rules.say_session(start, start + timedelta(hours=16), date(2025, 1, 1))
        == "Tuesday 3 March 2026, 10am to Wednesday 4 March 2026, 2am"
    )
    summer = datetime(2026, 7, 7, 9, tzinfo=UTC)
    assert rules.say_session(summer, summer + timedelta(hours=1)) == "Tuesday 7 July, 10am to 11am"
    assert rules.say_moment(summer) == "Tuesday 7 July at 10am"


def test_lengths_of_time_in_words() -> None:
    assert [rules.say_duration(n) for n in (0, 1, 45, 60, 150)] == [
        "0 minutes",
        "1 minute",
        "45 minutes",
        "1 hour",
        "2 hours 30 minutes",
    ]
    with pytest.raises(ValueError, match="less than nothing"):
        rules.say_duration(-1)


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (0, "today"),
        (1, "yesterday"),
        (3, "3 days ago"),
        (13, "13 days ago"),
        (14, "2 weeks ago"),
        (60, "8 weeks ago"),
        (61, "2 months ago"),
        (364, "11 months ago"),
        (365, "1 year ago"),
        (800, "2 years ago"),
        (-1, "tomorrow"),
        (-3, "in 3 days"),
    ],
)
def test_days_ago_in_words(days: int, words: str) -> None:
    assert rules.say_days_ago(TUESDAY - timedelta(days=days), TUESDAY) == words


def test_moments_ago_in_words() -> None:
    now = datetime(2026, 3, 3, 15, tzinfo=UTC)
    spans = (timedelta(seconds=30), timedelta(minutes=1), timedelta(minutes=59), timedelta(hours=3))
    assert [rules.say_ago(now - span, now) for span in spans] == [
        "just now",
        "1 minute ago",
        "59 minutes ago",
        "3 hours ago",
    ]
    assert rules.say_ago(now - timedelta(hours=20), now) == "yesterday"
    assert rules.say_ago(now + timedelta(hours=1), now) == "just now"


def test_moments_ago_where_the_clocks_go_back() -> None:
    before = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert rules.say_ago(before, before + timedelta(hours=2)) == "2 hours ago"


@pytest.mark.parametrize(
    ("due", "today", "words"),
    [
        (FRIDAY, FRIDAY, "due today"),
        (FRIDAY, date(2026, 3, 5), "due tomorrow"),
        (FRIDAY, date(2026, 3, 3), "due in 3 working days"),
        (FRIDAY, date(2026, 2, 2), "due Friday 6 March"),
        (FRIDAY, date(2026, 3, 7), "was due Friday 6 March"),
        (FRIDAY, date(2026, 3, 9), "1 working day late"),
        (FRIDAY, date(2026, 3, 10), "2 working days late"),
        (date(2026, 4, 2), date(2026, 4, 7), "1 working day late"),
        (date(2026, 3, 8), date(2026, 3, 6), "due Sunday 8 March"),
    ],
)
def test_due_in_words(due: date, today: date, words: str) -> None:
    assert rules.say_due(due, today) == words


@given(DAYS)
def test_a_day_begins_at_midnight_on_londons_clocks(day: date) -> None:
    begins = rules.start_of(day)
    assert rules.london_day(begins) == day
    assert rules.london_day(begins.astimezone(UTC) - timedelta(microseconds=1)) == day - timedelta(days=1)


def test_a_summer_day_begins_an_hour_before_midnight_utc() -> None:
    assert rules.start_of(date(2026, 7, 1)).astimezone(UTC) == datetime(2026, 6, 30, 23, tzinfo=UTC)
