"""Opening times in free text become a timetable only where they can be read in one way."""

from __future__ import annotations

import csv
from collections import Counter
from datetime import date, time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.listings.opening_times import ANCHOR, Reading, read_day_columns, read_opening_times
from directory.listings.recurrence import WEEK, Frequency, ScheduleRule, Weekday, first_date
from directory.listings.wording import timetable_in_words

LISTINGS = Path(__file__).resolve().parents[4] / "shared" / "data" / "listings"


def words(text: str) -> tuple[str, ...]:
    reading = read_opening_times(text)
    assert reading.certain, text
    assert reading.leftover == ""
    return timetable_in_words(reading.rules)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("Wednesday 9:30am - 12noon", ["Every Wednesday, 9:30am to 12pm"]),
        ("Sunday 3pm - 6:30pm", ["Every Sunday, 3pm to 6:30pm"]),
        ("Monday, Wednesday & Friday 12noon - 2pm", ["Every Monday, Wednesday and Friday, 12pm to 2pm"]),
        ("Thur 1-3pm", ["Every Thursday, 1pm to 3pm"]),
        ("Weds 12-2pm", ["Every Wednesday, 12pm to 2pm"]),
        ("Friday 10 - 11.30am", ["Every Friday, 10am to 11:30am"]),
        ("Tuesday 10-2pm", ["Every Tuesday, 10am to 2pm"]),
        ("Mon – Fri: 9 a.m. to 5 p.m.", ["Monday to Friday, 9am to 5pm"]),
        ("Saturday 7.30am = 4.30pm", ["Every Saturday, 7:30am to 4:30pm"]),
        ("Monday & Friday 12noon", ["Every Monday and Friday, midday"]),
        ("Tuesday from 11am", ["Every Tuesday, 11am"]),
        ("Thursdays noon - 2pm", ["Every Thursday, 12pm to 2pm"]),
        ("Fridays 10pm - 6am", ["Every Friday, 10pm to 6am"]),
        (
            "Fri 4.30 - 5.30pm Sat 10 - 11am",
            ["Every Friday, 4:30pm to 5:30pm", "Every Saturday, 10am to 11am"],
        ),
        ("Mon 10am-12pm and 2-4pm", ["Every Monday, 10am to 12pm and 2pm to 4pm"]),
        ("Mon 10am-12pm, 12pm-1pm", ["Every Monday, 10am to 12pm and 12pm to 1pm"]),
        (
            "10am - 12pm Tuesday; 2pm - 4pm Thursday",
            ["Every Tuesday, 10am to 12pm", "Every Thursday, 2pm to 4pm"],
        ),
        ("Weekdays 09:00 - 17:30", ["Monday to Friday, 9am to 5:30pm"]),
        ("weekends 18:00", ["Every Saturday and Sunday, 6pm"]),
        ("Open 7 days a week 8am to 10pm", ["Every day, 8am to 10pm"]),
        (
            "Daily (except Tues & Sat) 10:30am - 12pm",
            ["Every Monday, Wednesday, Thursday, Friday and Sunday, 10:30am to 12pm"],
        ),
        (
            "Tuesdays & Fridays 12pm - 3pm; 1st Saturday of month 10am - 12noon",
            ["Every Tuesday and Friday, 12pm to 3pm", "First Saturday of the month, 10am to 12pm"],
        ),
        (
            "First and third Monday of every month, 2pm-4pm",
            ["First Monday of the month, 2pm to 4pm", "Third Monday of the month, 2pm to 4pm"],
        ),
        ("Last Friday of the month 7pm", ["Last Friday of the month, 7pm"]),
        ("Wednesday 10am - 12pm (term-time only)", ["Every Wednesday, 10am to 12pm, in term time"]),
        ("Wednesday 10am - 12pm - during term time", ["Every Wednesday, 10am to 12pm, in term time"]),
    ],
)
def test_what_can_be_read_in_one_way(text: str, lines: list[str]) -> None:
    assert list(words(text)) == lines


