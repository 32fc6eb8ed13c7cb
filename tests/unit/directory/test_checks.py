"""What may be typed into a listing, and what is said when it may not."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Invalid
from directory.listings.checks import clean_email, clean_note, clean_url, problems, read_phone


@pytest.mark.parametrize(
    ("typed", "dial", "printed"),
    [
        ("0161 496 0101", "+441614960101", "0161 496 0101"),
        (" +44 (0)161 496 0101 ", "+441614960101", "0161 496 0101"),
        ("01632960123", "+441632960123", "01632 960123"),
        ("07700 900123", "+447700900123", "07700 900123"),
        ("111", "111", "111"),
        ("116123", "116123", "116 123"),
        ("0161 496 0101 ext 3", "+441614960101", "0161 496 0101 extension 3"),
        ("+33 1 70 18 99 00", "+33170189900", "+33 1 70 18 99 00"),
    ],
)
def test_a_number_that_can_be_rung(typed: str, dial: str, printed: str) -> None:
    number = read_phone(typed)
    assert (number.dial, number.printed) == (dial, printed)


@pytest.mark.parametrize(
    "typed", ["", "ask Jo", "0161 123", "00000 000000", "00000000000", "1" * 400, "07700 90012\x00"]
)
def test_a_number_that_rings_nowhere(typed: str) -> None:
    with pytest.raises(Invalid, match="area code"):
        read_phone(typed)


@pytest.mark.parametrize(
    ("typed", "clean"),
    [
        ("www.example.org", "https://www.example.org"),
        ("HTTP://Example.ORG/Path?Q=1#Top", "http://example.org/Path?Q=1#Top"),
        ("example.org:8080/x", "https://example.org:8080/x"),
        ("//example.org", "https://example.org"),
    ],
)
def test_a_link_is_made_whole(typed: str, clean: str) -> None:
    assert clean_url(typed) == clean


@pytest.mark.parametrize(
    "typed",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "javascript:1",
        "data:text/html,x",
        "ftp://example.org",
        "mailto:jo@example.org",
        "https://jo:secret@example.org",
        "https://example.org/a b",
        'https://example.org/"onclick=x',
        "https://localhost",
        "https://127.0.0.1/",
        "http://[::1",
        "https://example.org:99999/",
        "https://example.org:0/",
        "in progress",
        "https://example.org/" + "a" * 500,
        "",
    ],
)
def test_a_link_that_is_no_safe_web_address(typed: str) -> None:
    with pytest.raises(Invalid, match="web address"):
        clean_url(typed)


@given(st.text(max_size=60) | st.text(max_size=20).map(lambda text: f"https://example.org/{text}"))
def test_whatever_is_typed_a_kept_link_is_http_with_a_host_and_stays_as_it_is(typed: str) -> None:
    try:
        kept = clean_url(typed)
    except Invalid:
        return
    assert urlsplit(kept).scheme in {"http", "https"}
    assert urlsplit(kept).hostname
    assert clean_url(kept) == kept


def test_emails() -> None:
    assert clean_email(" Jo.B+hi@Example.ORG ") == "Jo.B+hi@example.org"
    for typed in (
        "",
        "jo",
        "jo@",
        "jo@example",
        "a b@example.org",
        "jo@example..org",
        "x" * 250 + "@example.org",
    ):
        with pytest.raises(Invalid, match="email address"):
            clean_email(typed)


def test_a_note_is_short_on_one_line_and_carries_no_link() -> None:
    assert clean_note(" No session\n this week. ") == "No session this week."
    for typed in ("See https://x.example", "www.win.example", "Go to prizes.com now"):
        with pytest.raises(Invalid, match="web addresses"):
            clean_note(typed)
    with pytest.raises(Invalid, match="200"):
        clean_note("a" * 201)


def test_a_good_listing_has_no_problems() -> None:
    assert problems({}) == {}
    good: dict[str, Any] = {
        "name": "Shed",
        "phone": "0161 496 0101",
        "email": "jo@shed.example",
        "url": "shed.example",
        "notice": "",
        "minimum_age": 18,
        "maximum_age": None,
        "costs": [{"label": "Free", "pence": 0}],
    }
    assert problems(good) == {}


@pytest.mark.parametrize(
    ("content", "field"),
    [
        ({"name": "  "}, "name"),
        ({"name": "a" * 151}, "name"),
        ({"description": "a" * 4001}, "description"),
        ({"phone": "12"}, "phone"),
        ({"email": "jo"}, "email"),
        ({"url": "javascript:x"}, "url"),
        ({"notice": "www.x.com"}, "notice"),
        ({"minimum_age": -1}, "minimum_age"),
        ({"maximum_age": 121}, "maximum_age"),
        ({"minimum_age": True}, "minimum_age"),
        ({"minimum_age": 30, "maximum_age": 20}, "maximum_age"),
        ({"costs": [{"label": "x", "pence": -1}]}, "costs"),
        ({"costs": [{"label": "x", "pence": 100_001}]}, "costs"),
        ({"costs": [{"label": "x"}]}, "costs"),
    ],
)
def test_each_problem_names_its_field(content: dict[str, Any], field: str) -> None:
    assert list(problems(content)) == [field]
