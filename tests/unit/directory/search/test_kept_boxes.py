"""Boxes of facets look as their macro makes them, with the numbers of this search."""

from __future__ import annotations

import pytest
from markupsafe import Markup

from directory.search import kept_boxes
from directory.search.facets import FACETS
from directory.search.kept_boxes import KeptBoxes
from directory.search.queries import Choice, Narrowing

made: list[str] = []


def box(name: str, choice: Choice) -> Markup:
    made.append(choice.value)
    checked = " checked" if choice.chosen else ""
    return Markup('<input name="{}" value="{}"{}>{} ({})\n').format(
        name, choice.value, checked, choice.label, choice.count
    )


def narrowing(count: int, chosen: bool = False, label: str = "Food & <drink>") -> Narrowing:
    choices = (Choice("food", label, "", count, chosen), Choice("debt", "Debt", "", count + 1, False))
    return Narrowing(FACETS[0], choices)


def test_boxes_are_made_once_and_carry_the_numbers_of_each_search() -> None:
    made.clear()
    keeper = KeptBoxes()
    for one in (narrowing(3), narrowing(4), narrowing(4, chosen=True), narrowing(5, label="Food")):
        shown = keeper(box, one)
        kept = list(made)
        assert shown == Markup("").join(box(one.facet.name, choice) for choice in one.choices)
        made[:] = kept
    assert made == ["food", "debt", "food", "food"]


def test_no_more_are_kept_than_there_is_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_boxes, "MOST", 2)
    keeper = KeptBoxes()
    for label in ("One", "Two", "Three"):
        assert label in keeper(box, narrowing(1, label=label))
        assert len(keeper.held) <= 2
