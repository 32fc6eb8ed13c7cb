"""Slips of the keyboard: how far to look for what was meant, and which of the words found to take."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from rapidfuzz import process
from rapidfuzz.distance import OSA

# Shorter words have too many neighbours to guess.
SHORTEST = 4
SHORTEST_FOR_TWO = 8

# A word, how many listings use it, and the edits that lead to it.
Near = tuple[str, int, int]


def edits_for(word: str) -> int:
    """How many slips are forgiven: a letter more, fewer, other, or two swapped."""
    if len(word) < SHORTEST:
        return 0
    return 2 if len(word) >= SHORTEST_FOR_TWO else 1


def best(word: str, near: Iterable[Near]) -> str | None:
    """The word that was most likely meant: by fewest slips, then the same first letter, then what is used most."""
    ranked = sorted(near, key=lambda one: (one[2], one[0][:1] != word[:1], -one[1], one[0]))
    return ranked[0][0] if ranked else None


def mend(word: str, used: Callable[[int], Iterable[Near]], known: Iterable[str]) -> str | None:
    """What was meant by a word that no listing uses, or None. `used(edits)` gives words of listings that are near;
    `known` are words that mean something to a search though perhaps no listing says them."""
    for edits in range(1, edits_for(word) + 1):
        near = [*used(edits), *((other, 0, distance) for other, distance in _among(word, known, edits))]
        meant = best(word, near)
        if meant is not None:
            return meant
    return None


def _among(word: str, known: Iterable[str], edits: int) -> list[tuple[str, int]]:
    found = process.extract(word, list(known), scorer=OSA.distance, score_cutoff=edits, limit=None)
    return [(str(other), int(distance)) for other, distance, _at in found]


def mended_text(typed: str, corrected: Iterable[tuple[str, str]]) -> str:
    """What was typed, with each mended word in place of the slip."""
    for slip, meant in corrected:
        typed = re.sub(rf"(?<![a-z0-9]){re.escape(slip)}(?![a-z0-9])", meant, typed, flags=re.IGNORECASE)
    return typed
