"""Words that mean the same: what they ask for, what an editor may enter, and lists that others publish."""

from __future__ import annotations

import pytest

from core.errors import Invalid
from directory.search.thesaurus.rules import (
    LONGEST_PHRASE,
    MOST_SAME,
    NEED,
    SAME,
    Ring,
    Thesaurus,
    answering,
    check_ring,
    key_of,
    mentions,
    problem_of,
    read_list,
    read_phrases,
)
from migrations.seeds import NEEDS
from migrations.synonym_seeds import ENTRIES, id_of, version_id_of


class TestMeaning:
    def test_phrases_that_mean_the_same_find_each_other_and_never_themselves(self) -> None:
        known = Thesaurus([Ring(("debt", "money advice"))])
        assert known.others("debt") == {"money_advic": SAME}
        assert known.others("money_advic") == {"debt": SAME}
        assert known.others("yoga") == {}

    def test_what_is_only_typed_finds_and_is_not_found(self) -> None:
        known = Thesaurus([Ring(("debt",), ("skint",), "money-and-debt")])
        assert known.others("skint") == {"=money-and-debt": NEED, "debt": SAME}
        assert known.others("debt") == {"=money-and-debt": NEED}

    def test_several_entries_add_up_and_the_best_worth_counts(self) -> None:
        known = Thesaurus([Ring(("tea", "brew")), Ring((), ("tea",), "food"), Ring(("tea", "brew"))])
        assert known.others("tea") == {"brew": SAME, "=food": NEED}

    def test_words_can_be_listed_for_mending_slips(self) -> None:
        assert Thesaurus([Ring(("over 60s", "older people"))]).words == ("older", "people")

    def test_a_phrase_that_cannot_be_found_is_passed_over(self) -> None:
        known = Thesaurus([Ring(("the", "tea"))])
        assert "" not in known
        assert known.longest == 1

    def test_what_a_phrase_is_known_by(self) -> None:
        assert key_of("Food Banks") == "food_bank"
        assert key_of("one two three four five six seven eight nine ten eleven") == ""
        assert answering("the") == ()


class TestEntering:
    def test_phrases_stand_on_lines_or_between_commas(self) -> None:
        assert read_phrases("Skint,  No money\n\nskint; broke ", "same", 9) == ("skint", "no money", "broke")

    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ("the", "no word that searches look at"),
            ("a" * 31, "too long"),
            ("walking " * 8, "too long"),
            ("tea cake milk sugar bread", "too many words"),
        ],
    )
    def test_what_no_search_could_find_is_refused_by_name(self, text: str, words: str) -> None:
        with pytest.raises(Invalid, match=words) as refused:
            read_phrases(text, "typed", 9)
        assert refused.value.field == "typed"

    def test_too_many_are_refused(self) -> None:
        with pytest.raises(Invalid, match="at most 2"):
            read_phrases("tea, cake, milk", "same", 2)

    @pytest.mark.parametrize(
        "ring", [Ring(("tea",)), Ring((), ("tea",)), Ring((), (), "food"), Ring((), ("tea", "cake"))]
    )
    def test_an_entry_that_changes_nothing_is_refused(self, ring: Ring) -> None:
        with pytest.raises(Invalid, match="Enter"):
            check_ring(ring)

    def test_forms_of_one_word_are_refused(self) -> None:
        with pytest.raises(Invalid, match="one and the same") as refused:
            check_ring(Ring(("walk", "tea"), ("walking",)))
        assert refused.value.field == "typed"

    def test_an_entry_is_found_by_any_of_its_words(self) -> None:
        ring = Ring(("men’s shed",), ("woodwork",))
        assert mentions(ring, "Mens")
        assert mentions(ring, "")
        assert not mentions(ring, "yoga")


class TestLists:
    def test_both_sides_mean_the_same_and_the_left_alone_only_asks(self) -> None:
        listed = read_list(
            ["# cars", "---", "", "- search: car, vehicle => car, vehicle", "- search: motor, car => car"]
        )
        assert listed.rings == (Ring(("car", "vehicle")), Ring(("car",), ("motor",)))
        assert not listed.problems

    def test_what_need_not_be_the_same_is_kept_apart(self) -> None:
        listed = read_list(["- search: mot => mot test, car_test"])
        assert listed.rings == (Ring(("mot test",), ("mot",)), Ring(("car test",), ("mot",)))

    def test_what_cannot_be_used_is_told_by_line_and_the_rest_is_kept(self) -> None:
        listed = read_list(["tea", "- search: the, tea, brew => tea, brew", "- both: test, tests => test"])
        assert [number for number, _ in listed.problems] == [1, 2]
        assert listed.rings == (Ring(("tea", "brew")),)
        assert listed.needless == 1


class TestFirstEntries:
    def test_each_can_be_entered_by_an_editor(self) -> None:
        for same, typed, need in ENTRIES:
            check_ring(Ring(same, typed, need))
            assert len(same) <= MOST_SAME
            assert all(not problem_of(phrase) for phrase in (*same, *typed))
            assert all(len(key_of(phrase).split("_")) <= LONGEST_PHRASE for phrase in (*same, *typed))

    def test_their_needs_are_needs_that_there_are(self) -> None:
        assert {need for _, _, need in ENTRIES if need} <= {slug for slug, _, _ in NEEDS}

    def test_each_has_an_id_of_its_own(self) -> None:
        ids = {id_of(entry) for entry in ENTRIES} | {version_id_of(entry) for entry in ENTRIES}
        assert len(ids) == 2 * len(ENTRIES)