@pytest.mark.parametrize(
    "text",
    [
        "Wednesday 10 - 12",
        "Mon - Sat 10.00 - 4.00",
        "Monday 10am - 4",
        "Monday 10:00 - 12:00",
        "Monday 17:00 - 09:00",
        "Monday 12am - 2pm",
        "Monday 12 - 1am",
        "Monday 1 - 12noon",
        "Monday 13 - 2pm",
        "Monday 12.30noon - 2pm",
        "Monday 9.75am",
        "Monday 13pm",
        "Monday 25:00",
        "Monday 10",
        "Monday 3pm - 1pm",
        "Monday 6pm - 5pm",
        "Sat - Tue 10am - 12pm",
        "Monday - Friday",
        "10am - 12pm",
        "Monday 10am -",
        "Monday 10am - Friday",
        "2nd Tuesday 10am - 12pm",
        "1st Monday and Tuesday of the month 10am",
        "1st of the month 10am",
        "Monday except Monday 10am - 12pm",
        "Every other Thursday 10am - 12pm",
        "Alternate Thursdays 10am - 12pm",
        "Thursdays fortnightly 10am - 12pm",
        "Tuesday 10am - 12pm from September",
        "Tuesday 10am - 12pm, not August",
        "Tuesday 10am - 12pm except bank holidays",
        "Tuesday 10am - 12pm and evenings",
        "Tuesday 10am - 12pm by appointment",
        "Tuesday 10am - 12pm on the first",
        "Tuesday 10am - 12pm. Please ring.",
        "Tuesday 10am - 12pm for anybody who likes a good long walk",
        "Women Tuesday 10am - 12pm, men Thursday 10am - 12pm",
        "Foodbank: Wednesday 5 - 6.30pm",
        "Club - Wednesday 5 - 6.30pm",
        "Closed Monday 9am - 5pm",
        "Monday 10am - 12pm, Monday 11am - 1pm",
        "Monday 10am, Monday 10am - 1pm",
        "Mon - Fri 10am - 4pm except Thursday 10am - 12pm",
        "24/7",
        "One morning per week",
        "See above",
    ],
)
def test_what_is_not_certain_stays_text(text: str) -> None:
    assert read_opening_times(text) == Reading((), certain=False, leftover=text)


@pytest.mark.parametrize("text", ["", " \xa0 ", "NA", "n/a", "Not known", "none"])
def test_saying_nothing_leaves_nothing(text: str) -> None:
    assert read_opening_times(text) == Reading((), certain=False, leftover="")


def test_a_text_too_long_for_a_timetable_is_not_tried() -> None:
    text = "Monday 10am " * 200
    assert not read_opening_times(text).certain


@pytest.mark.parametrize(
    ("text", "aside"),
    [
        ("Mon-Fri 10am-4pm Food parcels", "Food parcels"),
        ("Food Store is open Monday - Friday 10am - 12pm.", "Food Store is open"),
        ("Tuesday 10am - 12pm at the chapel", "at the chapel"),
        ("Tuesday 10am - 12pm - soup", "soup"),
        ("Soup Tuesday 10am - 12pm (warm room)", "Soup warm room"),
    ],
)
def test_a_harmless_aside_is_kept(text: str, aside: str) -> None:
    reading = read_opening_times(text)
    assert reading.certain
    assert reading.leftover == aside


def test_rules_do_not_depend_on_the_day_of_reading() -> None:
    reading = read_opening_times("Tuesday 10am - 12pm; last Friday of month 2pm")
    assert reading.rules == (
        ScheduleRule(Frequency.WEEKLY, ANCHOR, time(10), time(12), (Weekday.TUESDAY,)),
        ScheduleRule(Frequency.MONTHLY, ANCHOR, time(14), None, (Weekday.FRIDAY,), nth=-1),
    )
    assert first_date(reading.rules[0]) == date(2000, 1, 4)


