"""Reading what others publish: every shape of it, and whatever is wrong with it."""

from __future__ import annotations

import json
import os
import zipfile
from contextlib import suppress
from datetime import date, time
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from core.errors import Invalid
from directory.exchange import calendars, open_referral, packages, sheets, tables
from directory.exchange.fields import sessions_together
from directory.exchange.fitting import Fitter, summarised
from directory.exchange.mapping import map_rows
from directory.exchange.mapping_file import Credit
from directory.exchange.pulling import page_address
from directory.exchange.rules import NEEDS
from directory.listings.recurrence import Frequency, Weekday
from directory.listings.rules import ListingStatus
from directory.listings.wording import in_words

CREDIT = Credit("looms", "Looms", "By agreement")
SLUGS = {f"needs:{one}": one for one in NEEDS}
TODAY = date(2026, 3, 3)
ENTITY = b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>'

EXAMPLES = Path(__file__).resolve().parents[4] / "shared" / "data" / "openreferral"


@pytest.mark.shared_data
@pytest.mark.parametrize("shape", ["oruk-3.0-examples", "hsds-3.0-examples"])
@pytest.mark.parametrize(
    "name",
    ["service_full.json", "service_list.json", "organization_full.json", "service_at_location_full.json"],
)
def test_published_examples_are_read(shape: str, name: str) -> None:
    services = packages.services_in_json((EXAMPLES / shape / name).read_bytes(), name)
    rows = open_referral.rows_of(services, SLUGS)
    assert rows
    assert all(row.listing is not None for row in rows), [row.rejected for row in rows]


@pytest.mark.shared_data
@pytest.mark.parametrize("shape", ["oruk-3.0-examples", "hsds-3.0-examples"])
def test_published_packages_are_read(shape: str) -> None:
    rows = open_referral.rows_of(packages.services_in_package(EXAMPLES / shape / "csv"), SLUGS)
    listing = rows[0].listing
    assert listing is not None
    assert (listing.name, listing.organization) == ("Community Counselling", "Example Organization Inc.")
    assert listing.extra["venue"] == "MyCity Civic Center"
    assert listing.extra["costs"] == [{"label": "Under 18s and Over 60s", "pence": 3500}]


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        ({"freq": "WEEKLY", "byday": "MO,TH", "interval": 2}, (Frequency.WEEKLY, ("MO", "TH"), 2, None)),
        ({"freq": "weekly", "byday": "tu", "interval": "1"}, (Frequency.WEEKLY, ("TU",), 1, None)),
        ({"freq": "MONTHLY", "byday": "-1FR"}, (Frequency.MONTHLY, ("FR",), 1, -1)),
        ({"freq": "MONTHLY", "byday": "2TU"}, (Frequency.MONTHLY, ("TU",), 1, 2)),
        ({"freq": "WEEKLY", "byday": "TU", "valid_to": "2026-03-03"}, (Frequency.ONCE, (), 1, None)),
    ],
)
def test_times_of_the_standard_are_rules(data: dict[str, Any], rule: tuple[Any, ...]) -> None:
    found = Fitter().schedule({"dtstart": "2026-03-03", "opens_at": "10:00:00Z", "closes_at": "12:00"} | data)
    assert found is not None
    assert (found.freq, tuple(one.value for one in found.byday), found.interval, found.nth) == rule
    assert found.opens_at == time(10)


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"freq": "DAILY", "byday": "MO", "dtstart": "2026-03-03", "opens_at": "10:00"},
        {"freq": "WEEKLY", "byday": "MO", "dtstart": "soon", "opens_at": "10:00"},
        {"freq": "WEEKLY", "byday": "MO", "dtstart": "2026-03-03"},
        {"freq": "WEEKLY", "byday": "1MO", "dtstart": "2026-03-03", "opens_at": "10:00"},
        {"freq": "MONTHLY", "byday": "MO", "dtstart": "2026-03-03", "opens_at": "10:00"},
        {"freq": "MONTHLY", "byday": "1MO,2TU", "dtstart": "2026-03-03", "opens_at": "10:00"},
        {"freq": "MONTHLY", "byday": "", "dtstart": "2026-03-03", "opens_at": "10:00"},
        {"freq": "WEEKLY", "byday": "MO", "interval": 99, "dtstart": "2026-03-03", "opens_at": "10:00"},
    ],
)
def test_times_that_no_rule_holds_are_none(data: dict[str, Any]) -> None:
    assert Fitter().schedule(data) is None


