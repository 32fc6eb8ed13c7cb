"""What may be asked of the open API and how an answer is paged: reading parameters, envelopes, limits. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from core.clock import LONDON
from core.errors import Invalid
from directory.listings.recurrence import Occurrence, Weekday
from directory.openreferral.parameter_rules import (
    LARGEST_PAGE_SIZE,
    LONGEST_WORDS,
    PAGE_SIZE,
    Kind,
    Parameter,
    read,
)

# How far ahead a day or a time is looked for, today included.
DAYS_AHEAD = 7


_SEARCH = Parameter(
    "search",
    Kind.WORDS,
    "Words that it must hold. Other words of the same meaning count too."
    f" What comes after {LONGEST_WORDS} characters is not looked at.",
)
_PAGED = (
    Parameter("page", Kind.COUNT, "Which page, from 1. A page past the end is empty."),
    Parameter("per_page", Kind.SIZE, f"How many on a page, up to {LARGEST_PAGE_SIZE}."),
    Parameter("format", Kind.FORMAT, "`ndjson` streams everything, one object a line, without pages."),
)
_FILTERS = (
    Parameter("taxonomy_term_id", Kind.ID, "Only what this term is applied to."),
    Parameter("taxonomy_id", Kind.ID, "Only what any term of this taxonomy is applied to."),
    Parameter("organization_id", Kind.ID, "Only what this organisation offers."),
    Parameter(
        "modified_after",
        Kind.MOMENT,
        "Only what changed at this moment or later, such as 2026-03-01T00:00:00Z.",
    ),
)
_FULL = Parameter("full", Kind.FLAG, "Give each with everything that hangs on it.")
_MINIMAL = Parameter(
    "minimal", Kind.FLAG, "Give only what tells each apart and when it changed, all on one page."
)
_PLACE = (
    Parameter(
        "postcode", Kind.PLACE, "A postcode, its outward part, a ward or a town. The nearest come first."
    ),
    Parameter("proximity", Kind.METRES, "Only within this many metres of the postcode, in a straight line."),
)
_UK_ONLY = (
    Parameter("minimum_age", Kind.AGE, "Only what starts at this age or a higher one."),
    Parameter("maximum_age", Kind.AGE, "Only what ends at this age or a lower one."),
    Parameter(
        "day", Kind.DAY, f"Only what has a session on this day of the next {DAYS_AHEAD} days: MO to SU."
    ),
    Parameter(
        "start_time", Kind.TIME, "Only with a session that starts at this time or later, such as 09:30."
    ),
    Parameter("end_time", Kind.TIME, "Only with a session that ends at this time or earlier."),
)


@dataclass(frozen=True, slots=True)
class Resource:
    """One list of the API and its objects. `required`: a feed without it fails; without another one it is warned."""

    name: str
    object: str
    label: str
    parameters: tuple[Parameter, ...]
    uk_parameters: tuple[Parameter, ...] = ()
    item_parameters: tuple[Parameter, ...] = ()
    required: bool = False

    def parameters_for(self, profile: str) -> tuple[Parameter, ...]:
        """What may be asked of the list on that base."""
        return self.parameters + (self.uk_parameters if profile == "oruk" else ())


_FULL_SERVICE = Parameter("full_service", Kind.FLAG, "Give its services with everything that hangs on them.")

RESOURCES: Mapping[str, Resource] = {
    one.name: one
    for one in (
        Resource(
            "services",
            "service",
            "service",
            (_SEARCH, *_PAGED, *_FILTERS, _MINIMAL, _FULL),
            _UK_ONLY,
            required=True,
        ),
        Resource(
            "service_at_locations",
            "service_at_location",
            "service at a location",
            (_SEARCH, *_PAGED, *_FILTERS, _FULL, *_PLACE),
            _UK_ONLY,
        ),
        Resource(
            "organizations",
            "organization",
            "organisation",
            (_SEARCH, *_PAGED, _FULL, _FULL_SERVICE),
            item_parameters=(_FULL_SERVICE,),
        ),
        Resource("taxonomies", "taxonomy", "taxonomy", (_SEARCH, *_PAGED)),
        Resource(
            "taxonomy_terms",
            "taxonomy_term",
            "taxonomy term",
            (
                _SEARCH,
                *_PAGED,
                Parameter("taxonomy_id", Kind.ID, "Only terms of this taxonomy."),
                Parameter("top_only", Kind.FLAG, "Only terms without a parent."),
                Parameter("parent_id", Kind.ID, "Only the children of this term."),
            ),
        ),
    )
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked of a list. `values` holds what was said, by parameter; what was not is not in it."""

    values: Mapping[str, Any]

    def get(self, name: str) -> Any:
        """The value of a parameter; None where it was not said."""
        return self.values.get(name)

    def flag(self, name: str) -> bool:
        """Whether a yes-or-no parameter says yes."""
        return bool(self.values.get(name))

    @property
    def page(self) -> int:
        return int(self.values.get("page", 1))

    @property
    def per_page(self) -> int:
        return int(self.values.get("per_page", PAGE_SIZE))

    @property
    def streams(self) -> bool:
        """Whether everything is wanted, line by line."""
        return self.values.get("format") == "ndjson"

    @property
    def asks_times(self) -> bool:
        """Whether real sessions decide."""
        return any(self.values.get(name) is not None for name in ("day", "start_time", "end_time"))


