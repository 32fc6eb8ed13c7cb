"""Letters, texts and emails: what the templates say, what may not be said, and how a letter is laid out."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from core.calendar.when_rules import When
from core.errors import Invalid
from core.notify.rules import Format
from prescribing.letters import rules, wording_rules
from prescribing.letters.rules import WAYS, Facts, Kind, Private
from prescribing.people.safe_contact import Channel, SafeContact

FACTS = Facts(
    called="Margaret",
    writer="Priya Link",
    phone="0161 496 0999",
    appointment=When(date(2026, 3, 3)),
    goals=("Sing again",),
    steps=("You: Look out the songbook",),
    group="Choir by the canal",
    group_when=When.of_session(datetime(2026, 3, 3, 10, tzinfo=UTC), datetime(2026, 3, 3, 12, tzinfo=UTC)),
)
PRIVATE = rules.private_words(
    ("Margaret May Example", "Maggie"), ("Money and debt", "Food"), ("Choir by the canal", " ")
)
OPEN = SafeContact(
    phones=("07700 900123",), email="m@post.example", address="1 The Street", texts=True, letters=True
)


def test_every_template_says_whom_to_ring_and_leaves_no_gap() -> None:
    assert set(rules.KIND_WORDS) == set(Kind)
    for kind in Kind:
        for way in WAYS:
            words = wording_rules.fill_in(kind, way, FACTS)
            assert "0161 496 0999" in words
            assert "Priya Link" in words
            assert rules.check_words(words, way, PRIVATE) == words


def test_a_text_names_neither_the_person_nor_the_group() -> None:
    for kind in Kind:
        for way in (Channel.TEXT, Channel.EMAIL):
            words = wording_rules.fill_in(kind, way, FACTS)
            assert "Margaret" not in words
            assert "Choir" not in words
            assert "songbook" not in words


def test_what_is_not_known_is_a_gap_that_nothing_is_sent_with() -> None:
    bare = Facts("Margaret", "Priya Link", "0161 496 0999")
    for kind, gap in (
        (Kind.APPOINTMENT, rules.A_DAY),
        (Kind.AGREED, rules.A_PLAN),
        (Kind.EXPECTED, rules.A_GROUP),
    ):
        words = wording_rules.fill_in(kind, Channel.LETTER, bare)
        with pytest.raises(Invalid) as problem:
            rules.check_words(words, Channel.LETTER, PRIVATE)
        assert gap in problem.value.message
    goals = Facts("Margaret", "Priya Link", "0161 496 0999", goals=("Sing",))
    assert rules.A_PLAN not in wording_rules.fill_in(Kind.AGREED, Channel.LETTER, goals)


def test_somebody_with_an_interpreter_is_offered_another_language() -> None:
    facts = Facts("Margaret", "Priya Link", "0161 496 0999", interpreter=True)
    assert "another language" in wording_rules.fill_in(Kind.GOODBYE, Channel.LETTER, facts)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("Please ring us. You may ring on Tuesday 5 May.", ""),
        ("Hello Margaret, please ring", "Margaret"),
        ("It is about MONEY", "MONEY"),
        ("choir BY the canal expects you", "Choir by the canal"),
        ("Food waits for you", "Food"),
    ],
)
def test_what_gives_away_a_person_or_a_reason_is_found(words: str, told: str) -> None:
    assert rules.gives_away(words, PRIVATE) == told


def test_what_may_not_go_is_refused_with_a_remedy() -> None:
    with pytest.raises(Invalid, match="Write what"):
        rules.check_words(" \r\n", Channel.LETTER, PRIVATE)
    with pytest.raises(Invalid, match="Take out “debt”"):
        rules.check_words("About your debt", Channel.EMAIL, PRIVATE)
    assert rules.check_words("About your debt", Channel.LETTER, PRIVATE) == "About your debt"
    long = "a" * (rules.LONGEST_TEXT + 1)
    with pytest.raises(Invalid, match="Make it shorter"):
        rules.check_words(long, Channel.TEXT, Private())
    assert rules.check_words(long, Channel.EMAIL, Private()) == long


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("a" * 459, ""),
        ("a" * 460, "A text can be 459 letters long. This is 460. Make it shorter."),
        ("€" * 229, ""),
        ("€" * 230, "A text can be 459 letters long. This is 460. Make it shorter."),
        ("مرحبا " * 33, ""),
        ("ş" + "a" * 200, ""),
        ("a" * 200 + "şb", "A text with “ş” in it can be 201 letters long. This is 202. Make it shorter."),
        ("🙂" * 101, "A text with “🙂” in it can be 201 letters long. This is 202. Make it shorter."),
    ],
)
def test_a_text_is_counted_in_the_letters_that_it_is_sent_in(words: str, told: str) -> None:
    assert rules.text_problem(words) == told
    if told:
        with pytest.raises(Invalid, match="Make it shorter"):
            rules.check_words(words, Channel.TEXT, Private())
    else:
        assert rules.check_words(words, Channel.TEXT, Private()) == words.strip()


def test_curly_marks_do_not_halve_a_text() -> None:
    typed = "It’s “Tuesday” – or later… " + "a" * 400
    assert rules.longest_text(typed) == rules.LONGEST_TEXT
    assert rules.check_words(typed, Channel.TEXT, Private()).startswith('It\'s "Tuesday" - or later... ')
    assert rules.check_words(typed, Channel.EMAIL, Private()) == typed


def test_only_safe_ways_are_offered() -> None:
    assert rules.ways_for(OPEN, mobile=True) == (Channel.LETTER, Channel.TEXT, Channel.EMAIL)
    assert rules.ways_for(OPEN, mobile=False) == (Channel.LETTER, Channel.EMAIL)
    assert rules.ways_for(SafeContact(), mobile=True) == ()
    flagged = SafeContact(
        phones=OPEN.phones, email=OPEN.email, address=OPEN.address, texts=True, letters=True, safety_flag=True
    )
    assert rules.ways_for(flagged, mobile=True) == ()


def test_what_is_listened_to_is_plain_on_paper() -> None:
    assert rules.on_paper(Format.LARGE) is Format.LARGE
    assert rules.on_paper(Format.LISTEN) is Format.PLAIN


def test_whoever_writes_learns_when_words_on_paper_do_not_reach() -> None:
    assert rules.send_problem(form=Format.PLAIN, interpreter=" ", phone="1") == ()
    interpreter, heard = rules.send_problem(form=Format.LISTEN, interpreter="Urdu", phone="0161 496 0999")
    assert "Urdu" in interpreter
    assert "0161 496 0999" in interpreter
    assert "read it out" in heard


def test_a_page_counts_a_text_as_the_server_does() -> None:
    told = rules.text_counting()
    own, double, typed = str(told["own"]), str(told["double"]), told["typed"]
    assert (told["most"], told["mostInOthers"]) == (rules.LONGEST_TEXT, rules.LONGEST_IN_OTHER_LETTERS)
    for letter in own.replace("\r", ""):
        assert not rules.text_problem("a" + letter * (rules.LONGEST_TEXT - 2) + "a"), letter
    for letter in double:
        assert not rules.text_problem("a" + letter * ((rules.LONGEST_TEXT - 2) // 2) + "a"), letter
        assert rules.text_problem("a" + letter * (rules.LONGEST_TEXT // 2) + "a"), letter
    assert isinstance(typed, dict)
    assert all(rules.as_text(f"a{curly}a") == f"a{plain}a" for curly, plain in typed.items())
    assert "“" in typed
