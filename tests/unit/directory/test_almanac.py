"""Terms, seasons and bank holidays take days out of a rhythm, and nothing else."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
from directory.listings.recurrence import (
    BankHolidays,
    Frequency,
    ScheduleException,
    ScheduleRule,
    Weekday,
    first_date,
    happens_on,
    moments,
    occurrences_between,
)
from directory.listings.schedule_json import rule_as_json, rule_from_json
from directory.listings.wording import in_words

TERMS = (TermDates(date(2026, 9, 1), date(2026, 10, 23)), TermDates(date(2026, 11, 2), date(2026, 12, 18)))


def mondays(**parts: Any) -> ScheduleRule:
    return ScheduleRule(Frequency.WEEKLY, date(2026, 1, 1), time(14), time(16), (Weekday.MONDAY,), **parts)


def days(rule: ScheduleRule, first: date, last: date) -> list[str]:
    return [one.start.strftime("%d %b") for one in occurrences_between([rule], [], first, last)]


def test_half_term_is_left_out_and_what_no_term_reaches_counts_as_term() -> None:
    rule = mondays(term_time=True, terms=TERMS)
    assert days(rule, date(2026, 10, 19), date(2026, 11, 9)) == ["19 Oct", "02 Nov", "09 Nov"]
    assert days(rule, date(2026, 12, 14), date(2026, 12, 28)) == ["14 Dec", "21 Dec", "28 Dec"]
    assert is_term_time(date(2026, 8, 31), TERMS)
    assert is_term_time(date(2026, 10, 26), ())
    assert not rule.is_plain
    assert mondays(term_time=True).is_plain


def test_a_season_comes_round_each_year_also_over_winter() -> None:
    assert days(mondays(season=(4, 5)), date(2026, 3, 23), date(2026, 4, 13)) == ["06 Apr", "13 Apr"]
    assert days(mondays(season=(4, 5)), date(2027, 5, 24), date(2027, 6, 7)) == ["24 May", "31 May"]
    assert [month for month in range(1, 13) if is_in_season(date(2026, month, 9), (10, 3))] == [
        1,
        2,
        3,
        10,
        11,
        12,
    ]
    assert first_date(mondays(season=(7, 7))) == date(2026, 7, 6)


def test_off_on_bank_holidays_or_at_other_times() -> None:
    boxing_day = date(2026, 12, 28)
    assert is_bank_holiday(boxing_day)
    off = mondays(bank_holidays=BankHolidays.OFF)
    assert days(off, date(2026, 12, 21), date(2027, 1, 4)) == ["21 Dec", "04 Jan"]
    other = mondays(
        bank_holidays=BankHolidays.OTHER_TIMES, holiday_opens_at=time(10), holiday_closes_at=time(11)
    )
    (one,) = occurrences_between([other], [], boxing_day, boxing_day)
    assert (one.start.time(), one.end and one.end.time()) == (time(10), time(11))
    called_off = ScheduleException(boxing_day, session=time(10))
    (one,) = occurrences_between([other], [called_off], boxing_day, boxing_day)
    assert one.cancelled


def test_a_session_over_midnight_belongs_to_the_day_on_which_it_starts() -> None:
    night = ScheduleRule(Frequency.WEEKLY, date(2026, 1, 1), time(22), time(6), (Weekday.FRIDAY,), pence=250)
    assert occurrences_between([night], [], date(2026, 3, 7), date(2026, 3, 12)) == []
    (one,) = occurrences_between([night], [], date(2026, 3, 6), date(2026, 3, 6))
    assert one.start == datetime(2026, 3, 6, 22, tzinfo=LONDON)
    assert one.pence == 250


@pytest.mark.parametrize(
    ("parts", "field"),
    [
        ({"season": (0, 4)}, "season"),
        ({"season": (4, 13)}, "season"),
        ({"bank_holidays": BankHolidays.OTHER_TIMES}, "holiday_opens_at"),
        ({"holiday_opens_at": time(10)}, "holiday_opens_at"),
        ({"holiday_closes_at": time(10)}, "holiday_opens_at"),
        (
            {
                "bank_holidays": BankHolidays.OTHER_TIMES,
                "holiday_opens_at": time(10),
                "holiday_closes_at": time(10),
            },
            "holiday_closes_at",
        ),
        ({"pence": -1}, "pence"),
        ({"pence": 100_001}, "pence"),
    ],
)
def test_parts_that_do_not_fit_are_refused_by_name(parts: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as fault:
        mondays(**parts)
    assert fault.value.field == field


@pytest.mark.parametrize(
    "data", [{"season": "April"}, {"pence": "2"}, {"season": ["April"]}, {"bank_holidays": "?"}]
)
def test_json_that_says_none_of_it_is_refused(data: dict[str, Any]) -> None:
    with pytest.raises(Invalid, match="cannot be read"):
        rule_from_json(dict(rule_as_json(mondays())) | data)


HOLIDAYS = st.sampled_from(
    [
        {},
        {"bank_holidays": BankHolidays.OFF},
        {"bank_holidays": BankHolidays.OTHER_TIMES, "holiday_opens_at": time(9), "holiday_closes_at": None},
        {
            "bank_holidays": BankHolidays.OTHER_TIMES,
            "holiday_opens_at": time(9),
            "holiday_closes_at": time(10),
        },
    ]
)


@given(
    st.none() | st.tuples(st.integers(1, 12), st.integers(1, 12)),
    HOLIDAYS,
    st.none() | st.integers(0, 100_000),
    st.booleans(),
)
def test_a_rule_with_all_of_it_survives_json_and_is_said(
    season: tuple[int, int] | None, holidays: dict[str, Any], pence: int | None, term_time: bool
) -> None:
    rule = mondays(season=season, pence=pence, term_time=term_time, **holidays)
    assert rule_from_json(rule_as_json(rule)) == rule
    words = in_words(rule)
    assert ("in term time" in words) == term_time
    assert ("bank holidays" in words) == bool(holidays)
    assert (" only" in words) == (season is not None)


@given(st.dates(date(2024, 1, 1), date(2028, 12, 31)), st.integers(0, 60), st.sampled_from(TERMS), HOLIDAYS)
def test_what_is_left_is_what_the_rhythm_gives_less_what_is_off(
    first: date, span: int, term: TermDates, holidays: dict[str, Any]
) -> None:
    rule = mondays(terms=(term,), term_time=True, season=(2, 11), **holidays)
    last = first + timedelta(days=span)
    plain = {one.start.date() for one in occurrences_between([mondays()], [], first, last)}
    kept = {one.start.date() for one in occurrences_between([rule], [], first, last)}
    is_off = holidays.get("bank_holidays") is BankHolidays.OFF
    assert kept == {
        day
        for day in plain
        if 2 <= day.month <= 11 and is_term_time(day, (term,)) and not (is_off and is_bank_holiday(day))
    }
    assert kept == {day for day in plain if happens_on(rule, day)}


def test_the_ends_of_the_calendar_are_no_trouble() -> None:
    weekly, monthly = Rhythm("WEEKLY", 2, (0, 6)), Rhythm("MONTHLY", 5, (2,), -1)
    for rhythm in (weekly, monthly):
        found = list(rhythm_days(rhythm, date(2026, 1, 1), date.min, date.min + timedelta(days=200)))
        assert found == sorted(set(found))
        late_days = list(rhythm_days(rhythm, date.max, date.max - timedelta(days=200), date.max))
        assert late_days == sorted(set(late_days))
    assert days_after(date.max, timedelta(days=1)) == date.max
    assert days_after(date(2026, 1, 1), timedelta(days=1)) == date(2026, 1, 2)
    late = ScheduleRule(Frequency.WEEKLY, date(9999, 12, 6), time(9), None, (Weekday.FRIDAY,))
    assert first_date(late) == date(9999, 12, 10)


def test_where_the_calendar_ends_there_are_no_sessions_and_no_faults() -> None:
    night = ScheduleRule(Frequency.WEEKLY, date(2026, 1, 1), time(22), time(6), (Weekday.FRIDAY,))
    assert occurrences_between([night], [], date.min, date.min) == []
    assert occurrences_between([night], [], date.max, date.max) == []
    assert moments(date.max, time(22), time(6))[0].date() == date.max
