"""A mapping turns rows into listings, says what it mended, and says why a row gives none."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest

from core.errors import Invalid
from directory.exchange.mapping import MappedListing, MappedRow, RepairDone, map_row, map_rows
from directory.exchange.mapping_file import MAPPINGS, ColumnMapping, missing_columns, read_mapping
from directory.listings.wording import timetable_in_words

LISTINGS = Path(__file__).resolve().parents[4] / "shared" / "data" / "listings"
TOML = """
source = "looms"
name = "Looms"
licence = "Ours"
key = ["id"]
cell_repairs = ["one-line", "odd-characters", "na-to-empty"]

[constants]
kind = "club"
needs = ["purpose"]

[texts.name]
columns = ["title"]
repairs = ["title-case-capitals"]
suffix = "group"
suffix_unless = "group|club"

[texts.organization]
columns = ["title"]

[texts.summary]
template = "A {craft} group in {town}."
default = "A group."

[texts.category]
columns = ["craft"]
suffix = "craft"

[texts.address]
columns = ["street", "town"]

[texts.join_mode]
columns = ["how"]
patterns = { "drop.?in" = "turn-up", "refer" = "referral" }
default = "ring-first"

[texts.postcode]
columns = ["postcode"]

[texts.phone]
columns = ["phone"]
repairs = ["phone-leading-zero"]

[texts.url]
columns = ["web"]

[texts.latitude]
columns = ["lat"]

[texts.longitude]
columns = ["lon"]

[opening]
column = "open"

[[lists.needs]]
column = "codes"
split = ";"
prefixes = { SW = ["money-and-debt"], SW3 = ["food"] }

[[lists.audience]]
column = "craft"
patterns = { "knit" = ["adults"], "wool|knit" = ["older-people"] }

