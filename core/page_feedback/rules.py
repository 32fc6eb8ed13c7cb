"""What can be said of a page."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class Ease(StrEnum):
    """How it went."""

    EASY = "easy"
    HARD = "hard"
    STUCK = "stuck"


EASE_WORDS: Mapping[Ease, str] = MappingProxyType(
    {
        Ease.EASY: "it was easy",
        Ease.HARD: "it was hard, but I managed",
        Ease.STUCK: "I could not do what I came for",
    }
)
