"""One segment of the Whoosh index, read into arrays once, when it has been written.

A token is known by its number (`numbering`); postings are in the order of token, listing, field.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from directory.search import beginnings
from directory.search.columns import Array, Row, gather
from directory.search.impacts import FIELDS, Statistics
from directory.search.numbering import BREAK, pair_numbers, stem_number, token_number
from directory.search.postings import Blocks
from directory.search.words import is_need

_NUMBER = {field: number for number, field in enumerate(FIELDS)}


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


def beside(marked: Sequence[Sequence[Sequence[str]]], spell: Iterable[str]) -> tuple[list[int], bytes, str]:
    """What is stored with a listing beside its row. `marked` are the marked stems of each text of each field: how many
    there are in each field, all of them as numbers, each text with a break after it; and the words as they are spelt.
    """
    numbers = array("Q")
    ends = []
    for texts in marked:
        for text in texts:
            numbers.extend(map(stem_number, text))
            numbers.append(BREAK)
        ends.append(len(numbers))
    return [end - before for before, end in pairwise([0, *ends])], numbers.tobytes(), " ".join(spell)


def read_segment(leaf: Any) -> Segment:
    """The segment behind `leaf`, a Whoosh reader of one segment."""
    rows: list[Row] = []
    spell: Counter[str] = Counter()
    counts = array("q")
    numbers = []
    for document in range(leaf.doc_count_all()):
        stored = leaf.stored_fields(document)
        rows.append(Row.from_stored(stored["row"]))
        held, told, words = stored["beside"]
        counts.extend(held)
        numbers.append(told)
        spell.update(words.split())
    pairs = _pairs(np.frombuffer(b"".join(numbers), np.uint64), np.array(counts, np.int64))
    arrays, sets = gather(rows)
    arrays |= beginnings.texts(rows)
    arrays |= _postings(_of_words(leaf), pairs, len(rows))
    words_held = sorted(spell)
    arrays["words"] = np.frombuffer("\n".join(words_held).encode(), np.uint8)
    arrays["word_counts"] = np.fromiter((spell[word] for word in words_held), np.int32, len(words_held))
    return Segment(arrays, sets)


@dataclass(frozen=True, slots=True)
class _Postings:
    """Postings in any order; numbers of tokens in `needs` stand for needs."""

    tokens: Array
    fields: Array
    documents: Array
    times: Array
    needs: Array


def _pairs(numbers: Array, counts: Array) -> _Postings:
    """The pairs of neighbours: `counts` says how many of the numbers each field of each listing has."""
    ones = np.flatnonzero((numbers[:-1] != BREAK) & (numbers[1:] != BREAK))
    whose = np.repeat(np.arange(len(counts)), counts)[ones]
    return _Postings(
        pair_numbers(numbers[ones], numbers[ones + 1]),
        (whose % len(FIELDS)).astype(np.uint8),
        (whose // len(FIELDS)).astype(np.int32),
        np.ones(len(ones), np.float32),
        np.array([], np.uint64),
    )


def _of_words(leaf: Any) -> _Postings:
    """The postings that the index keeps."""
    numbers, fields, needs = array("Q"), array("B"), array("Q")
    steps, sizes, all_times = array("q"), array("q"), array("f")
    held = array("q")
    for name, token, blocks in Blocks(leaf):
        field = _NUMBER.get(name)
        if field is None:
            continue
        number, before = token_number(token), len(steps)
        numbers.append(number)
        fields.append(field)
        if is_need(token.decode()):
            needs.append(number)
        for more, times in blocks:
            steps.extend(more)
            sizes.append(len(more))
            all_times.extend(
                times if isinstance(times, tuple) else (1.0 if times is None else times,) * len(more)
            )
        held.append(len(steps) - before)
    each = np.array(held, np.int64)
    return _Postings(
        np.repeat(np.array(numbers, np.uint64), each),
        np.repeat(np.array(fields, np.uint8), each),
        _from_steps(np.array(steps, np.int64), np.array(sizes, np.int64)),
        np.array(all_times, np.float32),
        np.array(needs, np.uint64),
    )


def _postings(words: _Postings, pairs: _Postings, size: int) -> dict[str, Array]:
    def both(name: str) -> Array:
        return np.concatenate([getattr(words, name), getattr(pairs, name)])

    tokens, places = np.unique(both("tokens"), return_inverse=True)
    key = _key(places, both("documents"), both("fields"), size)
    order = np.argsort(key)
    key = key[order]
    # A pair that stands more than once in a field of a listing comes as often.
    first = np.flatnonzero(np.concatenate([[True], key[1:] != key[:-1]])) if len(key) else order
    kept = order[first]
    fields, documents, places = both("fields")[kept], both("documents")[kept], places[kept]
    times = np.add.reduceat(both("times")[order], first) if len(first) else both("times")
    whole = np.bincount(fields.astype(np.int64) * size + documents, times, len(FIELDS) * size)
    lengths = whole.reshape(len(FIELDS), size)
    return {
        "tokens": tokens,
        "needs": np.isin(tokens, words.needs),
        "starts": np.searchsorted(places, np.arange(len(tokens) + 1)),
        "fields": fields,
        "documents": documents,
        "times": times,
        "lengths": lengths[fields, documents].astype(np.int32),
        "total_lengths": lengths.sum(axis=1),
    }


def in_order(places: Array, documents: Array, fields: Array, size: int) -> Array:
    """What brings postings into the order of token, listing, field."""
    order: Array = np.argsort(_key(places, documents, fields, size))
    return order


def _key(places: Array, documents: Array, fields: Array, size: int) -> Array:
    key: Array = (places.astype(np.int64) * max(1, size) + documents) * len(FIELDS) + fields
    return key


def _from_steps(steps: Array, sizes: Array) -> Array:
    """Numbers of listings from the steps between them; each block begins anew at nought."""
    sums = np.cumsum(steps)
    begins = np.cumsum(sizes) - sizes
    before = np.where(begins > 0, sums[begins - 1], 0) if len(sums) else begins
    numbers: Array = sums - np.repeat(before, sizes)
    return numbers.astype(np.int32)
