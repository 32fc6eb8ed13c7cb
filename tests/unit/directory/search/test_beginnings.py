"""Names are found by how any of their words begins, whatever else begins alike."""

from __future__ import annotations

from uuid import UUID

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.search import beginnings
from directory.search.beginnings import ACTIVITIES, GROUPS, Beginnings, flat
from directory.search.columns import Array, Row

NAMES = st.lists(st.text(alphabet="ab é'-\n", max_size=12), min_size=1, max_size=12)


def held(names: list[str], groups: list[str] | None = None) -> dict[str, Beginnings]:
    rows = [
        Row(UUID(int=number), name, group=group)
        for number, (name, group) in enumerate(zip(names, groups or names, strict=True))
    ]
    arrays = beginnings.sorted_texts(beginnings.texts(rows))
    texts = beginnings.texts(rows)
    return {kind: Beginnings(texts | arrays, kind) for kind in (ACTIVITIES, GROUPS)}


@given(NAMES, st.text(alphabet="ab é", min_size=1, max_size=4), st.integers(1, 4))
def test_a_beginning_finds_what_going_through_all_names_would(
    names: list[str], typed: str, most: int
) -> None:
    begun = flat(typed)
    if not begun:
        return
    wanted = sorted({flat(name) for name in names if f" {begun}" in f" {flat(name)}"})[:most]
    found = list(held(names)[ACTIVITIES].of(begun, None, most))
    assert [name for name, _ in found] == wanted
    assert all(flat(names[document]) == name for name, document in found)


@given(NAMES, NAMES)
def test_segments_that_are_joined_hold_the_names_of_both(names: list[str], more: list[str]) -> None:
    def texts(told: list[str]) -> dict[str, Array]:
        return beginnings.texts(Row(UUID(int=number), name) for number, name in enumerate(told))

    both, joined = texts(names + more), beginnings.joined_texts([texts(names), texts(more)])
    assert {name: array.tobytes() for name, array in both.items()} == {
        name: array.tobytes() for name, array in joined.items()
    }


def test_a_listing_that_has_left_does_not_speak_for_its_group() -> None:
    groups = held(["One", "Two"], ["Quiz friends", "Quiz friends"])[GROUPS]
    assert list(groups.of("qu", np.array([False, True]), 3)) == [("quiz friends", 1)]
    assert list(groups.of("qu", np.array([False, False]), 3)) == []


@pytest.mark.parametrize(
    ("typed", "name"), [("mens", "Men’s shed"), ("cafe", "Garden Café"), ("foodb", "Foodbank")]
)
def test_accents_and_apostrophes_need_not_be_typed(typed: str, name: str) -> None:
    assert [found for found, _ in held([name])[ACTIVITIES].of(flat(typed), None, 3)] == [flat(name)]
