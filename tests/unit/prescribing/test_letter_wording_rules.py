"""Templates in other languages: the names in curly brackets stay, and what is filled in reads in order."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Invalid
from core.notify.tongue_rules import TONGUES
from core.notify.wording_rules import Part, names_in
from prescribing.letters.rules import A_PLAN, Facts, Kind
from prescribing.letters.wording_rules import (
    EXAMPLE,
    LONGEST_SUBJECT,
    NAMES,
    TEMPLATES,
    WORDING_WORDS,
    Medium,
    Wording,
    check_version,
    english,
    example,
    fill,
    fill_in,
    lists_what_was_agreed,
    medium_of,
    of_letter,
    wording_of,
)
from prescribing.people.safe_contact import Channel

BARE = Facts("Sam", "Alex", "0161 496 0000")
TRIED = "Salaan. Fadlan wac {writer} {phone}."


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("medium", [Medium.LETTER, Medium.MESSAGE])
def test_every_name_in_a_template_is_told_to_the_translator_and_filled(kind: Kind, medium: Medium) -> None:
    template = english(kind, medium)
    assert set(names_in(template)) <= NAMES.keys()
    assert "{" not in fill(template, EXAMPLE)
    changed = template.replace("ring", "RING").replace("Our", "OUR")
    assert check_version(changed, template, medium) == changed


def test_a_list_of_nothing_is_left_out_with_its_heading() -> None:
    template = english(Kind.AGREED, Medium.LETTER)
    none = fill(template, BARE)
    assert none.count(A_PLAN) == 1
    assert "What you want" not in none
    one = fill(template, replace(BARE, steps=("You: Rest",)))
    assert "Who does what:\n- You: Rest" in one
    assert A_PLAN not in one
    assert "What you want" not in one
    assert A_PLAN not in fill(english(Kind.TRIED, Medium.LETTER), BARE)


def test_what_is_filled_in_keeps_its_order_among_words_from_the_right() -> None:
    assert "\u20680161 496 0000\u2069" in fill(TRIED, BARE, TONGUES["ur"])
    assert "\u2068" not in fill(TRIED, BARE)
    assert fill("{unknown}", BARE) == "{unknown}"


def test_days_are_said_in_the_language_of_the_words_around_them() -> None:
    polish, somali = TONGUES["pl"], TONGUES["so"]
    assert (
        fill("{appointment} | {when}", EXAMPLE, polish)
        == "wtorek, 3 marca 2026 | wtorek, 3 marca 2026, 10:00–12:00"
    )
    assert fill("{appointment}", EXAMPLE, somali) == "Talaado, Maarso 3, 2026"
    assert fill("{appointment}", EXAMPLE) == "Tuesday 3 March"
    assert fill("{appointment}", BARE, polish) == "[the day and the time]"
    words = ("{phone}", "{when} {phone}", "{when}\n\n{goals}", "{steps}")
    assert [lists_what_was_agreed(each) for each in words] == [False, False, True, True]


def test_a_letter_offers_another_language_before_its_end() -> None:
    letter = fill_in(Kind.GOODBYE, Channel.LETTER, replace(BARE, interpreter=True))
    assert letter.endswith("Would you like this in another language? Ring 0161 496 0000.\n\nAlex")
    text = fill_in(Kind.GOODBYE, Channel.TEXT, replace(BARE, interpreter=True))
    assert "another language" not in text
    assert (medium_of(Channel.LETTER), medium_of(Channel.EMAIL)) == (Medium.LETTER, Medium.MESSAGE)


@pytest.mark.parametrize(
    ("words", "mend"),
    [
        ("  ", "Paste the words"),
        (english(Kind.TRIED, Medium.MESSAGE), "These are the English words"),
        (f"{TRIED} {{goals}}", "Take out {goals}"),
        (f"{TRIED} {{name}}", "Take out {name}"),
        (f"{TRIED} {{ phone }}", "A curly bracket stands by itself"),
        ("Wac {phone}.", "Put {writer} in: the name of whoever writes"),
        (f"{TRIED} [maalinta]", "Take out [maalinta]"),
        (f"{TRIED} Https://elsewhere.example", "Take the web address out"),
        (f"{TRIED} {'a' * 460}", "A text like this can be 459"),
        (f"{TRIED} {'ş' * 200}", "A text like this can be 201"),
    ],
)
def test_words_that_cannot_be_used_say_how_to_mend_them(words: str, mend: str) -> None:
    with pytest.raises(Invalid) as problem:
        check_version(words, english(Kind.TRIED, Medium.MESSAGE), Medium.MESSAGE)
    assert mend in problem.value.message


@pytest.mark.parametrize(
    "spoiled",
    [("What you want:\n", "What you want: "), ("{goals}\n\n", "{goals}\n"), ("\n{steps}", "\n{steps}.")],
)
def test_a_list_stands_on_a_line_of_its_own(spoiled: tuple[str, str]) -> None:
    words = english(Kind.AGREED, Medium.LETTER).replace(*spoiled)
    with pytest.raises(Invalid) as problem:
        check_version(words, english(Kind.AGREED, Medium.LETTER), Medium.LETTER)
    assert "on a line of its own" in problem.value.message


@given(st.text(max_size=300))
def test_whatever_is_pasted_is_kept_or_refused_in_words(text: str) -> None:
    kept = ""
    with suppress(Invalid):
        kept = check_version(
            f"{TRIED}\r\n\r\n\r\n\r\n{text}", english(Kind.TRIED, Medium.MESSAGE), Medium.MESSAGE
        )
    assert "\r" not in kept
    assert "{" not in fill(kept, EXAMPLE)


def test_what_goes_out_by_itself_has_words_of_its_own_and_subjects_too() -> None:
    assert WORDING_WORDS.keys() == set(Wording)
    assert wording_of("message-waiting", Part.WORDS) == (Medium.MESSAGE, Wording.MESSAGE_WAITING)
    assert wording_of("message-waiting", Part.SUBJECT) == (Medium.SUBJECT, Wording.MESSAGE_WAITING)
    assert wording_of("letter", Part.SUBJECT) == (Medium.SUBJECT, Wording.LETTER)
    assert wording_of("letter", Part.WORDS) is None, "what a link worker wrote goes as it is"
    assert wording_of("referral-new", Part.WORDS) is None
    assert of_letter(Wording.TRIED) is Kind.TRIED
    assert of_letter(Wording.LETTER) is None
    assert len(TEMPLATES) == 36


def test_an_example_has_something_in_every_place() -> None:
    said = example("{link} {reference} {code} {when} {now} {days} {phone}", TONGUES["ur"])
    assert "{" not in said
    assert "https://example.org/me/messages " in said, "nothing stands at the end of an address"
    assert "\u2068123456\u2069" in said
    assert "\u2068منگل، 3 مارچ، 2026 10:00–12:00\u2069 \u2068بدھ، 4 مارچ، 2026 10:00–12:00\u2069" in said
    assert example("{unknown} {phone}") == "{unknown} 0161 496 0000"


def test_a_subject_is_short_and_what_was_never_a_text_may_be_long() -> None:
    assert check_version("Farriin cusub", "You have a new message", Medium.SUBJECT) == "Farriin cusub"
    for wrong in ("Farriin\ncusub", "a" * (LONGEST_SUBJECT + 1)):
        with pytest.raises(Invalid, match="one line"):
            check_version(wrong, "You have a new message", Medium.SUBJECT)
    long = "a" * 500
    assert check_version(long, "b" * 480, Medium.MESSAGE) == long
    with pytest.raises(Invalid, match="A text like this can be"):
        check_version(long, "b" * 100, Medium.MESSAGE)
