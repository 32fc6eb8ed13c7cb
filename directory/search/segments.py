"""One segment of the Whoosh index, read into arrays once, when it has been written.

A token is known by a number made from its letters (`token_number`), so that no strings need comparing; postings are
in the order of token, listing, field.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import numpy as np

from directory.search.columns import Array, Row, gather
from directory.search.impacts import FIELDS, Statistics
from directory.search.words import is_need

SPELL = "spell"


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


def read_segment(leaf: Any, row_from: Callable[[tuple[Any, ...]], Row]) -> Segment:
    """The segment behind `leaf`, a Whoosh reader of one segment. `row_from` reads a stored row."""
    arrays, sets = gather(
        [row_from(leaf.stored_fields(number)["row"]) for number in range(leaf.doc_count_all())]
    )
    arrays |= _postings(leaf)
    words = dict(_vocabulary(leaf))
    arrays["words"] = np.frombuffer("\n".join(words).encode(), np.uint8)
    arrays["word_counts"] = np.fromiter(words.values(), np.int32, len(words))
    return Segment(arrays, sets)


def _postings(leaf: Any) -> dict[str, Array]:
    terms: list[tuple[int, int, bool, int]] = []
    told, times = array("i"), array("f")
    for field, token in leaf.all_terms():
        if field not in FIELDS:
            continue
        before = len(told)
        # Past the reader's own way, which leaves out what is gone: rarity counts it until the segment is merged.
        for ids, weights in _blocks(leaf._terms.matcher(field, token, leaf.schema[field].format)):
            told.extend(ids)
            times.extend(weights)
        terms.append((token_number(token), FIELDS.index(field), is_need(token.decode()), len(told) - before))
    numbers = np.array([term[0] for term in terms], np.uint64)
    counts = np.array([term[3] for term in terms], np.int64)
    tokens, first, which = np.unique(numbers, return_index=True, return_inverse=True)
    place = np.repeat(which, counts)
    fields = np.repeat(np.array([term[1] for term in terms], np.uint8), counts)
    documents = np.array(told, np.int32)
    order = in_order(place, documents, fields, leaf.doc_count_all())
    place, fields, documents = place[order], fields[order], documents[order]
    often = np.array(times, np.float32)[order]
    size = leaf.doc_count_all()
    lengths = np.bincount(fields.astype(np.int64) * size + documents, often, len(FIELDS) * size).reshape(
        len(FIELDS), size
    )
    return {
        "tokens": tokens,
        "needs": np.array([term[2] for term in terms], bool)[first],
        "starts": np.searchsorted(place, np.arange(len(tokens) + 1)),
        "fields": fields,
        "documents": documents,
        "times": often,
        "lengths": lengths[fields, documents].astype(np.int32),
        "total_lengths": lengths.sum(axis=1).astype(np.float64),
    }


def in_order(places: Array, documents: Array, fields: Array, size: int) -> Array:
    """What brings postings into the order of token, listing, field."""
    key = (places.astype(np.int64) * max(1, size) + documents) * len(FIELDS) + fields
    order: Array = np.argsort(key)
    return order


def _blocks(matcher: Any) -> Iterator[tuple[Any, Any]]:
    """Ids and weights of a posting list, block by block: asked one by one they take four times as long."""
    while not matcher._atend:
        matcher._read_ids()
        matcher._read_weights()
        yield matcher._ids, matcher._weights
        matcher._next_block()


def _vocabulary(leaf: Any) -> Iterator[tuple[str, int]]:
    for token in leaf.lexicon(SPELL):
        yield token.decode(), leaf.doc_frequency(SPELL, token)
