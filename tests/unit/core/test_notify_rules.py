"""How somebody takes what is written to them, from their own words about it."""

from __future__ import annotations

import pytest

from core.notify import rules
from core.notify.rules import Format, Manner, Piece


@pytest.mark.parametrize(
    ("needs", "form"),
    [
        ("", Format.PLAIN),
        ("Time to think", Format.PLAIN),
        ("Large print please", Format.LARGE),
        ("Poor eyesight", Format.LARGE),
        ("Easy read, with large print", Format.EASY),
        ("She is blind", Format.LISTEN),
        ("Cannot read well", Format.LISTEN),
    ],
)
def test_the_form_follows_what_they_need(needs: str, form: Format) -> None:
    assert rules.format_for(needs) is form


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("Urdu", "ur"),
        ("Speaks Punjabi, some English", "pa"),
        ("Mandarin Chinese", "zh-Hans"),
        ("Cantonese", "zh-Hant"),
        ("farsi (Persian)", "fa"),
        ("British Sign Language", "en"),
        ("Yes", "en"),
    ],
)
def test_an_interpreter_is_offered_in_their_language_or_in_plain_english(said: str, code: str) -> None:
    language = rules.language_of(said)
    assert language is not None
    assert language.code == code
    assert "0161 496 0000" in language.offer("0161 496 0000")
    assert language.from_right is ("\u2066" in language.offer("0161"))


@pytest.mark.parametrize(
    "said", ["", " ", "No", "none.", "Not needed", "No interpreter needed", "English", "n/a", "-"]
)
def test_whoever_needs_no_interpreter_is_offered_none(said: str) -> None:
    assert rules.language_of(said) is None


def test_a_manner_is_both() -> None:
    assert rules.manner_for("large print", "none") == Manner(Format.LARGE, None)
    assert rules.manner_for("", "") == rules.PLAIN
    urdu = rules.manner_for("", "Urdu, a little English").reads
    assert urdu is not None
    assert urdu.code == "ur"
    assert rules.manner_for("", "British Sign Language").reads is None


def test_easy_read_gives_every_sentence_a_line() -> None:
    words = "Dear Margaret,\r\n\r\nWe talk soon. Ring me!\n- One\n\n\n \n"
    assert rules.laid_out(words, Format.LARGE) == (("Dear Margaret,",), ("We talk soon. Ring me!", "- One"))
    assert rules.laid_out(words, Format.EASY) == (("Dear Margaret,",), ("We talk soon.", "Ring me!", "- One"))
    assert rules.laid_out("", Format.PLAIN) == ()


def test_an_address_in_a_line_is_told_apart() -> None:
    link = "https://example.org/me/messages"
    assert rules.pieces(f"Read it: {link}. Or ring.") == (
        Piece("Read it: "),
        Piece(link, link),
        Piece(". Or ring."),
    )
    assert rules.pieces("No address") == (Piece("No address"),)
