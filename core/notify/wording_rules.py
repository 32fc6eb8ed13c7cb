"""Words with names in curly brackets, where something is put in for each reader. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum

from core.calendar.when_rules import When
from core.notify.tongue_rules import Tongue

NAME = re.compile(r"\{([a-z]+)\}")
# Every name that a message of ours may hold.
MESSAGE_NAMES = ("link", "reference", "code", "when", "now", "days", "words", "phone")


class Part(StrEnum):
    """What of a message is worded."""

    SUBJECT = "subject"
    WORDS = "words"


def names_in(words: str) -> tuple[str, ...]:
    """The names in curly brackets, each once, in their order."""
    return tuple(dict.fromkeys(NAME.findall(words)))


def apart(value: str, *, from_right: bool) -> str:
    """A value as it stands among words that are read from the right: between marks that keep its parts in order. A web
    address needs none, and would not open with one at its end."""
    return f"\u2068{value}\u2069" if from_right and not value.startswith("http") else value


def said_to(value: object, tongue: Tongue | None) -> str:
    """A value as whoever reads that language is told it: a day in its words, all else as it is. None is English."""
    return value.said_in(tongue.code) if isinstance(value, When) and tongue is not None else str(value)


def put_in(words: str, values: Mapping[str, str], *, from_right: bool = False) -> str | None:
    """The words with every name's value in its place; none where a value is missing."""
    if not set(names_in(words)) <= values.keys():
        return None
    return NAME.sub(lambda found: apart(values[found[1]], from_right=from_right), words)