CLOCKS = st.times().map(lambda at: at.replace(minute=at.minute // 15 * 15, second=0, microsecond=0))


def twelve_hour(at: time) -> str:
    return f"{at.hour % 12 or 12}{f':{at.minute:02}' if at.minute else ''}{'am' if at.hour < 12 else 'pm'}"


@given(
    st.lists(st.sampled_from(WEEK), min_size=1, unique=True),
    st.lists(CLOCKS.filter(lambda at: at.hour != 0), min_size=2, max_size=2, unique=True).map(sorted),
    st.sampled_from([" - ", "-", " to ", " – ", " until "]),
    st.sampled_from([", ", " & ", " and ", "/"]),
    st.sampled_from([0, 3]),
)
def test_whatever_is_written_plainly_is_read_back(
    days: list[Weekday], hours: list[time], dash: str, joint: str, letters: int
) -> None:
    names = joint.join(day.label[:letters] if letters else f"{day.label}s" for day in days)
    reading = read_opening_times(f"{names} {dash.join(map(twelve_hour, hours))}")
    assert reading.certain
    assert [(set(rule.byday), rule.opens_at, rule.closes_at) for rule in reading.rules] == [
        (set(days), hours[0], hours[1])
    ]


@given(
    st.text(max_size=60)
    | st.lists(
        st.sampled_from(
            [
                "Mon",
                "Tue",
                "to",
                "-",
                "10",
                "10am",
                "2pm",
                ",",
                "and",
                "(",
                ")",
                "1st",
                "of month",
                "except",
                "term time",
                "every",
                "other",
            ]
        ),
        max_size=12,
    ).map(" ".join)
)
def test_no_text_breaks_the_reader_and_nothing_is_lost(text: str) -> None:
    reading = read_opening_times(text)
    assert reading.certain == bool(reading.rules)


@pytest.mark.parametrize(
    ("columns", "lines"),
    [
        (
            {
                Weekday.MONDAY: "08:30-13:00,14:00-17:30",
                Weekday.TUESDAY: "08:30-13:00,14:00-17:30",
                Weekday.SUNDAY: "CLOSED",
            },
            ["Every Monday and Tuesday, 8:30am to 1pm and 2pm to 5:30pm"],
        ),
        ({Weekday.SATURDAY: " 08:00-00:00 "}, ["Every Saturday, 8am to midnight"]),
    ],
)
def test_day_columns_on_the_24_hour_clock(columns: dict[Weekday, str], lines: list[str]) -> None:
    reading = read_day_columns(columns)
    assert reading.certain
    assert list(timetable_in_words(reading.rules)) == lines


@pytest.mark.parametrize(
    "text",
    [
        "09:00-13:00:14:00-18:00",
        "9:00-13:00",
        "13:00-09:00",
        "09:00-13:00,12:00-14:00",
        "20:00-00:00,00:00-01:00",
        "soon",
    ],
)
def test_a_day_column_that_cannot_be_read_leaves_every_day_as_text(text: str) -> None:
    reading = read_day_columns({Weekday.MONDAY: text, Weekday.TUESDAY: "09:00-12:00", Weekday.FRIDAY: " "})
    assert reading == Reading((), certain=False, leftover=f"Monday {text}; Tuesday 09:00-12:00")


def test_a_week_of_closed_days_says_nothing() -> None:
    assert read_day_columns(dict.fromkeys(WEEK, "CLOSED")) == Reading((), certain=False, leftover="")


@pytest.mark.shared_data
def test_the_share_of_the_food_banks_file_that_is_read() -> None:
    with (LISTINGS / "gm_food_banks.csv").open(encoding="utf-8", newline="") as file:
        texts = [row["Opening times"] for row in csv.DictReader(file)]
    readings = [read_opening_times(text) for text in texts]
    assert Counter((one.certain, bool(one.leftover)) for one in readings) == {
        (True, False): 110,
        (True, True): 3,
        (False, True): 41,
        (False, False): 17,
    }
    assert {one.leftover for one in readings if one.certain} == {
        "",
        "Food parcels",
        "Food Store is open",
        "Food served",
    }


@pytest.mark.shared_data
def test_the_share_of_the_pharmacies_file_that_is_read() -> None:
    with (LISTINGS / "gm_pharmacies.csv").open(encoding="utf-8", newline="") as file:
        weeks = [
            {day: row[f"opening_hours_{day.name.lower()}"] for day in WEEK} for row in csv.DictReader(file)
        ]
    readings = [read_day_columns(week) for week in weeks]
    assert Counter(one.certain for one in readings) == {True: 630, False: 1}