[[skip]]
column = "title"
matches = "^unknown$"
reason = "The name column holds no name."
"""
ROW = {
    "id": " 7 ",
    "title": "WEAVERS`",
    "craft": "Knitting",
    "street": "1 Loom Street",
    "town": "Bury",
    "how": "Drop in",
    "postcode": "bl9 0aa",
    "phone": "1614960101",
    "web": "www.weavers.example",
    "lat": "53.59",
    "lon": "-2.29",
    "open": "Tuesday 10am - 12noon",
    "codes": "SW301; SW;XX",
}


@pytest.fixture
def mapping() -> ColumnMapping:
    return read_mapping(TOML)


def listing_of(row: MappedRow) -> MappedListing:
    assert row.listing is not None, row.rejected
    return row.listing


def test_a_row_becomes_a_listing_with_its_repairs(mapping: ColumnMapping) -> None:
    mapped = map_row(mapping, ROW, 2)
    listing = listing_of(mapped)
    assert (mapped.row, mapped.key, mapped.rejected) == (2, "7", "")
    assert (listing.name, listing.organization) == ("Weavers' group", "WEAVERS'")
    assert (listing.kind, listing.join_mode, listing.mode) == ("club", "turn-up", "in-person")
    assert (listing.summary, listing.category) == ("A Knitting group in Bury.", "Knitting craft")
    assert (listing.address, listing.postcode) == ("1 Loom Street, Bury", "BL9 0AA")
    assert (listing.phone, listing.url) == ("0161 496 0101", "https://www.weavers.example")
    assert (listing.latitude, listing.longitude) == (53.59, -2.29)
    assert timetable_in_words(listing.schedules) == ("Every Tuesday, 10am to 12pm",)
    assert listing.opening_times_text == ""
    assert (listing.needs, listing.audience, listing.access) == (
        ("purpose", "food", "money-and-debt"),
        ("adults", "older-people"),
        (),
    )
    assert set(mapped.repairs) == {
        RepairDone("title", "odd-characters", "WEAVERS`", "WEAVERS'"),
        RepairDone("name", "title-case-capitals", "WEAVERS'", "Weavers'"),
        RepairDone("postcode", "normalise-postcode", "bl9 0aa", "BL9 0AA"),
        RepairDone("phone", "phone-leading-zero", "1614960101", "01614960101"),
        RepairDone("url", "add-url-scheme", "www.weavers.example", "https://www.weavers.example"),
    }


def test_the_same_row_gives_the_same_answer(mapping: ColumnMapping) -> None:
    assert map_row(mapping, ROW, 2) == map_row(mapping, ROW, 2)


def test_what_is_of_no_use_is_left_out_and_said(mapping: ColumnMapping) -> None:
    mapped = map_row(
        mapping, ROW | {"postcode": "M5V 3A7", "phone": "000", "web": "none yet", "lat": "5", "lon": "?"}, 2
    )
    listing = listing_of(mapped)
    assert (listing.postcode, listing.phone, listing.url, listing.latitude, listing.longitude) == (
        "",
        "",
        "",
        None,
        None,
    )
    assert {one.field for one in mapped.repairs if (one.repair, one.after) == ("left-out", "")} == {
        "postcode",
        "phone",
        "url",
        "latitude",
    }


def test_opening_times_that_are_not_certain_stay_text(mapping: ColumnMapping) -> None:
    uncertain = listing_of(map_row(mapping, ROW | {"open": "Wednesday 10 - 12"}, 2))
    assert (uncertain.schedules, uncertain.opening_times_text) == ((), "Wednesday 10 - 12")
    aside = listing_of(map_row(mapping, ROW | {"open": "Tuesday 10am - 12noon soup"}, 2))
    assert (len(aside.schedules), aside.opening_times_text) == (1, "Tuesday 10am - 12noon soup")


def test_day_columns_are_mended_and_read() -> None:
    text = TOML.replace(
        '[opening]\ncolumn = "open"',
        '[opening]\ndays = { MO = "mon", TU = "tue" }\nrepairs = ["colon-between-hours"]',
    )
    mapped = map_row(read_mapping(text), ROW | {"mon": "09:00-12:00:13:00-17:00", "tue": "CLOSED"}, 2)
    assert timetable_in_words(listing_of(mapped).schedules) == ("Every Monday, 9am to 12pm and 1pm to 5pm",)
    assert "colon-between-hours" in {one.repair for one in mapped.repairs}


def test_empty_cells_fall_back(mapping: ColumnMapping) -> None:
    listing = listing_of(map_row(mapping, {"id": "7", "title": "Craft club", "craft": "NA", "town": None}, 2))
    assert (listing.name, listing.summary, listing.category) == ("Craft club", "A group.", "")
    assert (listing.join_mode, listing.address, listing.latitude) == ("ring-first", "", None)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"title": "Unknown"}, "The name column holds no name."),
        ({"id": "NA"}, "There is nothing in id."),
        ({"title": ""}, "There is no name."),
        ({"title": "a" * 201}, "The name is longer than 200 letters."),
    ],
)
def test_a_rejected_row_says_why(mapping: ColumnMapping, change: dict[str, str], reason: str) -> None:
    mapped = map_row(mapping, ROW | change, 9)
    assert (mapped.row, mapped.listing, mapped.rejected) == (9, None, reason)


def test_a_row_without_a_needed_constant_says_so() -> None:
    mapped = map_row(read_mapping(TOML.replace('kind = "club"', "")), ROW, 2)
    assert mapped.rejected == "There is no kind."


def test_a_record_that_stands_twice_is_one_with_the_lists_of_both(mapping: ColumnMapping) -> None:
    rows = [
        ROW,
        ROW | {"id": "8"},
        ROW | {"codes": "", "craft": "Wool"},
        ROW | {"title": "unknown"},
        ROW | {"codes": "SW1"},
    ]
    first, other, again, skipped, third = map_rows(mapping, rows)
    assert listing_of(first).needs == ("purpose", "food", "money-and-debt")
    assert listing_of(first).audience == ("adults", "older-people")
    assert other.listing is not None
    assert again.rejected == third.rejected == "The same record stands in row 2."
    assert skipped.row == 5


def test_columns_that_a_file_lacks_are_named(mapping: ColumnMapping) -> None:
    assert missing_columns(mapping, [*ROW, "more"]) == ()
    assert missing_columns(mapping, set(ROW) - {"town", "codes"}) == ("codes", "town")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("source =", "source"), "not TOML"),
        (('source = "looms"', ""), "no “source”"),
        (('source = "looms"', 'source = "x"\ncolour = 1'), "colour"),
        (('licence = "Ours"', 'licence = "Ours"\nopening = 1'), "must be a table"),
        (('kind = "club"', 'kind = "shop"'), "“shop” is no kind"),
        (('kind = "club"', 'colour = "red"'), "colour"),
        (('needs = ["purpose"]', 'needs = ["money"]'), "money"),
        (('"title-case-capitals"', '"shout"'), "shout"),
        (("[texts.summary]", "[texts.colour]"), "not a field"),
        (('columns = ["postcode"]', 'default = "x"'), "needs columns or a template"),
        (('columns = ["postcode"]', 'column = "postcode"'), "column"),
        (('"drop.?in"', '"drop("'), "pattern"),
        (('"turn-up"', '"walk"'), "“walk” is no join mode"),
        (('default = "ring-first"', 'default = "ring"'), "“ring” is no join mode"),
        (("[[lists.needs]]", "[[lists.colours]]"), "not a list"),
        (('column = "codes"', ""), "needs a column"),
        (('reason = "The name column holds no name."', ""), "a reason"),
        (('column = "open"', 'days = { Monday = "mon" }'), "MO TU"),
    ],
)
def test_a_mapping_with_a_mistake_is_refused_by_name(change: tuple[str, str], message: str) -> None:
    text = TOML.replace(change[0], change[1], 1) if change[0] != "[opening]" else TOML
    if "opening = 1" in text:
        text = text.replace('[opening]\ncolumn = "open"', "").replace("opening = 1", "", 1)
        text = text.replace('licence = "Ours"', 'licence = "Ours"\nopening = 1', 1)
    with pytest.raises(Invalid, match=message.replace("(", r"\(")):
        read_mapping(text)


@pytest.mark.parametrize("path", sorted(MAPPINGS.glob("*.toml")), ids=lambda path: path.stem)
def test_the_mappings_that_we_ship_can_be_read(path: Path) -> None:
    mapping = read_mapping(path.read_text("utf-8"))
    assert mapping.licence
    assert mapping.columns()


COUNTS = {
    "gm_food_banks": (
        169,
        {"The name column holds no name.": 1, "The file says that it may have closed.": 1},
    ),
    "gm_libraries": (141, {}),
    "libraries_bury": (14, {}),
    "gm_pharmacies": (631, {}),
    "sports_clubs": (140, {}),
    "sports_facilities": (232, {"It is for private use only.": 82}),
    "trafford_mental_health_services": (60, {}),
    "ukcat_sample_charities_human_tagged": (
        4096,
        {"The same record stands in row": 99, "The charity says that it does nothing now.": 8},
    ),
}


def published(stem: str) -> tuple[MappedRow, ...]:
    mapping = read_mapping((MAPPINGS / f"{stem}.toml").read_text("utf-8"))
    with (LISTINGS / f"{stem}.csv").open(encoding=mapping.encoding, newline="") as file:
        reader = csv.DictReader(file, delimiter=mapping.delimiter)
        assert missing_columns(mapping, reader.fieldnames or []) == ()
        return map_rows(mapping, reader)


@pytest.mark.shared_data
@pytest.mark.parametrize("stem", COUNTS)
def test_what_each_published_file_gives(stem: str) -> None:
    accepted, rejected = COUNTS[stem]
    rows = published(stem)
    assert sum(row.listing is not None for row in rows) == accepted
    assert (
        Counter(
            row.rejected.partition(" row ")[0] + " row" * (" row " in row.rejected)
            for row in rows
            if row.rejected
        )
        == rejected
    )
    assert len({row.key for row in rows if row.listing}) == accepted


@pytest.mark.shared_data
def test_repairs_of_the_charities_file() -> None:
    repairs = Counter(
        (one.field, one.repair)
        for row in published("ukcat_sample_charities_human_tagged")
        for one in row.repairs
    )
    assert repairs["name", "title-case-capitals"] == 3448
    assert repairs["description", "sentence-case-capitals"] == 410
    assert repairs["postcode", "normalise-postcode"] == 37
    assert repairs["postcode", "left-out"] == 5


@pytest.mark.shared_data
def test_schedules_of_the_published_files() -> None:
    food = [row.listing for row in published("gm_food_banks") if row.listing]
    assert sum(bool(one.schedules) for one in food) == 113
    assert sum(bool(one.phone) for one in food) == 45
    pharmacies = [row.listing for row in published("gm_pharmacies") if row.listing]
    assert all(one.schedules for one in pharmacies)
