"""What was typed, in terms of what the index holds: beginnings become words, slips of the keyboard are mended."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from directory.search import spelling_rules
from directory.search.lexicon import Lexicons
from directory.search.understanding_rules import SHORTEST_PREFIX, Asked, Words, understand
from directory.search.words import stem_of

MOST_ENDINGS = 8

Corrected = tuple[tuple[str, str], ...]


def settle(words: Words, holds: Callable[[str], bool], lexicons: Lexicons) -> tuple[Words, Corrected]:
    """The words as the index can answer them: a phrase that nothing answers falls into its words, a beginning
    becomes the words that begin so, a slip of the keyboard is mended. Gives what was mended too.

    `holds` says whether a listing holds a token. What stood in quotation marks stays as it is. What was mended is read
    anew as a whole: with "benefits" for "benifits" beside "advice" the two are a phrase that is known.
    """
    asked, corrected = _settled(words, holds, lexicons)
    if corrected:
        meant = understand(spelling_rules.mended_text(words.text, corrected), words.thesaurus)
        asked, _ = _settled(meant, holds, lexicons)
    return replace(words, asked=asked), corrected


def _settled(
    words: Words, holds: Callable[[str], bool], lexicons: Lexicons
) -> tuple[tuple[Asked, ...], Corrected]:
    asked: list[Asked] = []
    corrected: list[tuple[str, str]] = []
    for one in words.asked:
        for part in (one,) if not one.parts or any(map(holds, one.tokens)) else one.parts:
            as_it_is = words.exact or part.must or any(map(holds, part.tokens))
            asked.append(part if as_it_is else _mended(part, words, lexicons, corrected))
    return tuple(asked), tuple(corrected)


def _mended(one: Asked, words: Words, lexicons: Lexicons, corrected: list[tuple[str, str]]) -> Asked:
    if len(one.label) < SHORTEST_PREFIX or not one.label.isalpha():
        return one
    if endings := lexicons.beginning(one.label, MOST_ENDINGS):
        return replace(one, tokens={stem_of(word): 1.0 for word in endings})

    def used(edits: int) -> list[tuple[str, int, int]]:
        return lexicons.near(one.label, edits, same_start=False)

    meant = spelling_rules.mend(one.label, used, words.thesaurus.words)
    if meant is None:
        return one
    corrected.append((one.label, meant))
    return words.word(meant)
