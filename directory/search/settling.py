"""What was typed, in terms of what the index holds: beginnings become words, a slip of one letter is mended."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from directory.search.lexicon import Lexicons
from directory.search.understanding_rules import SHORTEST_PREFIX, Asked, Words, understand
from directory.search.words import stem_of

MOST_ENDINGS = 8

Corrected = tuple[tuple[str, str], ...]


def settle(words: Words, holds: Callable[[str], bool], lexicons: Lexicons) -> tuple[Words, Corrected]:
    """The words as the index can answer them: a pair that nothing answers falls into its two words, a beginning
    becomes the words that begin so, a slip of one letter is mended. Gives what was mended too.

    `holds` says whether a listing holds a token.
    """
    asked: list[Asked] = []
    corrected: list[tuple[str, str]] = []
    for one in words.asked:
        for part in (one,) if not one.parts or any(map(holds, one.tokens)) else one.parts:
            answered = any(map(holds, part.tokens))
            asked.append(part if answered else _mended(part, lexicons, corrected))
    return replace(words, asked=tuple(asked)), tuple(corrected)


def _mended(one: Asked, lexicons: Lexicons, corrected: list[tuple[str, str]]) -> Asked:
    if len(one.label) < SHORTEST_PREFIX or not one.label.isalpha():
        return one
    if endings := lexicons.beginning(one.label, MOST_ENDINGS):
        return replace(one, tokens={stem_of(word): 1.0 for word in endings})
    if len(one.label) <= SHORTEST_PREFIX:
        return one
    near = lexicons.near(one.label)
    if not near:
        return one
    best = near[0][0]
    corrected.append((one.label, best))
    asked = understand(best).asked
    return Asked(best, asked[0].tokens) if asked else one
