"""Choosing among matches: filters, order, what is given up, counts."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from directory.search import ranking
from directory.search.columns import Row
from directory.search.facets import chosen_of
from directory.search.pools import Match, pool_of
from directory.search.ranking import Hits
from directory.search.rules import PAGE_SIZE, Criteria, Sort
from directory.search.understanding_rules import Words, understand

NOW = 29_000_000
HERE = (53.59, -2.29)


def row(number: int, *, north_km: float | None = 0.0, anywhere: bool = False, **more: frozenset[str]) -> Row:
    points = () if north_km is None else ((round((HERE[0] + north_km / 111.2) * 1_000_000), -2_290_000),)
    return Row(
        UUID(int=number),
        f"Listing {number:03}",
        {
            "need": more.get("needs", frozenset()),
            "when": frozenset(f"{day}-morning" for day in more.get("days", ())),
        },
        (),
        points,
        anywhere,
    )


def choose(
    rows: list[Row],
    matches: dict[int, Match] | None,
    words: Words,
    criteria: Criteria,
    near: tuple[float, float] | None,
) -> Hits:
    return ranking.choose([pool_of(rows, matches, words)], words, criteria, near, NOW)


def numbers(hits: Hits) -> list[int]:
    return [one.int for one in hits.ids]


def test_nearest_first_and_what_needs_no_journey_after() -> None:
    rows = [
        row(1, north_km=None),
        row(2, north_km=5),
        row(3, north_km=0.2, anywhere=True),
        row(4, north_km=1),
    ]
    assert numbers(choose(rows, None, understand(""), Criteria(), HERE)) == [4, 2, 1, 3]


def test_a_radius_hides_the_far_and_what_has_no_place_but_never_what_needs_no_journey() -> None:
    rows = [row(1, north_km=None), row(2, north_km=5), row(3, anywhere=True), row(4, north_km=1)]
    hits = choose(rows, None, understand(""), Criteria(radius_km=2), HERE)
    assert numbers(hits) == [4, 3]


def test_a_radius_without_a_place_changes_nothing() -> None:
    hits = choose([row(1)], None, understand(""), Criteria(radius_km=0.1), None)
    assert (hits.total, hits.relaxed) == (1, ())


def test_the_nearest_of_several_places_counts() -> None:
    both = Row(UUID(int=1), "Two places", {}, (), row(1, north_km=9).points + row(1).points, False)
    assert numbers(choose([row(2, north_km=1), both], None, understand(""), Criteria(), HERE)) == [1, 2]


def test_what_meets_every_thing_asked_comes_first_and_what_comes_close_after() -> None:
    matches = {0: Match(1.0, 0b11), 1: Match(9.0, 0b01)}
    hits = choose([row(1, north_km=3), row(2)], matches, understand("yoga prestwich"), Criteria(), HERE)
    assert (numbers(hits), hits.whole) == ([1, 2], 1)
    assert hits.apart == (("yoga", 2), ("prestwich", 1))


def test_of_three_things_half_will_do_with_a_score_near_the_best_and_less_comes_last() -> None:
    words = understand("yoga prestwich evening")
    matches = {0: Match(10.0, 0b111), 1: Match(9.0, 0b011), 2: Match(1.0, 0b011), 3: Match(9.0, 0b001)}
    rows = [row(number, north_km=5 - number) for number in range(1, 5)]
    hits = choose(rows, matches, words, Criteria(), HERE)
    assert (numbers(hits), hits.whole) == ([2, 1, 4], 2)


def test_words_are_given_up_where_nothing_meets_all_and_weak_matches_stay_out() -> None:
    matches = {0: Match(10.0, 0b01), 1: Match(6.0, 0b10), 2: Match(1.0, 0b10)}
    hits = choose([row(1), row(2), row(3)], matches, understand("yoga prestwich"), Criteria(), None)
    assert hits.relaxed == ("words",)
    assert numbers(hits) == [1, 2]


def test_the_day_is_given_up_before_the_need() -> None:
    rows = [row(1, needs=frozenset({"food"}), days=frozenset({"MO"})), row(2, days=frozenset({"TU"}))]
    asked = Criteria(chosen=chosen_of(need="food", day="TU"))
    hits = choose(rows, None, understand(""), asked, None)
    assert (hits.relaxed, numbers(hits)) == (("day",), [1])


def test_two_things_are_given_up_where_one_is_not_enough() -> None:
    rows = [row(1, north_km=30, days=frozenset({"MO"}))]
    hits = choose(rows, None, understand(""), Criteria(radius_km=1, chosen=chosen_of(day="TU")), HERE)
    assert hits.relaxed == ("day", "radius")


def test_nothing_at_all_is_said_to_be_nothing() -> None:
    hits = choose([row(1)], {}, understand("yoga"), Criteria(chosen=chosen_of(day="MO")), None)
    assert (hits.total, hits.pages, hits.relaxed, hits.ids) == (0, 1, (), ())


def test_counts_say_what_each_choice_would_give() -> None:
    rows = [
        row(1, needs=frozenset({"food"}), days=frozenset({"MO"})),
        row(2, needs=frozenset({"food", "work"}), days=frozenset({"TU"})),
        row(3, needs=frozenset({"work"}), days=frozenset({"MO"})),
    ]
    hits = choose(rows, None, understand(""), Criteria(chosen=chosen_of(need="food", day="MO")), None)
    assert hits.counts["need"] == {"food": 1, "work": 1}
    assert hits.counts["day"] == {"MO": 1, "TU": 1}


rows_given = st.lists(
    st.builds(
        lambda north, anywhere, needs, days: (north, anywhere, needs, days),
        st.one_of(st.none(), st.floats(0, 40)),
        st.booleans(),
        st.frozensets(st.sampled_from(["food", "work"])),
        st.frozensets(st.sampled_from(["MO", "TU"])),
    ),
    max_size=30,
)


@given(
    rows_given,
    st.builds(
        Criteria,
        radius_km=st.one_of(st.none(), st.floats(0.1, 50)),
        chosen=st.builds(
            chosen_of,
            need=st.sampled_from([(), ("food",), ("food", "work")]),
            day=st.sampled_from([(), ("MO",)]),
        ),
        sort=st.one_of(st.none(), st.sampled_from(Sort)),
    ),
)
def test_pages_hold_every_answer_once_and_something_is_found_wherever_there_is_something(
    given_rows: list[tuple[float | None, bool, frozenset[str], frozenset[str]]], criteria: Criteria
) -> None:
    rows = [
        row(number, north_km=north, anywhere=anywhere, needs=needs, days=days)
        for number, (north, anywhere, needs, days) in enumerate(given_rows, 1)
    ]
    first = choose(rows, None, understand(""), criteria, HERE)
    assert (first.total == 0) == (not rows)
    seen: list[UUID] = []
    for page in range(1, first.pages + 1):
        asked = replace(criteria, page=page)
        ids = choose(rows, None, understand(""), asked, HERE).ids
        assert len(ids) <= PAGE_SIZE
        seen += ids
    assert len(seen) == len(set(seen)) == first.total
