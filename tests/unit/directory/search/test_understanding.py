"""What the words of a search ask for, whatever is typed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.search.thesaurus.rules import LONGEST_PHRASE, Ring, Thesaurus
from directory.search.understanding_rules import MOST_MEANINGS, MOST_WORDS, understand, without_marks
from migrations.synonym_seeds import ENTRIES

KNOWN = Thesaurus(Ring(same, typed, need) for same, typed, need in ENTRIES)


def labels(q: str) -> list[str]:
    return [one.label for one in understand(q, KNOWN).asked]


def test_stop_words_and_single_letters_tell_nothing() -> None:
    assert labels("I want to go for a walk") == ["walk"]


def test_a_known_pair_is_one_thing_with_its_other_words_and_its_parts() -> None:
    (bank,) = understand("food bank", KNOWN).asked
    assert bank.tokens["food_bank"] == 1
    assert 0 < bank.tokens["pantri"] < 1
    assert [part.label for part in bank.parts] == ["food", "bank"]


@pytest.mark.parametrize("typed", ["foodbank", "Food Bank", "FOOD-BANKS", "foodbanks!", "“food bank”"])
def test_ways_to_write_a_pair_meet(typed: str) -> None:
    assert "food_bank" in understand(typed, KNOWN).asked[0].tokens


def test_two_words_that_mean_nothing_together_stay_two() -> None:
    assert labels("yoga prestwich") == ["yoga", "prestwich"]


def test_a_word_may_mean_a_need() -> None:
    assert understand("lonely", KNOWN).asked[0].tokens["=loneliness"] < 1


def test_soft_words_are_never_required_beside_others() -> None:
    words = understand("help with debt")
    assert [words.asked[at].label for at in words.required] == ["debt"]


def test_soft_words_are_required_where_there_is_nothing_else() -> None:
    assert understand("help").required == (0,)


def test_a_word_said_twice_is_asked_once() -> None:
    assert labels("yoga yoga YOGA") == ["yoga"]


@pytest.mark.parametrize("typed", ["🙂🙂", "*", "~9", "[ TO ]", '"" + - !', "the and of"])
def test_what_holds_no_word_is_unusable(typed: str) -> None:
    words = understand(typed, KNOWN)
    assert words.unusable
    assert not words.asked


def test_nothing_typed_is_not_unusable() -> None:
    assert not understand("  ").unusable


def test_operators_are_words_or_nothing() -> None:
    assert labels("name:yo*ga AND (prest~2 OR x^9)") == ["name", "yo", "ga", "prest"]


def test_too_much_is_cut_and_said_to_be() -> None:
    words = understand("yoga " * 1000)
    assert words.cut
    assert len(words.asked) == 1
    assert not understand("yoga").cut


@given(st.text(max_size=6000))
def test_the_work_asked_for_is_bounded_whatever_is_typed(q: str) -> None:
    words = understand(q, KNOWN)
    assert len(words.asked) <= MOST_WORDS
    assert all(len(one.tokens) <= MOST_MEANINGS + LONGEST_PHRASE for one in words.asked)
    assert all(
        token.replace("_", "").lstrip("=").replace("-", "").isalnum()
        for one in words.asked
        for token in one.tokens
    )
    assert set(words.required) <= set(range(len(words.asked)))


def test_a_phrase_of_three_words_is_looked_for_by_its_pairs() -> None:
    known = Thesaurus([Ring(("driving test centre",), ("learn drive",))])
    (asked,) = understand("a driving test centre", known).asked
    assert asked.tokens == {"drive_test": 1.0, "test_centr": 1.0}
    (typed,) = understand("learn to drive", known).asked
    assert typed.tokens == {"learn_drive": 1.0, "drive_test": 0.7, "test_centr": 0.7}
    assert [part.label for part in typed.parts] == ["learn", "drive"]


def test_what_stands_in_quotation_marks_must_be_met_word_for_word() -> None:
    words = understand("“stay and play” tea", KNOWN)
    assert [(one.label, dict(one.tokens), one.must) for one in words.asked[:1]] == [
        ("stay play", {"stay_play": 1.0}, True)
    ]
    assert (words.asked[1].label, words.asked[1].must) == ("tea", False)


def test_quotation_marks_hold_beside_what_is_done_to_somebody() -> None:
    asked = understand('"walking group" he hits me', KNOWN).asked
    assert [(one.label, one.must) for one in asked] == [("hits me", False), ("walking group", True)]


def test_quoted_words_that_are_no_neighbours_must_each_be_met() -> None:
    asked = understand('"lunch with friends at home"', KNOWN).asked
    assert [one.label for one in asked] == ["lunch", "friends", "home"]
    assert all(one.must for one in asked)


def test_a_long_quotation_is_every_pair_of_neighbours() -> None:
    assert labels('"walking football group"') == ["walking football", "football group"]


def test_quotations_count_towards_what_is_looked_at() -> None:
    words = understand(f'"{" ".join(f"word{n}" for n in range(14))}" tea')
    assert len(words.asked) == MOST_WORDS
    assert words.cut


def test_a_mark_that_is_never_closed_is_nothing() -> None:
    assert [one.must for one in understand('"food bank', KNOWN).asked] == [False]


@pytest.mark.parametrize(
    "typed", ['"walking football" bury', "walking “football”  bury", 'walking football bury"']
)
def test_without_its_marks_every_word_may_stand_anywhere(typed: str) -> None:
    assert without_marks(typed) == "walking football bury"
    assert not any(one.must for one in understand(without_marks(typed), KNOWN).asked)


def test_a_word_can_be_asked_for_afterwards() -> None:
    words = understand("lonly", KNOWN, exact=True)
    assert words.exact
    assert "=loneliness" in words.word("lonely").tokens


def test_a_need_whose_name_tells_nothing_is_known_by_its_whole_name() -> None:
    known = Thesaurus([], {"transport": "Getting about", "food": "Food"})
    (asked,) = understand(" Getting  about!", known).asked
    assert asked.tokens == {"=transport": 1.0}
    assert understand("Food", known).asked[0].tokens == {"food": 1.0}
    assert understand("about", known).unusable


def test_what_is_done_to_somebody_asks_for_who_helps_and_not_for_the_deed() -> None:
    deed, husband = understand("My husband hits me", KNOWN).asked
    assert (deed.label, deed.tokens) == ("hits me", {"=safety": 1.0})
    assert husband.soft


def test_deeds_leave_no_more_words_than_are_looked_at() -> None:
    words = understand("he hits me " + " ".join(f"word{n}" for n in range(40)), KNOWN)
    assert len(words.asked) == MOST_WORDS


@pytest.mark.parametrize(
    ("typed", "need"),
    [
        ("suicide", "=mental-wellbeing"),
        ("“suicide”", "=mental-wellbeing"),
        ("self harm", "=mental-wellbeing"),
        ("I've been raped", "=safety"),
        ("sexual assault", "=safety"),
        ("domestic violence in Radcliffe", "=safety"),
        ("economic abuse", "=safety"),
        ("women's refuge", "=safety"),
        ("want to disappear", "=mental-wellbeing"),
    ],
)
def test_a_danger_that_is_heard_asks_for_who_helps_and_requires_nothing_else(typed: str, need: str) -> None:
    words = understand(typed, KNOWN)
    required = [words.asked[at] for at in words.required]
    assert required
    assert all(one.tokens[need] == 1 for one in required)
    assert words.exact


def test_what_has_a_name_is_found_by_it_too() -> None:
    (harm,) = understand("self-harm", KNOWN).asked
    assert harm.tokens == {"self_harm": 1.0, "=mental-wellbeing": 1.0}
    assert understand("suicide", KNOWN).asked[0].tokens["suicid"] == 1
