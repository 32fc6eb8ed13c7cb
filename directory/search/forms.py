"""The search form, and reading an address into criteria."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from werkzeug.datastructures import MultiDict
from wtforms import SelectField, StringField

from core.errors import Invalid
from core.web.forms import QueryForm
from directory.search import facets, rules
from directory.search.facets import Chosen
from directory.search.rules import Criteria
from directory.search.understanding_rules import LONGEST

T = TypeVar("T")

Address = MultiDict[str, str]

# Facet name to every value that may stand in an address to the value that is meant.
Known = Mapping[str, Mapping[str, str]]


class SearchForm(QueryForm):
    """The boxes of the search pages. What narrows a search is made from the table of facets, with counts."""

    # Cut by the browser: three bytes a letter, and an address would be too long for any server.
    q = StringField("What would help?", render_kw={"maxlength": LONGEST})
    postcode = StringField("Postcode or town", render_kw={"maxlength": rules.LONGEST_PLACE})
    radius_km = SelectField("How far", validate_choice=False)

    def show(self, criteria: Criteria) -> None:
        """Keep the words and the place as they were read, and offer distances; one that is not ours beside them."""
        self.q.data = rules.readable(criteria.q, LONGEST)
        self.postcode.data = rules.readable(self.postcode.data or "", rules.LONGEST_PLACE)
        radii = dict(rules.radius_choices())
        chosen = "" if criteria.radius_km is None else f"{criteria.radius_km:.1f}"
        if chosen and chosen not in radii:
            chosen = f"{criteria.radius_km:g}"
            radii[chosen] = f"Within {rules.say_radius(criteria.radius_km or 0)}"
        self.radius_km.choices = list(radii.items())
        self.radius_km.data = chosen


def read_criteria(address: Address, known: Known) -> tuple[Criteria, dict[str, str]]:
    """The search that an address asks for, and what is wrong with it: parameter to message.

    What is wrong is left out of the search. Longer words than we look at are no fault.
    """
    problems: dict[str, str] = {}

    def read(name: str, reader: Callable[[str], T], otherwise: T) -> T:
        try:
            return reader(address.get(name, ""))
        except Invalid as fault:
            problems[name] = fault.message
            return otherwise

    place = read("postcode", rules.read_place, "")
    near = read("near", rules.read_near, None)
    criteria = Criteria(
        q=address.get("q", ""),
        place=place,
        radius_km=read("radius_km", rules.read_radius, None),
        chosen=_read_chosen(address, known, problems),
        sort=read("sort", rules.read_sort, None),
        page=read("page", rules.read_page, 1),
        near=None if place else near,
        exact=address.get("exact") == "1",
    )
    return criteria, problems


def _read_chosen(address: Address, known: Known, problems: dict[str, str]) -> Chosen:
    chosen: dict[str, Any] = {}
    for facet in facets.FACETS:
        try:
            chosen[facet.name] = facets.read(facet, address.getlist(facet.name), known.get(facet.name, {}))
        except Invalid as fault:
            problems[facet.name] = fault.message
    return facets.chosen_of(**chosen)
