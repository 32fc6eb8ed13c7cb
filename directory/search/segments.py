"""One segment of the Whoosh index, read into arrays once, when it has been written.

A token is known by a number made from its letters (`token_number`), so that no strings need comparing; postings are
in the order of token, listing, field.
"""

from __future__ import annotations

import zlib
from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import numpy as np

from directory.search import beginnings
from directory.search.columns import Array, Row, gather
from directory.search.impacts import FIELDS, Statistics
from directory.search.postings import Blocks
from directory.search.words import is_need

_NUMBER = {field: number for number, field in enumerate(FIELDS)}


def token_number(token: bytes) -> int:
    """A number of 64 bits. Two tokens of an index share one less often than a disk loses a bit."""
    return int.from_bytes(blake2b(token, digest_size=8).digest(), "little")


@dataclass(frozen=True, slots=True)
class Segment:
    """What is read of a segment, by name; `sets` belong to the facets' columns."""

    arrays: dict[str, Array]
    sets: dict[str, list[list[str]]]

    @property
    def size(self) -> int:
        """How many listings, what is gone counted in."""
        return len(self.arrays["ids"])

    @property
    def statistics(self) -> Statistics:
        return Statistics(self.size, self.arrays["total_lengths"])


def beside(pairs: Sequence[Sequence[str]], spell: Iterable[str]) -> bytes:
    """The pairs of each field and the words as they are spelt, as they are stored with a listing."""
    return zlib.compress("\n".join([*(" ".join(held) for held in pairs), " ".join(spell)]).encode(), 1)


def read_segment(leaf: Any, row_from: Callable[[tuple[Any, ...]], Row]) -> Segment:
    """The segment behind `leaf`, a Whoosh reader of one segment. `row_from` reads a stored row."""
    rows: list[Row] = []
    pairs = _Postings()
    spell: Counter[str] = Counter()
    for document in range(leaf.doc_count_all()):
        stored = leaf.stored_fields(document)
        rows.append(row_from(stored["row"]))
        *held, words = zlib.decompress(stored["beside"]).decode().split("\n")
        spell.update(words.split())
        for field, told in enumerate(held):
            for token, times in Counter(told.split()).items():
                pairs.add(token_number(token.encode()), field, document, times)
    arrays, sets = gather(rows)
    arrays |= beginnings.texts(rows)
    arrays |= _postings(_of_words(leaf), pairs, len(rows))
    words_held = sorted(spell)
    arrays["words"] = np.frombuffer("\n".join(words_held).encode(), np.uint8)
    arrays["word_counts"] = np.fromiter((spell[word] for word in words_held), np.int32, len(words_held))
    return Segment(arrays, sets)


class _Postings:
    """Postings in any order; numbers of tokens in the set `needs` stand for needs."""

    def __init__(self) -> None:
        self.tokens, self.fields = array("Q"), array("B")
        self.documents, self.times = array("i"), array("f")
        self.needs: list[int] = []

    def add(self, token: int, field: int, document: int, times: float) -> None:
        """One more."""
        self.tokens.append(token)
        self.fields.append(field)
        self.documents.append(document)
        self.times.append(times)


def _of_words(leaf: Any) -> _Postings:
    """The postings that the index keeps."""
    told = _Postings()
    steps, sizes = array("q"), array("q")
    for name, token, blocks in Blocks(leaf):
        field = _NUMBER.get(name)
        if field is None:
            continue
        number, before = token_number(token), len(steps)
        if is_need(token.decode()):
            told.needs.append(number)
        for more, times in blocks:
            steps.extend(more)
            sizes.append(len(more))
            told.times.extend(
                times if isinstance(times, tuple) else (1.0 if times is None else times,) * len(more)
            )
        count = len(steps) - before
        told.tokens.extend((number,) * count)
        told.fields.extend((field,) * count)
    told.documents = array("i", _from_steps(np.array(steps, np.int64), np.array(sizes, np.int64)).tobytes())
    return told


def _postings(words: _Postings, pairs: _Postings, size: int) -> dict[str, Array]:
    def both(name: str, kind: type[np.generic]) -> Array:
        return np.concatenate([np.array(getattr(words, name), kind), np.array(getattr(pairs, name), kind)])

    fields, documents = both("fields", np.uint8), both("documents", np.int32)
    times = both("times", np.float32)
    tokens, places = np.unique(both("tokens", np.uint64), return_inverse=True)
    order = in_order(places, documents, fields, size)
    places, fields, documents, times = places[order], fields[order], documents[order], times[order]
    whole = np.bincount(fields.astype(np.int64) * size + documents, times, len(FIELDS) * size)
    lengths = whole.reshape(len(FIELDS), size)
    return {
        "tokens": tokens,
        "needs": np.isin(tokens, np.array(words.needs, np.uint64)),
        "starts": np.searchsorted(places, np.arange(len(tokens) + 1)),
        "fields": fields,
        "documents": documents,
        "times": times,
        "lengths": lengths[fields, documents].astype(np.int32),
        "total_lengths": lengths.sum(axis=1),
    }


def in_order(places: Array, documents: Array, fields: Array, size: int) -> Array:
    """What brings postings into the order of token, listing, field."""
    key = (places.astype(np.int64) * max(1, size) + documents) * len(FIELDS) + fields
    order: Array = np.argsort(key)
    return order


def _from_steps(steps: Array, sizes: Array) -> Array:
    """Numbers of listings from the steps between them; each block begins anew at nought."""
    sums = np.cumsum(steps)
    begins = np.cumsum(sizes) - sizes
    before = np.where(begins > 0, sums[begins - 1], 0) if len(sums) else begins
    numbers: Array = sums - np.repeat(before, sizes)
    return numbers.astype(np.int32)
