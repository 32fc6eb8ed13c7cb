"""How the index writes its postings: the engine's own format and files, several times as fast as it writes them itself.

A field's tokens come in as one text, parted by spaces, and are counted at once; a token's postings are written in whole
blocks, not one by one, and are not compressed, as they are read once, when the arrays are made.
"""

from __future__ import annotations

import io
import pickle
import struct
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import itemgetter
from typing import Any

from whoosh.codec.whoosh3 import WHOOSH3_HEADER_MAGIC, W3Codec, W3FieldWriter, W3PostingsWriter
from whoosh.fields import KEYWORD
from whoosh.formats import Existence

_LENGTH = struct.Struct("!i")

# The steps from one listing's number to the next, beginning at nought, and how often the token stands in each: None
# for once, a number for all the same.
Block = tuple[tuple[int, ...], tuple[float, ...] | float | None]


class Tokens(KEYWORD):
    """A field of tokens that are ready. Each posting says, as its weight, how often its token stands there."""

    def __init__(self) -> None:
        super().__init__()
        self.format = Existence()

    def index(self, value: str, **_options: Any) -> Iterator[tuple[bytes, int, float, bytes]]:
        """Each token once: its letters, how often it stands there, the same as a weight, and nothing else."""
        for token, times in Counter(value.split()).items():
            yield token.encode(), times, float(times), b""


class Codec(W3Codec):
    """The engine's own codec, writing whole blocks without compression."""

    def __init__(self) -> None:
        super().__init__(compression=0)

    def field_writer(self, storage: Any, segment: Any) -> _FieldWriter:
        """As the engine's."""
        return _FieldWriter(self, storage, segment)

    def postings_writer(self, dbfile: Any, byteids: bool = False) -> _PostingsWriter:
        """As the engine's."""
        return _PostingsWriter(
            dbfile,
            blocklimit=self._blocklimit,
            byteids=byteids,
            compression=self._compression,
            inlinelimit=self._inlinelimit,
        )


class _FieldWriter(W3FieldWriter):
    def add_postings(
        self, schema: Any, lengths: Any, items: Iterable[tuple[str, bytes, int, float, bytes]]
    ) -> None:
        for name, postings in groupby(items, itemgetter(0)):
            self.start_field(name, schema[name])
            for token, same in groupby(postings, itemgetter(1)):
                held = list(same)
                self.start_term(token)
                self._postwriter.add_all([one[2] for one in held], [one[3] for one in held])
                self.finish_term()
            self.finish_field()


class _PostingsWriter(W3PostingsWriter):
    def add_all(self, documents: list[int], times: list[float]) -> None:
        """All postings of the token that was started; the last block is written when it is finished."""
        step = self._blocklimit
        for start in range(0, len(documents), step):
            if start:
                self._write_block()
            self._ids = array("I", documents[start : start + step])
            self._weights = array("f", times[start : start + step])
            self._maxweight = max(self._weights)


class Blocks:
    """All postings of a segment that `Codec` wrote, read from its file in one go: `leaf` is a reader of it."""

    def __init__(self, leaf: Any) -> None:
        self._terms = leaf._terms
        file = self._terms._postfile
        file.seek(0)
        self._file = io.BytesIO(file.read())

    def __iter__(self) -> Iterator[tuple[str, bytes, list[Block]]]:
        """Each field, token and its blocks, what has left the index not left out: rarity counts it until its segment
        is merged."""
        for (field, token), info in self._terms.items():
            start, _length = info.extent()
            yield field, token, self._blocks(start)

    def _blocks(self, start: int) -> list[Block]:
        file = self._file
        file.seek(start)
        if file.read(len(WHOOSH3_HEADER_MAGIC)) != WHOOSH3_HEADER_MAGIC:
            raise ValueError("the postings are not where they should be")
        blocks = []
        more = True
        while more:
            # The last block has a length below nought.
            more = file.read(_LENGTH.size)[0] < 0x80
            # Files of our own: the engine keeps its blocks as pickles.
            pickle.load(file)  # noqa: S301
            steps, times, _values = pickle.load(file)  # noqa: S301
            blocks.append((steps, times))
        return blocks
