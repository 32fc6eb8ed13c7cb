"""A file of referrals, read."""

from __future__ import annotations

import csv
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Invalid
from prescribing.partners.rules import (
    COLUMNS,
    LONGEST,
    MOST_ROWS,
    Row,
    as_boxes,
    body_name,
    left_over,
    ods_code,
    read_rows,
    template_rows,
)

NEEDS = {"loneliness": "Loneliness", "food": "Food"}


def test_the_template_is_a_file_that_can_be_read() -> None:
    file = StringIO()
    csv.writer(file).writerows(template_rows())
    (row,) = read_rows("\ufeff" + file.getvalue())
    assert row.line == 2
    assert as_boxes(row, NEEDS) == {
        "name": ["Sam Example"],
        "phone": ["0161 496 0000"],
        "reason_referrer": ["Often alone since May"],
        "share_feedback": ["y"],
        "born-day": ["27"],
        "born-month": ["3"],
        "born-year": ["1958"],
        "need_slugs": [],
        "risk": ["none"],
        "consent": ["by phone"],
    }
    assert len({heading for _box, heading, _others in COLUMNS}) == len(COLUMNS)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_headings_are_known_by_other_words_and_other_marks(delimiter: str) -> None:
    text = delimiter.join(["Full name", "DOB", "Shoe size", "Risk"]) + "\r\n"
    text += delimiter.join(["Sam", "1958-03-27", "9", "Falls"]) + "\r\n\r\n" + delimiter * 3
    (row,) = read_rows(text)
    boxes = as_boxes(row, NEEDS)
    assert "9" not in row.texts.values()
    assert (boxes["born-year"], boxes["risk"], boxes["risks"]) == (["1958"], ["some"], ["Falls"])


def test_cells_are_read_as_people_write_them() -> None:
    texts = {
        "phone": "1614960000",
        "born": "in spring",
        "need_slugs": "Loneliness; food, gold",
        "consent": "No",
        "texts": "no",
        "voicemail": "YES",
    }
    boxes = as_boxes(Row(2, texts), NEEDS)
    assert boxes["phone"] == ["01614960000"]
    assert boxes["born-day"] == ["in spring"]
    assert boxes["need_slugs"] == ["loneliness", "food", "gold"]
    assert boxes["consent"] == ["not asked"]
    assert "texts" not in boxes
    assert boxes["voicemail"] == ["y"]
    assert as_boxes(Row(2, {"born": "27 March 1958"}), {})["born-month"] == ["March"]


def test_the_same_row_has_the_same_words_whoever_it_is_said_to_be() -> None:
    one = Row(2, {"name": "Sam ", "same": ""})
    assert one.words == Row(9, {"same": "no", "name": "Sam"}).words
    assert one.words != Row(2, {"name": "Pat"}).words


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Shoe size\n9",
        "Name\n",
        'Name\n"Sam',
        "Name\n" + "Sam\n" * (MOST_ROWS + 1),
        "Name\n" + "x" * LONGEST,
    ],
)
def test_what_is_no_such_file_is_said(text: str) -> None:
    with pytest.raises(Invalid):
        read_rows(text)


@given(st.text())
def test_nothing_breaks_it(text: str) -> None:
    for start in ("", "Name,Phone,Date of birth\n"):
        try:
            for row in read_rows(start + text):
                as_boxes(row, NEEDS)
        except Invalid:
            continue


def test_what_is_left_is_read_as_it_was_sent() -> None:
    text = 'Name;Phone\rSam;1\rKim;"2; or 3"\r'
    assert [row.line for row in read_rows(text)] == [2, 3]
    left = left_over(text, {3})
    assert left == "Name,Phone\nKim,2; or 3\n"
    assert read_rows(left)[0].texts == {"name": "Kim", "phone": "2; or 3"}
    assert left_over(text, set()) == ""


def test_a_body_has_a_name_and_its_code_is_the_nhs_s() -> None:
    assert body_name("  Elm   Street ") == "Elm Street"
    assert (ods_code(" p83012 "), ods_code(" ")) == ("P83012", "")
    with pytest.raises(Invalid):
        body_name(" ")
    with pytest.raises(Invalid):
        ods_code("P-1")
