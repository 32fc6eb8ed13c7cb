"""What somebody asks the search, within bounds, and what may be given up so that nobody leaves with nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from core.errors import Invalid
from core.geography.rules import KM_PER_MILE
from directory.search.facets import (
    BY_NAME,
    FACETS,
    GIVEN_UP,
    RADIUS,
    WORDS,
    Chosen,
    Facet,
    chosen_of,
    without,
)
from directory.search.understanding_rules import LONGEST

PAGE_SIZE = 10
LARGEST_PAGE = 10_000
SMALLEST_RADIUS_KM, LARGEST_RADIUS_KM = 0.1, 100.0
LONGEST_PLACE = 60
LONGEST_HEADING = 70

MOST_IN_HEADING = 3

# What somebody put in quotation marks themselves needs no more of them; nor does nothing at all.
_MARKS = ("", '"', "“", "”", "„", "«")

# Facet name to value to the name that a vocabulary gives it.
Names = Mapping[str, Mapping[str, str]]

# The order in which what was given up is told.
_SAID_FIRST = (WORDS, *(facet.name for facet in FACETS), RADIUS)

# Offered on pages, in miles; the address carries kilometres.
RADII_MILES = (1, 2, 5, 10)

# Three miles an hour on foot, by ways that are a quarter longer than the straight line.
WALKS_MINUTES = (15, 30)
MILES_PER_MINUTE = 3 / 60 / 1.25

# A place that a browser gave is kept to the middle of a square of about 500 metres.
NEAR_STEP = 0.005


class Sort(StrEnum):
    BEST = "best"
    NEAREST = "nearest"


@dataclass(frozen=True, slots=True)
class Criteria:
    """One search. `chosen` holds values by facet; `place` is what was typed, `near` a rounded (latitude, longitude)
    that a browser gave in its stead; None in `sort` leaves the order to us. `exact` takes words as they were typed."""

    q: str = ""
    place: str = ""
    radius_km: float | None = None
    chosen: Chosen = field(default_factory=chosen_of)
    sort: Sort | None = None
    page: int = 1
    near: tuple[float, float] | None = None
    exact: bool = False

    @property
    def needs(self) -> tuple[str, ...]:
        """Slugs of the needs that were chosen."""
        return self.chosen.get("need", ())

    @property
    def near_text(self) -> str:
        """Where a browser said that they are, as an address carries it; empty where it did not."""
        return f"{self.near[0]:.3f},{self.near[1]:.3f}" if self.near else ""

    @property
    def has_place(self) -> bool:
        """Whether it says where to measure from."""
        return bool(self.place.strip()) or self.near is not None

    @property
    def is_blank(self) -> bool:
        """Whether nothing at all was asked."""
        return not (self.q.strip() or self.has_place or self.chosen)

    def less(self, name: str, value: str) -> Criteria:
        """The same search from its first page, with one value of a facet taken away."""
        left = tuple(one for one in self.chosen.get(name, ()) if one != value)
        return replace(self, page=1, chosen=chosen_of(**{**self.chosen, name: left}))

    def pairs(self) -> list[tuple[str, str]]:
        """The parameters of an address that asks for this, without its page; the whole state of a search."""
        single = (
            ("q", readable(self.q, LONGEST).strip()),
            ("postcode", self.place),
            ("near", self.near_text),
            ("radius_km", "" if self.radius_km is None else f"{self.radius_km:g}"),
            ("sort", self.sort.value if self.sort else ""),
            ("exact", "1" if self.exact else ""),
        )
        many = [(name, value) for name, values in self.chosen.items() for value in values]
        return [(name, text) for name, text in single if text] + many

    def order(self, *, has_place: bool) -> Sort:
        """Nearest first where we know a place to measure from, unless they chose; else the best match."""
        if not has_place:
            return Sort.BEST
        return self.sort or Sort.NEAREST

    def without(self, given_up: Sequence[str]) -> Criteria:
        """The same search with these given up: facets by name, `RADIUS`. Words stay: fewer of them are asked for."""
        return replace(
            self,
            radius_km=None if RADIUS in given_up else self.radius_km,
            chosen=without(self.chosen, given_up),
        )


# --- reading an address -------------------------------------------------------------------------------------


def readable(text: str, longest: int) -> str:
    """At most `longest` characters that can be shown: what cannot be seen becomes a space."""
    return "".join(letter if letter.isprintable() else " " for letter in text[:longest])


def read_radius(text: str) -> float | None:
    """Kilometres; None for an empty text. Raises `Invalid`."""
    if not text.strip():
        return None
    mend = Invalid(
        f"The distance must be a number of kilometres from {SMALLEST_RADIUS_KM:g} to {LARGEST_RADIUS_KM:g}.",
        "radius_km",
    )
    try:
        radius = float(text)
    except ValueError:
        raise mend from None
    if not SMALLEST_RADIUS_KM <= radius <= LARGEST_RADIUS_KM:
        raise mend
    return radius


def read_sort(text: str) -> Sort | None:
    """An order; None for an empty text. Raises `Invalid`."""
    word = text.strip().lower()
    if not word:
        return None
    if word not in tuple(Sort):
        raise Invalid("The order must be best or nearest.", "sort")
    return Sort(word)


def read_page(text: str) -> int:
    """A page number from 1; an empty text is 1. Raises `Invalid`."""
    word = text.strip()
    if not word:
        return 1
    if not (word.isascii() and word.isdigit() and len(word) <= 5 and 1 <= int(word) <= LARGEST_PAGE):
        raise Invalid(f"The page must be a whole number from 1 to {LARGEST_PAGE:,}.", "page")
    return int(word)


def read_near(text: str) -> tuple[float, float] | None:
    """A "latitude,longitude" as a browser gave it, made coarse to about 500 metres; None for an empty text.

    Raises `Invalid`.
    """
    if not text.strip():
        return None
    mend = Invalid("We could not read where you are. Type a postcode or a place instead.", "near")
    try:
        lat, lon = (float(part) for part in text.split(","))
    except ValueError:
        raise mend from None
    if not (-90 <= lat <= 90 and -180 <= lon <= 180):
        raise mend
    return round(round(lat / NEAR_STEP) * NEAR_STEP, 3), round(round(lon / NEAR_STEP) * NEAR_STEP, 3)


def read_place(text: str) -> str:
    """What was typed as a place, on one line. Raises `Invalid` for more than a place name can be."""
    place = " ".join(readable(text, LONGEST_PLACE + 1).split())
    if len(place) > LONGEST_PLACE:
        raise Invalid("That is too long for a postcode or a town. Enter one like BL9 0AA.", "postcode")
    return place


# --- what is given up, and what is said about it --------------------------------------------------------------


def ways_to_relax(criteria: Criteria, *, words: int) -> tuple[tuple[str, ...], ...]:
    """What to give up when nothing is found, the smallest loss first: each thing alone, then more and more.

    `words` counts the things that the words ask for; fewer of them can be asked only where there are several.
    """
    asked = {*criteria.chosen, *([RADIUS] if criteria.radius_km is not None else ())}
    asked |= {WORDS} if words > 1 else set()
    open_to = [what for what in GIVEN_UP if what in asked]
    alone = [(what,) for what in open_to]
    together = [tuple(open_to[:count]) for count in range(2, len(open_to) + 1)]
    return tuple(alone + together)


def say_search(criteria: Criteria, names: Names, place: str) -> str:
    """What was asked, as a heading: "“debt” near BL9 0", "Food, on a Tuesday". `place` is a place's label."""
    words = " ".join(readable(criteria.q, LONGEST).split())
    if len(words) > LONGEST_HEADING:
        words = words[: LONGEST_HEADING - 1].rstrip() + "…"
    needs = names.get("need", {})
    what = " in ".join(
        part
        for part in (
            words if words[:1] in _MARKS else f"“{words}”",
            " or ".join(needs.get(slug, slug) for slug in criteria.needs),
        )
        if part
    )
    heading = what or "All groups and activities"
    if place:
        heading += f" {place}" if place.startswith("near ") else f" near {place}"
    more = [say_facet(facet, criteria, names) for facet in FACETS if facet.name in criteria.chosen]
    more = more[1:] if criteria.needs else more
    if len(more) > MOST_IN_HEADING:
        rest = len(more) - MOST_IN_HEADING
        more = [*more[:MOST_IN_HEADING], f"and {rest} more choice{'s' * (rest > 1)}"]
    return ", ".join([heading, *more])


