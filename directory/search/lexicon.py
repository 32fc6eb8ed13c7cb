"""The words that listings use, for suggestions, beginnings and slips of the keyboard."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import islice

from rapidfuzz import process
from rapidfuzz.distance import OSA

from directory.search.columns import Arrays
from directory.search.packing import words_of

_LAST = chr(0x10FFFF)


class Lexicon:
    """The words of one part of the index, in small plain letters."""

    def __init__(self, arrays: Arrays) -> None:
        self._arrays = arrays

    @cached_property
    def words(self) -> list[str]:
        """All of them, in order."""
        return words_of(self._arrays)

    @cached_property
    def _groups(self) -> dict[tuple[int, str], list[str]]:
        groups: dict[tuple[int, str], list[str]] = {}
        for word in self.words:
            groups.setdefault((len(word), word[:1]), []).append(word)
        return groups

    def frequency(self, word: str) -> int:
        """How many listings use the word."""
        at = bisect_left(self.words, word)
        if at < len(self.words) and self.words[at] == word:
            return int(self._arrays["word_counts"][at])
        return 0

    def beginning(self, prefix: str) -> Iterator[str]:
        """Words that begin so, in order."""
        begin = bisect_left(self.words, prefix)
        return iter(self.words[begin : bisect_left(self.words, prefix + _LAST, begin)])

    def near(self, word: str, edits: int, *, same_start: bool) -> Iterator[tuple[str, int]]:
        """Words at most so many edits away (a letter more, fewer, other, or two swapped), with how many it takes."""
        for length in range(len(word) - edits, len(word) + edits + 1):
            for (size, start), group in self._groups.items():
                if size == length and (start == word[:1] or not same_start):
                    for found, distance, _at in process.extract(
                        word, group, scorer=OSA.distance, score_cutoff=edits, limit=None
                    ):
                        yield found, int(distance)


class Lexicons:
    """The words of all parts together."""

    def __init__(self, parts: Sequence[Lexicon]) -> None:
        self._parts = parts

    def frequency(self, word: str) -> int:
        """How many listings use the word; one that is gone counts until its part is packed anew."""
        return sum(part.frequency(word) for part in self._parts)

    def beginning(self, prefix: str, most: int) -> list[str]:
        """The first `most` words that begin so, in order."""
        found = {word for part in self._parts for word in islice(part.beginning(prefix), most)}
        return sorted(found)[:most]

    def near(self, word: str, edits: int = 1, *, same_start: bool = True) -> list[tuple[str, int, int]]:
        """Words at most `edits` away, with how many listings use each and the edits it takes; the best first:
        fewest edits, then most used. With `same_start` the first letter is as typed."""
        found = {
            other: distance
            for part in self._parts
            for other, distance in part.near(word, edits, same_start=same_start)
        }
        told = [(other, self.frequency(other), distance) for other, distance in found.items()]
        return sorted(told, key=lambda one: (one[2], -one[1], one[0]))

    def words(self) -> list[str]:
        """All words, in order."""
        return sorted({word for part in self._parts for word in part.words})
