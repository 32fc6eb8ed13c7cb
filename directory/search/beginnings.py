"""Names of activities and of groups by how their words begin: "wal" finds "Walking football", and so does "foo".

For each word of each name there is an entry, in the order of what the name says from there on, so that whatever begins
alike stands together and is found by halving.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from directory.search.columns import Array, Arrays, Row
from directory.search.words import flat_words

ACTIVITIES, GROUPS = "activity", "group"
KINDS = (ACTIVITIES, GROUPS)

# As much of a name as is looked at, in letters; more than anybody types (`suggestions.LONGEST`).
_LONGEST = 120

# Above every letter and digit, and above the space between words.
_LAST = b"\x7f"


def flat(name: str) -> str:
    """A name as it is compared: small plain letters and digits, one space between words. "Men's" is "mens"."""
    return " ".join(flat_words(name))[:_LONGEST]


def texts(rows: Iterable[Row]) -> dict[str, Array]:
    """The names of these listings and of their groups, a line each, as a segment keeps them."""
    held = [(flat(row.name), flat(row.group)) for row in rows]
    return {
        f"{kind}_lines": _lines(names) for kind, names in zip(KINDS, zip(*held, strict=True), strict=True)
    }


def joined_texts(held: Sequence[Arrays]) -> dict[str, Array]:
    """Those of several segments, one after the other."""
    return {
        name: _lines(line for one in held for line in _read(one[name]))
        for name in (f"{kind}_lines" for kind in KINDS)
    }


def sorted_texts(arrays: Arrays) -> dict[str, Array]:
    """For each kind what `Beginnings` reads: where each word begins, in order, whose it is, and how names are sorted.
    Listings of one name share a place in that order."""
    told: dict[str, Array] = {}
    for kind in KINDS:
        text = arrays[f"{kind}_lines"].tobytes()
        lines = text.split(b"\n")
        entries: list[tuple[bytes, int, int]] = []
        begin = 0
        for document, line in enumerate(lines):
            at = 0
            while line:
                entries.append((line[at:], begin + at, document))
                at = line.find(b" ", at) + 1
                if not at:
                    break
            begin += len(line) + 1
        entries.sort()
        place = {line: number for number, line in enumerate(sorted(set(lines)))}
        told |= {
            f"{kind}_begins": np.fromiter((at for _, at, _ in entries), np.int32, len(entries)),
            f"{kind}_documents": np.fromiter((whose for _, _, whose in entries), np.int32, len(entries)),
            f"{kind}_places": np.fromiter((place[line] for line in lines), np.int32, len(lines)),
        }
    return told


class Beginnings:
    """The names of one kind in one part of the index."""

    def __init__(self, arrays: Arrays, kind: str) -> None:
        self._text = arrays[f"{kind}_lines"].data
        self._begins = arrays[f"{kind}_begins"]
        self._documents = arrays[f"{kind}_documents"]
        self._places = arrays[f"{kind}_places"]

    def of(self, begun: str, alive: Array | None, most: int) -> Iterator[tuple[str, int]]:
        """The first `most` names, in their order, of which a word begins so, each with one listing that has it.

        `begun` is a text as `flat` gives it; `alive` says which listings count, None that all do.
        """
        wanted = begun.encode()

        def said(at: int) -> bytes:
            return bytes(self._text[at : at + len(wanted)])

        held = self._begins.data
        first = bisect_left(held, wanted, key=said)
        last = bisect_left(held, wanted + _LAST, first, key=said)
        begins, documents = self._begins[first:last], self._documents[first:last]
        if alive is not None:
            kept = alive[documents]
            begins, documents = begins[kept], documents[kept]
        _places, at = np.unique(self._places[documents], return_index=True)
        for entry in at[:most].tolist():
            yield self._name_around(int(begins[entry])), int(documents[entry])

    def _name_around(self, begin: int) -> str:
        before = bytes(self._text[max(0, begin - _LONGEST) : begin]).rpartition(b"\n")[2]
        after = bytes(self._text[begin : begin + _LONGEST]).partition(b"\n")[0]
        return (before + after).decode()


def _lines(names: Iterable[str]) -> Array:
    return np.frombuffer("\n".join(names).encode(), np.uint8)


def _read(lines: Array) -> list[str]:
    return lines.tobytes().decode().split("\n")
