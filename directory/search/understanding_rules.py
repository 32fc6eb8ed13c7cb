"""What the words of a search ask for, within bounds whatever is typed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from directory.search.synonyms import meanings
from directory.search.words import SOFT, pair, stem_of, telling_words

LONGEST = 200
MOST_WORDS = 12
SHORTEST_PREFIX = 3
MOST_MEANINGS = 8


@dataclass(frozen=True, slots=True)
class Asked:
    """One thing that was asked for: a word or a pair of words as typed, and the tokens that answer it.

    `tokens` gives each its worth from 0 to 1. A soft one counts and is not required. `parts` are the two things
    that a pair falls apart into when nothing answers it whole.
    """

    label: str
    tokens: Mapping[str, float]
    soft: bool = False
    parts: tuple[Asked, ...] = ()


@dataclass(frozen=True, slots=True)
class Words:
    """What the words of a search ask for. `cut` says that some were left out for being too many."""

    asked: tuple[Asked, ...]
    cut: bool = False
    unusable: bool = False

    @property
    def required(self) -> tuple[int, ...]:
        """Positions in `asked` that an answer should meet; soft ones only where there is nothing else."""
        hard = tuple(index for index, one in enumerate(self.asked) if not one.soft)
        return hard or tuple(range(len(self.asked)))


def understand(q: str) -> Words:
    """What `q` asks for, within bounds whatever it holds: 200 characters, 12 words, 8 other meanings each."""
    text = q[:LONGEST]
    typed = telling_words(text)
    kept = typed[:MOST_WORDS]
    asked: list[Asked] = []
    place = 0
    while place < len(kept):
        one = _word(kept[place])
        phrase = _phrase(kept[place], kept[place + 1]) if place + 1 < len(kept) else None
        if phrase is not None:
            asked.append(phrase)
            place += 2
            continue
        asked.append(one)
        place += 1
    once = tuple({one.label: one for one in asked}.values())
    return Words(
        once,
        cut=len(q) > LONGEST or len(typed) > MOST_WORDS,
        unusable=bool(q.strip()) and not once,
    )


def _word(word: str) -> Asked:
    token = stem_of(word)
    return Asked(word, {token: 1.0} | _others(token), soft=word in SOFT)


def _phrase(one: str, other: str) -> Asked | None:
    """Two words that together mean something known; nothing otherwise."""
    token = pair(stem_of(one), stem_of(other))
    others = _others(token)
    if not others:
        return None
    return Asked(f"{one} {other}", {token: 1.0} | others, parts=(_word(one), _word(other)))


def _others(token: str) -> dict[str, float]:
    meaning = meanings().get(token)
    return dict(list(meaning.tokens.items())[:MOST_MEANINGS]) if meaning else {}