def test_prices_ages_and_points_are_kept_or_noted() -> None:
    fitter = Fitter()
    assert fitter.cost("A session", "2.50", None) == {"label": "A session", "pence": 250}
    assert fitter.cost("Free", 0, None) == {"label": "Free", "pence": 0}
    assert fitter.cost(None, "lots", None) is None
    assert fitter.cost("", None, "") is None
    assert fitter.whole("minimum_age", 18.0, 0, 120) == 18
    assert fitter.whole("minimum_age", "old", 0, 120) is None
    assert fitter.whole("minimum_age", True, 0, 120) is None
    assert fitter.degrees("53.6", -2.3) == (53.6, -2.3)
    assert fitter.degrees(100, 101) == (None, None)
    assert {one.field for one in fitter.repairs} == {"costs", "minimum_age", "latitude", "longitude"}


def test_a_short_description_is_only_a_summary() -> None:
    assert summarised("Tea and talk.") == ("Tea and talk.", "")
    assert summarised("Tea. And talk.") == ("Tea.", "Tea. And talk.")


def test_what_the_source_shut_or_says_twice_is_rejected() -> None:
    one = {"id": "1", "name": "Looms", "status": "active"}
    rows = open_referral.rows_of(
        [one, one, one | {"id": "2", "status": "defunct"}, one | {"id": ""}, 7], SLUGS
    )
    assert [row.rejected for row in rows] == [
        "",
        "The same record stands in row 1.",
        "The source says that it has closed for good.",
        "It has no id.",
        "It is not an object.",
    ]


def test_headings_are_guessed_once_each() -> None:
    found = tables.guess(
        ["ServiceName", "Telephone no", "post code", "Notes", "Web site", "lat", "lng", "ID"]
    )
    assert found == {
        "key": "ID",
        "name": "ServiceName",
        "phone": "Telephone no",
        "postcode": "post code",
        "url": "Web site",
        "latitude": "lat",
        "longitude": "lng",
    }


def sheet(rows: list[list[Any]], path: Path) -> Path:
    book = Workbook()
    for row in rows:
        book.worksheets[0].append(row)
    book.save(path)
    return path


def test_a_spreadsheet_is_rows(tmp_path: Path) -> None:
    lines: list[list[Any]] = [[None, None], ["Name", "When", "Ages"], ["Looms", date(2026, 3, 3), 18.0]]
    path = sheet([*lines, ["Tea", time(10), None]], tmp_path / "x.xlsx")
    assert sheets.sheet_heading(path) == ["Name", "When", "Ages"]
    rows = list(sheets.read_sheet(path))
    assert rows[0] == {"Name": "Looms", "When": "2026-03-03", "Ages": "18"}
    assert rows[1] == {"Name": "Tea", "When": "10:00"}
    mapping = tables.mapping_of(CREDIT, {"name": "Name"})
    assert [row.listing.name for row in map_rows(mapping, rows) if row.listing] == ["Looms", "Tea"]


def test_a_spreadsheet_too_large_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", bytes(sheets.MOST_UNPACKED + 1))
    assert path.stat().st_size < 1_000_000
    with pytest.raises(Invalid, match="more than we take"):
        list(sheets.read_sheet(path))


def test_entities_of_a_spreadsheet_are_not_followed(tmp_path: Path) -> None:
    path = sheet([["Name"], ["Looms"]], tmp_path / "x.xlsx")
    bad = tmp_path / "bad.xlsx"
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(bad, "w") as new:
        for entry in old.infolist():
            data = old.read(entry)
            if entry.filename == "xl/worksheets/sheet1.xml":
                data = data.replace(b"<worksheet", ENTITY + b"<worksheet", 1)
            new.writestr(entry.filename, data)
    with pytest.raises(Invalid, match="not a spreadsheet that we can open"):
        list(sheets.read_sheet(bad))


