"""From segments to the arrays that searches read: joined, scored, with a table to find a token by its number."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from directory.search import beginnings
from directory.search.columns import Array, Arrays
from directory.search.facets import COLUMNS
from directory.search.impacts import FIELDS, TELLING_FIELDS, Formula, Postings, Statistics, folded
from directory.search.segments import Segment, in_order

_TELLING = np.array([field in TELLING_FIELDS for field in FIELDS])

# About how many tokens share a bucket of the table.
_IN_A_BUCKET = 4


def join(segments: Sequence[Segment]) -> Segment:
    """Several segments as one, their listings one after the other."""
    if len(segments) == 1:
        return segments[0]
    sizes = [one.size for one in segments]
    before = np.concatenate([[0], np.cumsum(sizes)])[:-1].astype(np.int64)
    arrays = _joined_postings(segments, before, sum(sizes)) | _joined_columns(segments, before)
    arrays |= beginnings.joined_texts([one.arrays for one in segments])
    sets: dict[str, list[list[str]]] = {}
    for name in COLUMNS:
        arrays[f"codes_{name}"], sets[name] = _joined_sets(segments, name)
    return Segment(arrays, sets)


def _joined_postings(segments: Sequence[Segment], before: Array, size: int) -> dict[str, Array]:
    held = [one.arrays for one in segments]
    tokens, first, which = np.unique(
        np.concatenate([one["tokens"] for one in held]), return_index=True, return_inverse=True
    )
    places = np.repeat(which, np.concatenate([np.diff(one["starts"]) for one in held]))
    fields = np.concatenate([one["fields"] for one in held])
    documents = np.concatenate([one["documents"] + at for one, at in zip(held, before, strict=True)])
    order = in_order(places, documents, fields, size)
    return {
        "tokens": tokens,
        "needs": np.concatenate([one["needs"] for one in held])[first],
        "starts": np.searchsorted(places[order], np.arange(len(tokens) + 1)),
        "fields": fields[order],
        "documents": documents[order].astype(np.int32),
        "times": np.concatenate([one["times"] for one in held])[order],
        "lengths": np.concatenate([one["lengths"] for one in held])[order],
        "total_lengths": np.sum([one["total_lengths"] for one in held], axis=0),
    } | _joined_words(held)


def _joined_words(held: Sequence[Arrays]) -> dict[str, Array]:
    counts: dict[str, int] = {}
    for one in held:
        for word, count in zip(words_of(one), one["word_counts"].tolist(), strict=True):
            counts[word] = counts.get(word, 0) + count
    words = sorted(counts)
    return {
        "words": np.frombuffer("\n".join(words).encode(), np.uint8),
        "word_counts": np.array([counts[word] for word in words], np.int32),
    }


def words_of(arrays: Arrays) -> list[str]:
    """The vocabulary, in order."""
    text = arrays["words"].tobytes().decode()
    return text.split("\n") if text else []


def _joined_columns(segments: Sequence[Segment], before: Array) -> dict[str, Array]:
    held = [one.arrays for one in segments]

    def laid(name: str) -> Array:
        joined: Array = np.concatenate([one[name] for one in held])
        return joined

    def counted(name: str, shifts: Sequence[int]) -> Array:
        moved = [one[name] + shift for one, shift in zip(held, shifts, strict=True)]
        joined: Array = np.concatenate(moved).astype(np.int32)
        return joined

    shifts = before.tolist()
    texts = np.concatenate([[0], np.cumsum([len(one["names"]) for one in held])])[:-1].tolist()
    names = [one["name_starts"][:-1] + shift for one, shift in zip(held, texts, strict=True)]
    # Spot 0 of each is no spot at all: all but the first give theirs up.
    spots = np.concatenate([[0], np.cumsum([one["spots"].shape[1] - 1 for one in held])])[:-1].tolist()
    arrays = {
        "ids": laid("ids"),
        "names": laid("names"),
        "name_starts": np.concatenate([*names, [sum(len(one["names"]) for one in held)]]).astype(np.int64),
        "anywhere": laid("anywhere"),
        "worth": laid("worth"),
        "place": np.concatenate(
            [
                np.where(one["place"] > 0, one["place"] + shift, 0)
                for one, shift in zip(held, spots, strict=True)
            ]
        ).astype(np.int32),
        "spots": np.concatenate([held[0]["spots"][:, :1], *(one["spots"][:, 1:] for one in held)], axis=1),
        "more_doc": counted("more_doc", shifts),
        "more_place": counted("more_place", spots),
    }
    arrays["rank"] = _ranks(arrays)
    starts = laid("session_starts")
    order = np.argsort(starts, kind="stable")
    return arrays | {
        "session_starts": starts[order],
        "session_ends": laid("session_ends")[order],
        "session_docs": counted("session_docs", shifts)[order],
    }


def _ranks(arrays: Arrays) -> Array:
    starts = arrays["name_starts"].tolist()
    text, ids = arrays["names"].tobytes(), arrays["ids"]
    keys = [
        (text[starts[number] : starts[number + 1]].decode(), ids[number].tobytes())
        for number in range(len(ids))
    ]
    rank = np.empty(len(keys), np.int32)
    rank[sorted(range(len(keys)), key=keys.__getitem__)] = np.arange(len(keys), dtype=np.int32)
    return rank


def _joined_sets(segments: Sequence[Segment], name: str) -> tuple[Array, list[list[str]]]:
    numbers: dict[tuple[str, ...], int] = {}
    codes = []
    for one in segments:
        into = np.array(
            [numbers.setdefault(tuple(held), len(numbers)) for held in one.sets[name]] or [0], np.int32
        )
        codes.append(into[one.arrays[f"codes_{name}"]])
    return np.concatenate(codes), [list(held) for held in numbers]


# --- scores -----------------------------------------------------------------------------------------------


def scored(
    segment: Segment, statistics: Statistics, others: Sequence[Segment] = (), formula: Formula = folded
) -> dict[str, Array]:
    """The arrays that a search of this part reads. `others` are the rest of the index: with them a token is as
    rare as it is in the whole."""
    held = segment.arrays
    holders = _holders(held)
    for other in others:
        holders = holders + _holders(other.arrays, held["tokens"])
    kept = {name: held[name] for name in held if name not in _ONLY_SEGMENTS}
    telling = np.flatnonzero(_TELLING[held["fields"]])
    for prefix, among in (("", slice(None)), ("telling_", telling)):
        places, documents = _places(held)[among], held["documents"][among]
        first = _first(places, documents)
        postings = Postings(
            places,
            held["fields"][among],
            held["times"][among],
            held["lengths"][among],
            first,
            holders,
            held["needs"],
        )
        documents = documents[first]
        kept |= {
            f"{prefix}starts": np.searchsorted(places[first], np.arange(len(held["tokens"]) + 1)).astype(
                np.int64
            ),
            f"{prefix}documents": documents.astype(np.int32),
            f"{prefix}scores": (formula(statistics, postings) * held["worth"][documents]).astype(np.float32),
        }
    return kept | _table(held["tokens"]) | beginnings.sorted_texts(held)


_ONLY_SEGMENTS = frozenset({"starts", "fields", "documents", "times", "lengths", "needs", "total_lengths"})


def _places(held: Arrays) -> Array:
    """For each posting, which token it is of."""
    return np.repeat(np.arange(len(held["tokens"])), np.diff(held["starts"]))


def _first(places: Array, documents: Array) -> Array:
    """Where another token or listing begins."""
    other = np.ones(len(places), bool)
    other[1:] = (places[1:] != places[:-1]) | (documents[1:] != documents[:-1])
    return np.flatnonzero(other)


def _holders(held: Arrays, tokens: Array | None = None) -> Array:
    """How many listings hold each token (down) in each field (across), and last in any; of these `tokens`, where
    given: then only their postings are read, which of a large segment are few."""
    if tokens is None:
        return _counted(_places(held), held["fields"], held["documents"], len(held["tokens"]))
    starts = held["starts"]
    at = np.searchsorted(held["tokens"], tokens)
    known = np.flatnonzero(held["tokens"].take(at, mode="clip") == tokens) if len(held["tokens"]) else at[:0]
    begins = starts[at[known]]
    sizes = starts[at[known] + 1] - begins
    which = np.repeat(begins - (np.cumsum(sizes) - sizes), sizes) + np.arange(sizes.sum())
    return _counted(np.repeat(known, sizes), held["fields"][which], held["documents"][which], len(tokens))


def _counted(places: Array, fields: Array, documents: Array, size: int) -> Array:
    """Of postings in the order of token and listing: how many each of `size` tokens has in each field, and last in how
    many listings it is."""
    width = len(FIELDS)
    counts = np.bincount(places * width + fields, minlength=size * width).reshape(size, width)
    return np.column_stack([counts, np.bincount(places[_first(places, documents)], minlength=size)])


def _table(tokens: Array) -> dict[str, Array]:
    """Where the tokens begin that share their highest bits: they stand in order, so it is a look and a few steps."""
    bits = max(1, (len(tokens) // _IN_A_BUCKET).bit_length())
    edges = np.arange(1 << bits, dtype=np.uint64) << np.uint64(64 - bits)
    begins = np.concatenate([np.searchsorted(tokens, edges), [len(tokens)]])
    return {"buckets": begins.astype(np.int32)}
