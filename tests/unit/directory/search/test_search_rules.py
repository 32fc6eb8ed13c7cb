"""What a search asks for, whatever is typed, and what is given up so that nobody leaves with nothing."""

from __future__ import annotations

import pytest

from core.errors import Invalid
from directory.search import rules
from directory.search.facets import GIVEN_UP, chosen_of
from directory.search.rules import Criteria, Sort

NAMES = {"need": {"food": "Food", "loneliness": "Company and friendship"}}


class TestReading:
    def test_what_cannot_be_seen_becomes_a_space(self) -> None:
        assert rules.readable("a\x0bb\x00é🙂", 5) == "a b é"

    def test_radius(self) -> None:
        assert rules.read_radius("") is None
        assert rules.read_radius(" 3.2 ") == 3.2

    @pytest.mark.parametrize("text", ["far", "0", "-1", "1e9", "nan", "inf", "101"])
    def test_radius_that_cannot_be_used(self, text: str) -> None:
        with pytest.raises(Invalid, match="kilometres") as refused:
            rules.read_radius(text)
        assert refused.value.field == "radius_km"

    def test_sort(self) -> None:
        assert rules.read_sort("") is None
        assert rules.read_sort("Nearest") is Sort.NEAREST
        with pytest.raises(Invalid, match="best or nearest"):
            rules.read_sort("cheapest")

    def test_page(self) -> None:
        assert rules.read_page("") == 1
        assert rules.read_page("7") == 7

    @pytest.mark.parametrize("text", ["0", "-1", "1.5", "x", "99999", "100000", "٣"])
    def test_page_that_cannot_be_used(self, text: str) -> None:
        with pytest.raises(Invalid, match="whole number"):
            rules.read_page(text)

    def test_where_a_browser_says_somebody_is_is_made_coarse(self) -> None:
        assert rules.read_near("") is None
        assert rules.read_near("53.59312,-2.29788") == (53.595, -2.3)

    @pytest.mark.parametrize("text", ["here", "53", "91,0", "0,181", "1,2,3", "nan,0"])
    def test_where_somebody_is_that_cannot_be_read(self, text: str) -> None:
        with pytest.raises(Invalid, match="postcode or a place"):
            rules.read_near(text)

    def test_place(self) -> None:
        assert rules.read_place("  BL9   0AA ") == "BL9 0AA"
        with pytest.raises(Invalid, match="too long"):
            rules.read_place("x" * 61)


class TestOrder:
    def test_nearest_first_where_there_is_a_place_unless_they_chose(self) -> None:
        assert Criteria(q="a").order(has_place=True) is Sort.NEAREST
        assert Criteria(q="a", sort=Sort.BEST).order(has_place=True) is Sort.BEST
        assert Criteria(q="a", sort=Sort.NEAREST).order(has_place=False) is Sort.BEST

    def test_blank(self) -> None:
        assert Criteria().is_blank
        assert Criteria(q=" ").is_blank
        assert not Criteria(chosen=chosen_of(day="MO")).is_blank
        assert not Criteria(near=(53.59, -2.3)).is_blank


class TestRelaxing:
    ALL = Criteria(q="a b", place="BL9", radius_km=1.6, chosen=chosen_of(need="food", day="TU"))

    def test_the_smallest_loss_comes_first_and_then_more_together(self) -> None:
        ways = rules.ways_to_relax(self.ALL, words=2)
        assert ways[:4] == (("day",), ("radius",), ("need",), ("words",))
        assert ways[4:] == (
            ("day", "radius"),
            ("day", "radius", "need"),
            ("day", "radius", "need", "words"),
        )

    def test_what_was_not_asked_cannot_be_given_up(self) -> None:
        assert rules.ways_to_relax(Criteria(q="yoga"), words=1) == ()
        assert rules.ways_to_relax(Criteria(q="yoga mat"), words=2) == (("words",),)

    def test_without(self) -> None:
        assert self.ALL.without(GIVEN_UP) == Criteria(q="a b", place="BL9")
        assert self.ALL.without([]) == self.ALL

    def test_words_for_what_was_given_up(self) -> None:
        assert rules.say_relaxed((), self.ALL, NAMES) == ""
        assert (
            rules.say_relaxed(("day",), self.ALL, NAMES)
            == "We found nothing on a Tuesday. Here is what there is for any day."
        )
        assert rules.say_relaxed(("need",), self.ALL, NAMES).startswith("We found nothing under “Food”.")
        assert rules.say_relaxed(GIVEN_UP, self.ALL, {}) == (
            "We found nothing with all of your words, under “food”, on a Tuesday and within 1 mile. "
            "Here is what there is for some of your words, any kind of help, any day and further away."
        )


class TestWords:
    def test_heading(self) -> None:
        assert rules.say_search(Criteria(), NAMES, "") == "All groups and activities"
        assert rules.say_search(Criteria(q=" debt  help "), NAMES, "near BL9 0") == "“debt help” near BL9 0"
        assert (
            rules.say_search(Criteria(chosen=chosen_of(need="food")), NAMES, "BL9 0AA") == "Food near BL9 0AA"
        )
        assert rules.say_search(Criteria(q='"tea dance"'), NAMES, "") == '"tea dance"'
        tuesday = Criteria(q="tea", chosen=chosen_of(need=("food", "x"), day="TU"))
        assert rules.say_search(tuesday, NAMES, "") == "“tea” in Food or x, on a Tuesday"
        assert len(rules.say_search(Criteria(q="x" * 5000), NAMES, "")) < 80

    def test_radius(self) -> None:
        assert rules.say_radius(1.609344) == "1 mile"
        assert rules.say_radius(4) == "2.5 miles"
        assert [rules.radius_of(miles) for miles in rules.RADII_MILES] == ["1.6", "3.2", "8.0", "16.1"]


class TestTheWholeState:
    ASKED = Criteria(
        q=" tea ",
        place="BL9 0",
        radius_km=1.5,
        sort=Sort.BEST,
        exact=True,
        chosen=chosen_of(need=("food", "loneliness"), day=("MO",)),
    )

    def test_an_address_says_all_of_it(self) -> None:
        assert self.ASKED.pairs() == [
            ("q", "tea"),
            ("postcode", "BL9 0"),
            ("radius_km", "1.5"),
            ("sort", "best"),
            ("exact", "1"),
            ("need", "food"),
            ("need", "loneliness"),
            ("day", "MO"),
        ]

    def test_where_a_browser_said_they_are(self) -> None:
        near = Criteria(near=(53.59, -2.3))
        assert near.pairs() == [("near", "53.590,-2.300")]
        assert near.has_place
        assert not near.is_blank

    def test_one_choice_less(self) -> None:
        less = self.ASKED.less("need", "food")
        assert less.needs == ("loneliness",)
        assert less.less("need", "loneliness").needs == ()
        assert less.chosen["day"] == ("MO",)

    def test_a_heading_says_a_few_choices_and_counts_the_rest(self) -> None:
        many = Criteria(
            chosen=chosen_of(day=("MO",), time=("morning",), cost=("free",), now=("yes",), how=("online",))
        )
        assert rules.say_search(many, NAMES, "").endswith("more choices")

    def test_how_far_is_offered_as_walks_and_miles(self) -> None:
        offered = rules.radius_choices()
        assert offered[0] == ("", "Any distance")
        assert "walk" in offered[1][1]
        assert offered[-1][1].startswith("Within ")
