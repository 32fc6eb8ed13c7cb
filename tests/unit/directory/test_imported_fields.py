"""What an import keeps, and how it meets what people corrected."""

from __future__ import annotations

import pytest

from directory.exchange.fields import LONGEST_KEY, digest_of, merge, record_key
from directory.exchange.mapping import LONGEST_CELL, map_row
from directory.exchange.mapping_file import read_mapping

MAPPING = read_mapping(
    """
source = "looms"
name = "Looms"
licence = "Ours"
key = ["id"]
[constants]
kind = "club"
join_mode = "turn-up"
[texts.name]
columns = ["title"]
[texts.eligibility]
columns = ["who"]
[texts.ward_code]
columns = ["ward"]
"""
)


@pytest.mark.parametrize(
    ("last", "wanted", "current", "written", "kept"),
    [
        ("a", "a", "a", None, ()),
        ("a", "b", "a", "b", ()),
        ("a", "a", "c", None, ("phone",)),
        ("a", "b", "c", None, ("phone",)),
        ("a", "c", "c", None, ()),
        ("a", "", "a", "", ()),
        ("a", "b", None, None, ("phone",)),
    ],
)
def test_what_people_changed_stays(
    last: str, wanted: str, current: str | None, written: str | None, kept: tuple[str, ...]
) -> None:
    merged = merge({"phone": last}, {"phone": wanted}, {"phone": current})
    assert merged.changes == ({} if written is None else {"phone": written})
    assert merged.kept == kept


def test_long_keys_are_cut_and_still_tell_records_apart() -> None:
    one, other = ("x" * 500 + end for end in "12")
    assert record_key("short") == "short"
    assert record_key(one) != record_key(other)
    assert len(record_key(one)) == LONGEST_KEY


def test_a_digest_does_not_hang_on_order() -> None:
    assert digest_of({"a": 1, "b": "\ud800"}) == digest_of({"b": "\ud800", "a": 1}) != digest_of({"a": 1})


def test_texts_too_long_are_cut_at_a_word_and_codes_left_out() -> None:
    row = {"id": "1", "title": "Loom\0s", "who": "men " * 100, "ward": "Bury East"}
    mapped = map_row(MAPPING, row, 2)
    assert mapped.listing is not None
    assert (mapped.listing.name, mapped.listing.ward_code) == ("Looms", "")
    assert len(mapped.listing.eligibility) <= 300
    assert mapped.listing.eligibility.endswith("men…")
    assert {(one.field, one.repair) for one in mapped.repairs} == {
        ("title", "unreadable-characters"),
        ("eligibility", "shortened"),
        ("ward_code", "left-out"),
    }


def test_a_cell_that_is_far_too_long_rejects_its_row() -> None:
    mapped = map_row(MAPPING, {"id": "1", "title": "x", "who": "a" * (LONGEST_CELL + 1), "ward": ""}, 7)
    assert mapped.rejected == "The cell in who is longer than 8,000 letters."