def test_an_archive_spoiled_inside_is_said_to_be(tmp_path: Path) -> None:
    package, book = tmp_path / "package.zip", sheet([["Name"], ["Looms"]], tmp_path / "book.xlsx")
    with zipfile.ZipFile(package, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("services.csv", "id,name\n" + "".join(f"{n},{n * 7919}\n" for n in range(500)))
    for path in (package, book):
        with zipfile.ZipFile(path) as archive:
            starts = [entry.header_offset + 30 + len(entry.filename) for entry in archive.infolist()]
        spoiled = bytearray(path.read_bytes())
        for start in starts:
            # A block of a kind that the packing does not know.
            spoiled[start] = 0xFF
        path.write_bytes(spoiled)
    with pytest.raises(Invalid, match="not a zip file that we can open"):
        packages.services_in_package(package)
    with pytest.raises(Invalid, match="not a spreadsheet that we can open"):
        sheets.sheet_heading(book)


def test_addresses_of_pages_keep_what_else_is_asked() -> None:
    assert page_address("https://x.org/api/", 3) == "https://x.org/api/services?page=3&per_page=50"
    assert (
        page_address("https://x.org/services?area=a&page=9", 1)
        == "https://x.org/services?area=a&page=1&per_page=50"
    )


def test_an_event_is_a_listing_with_its_rule() -> None:
    lines = [
        "BEGIN:VCALENDAR",
        "BEGIN:VEVENT",
        "UID:1",
        "SUMMARY:Looms",
        "DTSTART:20300109T183000Z",
        "DURATION:PT90M",
        "RRULE:FREQ=MONTHLY;BYDAY=2WE",
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    (row,) = calendars.rows_of("\r\n".join(lines).encode(), "x", "The Weavers", TODAY)
    assert row.listing is not None
    (rule,) = row.listing.schedules
    assert (rule.freq, rule.byday, rule.nth) == (Frequency.MONTHLY, (Weekday.WEDNESDAY,), 2)
    assert (rule.opens_at, rule.closes_at) == (time(18, 30), time(20))
    assert row.listing.organization == "The Weavers"


def calendar(*events: str) -> bytes:
    """A calendar of events, each its lines in one text."""
    inside = "".join(f"BEGIN:VEVENT\n{event}\nEND:VEVENT\n" for event in events)
    return f"BEGIN:VCALENDAR\n{inside}END:VCALENDAR\n".replace("\n", "\r\n").encode()


LOOMS = "UID:1\nSUMMARY:Looms\nDTSTART;TZID=Europe/London:20300108T100000\nDTEND;TZID=Europe/London:20300108T120000"


def test_sessions_that_the_calendar_calls_off_or_moves_are_part_of_their_event() -> None:
    off = "UID:1\nRECURRENCE-ID:20300115T100000Z\nSTATUS:CANCELLED\nDTSTART:20300115T100000Z"
    moved = "UID:1\nRECURRENCE-ID:20300122T100000Z\nDTSTART:20300123T140000Z\nDTEND:20300123T150000Z"
    renamed = "UID:1\nRECURRENCE-ID:20300129T100000Z\nSUMMARY:Looms and tea\nDTSTART:20300129T100000Z"
    left_out = "RRULE:FREQ=WEEKLY\nEXDATE:20300205T100000Z,20300212T100000Z\nEXDATE;VALUE=DATE:20300219"
    (row,) = calendars.rows_of(calendar(off, f"{LOOMS}\n{left_out}", moved, renamed), "x", "g", TODAY)
    assert row.listing is not None
    assert row.listing.extra["exceptions"] == [
        {"on": "2030-01-15", "session": "10:00"},
        {"on": "2030-01-22", "session": "10:00"}
        | {"moved_to": "2030-01-23", "opens_at": "14:00", "closes_at": "15:00"},
        {"on": "2030-02-05", "session": "10:00"},
        {"on": "2030-02-12", "session": "10:00"},
        {"on": "2030-02-19", "session": "10:00"},
    ]


FAIR = "UID:2\nSUMMARY:Fair\nDTSTART;VALUE=DATE:20300105"


def timetable_of(*events: str) -> list[str]:
    """What the one event of a calendar is read as, in words."""
    (row,) = calendars.rows_of(calendar(*events), "x", "g", TODAY)
    assert row.listing is not None, row.rejected
    return [in_words(rule, date(2030, 1, 1)) for rule in row.listing.schedules]


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ("", ["Saturday 5 January, all day"]),
        ("DTEND;VALUE=DATE:20300106", ["Saturday 5 January, all day"]),
        ("DTEND;VALUE=DATE:20300105", ["Saturday 5 January, all day"]),
        ("DURATION:P1D", ["Saturday 5 January, all day"]),
        ("DTEND;VALUE=DATE:20300107", ["Saturday 5 January, all day", "Sunday 6 January, all day"]),
        (
            "DTEND;VALUE=DATE:20300115",
            ["Every day, all day, from Saturday 5 January, until Monday 14 January"],
        ),
        ("RRULE:FREQ=WEEKLY", ["Every Saturday, all day, from Saturday 5 January"]),
        ("RDATE;VALUE=DATE:20300209", ["Saturday 5 January, all day", "Saturday 9 February, all day"]),
        (
            "DTEND;VALUE=DATE:20300107\nRRULE:FREQ=WEEKLY;UNTIL=20300118",
            ["Every Saturday and Sunday, all day, from Saturday 5 January, until Sunday 13 January"],
        ),
    ],
)
def test_an_event_of_whole_days_is_on_all_day(more: str, words: list[str]) -> None:
    assert timetable_of(f"{FAIR}\n{more}".strip()) == words


