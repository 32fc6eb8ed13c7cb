"""Markup of the macros is made once for each shape, and never holds what somebody typed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from jinja2 import Environment, PackageLoader
from markupsafe import Markup, escape

from core.web import kept
from core.web.kept import KeptMarkup
from core.web.undefined import CarefulUndefined

NHS = Environment(loader=PackageLoader("nhsuk_frontend_jinja"), autoescape=True, undefined=CarefulUndefined)
BOX = {"id": "q", "name": "q", "label": {"text": "What would help?"}, "width": 20}


def macro(name: str, folder: str) -> Any:
    return getattr(NHS.get_template(f"nhsuk/components/{folder}/macro.jinja").module, name)


@pytest.mark.parametrize("typed", ["", "debt", '<b>"it\'s" & more</b>', "\ue000", "two\ue000\ue000"])
def test_a_box_looks_as_its_macro_makes_it_whatever_was_typed_before(typed: str) -> None:
    box, keeper = macro("input", "input"), KeptMarkup()
    for before in ("", "Ada Lovelace", typed):
        params = {**BOX, "value": before}
        assert keeper(box, params) == box(params)
    assert not any("Ada" in held for held in keeper.held.values())


def test_a_tag_is_made_once_and_its_colour_tells_it_from_others() -> None:
    made: list[Mapping[str, Any]] = []

    def tag(params: Mapping[str, Any]) -> str:
        made.append(params)
        return Markup("<b class='{}'>{}</b>").format(params["colour"], params["text"])

    keeper = KeptMarkup()
    shown = [keeper(tag, {"text": "Free", "colour": colour}) for colour in ("grey", "white", "grey")]
    assert [one.split("'")[1] for one in shown] == ["grey", "white", "grey"]
    assert len(made) == 2


@pytest.mark.parametrize("words", ["Ada's notes", "<b>", "\uf000\uf001", Markup("<b>More</b>"), ""])
def test_pieces_are_put_into_what_was_kept_and_kept_by_nobody(words: str) -> None:
    details, keeper = macro("details", "details"), KeptMarkup()
    for body in (Markup("<p>Ada\uf000</p>"), Markup("<textarea> 1\n 2 </textarea>")):
        for summary in ("Before", words):
            made = keeper(details, {"open": False}, summary=summary, html=body)
            anew = details({"open": False, "summary": summary, "html": body})
            assert made.split() == anew.split()
            assert body in made, "what was typed in it stays as it was typed"
    assert keeper.held
    assert not any("Ada" in held for held in keeper.held.values())


def test_a_mistake_is_told_anew_each_time() -> None:
    box, keeper = macro("input", "input"), KeptMarkup()
    for message in ("We do not know M1 1ZZ", "We do not know <i>"):
        params = {**BOX, "value": "M1 1ZZ", "errorMessage": {"text": message}}
        assert escape(message) in keeper(box, params)
    assert not keeper.held


def test_what_shows_the_value_twice_is_never_kept() -> None:
    def twice(params: Mapping[str, Any]) -> str:
        return Markup("{0} {0}").format(params["value"])

    keeper = KeptMarkup()
    assert keeper(twice, {"value": "<a>"}) == "&lt;a&gt; &lt;a&gt;"
    assert not keeper.held


def test_it_keeps_no_more_than_it_may(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "MOST", 3)
    keeper = KeptMarkup()
    for number in range(10):
        assert keeper(lambda params: str(params["text"]), {"text": number}) == str(number)
    assert len(keeper.held) <= 3
