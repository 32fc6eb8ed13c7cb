"""How each kind of parameter of the open API is written, as its OpenAPI document says, and how its text is read."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time
from enum import StrEnum
from functools import partial
from typing import Any
from uuid import UUID

from core.errors import Invalid
from directory.listings.recurrence import WEEK, Weekday

PAGE_SIZE = 50
LARGEST_PAGE_SIZE = 1000
MOST_PAGES = 10**18
FARTHEST = 100_000
OLDEST = 150
LONGEST_WORDS = 200
LONGEST_PLACE = 60


class Kind(StrEnum):
    """How a parameter's text is read."""

    WORDS = "words"
    COUNT = "count"
    SIZE = "size"
    FORMAT = "format"
    ID = "id"
    MOMENT = "moment"
    FLAG = "flag"
    PLACE = "place"
    METRES = "metres"
    AGE = "age"
    DAY = "day"
    TIME = "time"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a list: how it is read, what it does, and its JSON Schema in the OpenAPI document."""

    name: str
    kind: Kind
    about: str

    @property
    def schema(self) -> dict[str, Any]:
        """What its text must be."""
        return SCHEMAS[self.kind]


# Its letters may be small or capital, which a pattern can only say letter by letter.
_DAY_PATTERN = "|".join(
    "".join(f"[{letter}{letter.lower()}]" for letter in word)
    for day in WEEK
    for word in (day.value, day.name)
)
SCHEMAS: Mapping[Kind, dict[str, Any]] = {
    Kind.WORDS: {"type": "string"},
    Kind.COUNT: {"type": "integer", "minimum": 1, "maximum": MOST_PAGES, "default": 1},
    Kind.SIZE: {"type": "integer", "minimum": 1, "maximum": LARGEST_PAGE_SIZE, "default": PAGE_SIZE},
    Kind.FORMAT: {"type": "string", "enum": ["json", "ndjson"], "default": "json"},
    Kind.ID: {"type": "string", "format": "uuid"},
    Kind.MOMENT: {"type": "string", "format": "date-time"},
    Kind.FLAG: {"type": "boolean", "default": False},
    Kind.PLACE: {"type": "string", "minLength": 2, "maxLength": LONGEST_PLACE},
    Kind.METRES: {"type": "number", "minimum": 1, "maximum": FARTHEST},
    Kind.AGE: {"type": "number", "minimum": 0, "maximum": OLDEST},
    Kind.DAY: {"type": "string", "pattern": f"^({_DAY_PATTERN})$"},
    Kind.TIME: {"type": "string", "pattern": r"^([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?$"},
}


_TRUE, _FALSE = frozenset({"true", "1", "yes"}), frozenset({"false", "0", "no"})


def read(kind: Kind, name: str, text: str) -> Any:
    """The value of a parameter's text. Raises `Invalid`."""
    return _READERS[kind](name, text)


def _words(_name: str, text: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in text[:LONGEST_WORDS]).strip()


def _whole(name: str, text: str, most: int) -> int:
    if text.isascii() and text.isdecimal() and len(text) <= len(str(most)) and 1 <= int(text) <= most:
        return int(text)
    raise Invalid(f"{name} must be a whole number from 1 to {most}, such as {name}=1.")


def _choice(name: str, text: str, choices: tuple[str, ...]) -> str:
    if text.lower() in choices:
        return text.lower()
    raise Invalid(f"{name} must be {' or '.join(choices)}.")


def _id(name: str, text: str) -> UUID:
    if re.fullmatch(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", text):
        return UUID(text)
    raise Invalid(f"{name} must be an id as the API gives it, such as 019a3c1e-7f2b-7a60-9d1c-2f6f0f6f0f6f.")


def _moment(name: str, text: str) -> datetime:
    """A moment; without a zone it is UTC, and a plus sign that became a space is one again."""
    try:
        moment = datetime.fromisoformat(re.sub(r" (?=\d\d:\d\d$)", "+", text) if "T" in text else text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Invalid(f"{name} must be a date and time such as 2026-03-01T09:30:00Z.") from None


def _flag(name: str, text: str) -> bool:
    if text.lower() in _TRUE | _FALSE:
        return text.lower() in _TRUE
    raise Invalid(f"{name} must be true or false.")


def _place(name: str, text: str) -> str:
    if len(text) <= LONGEST_PLACE and text.isprintable():
        return text
    raise Invalid(f"{name} must be a postcode or a town, such as BL9 0AA.")


def _number(name: str, text: str, least: int, most: int) -> float:
    # Not what Python also reads as a number: "1_0", "nan", digits of other scripts.
    if re.fullmatch(r"[0-9]{1,6}(\.[0-9]{1,300})?(e[+-]?[0-9]{1,3})?", text) and least <= float(text) <= most:
        return float(text)
    raise Invalid(f"{name} must be a number from {least} to {most}.")


def _day(name: str, text: str) -> Weekday:
    for day in WEEK:
        if text.upper() in (day.value, day.name):
            return day
    raise Invalid(f"{name} must be one of {', '.join(WEEK)}.")


def _time(name: str, text: str) -> time:
    if re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?", text):
        return time.fromisoformat(text)
    raise Invalid(f"{name} must be a time of day such as 09:30.")


_READERS: Mapping[Kind, Callable[[str, str], Any]] = {
    Kind.WORDS: _words,
    Kind.COUNT: partial(_whole, most=MOST_PAGES),
    Kind.SIZE: partial(_whole, most=LARGEST_PAGE_SIZE),
    Kind.FORMAT: partial(_choice, choices=("json", "ndjson")),
    Kind.ID: _id,
    Kind.MOMENT: _moment,
    Kind.FLAG: _flag,
    Kind.PLACE: _place,
    Kind.METRES: partial(_number, least=1, most=FARTHEST),
    Kind.AGE: partial(_number, least=0, most=OLDEST),
    Kind.DAY: _day,
    Kind.TIME: _time,
}