def test_a_midnight_to_midnight_event_is_all_day_too_and_one_of_no_length_has_a_start_only() -> None:
    start = "UID:3\nSUMMARY:Fair\nDTSTART:20300105T{}\nDTEND:2030010{}"
    assert timetable_of(start.format("000000", "6T000000")) == ["Saturday 5 January, all day"]
    assert len(timetable_of(start.format("000000", "7T000000"))) == 2
    assert timetable_of(start.format("000000", "5T000000")) == ["Saturday 5 January, midnight"]
    assert timetable_of(start.format("100000", "5T100000")) == ["Saturday 5 January, 10am"]


@pytest.mark.parametrize(
    "more",
    ["DTEND:20300106T100000", "DTEND;VALUE=DATE:20300104", "DTEND;VALUE=DATE:20330105"],
)
def test_whole_days_that_do_not_end_with_a_day_cannot_be_read(more: str) -> None:
    (row,) = calendars.rows_of(calendar(f"{FAIR}\n{more}"), "x", "g", TODAY)
    assert row.rejected == "Its times cannot be read."


@pytest.mark.parametrize("rrule", ["FREQ=WEEKLY;INTERVAL=2;BYDAY=SU", "FREQ=MONTHLY;BYDAY=1SA"])
def test_several_days_in_a_rhythm_that_ours_do_not_hold_stay_words(rrule: str) -> None:
    (row,) = calendars.rows_of(calendar(f"{FAIR}\nDTEND;VALUE=DATE:20300107\nRRULE:{rrule}"), "x", "g", TODAY)
    assert row.listing is not None
    assert (row.listing.schedules, row.listing.opening_times_text) == ((), f"From 2030-01-05: {rrule}")


def test_dates_that_are_added_to_a_series_are_sessions_and_can_be_called_off() -> None:
    added = "RRULE:FREQ=WEEKLY;COUNT=2\nRDATE:20300119T140000,20300115T100000\nRDATE;VALUE=DATE:20300130"
    period = "RDATE;VALUE=PERIOD:20300204T090000Z/PT30M\nEXDATE:20300130T100000"
    moved = "UID:1\nRECURRENCE-ID:20300119T140000\nDTSTART:20300120T140000\nDTEND:20300120T160000"
    words = timetable_of(f"{LOOMS}\n{added}\n{period}", moved)
    assert words == [
        "Every Tuesday, 10am to 12pm, from Tuesday 8 January, until Tuesday 15 January",
        "Saturday 19 January, 2pm to 4pm",
        "Wednesday 30 January, 10am to 12pm",
        "Monday 4 February, 9am to 9:30am",
    ]
    (row,) = calendars.rows_of(calendar(f"{LOOMS}\n{added}\n{period}", moved), "x", "g", TODAY)
    assert row.listing is not None
    assert row.listing.extra["exceptions"] == [
        {"on": "2030-01-19", "session": "14:00", "moved_to": "2030-01-20"}
        | {"opens_at": "14:00", "closes_at": "16:00"},
        {"on": "2030-01-30", "session": "10:00"},
    ]


def test_an_event_that_began_long_ago_is_not_over_while_a_date_was_added() -> None:
    past = "UID:1\nSUMMARY:Looms\nDTSTART:20200108T100000\nRDATE:{}0119T100000"
    ahead, gone = (
        calendars.rows_of(calendar(past.format(year)), "x", "g", TODAY)[0] for year in (2099, 2021)
    )
    assert ahead.listing is not None
    assert [rule.closes_at for rule in ahead.listing.schedules] == [None, None]
    assert gone.rejected == "It is over."