class Problems(Exception):
    """Parameters that cannot be used: each one's name with what is wrong and how to mend it."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__(" ".join(problems.values()))
        self.problems = dict(problems)


def read_parameters(
    given: Mapping[str, list[str]], known: tuple[Parameter, ...], elsewhere: frozenset[str] = frozenset()
) -> Asked:
    """What an address asks for. Raises `Problems` naming everything that cannot be used.

    `given` maps each parameter to its texts; `elsewhere` are those that the other base knows. An empty text says
    nothing.
    """
    values: dict[str, Any] = {}
    problems: dict[str, str] = {}
    by_name = {one.name: one for one in known}
    for name, texts in given.items():
        try:
            one = by_name.get(name)
            if one is None:
                raise Invalid(_unknown(name, by_name, elsewhere))
            if len(texts) > 1:
                raise Invalid(f"{name} was given {len(texts)} times. Give it once.")
            if texts[0].strip():
                values[name] = read(one.kind, name, texts[0].strip())
        except Invalid as fault:
            problems[_shown(name)] = fault.message
    if "proximity" in values and "postcode" not in values and "postcode" not in problems:
        problems["proximity"] = (
            "proximity needs a place to measure from. Give postcode too, such as postcode=BL9 0AA."
        )
    if problems:
        raise Problems(problems)
    return Asked(values)


def _shown(text: str) -> str:
    return "".join(letter if letter.isprintable() else "�" for letter in text[:40])


def _unknown(name: str, known: Mapping[str, Parameter], elsewhere: frozenset[str]) -> str:
    if name in elsewhere:
        return f"{name} is known to the UK base only. Ask the same of /api/oruk/v3, or leave it out."
    return f"There is no parameter {_shown(name)} here. Use any of: {', '.join(known) or 'none'}."


# --- by real sessions ---------------------------------------------------------------------------------------


def days_wanted(today: date, day: Weekday | None) -> tuple[date, date]:
    """The first and last date on which a session is looked for: the coming one of that day, or a week from today."""
    if day is None:
        return today, today + timedelta(days=DAYS_AHEAD - 1)
    wanted = today + timedelta(days=(day.number - today.weekday()) % 7)
    return wanted, wanted


def fits(one: Occurrence, start_time: time | None, end_time: time | None) -> bool:
    """Whether a session is on, starts no earlier than `start_time` and ends no later than `end_time` of its day."""
    if one.cancelled:
        return False
    if start_time is not None and one.start.time() < start_time:
        return False
    if end_time is None:
        return True
    if one.end is None:
        return False
    return one.end <= datetime.combine(one.start.date(), end_time, LONDON)


# --- pages --------------------------------------------------------------------------------------------------


def envelope(total: int, page: int, per_page: int, contents: list[dict[str, Any]]) -> dict[str, Any]:
    """The page that every list answers with."""
    pages = math.ceil(total / per_page)
    return {
        "total_items": total,
        "total_pages": pages,
        "page_number": page,
        "size": len(contents),
        "first_page": page == 1,
        "last_page": page >= pages,
        "empty": not contents,
        "contents": contents,
    }


def problem(status: int, title: str, detail: str, errors: Mapping[str, str] | None = None) -> dict[str, Any]:
    """A problem as RFC 9457 has it; `errors` maps parameters to what is wrong with them."""
    body: dict[str, Any] = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    if errors:
        body["errors"] = [{"parameter": name, "detail": message} for name, message in errors.items()]
    return body


# --- how much may be asked ----------------------------------------------------------------------------------

WINDOW = 60
# What asking for everything at once counts as.
STREAM_COST = 20


@dataclass(frozen=True, slots=True)
class Allowance:
    """Where somebody stands in this minute: how much they may ask in it, what is left, seconds until the next."""

    limit: int
    remaining: int
    reset: int
    refused: bool


def allowance(limit: int, used: int, now: float) -> Allowance:
    """`used` counts what was asked in this minute, this question included. `now` is in seconds."""
    reset = max(1, math.ceil(WINDOW - now % WINDOW))
    return Allowance(limit, max(0, limit - used), reset, refused=used > limit)
