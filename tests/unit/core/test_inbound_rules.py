"""Letters as mail programs write them: whose they are, which ones a machine wrote, and what they say."""

from __future__ import annotations

from email.message import EmailMessage
from email.policy import SMTP

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.inbound.quoting_rules import new_words
from core.inbound.rules import LARGEST, Letter, address_with, read_letter, text_of_page

ADDRESS = "listings@goldenthread.example"
TOKEN = "0123456789abcdef" * 2
TO = address_with(ADDRESS, TOKEN)


def letter(raw: bytes) -> Letter:
    found = read_letter(raw, ADDRESS)
    assert found is not None
    return found


def message(text: str = "Yes", **heads: str) -> EmailMessage:
    made = EmailMessage(policy=SMTP)
    made["From"], made["To"], made["Subject"] = (
        "Derek <derek@example.org>",
        TO,
        "Re: Is your page still right?",
    )
    made["Message-ID"] = "<1@example.org>"
    for name, value in heads.items():
        del made[name.replace("_", "-")]
        made[name.replace("_", "-")] = value
    made.set_content(text)
    return made


def test_the_address_says_what_is_answered() -> None:
    assert f"listings+{TOKEN}@goldenthread.example" == TO
    found = letter(message("We moved.").as_bytes())
    assert (found.token, found.key, found.text) == (TOKEN, "<1@example.org>", "We moved.")
    assert (found.dropped, found.is_automatic) == (0, False)
    assert TOKEN not in repr(found)
    assert "moved" not in repr(found)


@pytest.mark.parametrize("head", ["Cc", "Delivered_To", "X_Original_To", "Envelope_To"])
def test_the_token_stands_in_any_of_the_heads_that_say_to_whom(head: str) -> None:
    made = message(To="Listings <somebody@example.org>", **{head: f"Us <{TO.upper()}>"})
    assert letter(made.as_bytes()).token == TOKEN


@pytest.mark.parametrize(
    "to",
    [
        ADDRESS,
        f"listings+{TOKEN[:-1]}@goldenthread.example",
        f"listings+{TOKEN}a@goldenthread.example",
        f"other.listings+{TOKEN}@goldenthread.example",
        f"listings+{TOKEN}@goldenthread.example.evil.example",
        f"listings+{TOKEN}@goldenthreadXexample",
    ],
)
def test_a_letter_to_anybody_else_is_not_ours(to: str) -> None:
    assert read_letter(message(To=to).as_bytes(), ADDRESS) is None


@pytest.mark.parametrize(
    "heads",
    [
        {"Auto_Submitted": "auto-replied"},
        {"Auto_Submitted": "auto-generated; type=x"},
        {"Precedence": "bulk"},
        {"Precedence": "Auto_Reply"},
        {"List_Id": "<club.example.org>"},
        {"X_Autoreply": "yes"},
        {"Return_Path": "<>"},
        {"From": "MAILER-DAEMON@mx.example.org"},
        {"Subject": "Automatic reply: Is your page still right?"},
        {"Subject": "Out of office until Monday"},
        {"Subject": "Undeliverable: Is your page still right?"},
    ],
)
def test_what_a_machine_wrote_is_known(heads: dict[str, str]) -> None:
    found = letter(message("Yes", **heads).as_bytes())
    assert found.is_automatic
    assert found.text == ""


def test_a_bounce_is_known_by_its_shape() -> None:
    raw = f"To: {TO}\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=x\r\n\r\n--x--\r\n"
    assert letter(raw.encode()).is_automatic


def test_a_person_says_no_machine_wrote_it() -> None:
    assert not letter(
        message("Yes", Auto_Submitted="no", Return_Path="<derek@example.org>").as_bytes()
    ).is_automatic


@pytest.mark.parametrize(
    ("kind", "encoding", "body", "said"),
    [
        (
            "text/plain; charset=iso-8859-1",
            "8bit",
            "Caf\xe9 on Tuesday \xa32".encode("latin-1"),
            "Café on Tuesday £2",
        ),
        ("text/plain; charset=utf-8", "quoted-printable", b"Caf=C3=A9 on Tues=\r\nday", "Café on Tuesday"),
        ("text/plain; charset=utf-8", "base64", b"V2UgbW92ZWQ=", "We moved"),
        ("text/plain; charset=windows-1252", "8bit", b"It\x92s Tuesday", "It\u2019s Tuesday"),
        ("text/plain", "8bit", "It is £2".encode(), "It is £2"),
        ("text/plain; charset=us-ascii", "8bit", b"It is \xa32", "It is £2"),
        ("text/plain; charset=no-such", "8bit", b"We moved \xa3", "We moved £"),
        (
            "text/html; charset=utf-8",
            "8bit",
            b"<p>We <b>moved</b></p><p>To 3 Loom St",
            "We moved\n\nTo 3 Loom St",
        ),
    ],
)
def test_words_in_any_letters(kind: str, encoding: str, body: bytes, said: str) -> None:
    head = f"To: {TO}\r\nContent-Type: {kind}\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n"
    assert letter(head.encode() + body).text == said