def test_days_of_a_long_event_are_moved_and_called_off_together() -> None:
    weekend = f"{FAIR}\nDTEND;VALUE=DATE:20300107\nRRULE:FREQ=WEEKLY\nEXDATE;VALUE=DATE:20300112"
    moved = "UID:2\nRECURRENCE-ID;VALUE=DATE:20300119\nDTSTART;VALUE=DATE:20300123"
    off = "UID:2\nRECURRENCE-ID;VALUE=DATE:20300126\nDTSTART;VALUE=DATE:20300126\nSTATUS:CANCELLED"
    (row,) = calendars.rows_of(calendar(weekend, moved, off), "x", "g", TODAY)
    assert row.listing is not None
    called_off = [{"on": f"2030-01-{day}", "session": "00:00"} for day in (12, 13, 19, 20, 26, 27)]
    called_off[2] |= {"moved_to": "2030-01-23", "opens_at": "00:00", "closes_at": "00:00"}
    assert row.listing.extra["exceptions"] == called_off


def test_a_change_of_sessions_that_cannot_be_followed_is_rejected_by_itself() -> None:
    later = "UID:1\nRECURRENCE-ID;RANGE=THISANDFUTURE:20300115T100000Z\nDTSTART:20300115T110000Z"
    alone = "UID:2\nRECURRENCE-ID:20300115T100000Z\nDTSTART:20300115T110000Z"
    rows = calendars.rows_of(calendar(f"{LOOMS}\nRRULE:FREQ=WEEKLY", later, alone), "x", "g", TODAY)
    assert [row.rejected for row in rows] == [
        "",
        *["It changes sessions of an event that we cannot follow."] * 2,
    ]


def test_an_event_that_is_cancelled_begins_no_listing_but_says_what_one_becomes() -> None:
    once, series = (
        calendars.rows_of(calendar(f"{LOOMS}\nSTATUS:CANCELLED{more}"), "x", "g", TODAY)[0]
        for more in ("", "\nRRULE:FREQ=WEEKLY")
    )
    assert once.listing is None
    assert once.rejected == series.rejected == "The calendar says that it is cancelled."
    assert once.shut is not None
    assert once.shut.extra["exceptions"] == [{"on": "2030-01-08", "session": "10:00"}]
    assert once.shut.status is ListingStatus.PUBLISHED
    assert series.shut is not None
    assert series.shut.status is ListingStatus.PAUSED


@pytest.mark.parametrize(
    ("rrule", "byday", "last"),
    [
        ("FREQ=WEEKLY;COUNT=3", "TU", "2030-01-22"),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,TH;COUNT=4", "TU TH", "2030-01-24"),
        ("FREQ=DAILY", "MO TU WE TH FR SA SU", None),
        ("FREQ=DAILY;BYDAY=SA,SU", "SA SU", None),
        ("FREQ=DAILY;COUNT=10", "MO TU WE TH FR SA SU", "2030-01-17"),
        ("FREQ=MONTHLY;BYDAY=2TU;COUNT=2", "TU", "2030-02-12"),
    ],
)
def test_events_that_end_after_so_many_times_or_come_each_day_are_timetables(
    rrule: str, byday: str, last: str | None
) -> None:
    (row,) = calendars.rows_of(calendar(f"{LOOMS}\nRRULE:{rrule}"), "x", "g", TODAY)
    assert row.listing is not None
    (rule,) = row.listing.schedules
    assert [day.value for day in rule.byday] == byday.split()
    assert rule.valid_to == (date.fromisoformat(last) if last else None)


@pytest.mark.parametrize("rrule", ["FREQ=DAILY;INTERVAL=3", "FREQ=WEEKLY;COUNT=0", "FREQ=DAILY;COUNT=90000"])
def test_other_rhythms_stay_words(rrule: str) -> None:
    (row,) = calendars.rows_of(calendar(f"{LOOMS}\nRRULE:{rrule}"), "x", "g", TODAY)
    assert row.listing is not None
    assert (row.listing.schedules, rrule in row.listing.opening_times_text) == ((), True)


def test_what_the_source_shut_says_what_becomes_of_a_listing_that_we_have() -> None:
    one = {"id": "1", "name": "Looms"}
    said = ["defunct", "inactive", "Temporarily closed"]
    rows = open_referral.rows_of([one | {"status": status} for status in said], SLUGS)
    assert [row.shut.status for row in rows if row.shut is not None] == [
        ListingStatus.CLOSED,
        ListingStatus.PAUSED,
        ListingStatus.PAUSED,
    ]


def test_sessions_of_file_and_of_people_stand_together() -> None:
    old, new, mine = ({"on": f"2030-01-0{day}", "session": "10:00"} for day in (1, 2, 3))
    assert sessions_together([old], [new], [old, mine]) == [new, mine]
    assert sessions_together([old], [new], [mine]) == [new, mine], (
        "put back on here, and not in the file any more"
    )
    moved = new | {"moved_to": "2030-01-09"}
    assert sessions_together([], [new], [moved]) == [moved], "what people say of a session stays"
    both = [mine | {"session": "14:00"}, mine]
    assert sessions_together([old], [old], both) is both


