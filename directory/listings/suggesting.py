"""Which needs the words of a listing speak of: a suggestion with its reason, for a person to take or leave.

The telling words of each need stand in `telling_words.toml`. Several of them weigh together.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

LONGEST = 10_000
LEAST = 0.3
# What is shown to somebody: as sure as this, and no more than can be read at a glance.
LIKELY = 0.5
MOST = 4

_TELLING = Path(__file__).with_name("telling_words.toml")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A need's slug, how sure we are (0 to 1), and the words of the text that say so."""

    slug: str
    confidence: float
    because: str


def suggest_needs(text: str) -> tuple[Suggestion, ...]:
    """The needs that the text speaks of, the surest first. Only its first 10,000 letters count."""
    plain = re.sub(r"[^a-z0-9']+", " ", text[:LONGEST].casefold().replace("’", "'"))
    found = []
    for slug, weighed in _patterns().items():
        doubt, said = 1.0, []
        for weight, pattern in weighed:
            hits = list(dict.fromkeys(hit.group().strip() for hit in pattern.finditer(plain)))
            if hits:
                doubt *= 1 - weight
                said += hits
        if 1 - doubt >= LEAST:
            found.append(Suggestion(slug, round(1 - doubt, 3), ", ".join(dict.fromkeys(said[:3]))))
    return tuple(sorted(found, key=lambda one: (-one.confidence, one.slug)))


def likely_needs(*texts: str | None) -> tuple[Suggestion, ...]:
    """The few needs that are worth showing to whoever wrote `texts`, the surest first; they tick what is right."""
    said = suggest_needs(". ".join(text for text in texts if text))
    return tuple(one for one in said if one.confidence >= LIKELY)[:MOST]


@cache
def _patterns() -> Mapping[str, tuple[tuple[float, re.Pattern[str]], ...]]:
    needs: dict[str, dict[str, list[str]]] = tomllib.loads(_TELLING.read_text("utf-8"))
    return {
        slug: tuple(
            (float(weight), re.compile(rf"\b(?:{'|'.join(map(_pattern, phrases))})\b"))
            for weight, phrases in weighed.items()
        )
        for slug, weighed in needs.items()
    }


def _pattern(phrase: str) -> str:
    parts = [
        re.escape(word[:-1]) + "[a-z]*" if word.endswith("*") else re.escape(word)
        for word in phrase.replace("-", " ").split(" ")
    ]
    return " ".join(parts).replace(r" \+ ", r" (?:[a-z0-9']+ ){0,3}")
