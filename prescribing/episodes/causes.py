"""Why something failed a person: said of a contact or a request that came of it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class Cause(StrEnum):
    """Why it came to that."""

    LATE = "late"
    NO_ANSWER = "no-answer"
    LISTING_WRONG = "listing-wrong"
    NO_ROOM = "no-room"
    NOT_FITTING = "not-fitting"
    NOT_PASSED_ON = "not-passed-on"
    NOT_UNDERSTOOD = "not-understood"
    CLOSED_EARLY = "closed-early"
    OTHER = "other"


CAUSE_WORDS: Mapping[Cause, str] = MappingProxyType(
    {
        Cause.LATE: "we were late",
        Cause.NO_ANSWER: "nobody answered them",
        Cause.LISTING_WRONG: "the listing was wrong",
        Cause.NO_ROOM: "the group had no room",
        Cause.NOT_FITTING: "it did not fit them",
        Cause.NOT_PASSED_ON: "what was known was not passed on",
        Cause.NOT_UNDERSTOOD: "they were not told clearly",
        Cause.CLOSED_EARLY: "we closed too early",
        Cause.OTHER: "another reason",
    }
)


@dataclass(frozen=True)
class Failing:
    """That something happened because something failed: why, and the person's own words, empty where not said."""

    cause: Cause
    words: str = ""
