"""What may be remembered of a search."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.insight import rules
from directory.insight.rules import Outcome, Trace
from directory.search.thesaurus.rules import Ring, Thesaurus

TODAY = date(2026, 11, 25)


@pytest.mark.parametrize(
    "q",
    [
        "ring me on 0161 496 0123",
        "07700900123 lunch",
        "fatima@example.org",
        "lunch club BL9 0AA",
        "bl90aa",
        "my name is Fatima Example",
        "Mrs. Example carer",
        "born 12/03/1950",
        "12 Long Street",
        "i want to die",
        "he hits me",
        "knitting crochet sewing weaving quilting felting spinning",
        "the of and",
        "",
    ],
)
def test_what_may_be_about_one_person_is_not_kept(q: str) -> None:
    assert rules.words_to_keep(q) == ""


@pytest.mark.parametrize(
    ("q", "kept"),
    [
        ("Where can I get a sewing machine?", "sewing machine"),
        ("i am lonely", "lonely"),
        ("walking, walking!", "walking"),
        ("tea dance 1940s", "tea dance 1940s"),
    ],
)
def test_the_telling_words_are_kept(q: str, kept: str) -> None:
    assert rules.words_to_keep(q) == kept


@given(st.text(max_size=80))
def test_no_digits_in_a_row_are_ever_kept(q: str) -> None:
    longest = max(
        (len(part) for part in "".join(c if c.isdigit() else " " for c in rules.words_to_keep(q)).split()),
        default=0,
    )
    assert longest < 5


def test_words_in_another_order_or_form_are_alike() -> None:
    assert rules.alike("sewing machines") == rules.alike("machine sewing")
    assert rules.alike("sewing") != rules.alike("knitting")


@pytest.mark.parametrize(
    ("total", "relaxed", "said"),
    [
        (0, False, Outcome.NOTHING),
        (40, True, Outcome.NOTHING),
        (3, False, Outcome.FEW),
        (4, False, Outcome.ENOUGH),
    ],
)
def test_what_answers_are_worth(total: int, relaxed: bool, said: Outcome) -> None:
    assert rules.outcome(total, relaxed=relaxed) is said


@pytest.mark.parametrize(
    ("agent", "machine"),
    [
        ("Mozilla/5.0 (X11; Linux) Firefox/140", False),
        ("Examplebot/2.1", True),
        ("", True),
        ("curl/8.1", True),
    ],
)
def test_programs_are_told_from_people(agent: str, machine: bool) -> None:
    assert rules.is_machine(agent) is machine


def test_a_trace_reads_as_it_was_written() -> None:
    trace = Trace("0f" * 16, 3, short=True)
    assert rules.read_trace(str(trace)) == trace
    for wrong in ("", "x", f"{'0f' * 16}.21.1", f"{'0f' * 16}.1.2", f"{'0F' * 16}.1.1"):
        assert rules.read_trace(wrong) is None


def test_marks_tell_nothing_without_their_salt() -> None:
    one = rules.mark("salt", "somebody", "words", "key")
    assert one == rules.mark("salt", "somebody", "words", "key")
    others = [
        rules.mark("other", "somebody", "words", "key"),
        rules.mark("salt", "somebody else", "words", "key"),
        rules.mark("salt", "somebody", "words", "other"),
    ]
    assert one not in others
    assert len(one) == 32


def test_periods_begin_on_a_monday() -> None:
    assert rules.week_of(TODAY) == date(2026, 11, 23)
    assert rules.since("4", TODAY) == date(2026, 10, 26)
    assert rules.since("nonsense", TODAY) == rules.since("13", TODAY) == date(2026, 8, 24)


def test_words_mean_the_needs_that_editors_say() -> None:
    known = Thesaurus([Ring(("lonely", "alone"), need="loneliness")])
    assert rules.needs_meant("lonely walks", known) == ("loneliness",)
    assert rules.needs_meant("walks", known) == ()