def test_the_plain_words_come_before_the_page_and_attachments_are_dropped() -> None:
    made = message("We moved.")
    made.add_alternative("<p>Something else</p>", subtype="html")
    made.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="flyer.pdf")
    made.add_attachment("Old times", filename="times.txt")
    found = letter(made.as_bytes())
    assert (found.text, found.dropped) == ("We moved.", 2)


def test_a_page_whose_plain_words_are_empty_is_read_and_its_logo_is_not_counted() -> None:
    made = message(" ")
    made.add_alternative("<p>We moved.</p><img src=cid:logo>", subtype="html")
    page = made.get_payload(1)
    assert isinstance(page, EmailMessage)
    page.add_related(b"GIF", maintype="image", subtype="gif", cid="<logo>")
    found = letter(made.as_bytes())
    assert (found.text, found.dropped) == ("We moved.", 0)


def test_only_a_picture_says_nothing() -> None:
    head = f"To: {TO}\r\nContent-Type: image/jpeg\r\nContent-Transfer-Encoding: base64\r\n\r\n/9j/4AAQ"
    found = letter(head.encode())
    assert (found.text, found.dropped, found.is_automatic) == ("", 1, False)


def test_a_letter_without_an_id_is_known_by_what_it_holds() -> None:
    one, other = (letter(f"To: {TO}\r\n\r\n{text}".encode()).key for text in ("Yes", "No"))
    assert one != other
    assert one == letter(f"To: {TO}\r\n\r\nYes".encode()).key


def test_of_a_huge_letter_the_beginning_is_read() -> None:
    made = message("We moved.")
    made.add_attachment(b"x" * LARGEST, maintype="image", subtype="jpeg", filename="flyer.jpg")
    found = letter(made.as_bytes())
    assert (found.text, found.dropped) == ("We moved.", 1)


def test_a_letter_whose_head_is_broken_is_still_ours() -> None:
    raw = f"To: {TO}\r\nContent-Type: ;;=\r\nSubject: =?x?q?=\r\nMessage-ID: <\r\n\r\nWe moved."
    assert letter(raw.encode()).text == "We moved."


def test_a_page_without_what_it_quotes() -> None:
    page = (
        "<html><head><style>p{}</style><title>t</title></head><body><div>On Monday, Bury wrote:</div>"
        "<blockquote>Every Tuesday</blockquote></blockquote><div>Every<br>Wednesday &pound;2</div></style>"
        "<script>x</script><div></div><div></div><ul><li>Bring a cup</ul>"
        "<div id=divRplyFwdMsg>From: Bury</div><p>Every Tuesday</p></body></html>"
    )
    assert text_of_page(page) == "On Monday, Bury wrote:\n\n>\n\nEvery\nWednesday £2\n\nBring a cup"
    raw = f"To: {TO}\r\nContent-Type: text/html\r\n\r\n{page.replace('&pound;', '')}"
    assert letter(raw.encode()).text == "Every\nWednesday 2\n\nBring a cup"


PIECES = (
    "Content-Type: |text/plain|multipart/mixed|; boundary=|x|; charset=|'|\"|*0*=|\r\n|\r\n\r\n|--x\r\n|base64|"
    "Content-Transfer-Encoding: |Content-Disposition: attachment|; filename*=|=?utf-8?q?|\xff"
)


@given(st.lists(st.sampled_from(PIECES.split("|")), max_size=25))
def test_no_letter_however_broken_stops_the_reading(parts: list[str]) -> None:
    raw = f"To: {TO}\r\n{''.join(parts)}".encode("latin-1")
    assert letter(raw).token == TOKEN


@pytest.mark.parametrize("piece", ["<div ", "<!--", "<a b='", '<a b="', "<?", "</", "<![CDATA[", "<!-- > "])
def test_a_page_that_is_made_to_be_read_again_and_again_is_read_once(piece: str) -> None:
    # Read anew from each piece on, this would not end today.
    assert text_of_page(f"<p>Every Tuesday</p>{piece * 100_000}").startswith("Every Tuesday")


@pytest.mark.parametrize("word", ["hi", "thanks", "sent from my "])
def test_a_line_that_is_made_to_be_read_again_and_again_is_read_once(word: str) -> None:
    assert new_words(f"{word}{' ' * 400_000}\N{SNOWMAN}").endswith("\N{SNOWMAN}")


@pytest.mark.parametrize(
    ("page", "words"),
    [
        (
            "<p>Tea &amp; talk, &lt; 5 people<!-- <p>not this</p> --></p><p>Free",
            "Tea & talk, < 5 people\n\nFree",
        ),
        ('<p title="a > b">One</p><P CLASS=x>Two</P>', "One\n\nTwo"),
        ("<p title=don't>One</p>5 < 6", "One\n5 < 6"),
        ("One<!-- and so on", "One"),
        ("One<!-->Two<!DOCTYPE html><?xml?>", "OneTwo"),
        ("<script>if (1 < 2) x('<b>')</script>One", "One"),
    ],
)
def test_the_words_of_a_page_are_read(page: str, words: str) -> None:
    assert text_of_page(page) == words
