"""What makes an editor look twice, and what does not."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from directory.stewardship.flags.rules import Code, domain_of, flags_of, is_nhs_number

LONG = "We sit round one big table with tea and cake, and whoever likes may bring some knitting along to do."


def codes(before: Mapping[str, object], after: Mapping[str, object], dead: tuple[str, ...] = ()) -> list[str]:
    return [f"{flag.code.value} {flag.field}" for flag in flags_of(before, after, dead)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Ring Jo on 07700 900123.", ["personal-phone"]),
        ("Ring +44 7700 900123", ["personal-phone"]),
        ("Ring the hall on 0161 496 0101.", []),
        ("Write to jo.example@hall.example", ["personal-email"]),
        ("Write to teaclub@gmail.com", ["personal-email"]),
        ("Write to hello@hall.example", []),
        ("Jo, 943 476 5919, comes on Mondays", ["nhs-number"]),
        ("Jo, 943 476 5918, comes on Mondays", []),
        ("Jo (DOB 3/4/51) comes", ["birth-date"]),
        ("She was born on 3 April 1951", ["birth-date"]),
        ("Jo, 03/04/1951", ["birth-date"]),
        ("From 3 April 2026 we meet upstairs", []),
        ("EVERYBODY IS WELCOME AT OUR TABLE", ["capitals"]),
        ("TEA AT THE YMCA", []),
    ],
)
def test_words_that_should_not_be_public(text: str, found: list[str]) -> None:
    assert codes({}, {"description": text}) == [f"{code} description" for code in found]


def test_what_an_nhs_number_is() -> None:
    assert is_nhs_number("9434765919")
    assert not is_nhs_number("943476591")
    assert not is_nhs_number("1111111111")
    assert not is_nhs_number("٩434765919")
    # Here the check would have to be ten, which no digit is.
    assert not any(is_nhs_number(f"943476592{digit}") for digit in range(10) if digit != 7)


def test_a_change_that_makes_another_thing_of_it() -> None:
    other = "Cheap watches and handbags, straight from the factory, all the brands that you know, order today"
    assert codes(
        {"name": "Tea and talk", "description": LONG}, {"name": "Watch sale", "description": other}
    ) == ["renamed name", "replaced description"]
    assert codes({"name": "Tea and talk"}, {"name": "Tea and a talk"}) == []
    assert codes({"description": LONG}, {"description": LONG + " Come in."}) == []
    assert codes({"description": "Tea."}, {"description": other}) == []
    assert codes({"description": LONG}, {"name": ""}) == []


@pytest.mark.parametrize(
    ("was", "now", "found"),
    [
        ([0], [300], ["price-jump costs"]),
        ([300], [600], []),
        ([500], [1000], ["price-jump costs"]),
        ([500], [900], []),
        ([500], [], []),
        ([], [500], []),
    ],
)
def test_a_price_that_jumps(was: list[int], now: list[int], found: list[str]) -> None:
    before = {"name": "Tea", "costs": [{"label": "", "pence": pence} for pence in was]}
    assert codes(before, {"costs": [{"label": "", "pence": pence} for pence in now]}) == found


@pytest.mark.parametrize(
    ("field", "was", "now", "found"),
    [
        ("url", "https://www.tea.example/a", "https://tea.example/b", []),
        ("url", "https://tea.example", "https://watches.example", ["new-domain url"]),
        ("email", "hello@tea.example", "hello@watches.example", ["new-domain email"]),
        ("url", "https://tea.example", "", []),
        ("url", "", "https://tea.example", []),
        ("url", "https://[", "https://tea.example", []),
    ],
)
def test_a_new_domain(field: str, was: str, now: str, found: list[str]) -> None:
    assert codes({"name": "Tea", field: was}, {field: now}) == found


def test_a_link_that_did_not_answer_comes_after_what_weighs_more() -> None:
    after = {"url": "https://tea.example", "notice": "Ring Jo on 07700 900123"}
    assert codes({}, after, ("https://tea.example",)) == ["personal-phone notice", "dead-link url"]


def test_the_weightiest_comes_first_and_nothing_personal_is_repeated() -> None:
    flags = flags_of({}, {"description": "Jo 943 476 5919, 07700 900123, jo.b@tea.example"})
    assert [flag.code for flag in flags] == [Code.NHS_NUMBER, Code.PERSONAL_PHONE, Code.PERSONAL_EMAIL]
    assert [flag.weight for flag in flags] == sorted((flag.weight for flag in flags), reverse=True)
    assert not any("943" in flag.because or "jo" in flag.because for flag in flags)


@pytest.mark.parametrize(
    ("address", "domain"),
    [("tea.example/x", "tea.example"), ("", ""), ("https://a.example/?q=b@c.example", "a.example")],
)
def test_domains(address: str, domain: str) -> None:
    assert domain_of(address) == domain
