"""Each repair mends what it is named for, and leaves what is right as it is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Invalid
from directory.exchange.rules import (
    CHECKS,
    LONGEST_SUMMARY,
    REPAIRS,
    SILENT_REPAIRS,
    email_in_text,
    first_sentence,
    phone_in_text,
    sentence_case,
    title_case,
)


@pytest.mark.parametrize(
    ("repair", "before", "after"),
    [
        ("one-line", "  Bolton \xa0Citadel\t\x07Hall\n", "Bolton Citadel Hall"),
        ("tidy-lines", " One  \r\n\n two\xa0 ", "One\ntwo"),
        ("na-to-empty", "NA", ""),
        ("na-to-empty", " not known ", ""),
        ("na-to-empty", "Nantwich", "Nantwich"),
        ("odd-characters", "St Mary`s \x96 hall", "St Mary's – hall"),
        ("phone-leading-zero", "1614960101", "01614960101"),
        ("phone-leading-zero", "161 496 0101", "0161 496 0101"),
        ("phone-leading-zero", "O161 496 0101", "0161 496 0101"),
        ("phone-leading-zero", "0161 496 0101", "0161 496 0101"),
        ("phone-leading-zero", "111", "111"),
        ("email-in-text", "jo@a.example / kay@b.example / 0161 496 0101", "jo@a.example"),
        ("email-in-text", "hall@a.example;", "hall@a.example"),
        ("email-in-text", "0161 496 0101", ""),
        ("phone-in-text", "jo@a.example\xa00161 \n496 0101", "0161 496 0101"),
        ("phone-in-text", "O1614960101 or 07700900123", "0161 496 0101"),
        ("phone-in-text", "7700900123", "07700 900123"),
        ("phone-in-text", "0000 000000 / 0161 496 0102", "0161 496 0102"),
        ("phone-in-text", "Posted asap", ""),
        ("link-in-text", "http://a.example/  www.b.example", "http://a.example/"),
        ("link-in-text", "see www.b.example.", "www.b.example"),
        ("link-in-text", "b.example", "b.example"),
        ("mend-link", "http://HTTP://a.example", "HTTP://a.example"),
        ("mend-link", "http.//www.a.example", "http://www.a.example"),
        ("mend-link", "http://.a.example", "http://a.example"),
        ("mend-link", "www,a.example", "www.a.example"),
        ("mend-link", "http://www:a.example", "http://www.a.example"),
        ("mend-link", "http://www.a.example.", "http://www.a.example"),
        ("fix-area-code", "E0800006", "E08000006"),
        ("fix-area-code", "E08000006", "E08000006"),
        ("colon-between-hours", "09:00-13:00:14:00-18:00", "09:00-13:00,14:00-18:00"),
        ("colon-between-hours", "09:00-13:00,14:00-18:00", "09:00-13:00,14:00-18:00"),
    ],
)
def test_repairs(repair: str, before: str, after: str) -> None:
    assert REPAIRS[repair](before) == after


@pytest.mark.parametrize(
    "repair", sorted(set(REPAIRS) - {"phone-leading-zero", "colon-between-hours", "mend-link"})
)
@given(text=st.text(max_size=60) | st.from_regex(r"[A-Z' .(),0-9-]{0,40}", fullmatch=True))
def test_a_second_repair_finds_nothing_to_mend(repair: str, text: str) -> None:
    once = REPAIRS[repair](text)
    assert REPAIRS[repair](once) == once


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("FRIENDS OF THE WOVEN MILL", "Friends of the Woven Mill"),
        ("THE A D TRUST", "The A D Trust"),
        ("J A CLOTH CHARITABLE TRUST", "J A Cloth Charitable Trust"),
        ("ONCE UPON A SMILE CIC", "Once upon a Smile CIC"),
        ("A BETTER START", "A Better Start"),
        ("ST. ANNE'S PRE-SCHOOL P.T.A.", "St. Anne's Pre-School P.T.A."),
        ("O'BRIEN MCDONALD TRUST LTD", "O'Brien McDonald Trust Ltd"),
        ("WOVEN-ON-SEA (THE OLD HALL)", "Woven-on-Sea (The Old Hall)"),
        ("LOOMS AND LADS YMCA UK", "Looms and Lads YMCA UK"),
        ("HENRY VIII SOCIETY", "Henry VIII Society"),
        ("1ST LOOM SCOUTS", "1st Loom Scouts"),
        ("BL9 COMMUNITY HUB", "BL9 Community Hub"),
        ("9F ENGINE TRUST", "9F Engine Trust"),
        ("GROUP FOR UNDER 5'S", "Group for Under 5's"),
        ("RJC DANCE", "RJC Dance"),
        ("LOOM U3A", "Loom U3A"),
        ("Already Right CIC", "Already Right CIC"),
        ("", ""),
    ],
)
def test_names_in_capitals(before: str, after: str) -> None:
    assert title_case(before) == after


@given(st.from_regex(r"[A-Z' .(),0-9-]{0,40}", fullmatch=True))
def test_a_name_changes_only_its_capitals(text: str) -> None:
    assert title_case(text).casefold() == text.casefold()
    assert sentence_case(text).casefold() == text.casefold()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "TO HELP PEOPLE IN BURY. WE MEET ON MONDAYS AND I COOK.",
            "To help people in Bury. We meet on mondays and I cook.",
        ),
        ("WE RUN A YMCA FOR WELSH CHURCHES NEAR BL9", "We run a YMCA for Welsh churches near BL9"),
        ("PEOPLE'S TEA", "People's tea"),
        ("EDUCATION", "Education"),
        ("YMCA", "YMCA"),
        ("Said quietly.", "Said quietly."),
    ],
)
def test_texts_in_capitals(before: str, after: str) -> None:
    assert sentence_case(before) == after


def test_a_summary_is_the_first_sentence_or_as_much_as_fits() -> None:
    assert first_sentence("We mend things. Come along.") == "We mend things."
    cut = first_sentence("word " * 60)
    assert cut.endswith("word…")
    assert len(cut) <= LONGEST_SUMMARY


@given(st.text(max_size=400))
def test_a_summary_never_grows_too_long(text: str) -> None:
    assert len(first_sentence(text)) <= LONGEST_SUMMARY


@given(st.text(max_size=80))
def test_what_is_found_in_a_text_can_be_used(text: str) -> None:
    if number := phone_in_text(text):
        assert CHECKS["phone"](number) == number
    assert " " not in email_in_text(text)


def test_the_last_look_gives_a_normal_form_or_refuses() -> None:
    assert CHECKS["postcode"]("bl90aa") == "BL9 0AA"
    assert CHECKS["phone"]("01614960101") == "0161 496 0101"
    assert CHECKS["url"]("www.a.example") == "https://www.a.example"
    assert CHECKS["email"]("a@B.example") == "a@b.example"
    for name in CHECKS:
        with pytest.raises(Invalid):
            CHECKS[name]("nothing")


def test_silent_repairs_are_repairs() -> None:
    assert set(REPAIRS) > SILENT_REPAIRS
