"""Sessions fall on the right days, at the right time on the wall, through every change of clocks."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.clock import LONDON
from core.errors import Invalid
from directory.listings.recurrence import (
    WEEK,
    Frequency,
    Occurrence,
    ScheduleException,
    ScheduleRule,
    Weekday,
    first_date,
    happens_on,
    happens_on_weekday,
    next_occurrence,
    occurrences,
    rrule_parts,
    weekdays,
)
from directory.listings.schedule_json import rule_as_json, rule_from_json

TUESDAYS = ScheduleRule(Frequency.WEEKLY, date(2026, 1, 1), time(10), time(12), (Weekday.TUESDAY,))


def london(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=LONDON)


def starts(found: list[Occurrence]) -> list[str]:
    return [one.start.strftime("%a %d %b %H:%M") for one in found]


def monthly(nth: int, day: Weekday = Weekday.TUESDAY, interval: int = 1) -> ScheduleRule:
    return ScheduleRule(
        Frequency.MONTHLY, date(2026, 1, 1), time(14), time(16), (day,), nth=nth, interval=interval
    )


@st.composite
def rules(draw: st.DrawFn) -> ScheduleRule:
    freq = draw(st.sampled_from(Frequency))
    days = (
        draw(st.lists(st.sampled_from(WEEK), min_size=1, unique=True)) if freq is not Frequency.ONCE else []
    )
    opens = draw(st.times().map(lambda at: at.replace(second=0, microsecond=0)))
    closes = draw(st.none() | st.times().map(lambda at: at.replace(second=0, microsecond=0)))
    start = draw(st.dates(date(2024, 1, 1), date(2027, 12, 31)))
    return ScheduleRule(
        freq=freq,
        dtstart=start,
        opens_at=opens,
        closes_at=None if closes == opens else closes,
        byday=tuple(days),
        interval=1 if freq is Frequency.ONCE else draw(st.integers(1, 4)),
        nth=draw(st.sampled_from([1, 2, 3, 4, -1])) if freq is Frequency.MONTHLY else None,
        valid_to=draw(st.none() | st.dates(date(2028, 1, 1), date(2029, 1, 1))),
        term_time=draw(st.booleans()),
    )


MOMENTS = st.datetimes(datetime(2024, 1, 1), datetime(2027, 6, 1)).map(lambda at: at.replace(tzinfo=UTC))


def test_ten_in_the_morning_stays_ten_when_clocks_change() -> None:
    found = occurrences([TUESDAYS], [], london(2026, 3, 23), limit=2)
    assert [one.start.isoformat() for one in found] == [
        "2026-03-24T10:00:00+00:00",
        "2026-03-31T10:00:00+01:00",
    ]
    assert [one.finish.isoformat() for one in found] == [
        "2026-03-24T12:00:00+00:00",
        "2026-03-31T12:00:00+01:00",
    ]


def test_a_session_in_the_lost_hour_is_held_an_hour_later_and_never_ends_before_it_starts() -> None:
    early = ScheduleRule(Frequency.ONCE, date(2026, 3, 29), time(1, 30), time(2, 15))
    (only,) = occurrences([early], [], london(2026, 3, 28))
    assert only.start.isoformat() == "2026-03-29T02:30:00+01:00"
    assert only.finish >= only.start


def test_every_other_week_counts_from_its_anchor() -> None:
    rule = ScheduleRule(Frequency.WEEKLY, date(2026, 1, 8), time(18), None, (Weekday.THURSDAY,), interval=2)
    far = occurrences([rule], [], london(2026, 11, 1), limit=3)
    assert starts(far) == ["Thu 12 Nov 18:00", "Thu 26 Nov 18:00", "Thu 10 Dec 18:00"]


def test_second_and_last_of_the_month() -> None:
    found = occurrences([monthly(2), monthly(-1)], [], london(2026, 3, 1), london(2026, 5, 1))
    assert starts(found) == ["Tue 10 Mar 14:00", "Tue 31 Mar 14:00", "Tue 14 Apr 14:00", "Tue 28 Apr 14:00"]


def test_every_third_month_counts_from_its_anchor() -> None:
    found = occurrences([monthly(1, interval=3)], [], london(2026, 2, 1), london(2027, 2, 1))
    assert [one.start.month for one in found] == [4, 7, 10, 1]


def test_a_single_session_happens_once() -> None:
    once = ScheduleRule(Frequency.ONCE, date(2026, 3, 3), time(10))
    assert starts(occurrences([once], [], london(2026, 1, 1))) == ["Tue 03 Mar 10:00"]
    assert occurrences([once], [], london(2026, 3, 3, 10, 1)) == []
    assert next_occurrence([once], [], london(2026, 3, 4)) is None


def test_dates_outside_the_rules_own_are_left_out() -> None:
    rule = ScheduleRule(
        Frequency.WEEKLY,
        date(2026, 1, 1),
        time(10),
        byday=(Weekday.TUESDAY,),
        valid_from=date(2026, 3, 10),
        valid_to=date(2026, 3, 17),
    )
    assert starts(occurrences([rule], [], london(2026, 1, 1))) == ["Tue 10 Mar 10:00", "Tue 17 Mar 10:00"]
    assert first_date(rule) == date(2026, 3, 10)


def test_a_session_under_way_is_still_next_and_one_that_ended_is_not() -> None:
    during = next_occurrence([TUESDAYS], [], london(2026, 3, 3, 11))
    assert during is not None
    assert during.start == london(2026, 3, 3, 10)
    ended = next_occurrence([TUESDAYS], [], london(2026, 3, 3, 12))
    assert ended is not None
    assert ended.start == london(2026, 3, 10, 10)


def test_a_session_over_midnight_ends_the_next_day() -> None:
    night = ScheduleRule(Frequency.WEEKLY, date(2026, 1, 1), time(22), time(6), (Weekday.FRIDAY,))
    (found,) = occurrences([night], [], london(2026, 3, 7, 3), limit=1)
    assert found.start == london(2026, 3, 6, 22)
    assert found.end == london(2026, 3, 7, 6)


def test_a_cancelled_date_is_kept_with_its_note_and_is_not_next() -> None:
    off = ScheduleException(date(2026, 3, 3), "The hall is being painted.")
    first, second = occurrences([TUESDAYS], [off], london(2026, 3, 1), limit=2)
    assert (first.cancelled, first.note) == (True, "The hall is being painted.")
    assert not second.cancelled
    assert next_occurrence([TUESDAYS], [off], london(2026, 3, 1)) == second


def test_a_whole_month_of_cancellations_does_not_hide_the_session_after_it() -> None:
    off = [ScheduleException(date(2026, 3, 3) + timedelta(weeks=n)) for n in range(4)]
    both = [TUESDAYS, ScheduleRule(Frequency.WEEKLY, date(2026, 1, 1), time(14), None, (Weekday.TUESDAY,))]
    found = next_occurrence(both, off, london(2026, 3, 1))
    assert found is not None
    assert found.start == london(2026, 3, 31, 10)


def test_a_moved_date_stands_in_both_places() -> None:
    moved = ScheduleException(date(2026, 3, 3), "In the library.", date(2026, 3, 5), time(13))
    was, now_is = occurrences([TUESDAYS], [moved], london(2026, 3, 1), london(2026, 3, 8))
    assert (was.cancelled, was.moved_to) == (True, date(2026, 3, 5))
    assert (now_is.start, now_is.end) == (london(2026, 3, 5, 13), london(2026, 3, 5, 15))
    assert (now_is.moved_from, now_is.cancelled, now_is.note) == (date(2026, 3, 3), False, "In the library.")


def test_a_session_moved_into_the_window_from_outside_is_found() -> None:
    moved = ScheduleException(date(2026, 3, 31), moved_to=date(2026, 3, 6))
    found = occurrences([TUESDAYS], [moved], london(2026, 3, 4), london(2026, 3, 8))
    assert [(one.start, one.end) for one in found] == [(london(2026, 3, 6, 10), london(2026, 3, 6, 12))]


def test_a_moved_session_keeps_its_open_end_and_takes_a_new_one() -> None:
    open_ended = ScheduleRule(Frequency.WEEKLY, date(2026, 1, 1), time(10), None, (Weekday.TUESDAY,))
    moved = ScheduleException(date(2026, 3, 3), "", date(2026, 3, 4), time(9))
    assert occurrences([open_ended], [moved], london(2026, 3, 4), limit=1)[0].end is None
    timed = ScheduleException(date(2026, 3, 3), "", date(2026, 3, 4), time(9), time(9, 30))
    assert occurrences([TUESDAYS], [timed], london(2026, 3, 4), limit=1)[0].end == london(2026, 3, 4, 9, 30)


def test_an_exception_can_name_one_of_two_sessions_that_day() -> None:
    afternoon = ScheduleRule(Frequency.WEEKLY, date(2026, 1, 1), time(14), time(16), (Weekday.TUESDAY,))
    off = ScheduleException(date(2026, 3, 3), session=time(14))
    found = occurrences([TUESDAYS, afternoon], [off], london(2026, 3, 1), london(2026, 3, 4))
    assert [one.cancelled for one in found] == [False, True]


def test_a_move_of_a_day_without_a_session_moves_nothing() -> None:
    moved = ScheduleException(date(2026, 3, 4), moved_to=date(2026, 3, 6))
    assert starts(occurrences([TUESDAYS], [moved], london(2026, 3, 4), london(2026, 3, 8))) == []


def test_a_monthly_session_matches_a_weekday_only_in_the_week_it_falls_in() -> None:
    rule = monthly(2)
    assert happens_on_weekday([rule], [], Weekday.TUESDAY, london(2026, 3, 9), london(2026, 3, 16))
    assert not happens_on_weekday([rule], [], Weekday.TUESDAY, london(2026, 3, 16), london(2026, 3, 23))
    assert not happens_on_weekday([rule], [], Weekday.MONDAY, london(2026, 3, 9), london(2026, 3, 16))
    off = [ScheduleException(date(2026, 3, 10))]
    assert not happens_on_weekday([rule], off, Weekday.TUESDAY, london(2026, 3, 9), london(2026, 3, 16))


def test_the_days_named_are_in_the_order_of_the_week() -> None:
    once = ScheduleRule(Frequency.ONCE, date(2026, 3, 2), time(10))
    assert weekdays([TUESDAYS, once]) == (Weekday.MONDAY, Weekday.TUESDAY)


@pytest.mark.parametrize(
    ("rule", "text", "until"),
    [
        (TUESDAYS, "FREQ=WEEKLY;INTERVAL=1;BYDAY=TU", None),
        (monthly(-1, Weekday.FRIDAY), "FREQ=MONTHLY;INTERVAL=1;BYDAY=-1FR", None),
        (
            ScheduleRule(Frequency.ONCE, date(2026, 3, 3), time(10)),
            "FREQ=WEEKLY;INTERVAL=1;BYDAY=TU",
            date(2026, 3, 3),
        ),
        (
            ScheduleRule(
                Frequency.WEEKLY,
                date(2026, 1, 1),
                time(10),
                byday=(Weekday.THURSDAY, Weekday.MONDAY, Weekday.MONDAY),
                interval=2,
                valid_to=date(2026, 6, 30),
            ),
            "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH",
            date(2026, 6, 30),
        ),
    ],
)
def test_parts_are_spelled_as_the_standard_says(rule: ScheduleRule, text: str, until: date | None) -> None:
    parts = rrule_parts(rule)
    assert (parts.text(), parts.until) == (text, until)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"interval": 0}, "interval"),
        ({"interval": 13}, "interval"),
        ({"byday": ()}, "byday"),
        ({"freq": Frequency.ONCE}, "byday"),
        ({"freq": Frequency.MONTHLY}, "nth"),
        ({"nth": 2}, "nth"),
        ({"freq": Frequency.MONTHLY, "nth": 5}, "nth"),
        ({"closes_at": time(10)}, "closes_at"),
        ({"valid_from": date(2026, 2, 1), "valid_to": date(2026, 1, 1)}, "valid_to"),
    ],
)
def test_parts_that_do_not_fit_are_refused_by_name(change: dict[str, Any], field: str) -> None:
    parts: dict[str, Any] = {
        "freq": Frequency.WEEKLY,
        "dtstart": date(2026, 1, 1),
        "opens_at": time(10),
        "byday": (Weekday.MONDAY,),
    }
    with pytest.raises(Invalid) as fault:
        ScheduleRule(**(parts | change))
    assert fault.value.field == field


def test_a_moved_session_must_not_end_when_it_starts() -> None:
    with pytest.raises(Invalid):
        ScheduleException(date(2026, 3, 3), "", date(2026, 3, 4), time(9), time(9))


@pytest.mark.parametrize("ends", [{}, {"before": datetime(2026, 4, 1)}])
def test_a_moment_without_a_zone_is_a_mistake_of_ours(ends: dict[str, Any]) -> None:
    after = datetime(2026, 3, 1) if not ends else london(2026, 3, 1)
    with pytest.raises(ValueError, match="time zone"):
        occurrences([TUESDAYS], [], after, **ends)


@given(rules())
def test_a_rule_survives_json(rule: ScheduleRule) -> None:
    assert rule_from_json(rule_as_json(rule)) == rule


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"freq": "YEARLY", "dtstart": "2026-01-01", "opens_at": "10:00"},
        {"freq": "ONCE", "dtstart": "soon", "opens_at": "10:00"},
        {"freq": "WEEKLY", "dtstart": "2026-01-01", "opens_at": "10:00", "byday": "MO"},
        {"freq": "WEEKLY", "dtstart": "2026-01-01", "opens_at": "10:00", "byday": ["MO"], "interval": "1"},
        {"freq": "WEEKLY", "dtstart": "2026-01-01", "opens_at": "10:00", "byday": ["MO"], "nth": "1"},
    ],
)
def test_json_that_is_no_rule_is_refused_with_words(data: dict[str, object]) -> None:
    with pytest.raises(Invalid, match="cannot be read"):
        rule_from_json(data)


@given(rules(), MOMENTS, st.integers(1, 90))
def test_every_session_is_inside_the_window_and_on_one_of_the_rules_days(
    rule: ScheduleRule, after: datetime, days: int
) -> None:
    before = after + timedelta(days=days)
    found = occurrences([rule], [], after, before)
    assert found == sorted(found, key=lambda one: one.start.astimezone(UTC))
    for one in found:
        assert one.finish.astimezone(UTC) >= after
        assert one.start.astimezone(UTC) < before
        assert one.finish >= one.start
        assert happens_on(rule, one.start.date()) or one.start.hour < 3
        assert one.start.date() >= rule.dtstart


@given(rules(), MOMENTS)
def test_a_limit_gives_the_beginning_of_the_whole_list(rule: ScheduleRule, after: datetime) -> None:
    whole = occurrences([rule], [], after, after + timedelta(days=400))
    assert occurrences([rule], [], after, limit=3)[: len(whole)] == whole[:3]


def by_the_calendar(rule: ScheduleRule, day: date) -> bool:
    """The same question answered by counting, without the library."""
    if rule.freq is Frequency.ONCE:
        return day == rule.dtstart
    if day < rule.dtstart or (rule.valid_to and day > rule.valid_to) or Weekday.of(day) not in rule.byday:
        return False
    if rule.freq is Frequency.WEEKLY:
        mondays = [one - timedelta(days=one.weekday()) for one in (rule.dtstart, day)]
        return (mondays[1] - mondays[0]).days // 7 % rule.interval == 0
    months = (day.year - rule.dtstart.year) * 12 + day.month - rule.dtstart.month
    is_nth = (
        (day + timedelta(days=7)).month != day.month if rule.nth == -1 else (day.day - 1) // 7 + 1 == rule.nth
    )
    return is_nth and months % rule.interval == 0


@given(rules(), st.dates(date(2024, 1, 1), date(2029, 12, 31)), st.integers(0, 40))
def test_days_are_those_that_counting_on_the_calendar_gives(
    rule: ScheduleRule, start: date, span: int
) -> None:
    for n in range(span):
        day = start + timedelta(days=n)
        assert happens_on(rule, day) == by_the_calendar(rule, day)


@given(rules(), st.lists(st.dates(date(2024, 1, 1), date(2027, 12, 31)), max_size=4), MOMENTS)
def test_cancelling_changes_no_date(rule: ScheduleRule, off: list[date], after: datetime) -> None:
    exceptions = [ScheduleException(day) for day in off]
    before = after + timedelta(days=120)
    plain = occurrences([rule], [], after, before)
    changed = occurrences([rule], exceptions, after, before)
    assert [one.start for one in changed] == [one.start for one in plain]
    nearest = next_occurrence([rule], exceptions, after)
    on = [one for one in changed if not one.cancelled]
    assert not on or nearest == on[0]
