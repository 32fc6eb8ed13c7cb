"""Marking, in a text that is shown, the words that were asked for and those that mean the same."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from directory.search.understanding_rules import Words
from directory.search.words import is_need, may_stem_from, plain_words, stem_of

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a text, and whether it was asked for."""

    text: str
    asked: bool = False


def stems_asked(words: Words, corrected: Iterable[tuple[str, str]]) -> frozenset[str]:
    """The stems of all that was asked for, by any of its meanings, slips as they were mended."""
    told = [*words.asked, *(words.word(meant) for _typed, meant in corrected)]
    tokens = {token for one in told for token in one.tokens if not is_need(token)}
    return frozenset(stem for token in tokens for stem in token.split("_"))


def marked(text: str, stems: frozenset[str]) -> tuple[Piece, ...]:
    """The whole of `text`, in pieces; neighbouring words that were asked for are each a piece."""
    pieces: list[Piece] = []
    at = 0
    beginnings = frozenset(stem[:1] for stem in stems)
    for found in _WORD.finditer(text) if stems else ():
        # Nearly every word begins with another letter than all that was asked for, and stemming takes long.
        if may_stem_from(found.group(), beginnings) and not _stems_of(found.group()).isdisjoint(stems):
            if found.start() > at:
                pieces.append(Piece(text[at : found.start()]))
            pieces.append(Piece(found.group(), asked=True))
            at = found.end()
    if at < len(text):
        pieces.append(Piece(text[at:]))
    return tuple(pieces)


@lru_cache(maxsize=20_000)
def _stems_of(word: str) -> frozenset[str]:
    return frozenset(stem_of(plain) for plain in plain_words(word))