# --- anything at all ------------------------------------------------------------------------------------------

TEXTS = ["2026-03-03", "10:00", "WEEKLY", "TU", "\0", "\ud800", "9" * 400, "=1+1", "BL9 0AA", "0161 496 0101"]
ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=30),
    st.sampled_from(TEXTS),
)
NESTED = st.recursive(
    ODD,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
NAMES = (
    "id name status description url email organization phones schedules service_at_locations cost_options languages"
    " contacts attributes minimum_age maximum_age alert details service_areas application_process"
)
PARTS = (
    "id number freq byday dtstart opens_at closes_at valid_to location addresses latitude option amount name needs"
    " schedules interval taxonomy_term"
)
PART = st.dictionaries(st.sampled_from(PARTS.split()), NESTED, max_size=4)
SERVICE = st.fixed_dictionaries(
    {}, optional=dict.fromkeys(NAMES.split(), st.one_of(NESTED, PART, st.lists(PART, max_size=2)))
)
NAMED = SERVICE.map(lambda one: {"id": "1", "name": "Looms"} | one)
TABLES = ["services.csv", "schedules.csv", "listing_details.csv", "attributes.csv", "locations.csv"]
TABLE = b"id,name,service_id,field,value\n1,x,1,needs,[1]\n"
LINES = "UID SUMMARY DTSTART DTEND DURATION RRULE LOCATION STATUS URL ORGANIZER EXDATE BEGIN END"
VALUES = (
    "20300109T183000Z 20300109 FREQ=WEEKLY;BYDAY=TU FREQ=WEEKLY;INTERVAL=0 PT90M VEVENT VCALENDAR 99999999T999999"
    " FREQ=MONTHLY;BYDAY=-1FR;UNTIL=20301231 -P99999D 1"
)
LINE = st.tuples(
    st.sampled_from(LINES.split()), st.one_of(st.sampled_from(VALUES.split()), st.text(max_size=20))
)
EXAMPLES_EACH = int(os.environ.get("GT_MALFORMED", "60"))
QUICK = settings(max_examples=EXAMPLES_EACH, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@QUICK
@given(st.lists(st.one_of(SERVICE, NAMED, NESTED), max_size=3))
def test_no_service_is_a_traceback(services: list[Any]) -> None:
    rows = open_referral.rows_of(services, SLUGS)
    assert len(rows) == len(services)
    assert all(row.listing is not None or row.rejected for row in rows)


@QUICK
@given(st.one_of(st.binary(max_size=200), NESTED.map(lambda one: json.dumps(one).encode())))
def test_no_file_is_a_traceback(data: bytes) -> None:
    with suppress(Invalid):
        assert packages.services_in_json(data, "x")
    with suppress(Invalid):
        assert packages.page_of(data, "x")[0] is not None
    with suppress(Invalid):
        assert calendars.rows_of(b"BEGIN:VCALENDAR\r\n" + data, "x", "g", TODAY)
    with suppress(Invalid):
        packages.refuse_large_archive(BytesIO(data), "x", 1000)


@QUICK
@given(st.lists(LINE, max_size=12))
def test_no_calendar_is_a_traceback(lines: list[tuple[str, str]]) -> None:
    inside = "\r\n".join(f"{name}:{value}" for name, value in lines)
    text = f"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:1\r\nSUMMARY:x\r\n{inside}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    with suppress(Invalid):
        rows = calendars.rows_of(text.encode("utf-8", "ignore"), "x", "g", TODAY)
        assert all(row.listing is not None or row.rejected for row in rows)


@QUICK
@given(
    files=st.dictionaries(st.sampled_from(TABLES), st.one_of(st.binary(max_size=80), st.just(TABLE))),
    spoiled=st.one_of(st.none(), st.integers(0, 2000)),
)
def test_no_package_is_a_traceback(
    tmp_path_factory: pytest.TempPathFactory, files: dict[str, bytes], spoiled: int | None
) -> None:
    path = tmp_path_factory.getbasetemp() / "malformed.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    whole = bytearray(path.read_bytes())
    if spoiled is not None:
        whole[spoiled % len(whole)] ^= 0xFF
        path.write_bytes(bytes(whole))
    with suppress(Invalid):
        rows = open_referral.rows_of(packages.services_in_package(path), SLUGS)
        assert all(row.listing is not None or row.rejected for row in rows)
