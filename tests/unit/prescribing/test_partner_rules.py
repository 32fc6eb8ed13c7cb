"""A file of referrals, read."""

from __future__ import annotations

import csv
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Invalid
from prescribing.episodes.asking_forms import CONSENT
from prescribing.partners.rules import (
    AGREED,
    COLUMNS,
    LONGEST,
    MOST_ROWS,
    Row,
    as_boxes,
    body_name,
    is_no_text,
    left_over,
    not_read,
    odd_answers,
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
    assert row.is_example
    assert not Row(2, {**row.texts, "name": "Sam Marsh"}).is_example
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


def test_an_answer_that_cannot_be_chosen_is_told_with_those_that_can() -> None:
    assert tuple(value for value, _words in CONSENT) == AGREED
    odd = odd_answers(Row(2, {"consent": "verbal", "need_slugs": "food; Knitting"}), NEEDS)
    assert odd == {
        "consent": "“Agreed” cannot be “verbal”. Write “face to face”, “by phone”, “in writing” or “not asked”.",
        "need_slugs": "“What would help” cannot be “knitting”. Write one of: Loneliness; Food.",
    }
    assert odd_answers(Row(2, {"consent": "Face-to-face", "need_slugs": "Food"}), NEEDS) == {}
    assert odd_answers(Row(2, {"consent": "No"}), NEEDS) == {}
    assert odd_answers(Row(2, {}), NEEDS) == {}


def test_a_yes_or_no_is_one_of_the_two_for_a_secret_is_not_kept_by_a_guess() -> None:
    odd = odd_answers(Row(2, {"flagged_for_safety": "yes - husband", "voicemail": "No", "texts": " Y "}), {})
    assert odd == {
        "flagged_for_safety": "“Someone at home must not know” cannot be “yes - husband”. Write “yes” or “no”."
    }


def test_a_row_with_more_cells_than_the_heading_says_that_it_slipped() -> None:
    slipped, trailing = read_rows("Name,Phone\nMoor, Sam,0161 496 0001\nPat,0161 496 0002,,")
    assert "more cells" in odd_answers(slipped, {})["row"]
    assert odd_answers(trailing, {}) == {}


def test_two_columns_for_one_answer_give_the_first_that_holds_one() -> None:
    text = "Name,Phone,Mobile\nSam,0161 496 0001,07700 900001\nPat, ,07700 900002"
    assert [row.texts["phone"] for row in read_rows(text)] == ["0161 496 0001", "07700 900002"]
    assert not_read(text) == ("“Mobile”",)
    assert not_read("Name,Phone,Mobile\nPat,,07700 900002") == ()


def test_columns_of_which_we_know_nothing_are_named_where_they_hold_something() -> None:
    assert not_read("Name,Allergies,Shoe size,\nSam,nuts,,x\nPat") == ("“Allergies”", "no heading")
    assert not_read("Name\nSam") == ()
    assert not_read("") == ()


def test_a_spreadsheet_itself_is_told_from_what_is_saved_as_csv() -> None:
    assert is_no_text(b"PK\x03\x04".decode())
    assert is_no_text(b"\xd0\xcf\x11\xe0".decode("cp1252"))
    assert is_no_text("GIF89a\0")
    assert not is_no_text("Name\nPK")


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
