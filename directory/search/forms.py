"""The search form, and reading an address into criteria."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from werkzeug.datastructures import MultiDict
from wtforms import SelectField, StringField

from core.errors import Invalid
from core.web.forms import QueryForm
from directory.listings.recurrence import WEEK
from directory.search import rules
from directory.search.rules import Criteria

T = TypeVar("T")

Address = MultiDict[str, str]


class SearchForm(QueryForm):
    """What the search pages ask. Choices carry how many answers each would give."""

    q = StringField("What would help?")
    postcode = StringField("Postcode or town")
    need = SelectField("Kind of help", validate_choice=False)
    day = SelectField("Day", validate_choice=False)
    radius_km = SelectField("How far", validate_choice=False)

    def show(self, criteria: Criteria) -> None:
        """Keep the words and the place as they were read."""
        self.q.data = rules.readable(criteria.q, rules.LONGEST)
        self.postcode.data = rules.readable(self.postcode.data or "", rules.LONGEST_PLACE)

    def offer(
        self, needs: list[tuple[str, str]], days: list[tuple[str, str]], radius_km: float | None
    ) -> None:
        """Fill the lists to choose from. A distance that is not among ours is offered beside them."""
        self.need.choices = [("", "Any kind"), *needs]
        self.day.choices = [("", "Any day"), *days]
        radii = [
            (rules.radius_of(miles), f"Within {miles} mile{'s' * (miles > 1)}") for miles in rules.RADII_MILES
        ]
        if radius_km is not None and f"{radius_km:.1f}" not in dict(radii):
            radii.append((f"{radius_km:g}", f"Within {rules.say_radius(radius_km)}"))
        self.radius_km.choices = [("", "Any distance"), *radii]
        if radius_km is not None:
            chosen = f"{radius_km:.1f}"
            self.radius_km.data = chosen if chosen in dict(radii) else f"{radius_km:g}"


def read_criteria(address: Address, known_needs: Mapping[str, str]) -> tuple[Criteria, dict[str, str]]:
    """The search that an address asks for, and what is wrong with it: parameter to message.

    What is wrong is left out of the search. Longer words than we look at are no fault.
    """
    problems: dict[str, str] = {}

    def read(name: str, reader: Callable[[Any], T], otherwise: T, value: Any = None) -> T:
        try:
            return reader(address.get(name, "") if value is None else value)
        except Invalid as fault:
            problems[name] = fault.message
            return otherwise

    criteria = Criteria(
        q=address.get("q", ""),
        place=read("postcode", rules.read_place, ""),
        radius_km=read("radius_km", rules.read_radius, None),
        needs=read("need", lambda slugs: rules.read_needs(slugs, known_needs), (), address.getlist("need")),
        day=read("day", rules.read_day, None),
        sort=read("sort", rules.read_sort, None),
        page=read("page", rules.read_page, 1),
    )
    return criteria, problems


def day_choices(counts: Mapping[str, int]) -> list[tuple[str, str]]:
    """The days to choose from, with how many answers each has."""
    return [(day.value, f"{day.label} ({counts.get(day.value, 0)})") for day in WEEK]
