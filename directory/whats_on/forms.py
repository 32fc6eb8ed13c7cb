"""The form of what is on, and reading an address into what is wanted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import TypeVar

from werkzeug.datastructures import MultiDict
from wtforms import SelectField, StringField

from core.calendar.rules import say_day
from core.errors import Invalid
from core.web.fields import choices
from core.web.forms import QueryForm
from directory.search import rules as search_rules
from directory.whats_on import rules
from directory.whats_on.rules import Wanted

T = TypeVar("T")


class WhatsOnForm(QueryForm):
    """Where, when in the day, and for what. Days are chosen above it, or from its list."""

    postcode = StringField("Postcode or town")
    radius = SelectField("How far", validate_choice=False)
    part = SelectField("Time of day", validate_choice=False)
    need = SelectField("Kind of help", validate_choice=False)
    day = SelectField("Day", validate_choice=False)

    def offer(self, wanted: Wanted, needs: list[tuple[str, str]], today: date) -> None:
        """Fill the lists to choose from, and keep the place as it was read."""
        self.postcode.data = wanted.place
        self.radius.choices = choices(
            [
                *((str(miles), f"Within {miles} mile{'s' * (miles > 1)}") for miles in rules.RADII_MILES),
                (rules.ANY_DISTANCE, "Any distance"),
            ]
        )
        self.radius.data = rules.ANY_DISTANCE if wanted.radius_miles is None else str(wanted.radius_miles)
        self.part.choices = choices([(part, part.capitalize()) for part in rules.PARTS], first="Any time")
        self.part.data = wanted.part
        self.need.choices = choices(needs, first="Any kind")
        self.need.data = wanted.needs[0] if wanted.needs else ""
        days = [today + timedelta(days=n) for n in range(2, rules.FURTHEST.days + 1)]
        self.day.choices = choices(
            [(slug, short) for slug, short, _ in rules.strip(today)[:3]]
            + [(day.isoformat(), say_day(day, today)) for day in days]
        )
        self.day.data = wanted.days.choice


def read_wanted(
    address: MultiDict[str, str], known_needs: Mapping[str, str], today: date
) -> tuple[Wanted, dict[str, str]]:
    """What an address asks for, and what is wrong with it: parameter to message. What is wrong is left out."""
    problems: dict[str, str] = {}

    def read(name: str, reader: Callable[[str], T], otherwise: T) -> T:
        try:
            return reader(address.get(name, ""))
        except Invalid as fault:
            problems[name] = fault.message
            return otherwise

    def read_need(text: str) -> tuple[str, ...]:
        if not text.strip():
            return ()
        if not known_needs.get(text.strip()):
            raise Invalid("Choose a kind of help from the list.", "need")
        return (known_needs[text.strip()],)

    wanted = Wanted(
        days=read("day", lambda text: rules.read_days(text, today), rules.read_days("", today)),
        part=read("part", rules.read_part, ""),
        needs=read("need", read_need, ()),
        place=read("postcode", search_rules.read_place, ""),
        radius_miles=read("radius", rules.read_radius, None),
        page=read("page", search_rules.read_page, 1),
    )
    return wanted, problems
