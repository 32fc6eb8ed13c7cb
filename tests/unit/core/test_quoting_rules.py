"""What is new in an email that answers another, as mail programs write it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.inbound.quoting_rules import new_words, without_quotes

NEW = "We meet on Wednesday now, 1pm to 3pm."
GMAIL = (
    "On Mon, 23 Nov 2026 at 09:00, Bury Golden Thread <no-reply@goldenthread.example>\nwrote:\n\n"
    "> Is it right?\n>\n> Press"
)
OUTLOOK = (
    "________________________________\nFrom: Bury <no-reply@goldenthread.example>\nSent: 23 November 2026 09:00\n"
    "To: Shed\nSubject: Is your page still right?\n\nHello,\nEvery Tuesday, 10am"
)


@pytest.mark.parametrize(
    "text",
    [
        NEW,
        f"{NEW}\n\n{GMAIL}",
        f"{GMAIL}\n\n{NEW}",
        f"> Is it right?\n{NEW}\n> Press a button",
        f"{NEW}\n\n{OUTLOOK}",
        f"{NEW}\n\n" + OUTLOOK.replace("_" * 32, "").strip(),
        f"{NEW}\n\n-----Original Message-----\nFrom: Bury\nEvery Tuesday",
        f"{NEW}\n\nOn 23 Nov 2026, Bury wrote:\nEvery Tuesday, 10am",
        f"{NEW}\n\nBegin forwarded message:\n\nEvery Tuesday, 10am",
        f"{NEW}\r\n\r\n> On 23 Nov 2026, at 09:00, Bury wrote:\r\n> Every Tuesday",
    ],
)
def test_what_is_quoted_is_left_out(text: str) -> None:
    assert without_quotes(text) == NEW
    assert new_words(text) == NEW


@pytest.mark.parametrize(
    "end",
    [
        "-- \nDerek\n0161 496 0999",
        "Sent from my iPhone",
        "Get Outlook for Android<https://aka.example/x>",
        "Many thanks,\nDerek Holt\nChair\n0161 496 0999",
        "Kind regards\nDerek",
        "Thanks!\n\nDerek",
        "Cheers\nD",
    ],
)
def test_greeting_and_signature_are_not_said(end: str) -> None:
    assert new_words(f"Hi Ruth,\n\nThank you!\n\n{NEW}\n\n{end}\n\n{GMAIL}") == NEW


def test_what_only_looks_like_a_signature_or_a_head_stays() -> None:
    text = "Thanks for asking.\nTo: the back door\nFrom: the car park\n________\nHello Sunday club begins in May."
    assert new_words(text) == text
    assert new_words("________\n\nBring a cup") == "________\n\nBring a cup"
    assert new_words("Bring a cup\n________") == "Bring a cup\n________"


def test_lines_that_a_mail_program_broke_are_made_whole() -> None:
    broken = "From January we meet in the Methodist church hall, Cross Street,\nRadcliffe, every Wednesday\n1pm to 3pm"
    assert new_words(broken) == broken.replace("Street,\n", "Street, ")


def test_nothing_is_left_of_nothing() -> None:
    assert new_words("") == new_words("Hello,\n\nThanks\n") == new_words(GMAIL) == ""


@given(st.text(alphabet=st.sampled_from("On wrote:>\n-_FromSentTo Dt.")))
def test_any_text_is_read_and_nothing_is_added(text: str) -> None:
    assert len(new_words(text)) <= len(text)
    assert "\n\n\n" not in new_words(text)
