"""Times as people say them, and changes as an editor can read them."""

from __future__ import annotations

from datetime import date, time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.listings.recurrence import WEEK, Frequency, ScheduleRule, Weekday
from directory.listings.wording import (
    Piece,
    cost_in_words,
    field_differences,
    in_words,
    join_words,
    timetable_in_words,
    value_in_words,
    word_difference,
)

START = date(2026, 1, 1)
MON, TUE, WED, THU, FRI, SAT, SUN = WEEK


def weekly(
    *days: Weekday, opens: time = time(10), closes: time | None = time(12), **parts: Any
) -> ScheduleRule:
    return ScheduleRule(Frequency.WEEKLY, parts.pop("dtstart", START), opens, closes, days, **parts)


def monthly(*days: Weekday, nth: int, interval: int = 1) -> ScheduleRule:
    return ScheduleRule(Frequency.MONTHLY, START, time(14), time(15, 30), days, nth=nth, interval=interval)


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (weekly(TUE), "Every Tuesday, 10am to 12pm"),
        (weekly(MON, THU), "Every Monday and Thursday, 10am to 12pm"),
        (weekly(MON, TUE, WED, THU, FRI), "Monday to Friday, 10am to 12pm"),
        (weekly(*WEEK), "Every day, 10am to 12pm"),
        (weekly(MON, WED, FRI), "Every Monday, Wednesday and Friday, 10am to 12pm"),
        (weekly(THU, interval=2), "Every other Thursday, 10am to 12pm"),
        (weekly(MON, TUE, WED, interval=2), "Every other week, Monday to Wednesday, 10am to 12pm"),
        (weekly(THU, interval=3), "Every 3 weeks, Thursday, 10am to 12pm"),
        (weekly(WED, opens=time(19, 30), closes=None), "Every Wednesday, 7:30pm"),
        (weekly(TUE, term_time=True), "Every Tuesday, 10am to 12pm, in term time"),
        (weekly(TUE, valid_to=date(2026, 3, 31)), "Every Tuesday, 10am to 12pm, until Tuesday 31 March"),
        (monthly(TUE, nth=2), "Second Tuesday of the month, 2pm to 3:30pm"),
        (monthly(FRI, nth=-1), "Last Friday of the month, 2pm to 3:30pm"),
        (monthly(SAT, nth=1, interval=2), "First Saturday of every other month, 2pm to 3:30pm"),
        (monthly(SAT, nth=4, interval=3), "Fourth Saturday, every 3 months, 2pm to 3:30pm"),
        (ScheduleRule(Frequency.ONCE, date(2026, 3, 3), time(10), time(12)), "Tuesday 3 March, 10am to 12pm"),
    ],
)
def test_a_rule_is_said_as_people_say_it(rule: ScheduleRule, words: str) -> None:
    assert in_words(rule) == words


def test_a_rule_that_has_not_begun_says_from_when() -> None:
    rule = weekly(TUE, dtstart=date(2026, 9, 1))
    assert in_words(rule, today=date(2026, 7, 1)) == "Every Tuesday, 10am to 12pm, from Tuesday 1 September"
    assert in_words(rule, today=date(2026, 9, 1)) == "Every Tuesday, 10am to 12pm"


def test_days_with_the_same_hours_share_a_line_and_so_do_hours_of_the_same_days() -> None:
    rules = [weekly(day, opens=time(8, 30), closes=time(13)) for day in WEEK[:5]]
    rules += [weekly(day, opens=time(14), closes=time(17, 30)) for day in WEEK[:5]]
    rules += [weekly(SAT, opens=time(9), closes=time(12, 30))]
    assert timetable_in_words(rules) == (
        "Monday to Friday, 8:30am to 1pm and 2pm to 5:30pm",
        "Every Saturday, 9am to 12:30pm",
    )


def test_weeks_that_alternate_and_rules_that_begin_later_keep_their_own_lines() -> None:
    this_week, next_week = date(2026, 3, 2), date(2026, 3, 9)
    rules = [
        weekly(TUE, interval=2, dtstart=this_week),
        weekly(FRI, interval=2, dtstart=next_week),
        weekly(SUN, dtstart=next_week),
        ScheduleRule(Frequency.ONCE, next_week, time(9)),
        ScheduleRule(Frequency.ONCE, this_week, time(9)),
    ]
    assert timetable_in_words(rules, today=this_week) == (
        "Every other Tuesday, 10am to 12pm",
        "Every other Friday, 10am to 12pm, from Monday 9 March",
        "Every Sunday, 10am to 12pm, from Monday 9 March",
        "Monday 2 March, 9am",
        "Monday 9 March, 9am",
    )


def test_no_rules_give_no_lines() -> None:
    assert timetable_in_words([]) == ()


def test_words_are_joined_as_in_speech() -> None:
    assert [join_words("abc"[:n]) for n in range(4)] == ["", "a", "a and b", "a, b and c"]


def test_a_change_shows_its_label_both_texts_and_the_words_that_differ() -> None:
    (name, phone) = field_differences(
        {"name": "Tuesday art club", "phone": "0161 496 0101", "summary": "Same"},
        {"name": "Tuesday craft club", "phone": "", "summary": "Same "},
    )
    assert (name.label, name.before, name.after, name.waits) == (
        "Name",
        "Tuesday art club",
        "Tuesday craft club",
        True,
    )
    assert [(part.piece, part.text) for part in name.segments] == [
        (Piece.SAME, "Tuesday "),
        (Piece.REMOVED, "art"),
        (Piece.ADDED, "craft"),
        (Piece.SAME, " club"),
    ]
    assert (phone.label, phone.after, phone.waits) == ("Phone", "", False)
    assert [part.piece for part in phone.segments] == [Piece.REMOVED]


def test_a_caller_can_bring_its_own_words() -> None:
    (needs,) = field_differences({}, {"needs": ["food"]}, lambda name, value: f"{name}={value}")
    assert needs.after == "needs=['food']"


def test_an_unknown_field_gets_a_readable_label_and_waits() -> None:
    (other,) = field_differences({}, {"shoe_size": 9})
    assert (other.label, other.after, other.waits) == ("Shoe size", "9", True)


@given(st.text(max_size=80), st.text(max_size=80))
def test_both_texts_can_be_read_back_from_a_comparison(before: str, after: str) -> None:
    segments = word_difference(before, after)
    assert "".join(one.text for one in segments if one.piece is not Piece.ADDED) == before
    assert "".join(one.text for one in segments if one.piece is not Piece.REMOVED) == after


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, ""),
        (True, "Yes"),
        (False, "No"),
        (0, "0"),
        (["Urdu", "Polish"], "Urdu, Polish"),
        (
            [{"label": "Each session", "pence": 350}, {"label": "Carers", "pence": 0}],
            "£3.50 (Each session)\nFree (Carers)",
        ),
        ({"opens_at": "10:00", "note": ""}, "opens at: 10:00"),
    ],
)
def test_values_are_said_in_words(value: object, words: str) -> None:
    assert value_in_words(value) == words


@pytest.mark.parametrize(
    ("pence", "label", "words"),
    [(0, "Free", "Free"), (300, "", "£3"), (5, "", "5p"), (350, "", "£3.50"), (0, "Carers", "Free (Carers)")],
)
def test_prices(pence: int, label: str, words: str) -> None:
    assert cost_in_words(pence, label) == words
