"""Something is put in where a name stands in curly brackets; nothing goes out with one left."""

from __future__ import annotations

from core.notify.wording_rules import names_in, put_in


def test_names_are_told_once_in_their_order() -> None:
    assert names_in("{link} {code} {link}") == ("link", "code")
    assert names_in("none {} { link }") == ()


def test_every_name_gets_its_value_or_nothing_is_said() -> None:
    values = {"link": "https://example.org/a", "code": "123456"}
    assert put_in("{code}: {link}", values) == "123456: https://example.org/a"
    assert put_in("{code}: {days}", values) is None


def test_among_words_from_the_right_numbers_stand_apart_and_addresses_open() -> None:
    said = put_in("{code} {link}", {"link": "https://example.org/a", "code": "1 2"}, from_right=True)
    assert said == "\u20681 2\u2069 https://example.org/a"