def say_facet(facet: Facet, criteria: Criteria, names: Names) -> str:
    """What was chosen of one facet: "on a Tuesday", "for men or older people"."""
    return facet.say(criteria.chosen.get(facet.name, ()), names.get(facet.name, {}))


def say_relaxed(relaxed: Sequence[str], criteria: Criteria, names: Names) -> str:
    """One sentence that tells what was asked in vain and what is shown instead; empty when nothing was given up."""
    if not relaxed:
        return ""
    lacking, instead = [], []
    for what in sorted(relaxed, key=_SAID_FIRST.index):
        if what == WORDS:
            lacking.append("with all of your words")
            instead.append("some of your words")
        elif what == RADIUS and criteria.radius_km is not None:
            lacking.append(f"within {say_radius(criteria.radius_km)}")
            instead.append("further away")
        elif what in criteria.chosen:
            lacking.append(say_facet(BY_NAME[what], criteria, names))
            instead.append(BY_NAME[what].instead)
    return f"We found nothing {_listed(lacking)}. Here is what there is for {_listed(instead)}."


def say_radius(km: float) -> str:
    """A radius in miles, in words: "1 mile", "2.5 miles"."""
    miles = round(km / KM_PER_MILE, 1)
    return "1 mile" if miles == 1 else f"{miles:g} miles"


def radius_choices() -> list[tuple[str, str]]:
    """How far, for a list to choose from: walks as the straight line that they come to, then miles."""
    walks = [
        (
            f"{minutes * MILES_PER_MINUTE * KM_PER_MILE:.1f}",
            f"About {minutes} minutes’ walk (up to {minutes * MILES_PER_MINUTE:.1f} miles in a straight line)",
        )
        for minutes in WALKS_MINUTES
    ]
    miles = [(radius_of(miles), f"Within {miles} mile{'s' * (miles > 1)}") for miles in RADII_MILES]
    return [("", "Any distance"), *walks, *miles]


def radius_of(miles: int) -> str:
    """A radius of whole miles as the address carries it: kilometres, to one decimal place."""
    return f"{miles * KM_PER_MILE:.1f}"


def _listed(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
