"""A waiting list in its order: whoever was put on it first comes first, unless there is a fair reason. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import TypeVar

from core.errors import Invalid

T = TypeVar("T")


class FairReason(StrEnum):
    """Why somebody comes before others who have waited longer."""

    CANNOT_WAIT = "cannot-wait"
    PLACE_FITS = "place-fits"
    OTHERS_CANNOT = "others-cannot"


FAIR_WORDS: Mapping[FairReason, str] = MappingProxyType(
    {
        FairReason.CANNOT_WAIT: "Waiting longer would do them harm",
        FairReason.PLACE_FITS: "This place suits only them: the day, their age or what they need to get in",
        FairReason.OTHERS_CANNOT: "We asked the others first, and they cannot come now",
    }
)


def in_line(waiting: Iterable[tuple[T, datetime]]) -> tuple[T, ...]:
    """Who waits, first come first; `waiting` says when each was put on the list."""
    return tuple(one for one, _at in sorted(waiting, key=lambda each: each[1]))


def check_turn(place: int, reason: FairReason | None) -> str | None:
    """What is kept with the yes: nothing for the first in line (place 1), else the reason in words. Raises `Invalid`
    where somebody further down is taken without one."""
    if place <= 1:
        return None
    if reason is None:
        raise Invalid("Somebody else has waited longer. Choose why this person comes first.", "fair")
    return f"Before others who waited longer: {FAIR_WORDS[reason]}"
