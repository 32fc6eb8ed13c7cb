"""How the index writes its postings: the engine's own format and files, several times as fast as it writes them itself.

Tokens are gathered as numbers and brought into order all at once (`Pool`); a token's postings are written in whole
blocks, not one by one, and are not compressed, as they are read once, when the arrays are made.
"""

from __future__ import annotations

import io
import pickle
import struct
from array import array
from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import itemgetter
from typing import Any

import numpy as np
from numpy.typing import NDArray
from whoosh.codec.whoosh3 import (
    WHOOSH3_HEADER_MAGIC,
    W3Codec,
    W3FieldWriter,
    W3PerDocReader,
    W3PerDocWriter,
    W3PostingsWriter,
)
from whoosh.columns import PickleColumn, VarBytesColumn
from whoosh.fields import KEYWORD
from whoosh.formats import Existence
from whoosh.writing import SegmentWriter

_LENGTH = struct.Struct("!i")

# The steps from one listing's number to the next, beginning at nought, and how often the token stands in each: None
# for once, a number for all the same.
Block = tuple[tuple[int, ...], tuple[float, ...] | float | None]

# A field, a token, the listings that hold it and how often each does.
Posting = tuple[str, bytes, list[int], list[float]]

# What is stored is hardly made smaller by compressing it, and that would take longer than all else that is written.
_STORED = "_stored"
_STORED_COLUMN = PickleColumn(VarBytesColumn())


class Tokens(KEYWORD):
    """A field of tokens that are ready, parted by spaces. Each posting says, as its weight, how often its token stands
    there."""

    def __init__(self) -> None:
        super().__init__()
        self.format = Existence()


class Codec(W3Codec):
    """The engine's own codec, writing whole blocks without compression."""

    def __init__(self) -> None:
        super().__init__(compression=0)

    def per_document_writer(self, storage: Any, segment: Any) -> _PerDocumentWriter:
        """As the engine's."""
        return _PerDocumentWriter(self, storage, segment)

    def per_document_reader(self, storage: Any, segment: Any) -> _PerDocumentReader:
        """As the engine's."""
        return _PerDocumentReader(storage, segment)

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


class _PerDocumentWriter(W3PerDocWriter):
    def _create_column(self, fieldname: str, column: Any) -> None:
        super()._create_column(fieldname, _STORED_COLUMN if fieldname == _STORED else column)


class _PerDocumentReader(W3PerDocReader):
    def stored_fields(self, docnum: int) -> dict[str, Any]:
        held: dict[str, Any] = self._cached_reader(_STORED, _STORED_COLUMN)[docnum]
        return held


class _FieldWriter(W3FieldWriter):
    def add_postings(self, schema: Any, lengths: Any, items: Iterable[Posting]) -> None:
        for name, postings in groupby(items, itemgetter(0)):
            self.start_field(name, schema[name])
            for _name, token, documents, times in postings:
                self.start_term(token)
                self._postwriter.add_all(documents, times)
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


class Pool:
    """The postings of a segment that is being written, in place of the engine's pool, which sorts them one by one."""

    def __init__(self) -> None:
        self.fieldnames: set[str] = set()
        self._numbers = _Numbers()
        self._fields: dict[str, tuple[array[int], array[int], array[float]]] = {}

    def add_tokens(self, field: str, document: int, tokens: list[str]) -> None:
        """All tokens of a field of a listing."""
        numbers, documents, times = self._of(field)
        count = len(tokens)
        numbers.extend(map(self._numbers.__getitem__, tokens))
        documents.extend((document,) * count)
        times.extend((1.0,) * count)

    def add(self, item: tuple[str, bytes, int, float, bytes]) -> None:
        """One posting, as the engine gives those of a segment that is merged."""
        field, token, document, often, _value = item
        numbers, documents, times = self._of(field)
        numbers.append(self._numbers[token.decode()])
        documents.append(document)
        times.append(often)

    def iter_postings(self) -> Iterator[Posting]:
        """All of them, in the order of field, token, listing."""
        order = sorted(self._numbers)
        place = np.empty(len(order), np.int64)
        place[[self._numbers[token] for token in order]] = np.arange(len(order))
        for field in sorted(self._fields):
            numbers, documents, times = map(np.asarray, self._fields[field])
            if not len(numbers):
                continue
            key = place[numbers] * (int(documents.max()) + 1) + documents
            by = np.argsort(key)
            first = _changes(key[by])
            often = np.add.reduceat(times[by], first).tolist()
            tokens, documents = place[numbers[by[first]]], documents[by[first]].tolist()
            starts = _changes(tokens)
            ends = [*starts[1:].tolist(), len(tokens)]
            for start, end, token in zip(starts.tolist(), ends, tokens[starts].tolist(), strict=True):
                yield field, order[token].encode(), documents[start:end], often[start:end]

    def cleanup(self) -> None:
        """Nothing lies on the disk."""

    def _of(self, field: str) -> tuple[array[int], array[int], array[float]]:
        if field not in self._fields:
            self.fieldnames.add(field)
            self._fields[field] = array("I"), array("I"), array("f")
        return self._fields[field]


class _Numbers(dict[str, int]):
    """Tokens by the order in which they came."""

    def __missing__(self, token: str) -> int:
        number = self[token] = len(self)
        return number


def _changes(ascending: NDArray[Any]) -> NDArray[Any]:
    """Where another value begins."""
    other = np.ones(len(ascending), bool)
    other[1:] = ascending[1:] != ascending[:-1]
    return np.flatnonzero(other)


class Writer(SegmentWriter):
    """Writes a segment into an index. `locked` says that whoever started this one holds the engine's lock."""

    def __init__(self, index: Any, *, locked: bool = False) -> None:
        super().__init__(index, codec=Codec(), compound=False, _lk=not locked)
        self.pool = Pool()

    def add_document(self, **fields: Any) -> None:
        """Put a listing in: the values of its fields by name."""
        document = self.docnum
        self.perdocwriter.start_doc(document)
        for name in sorted(fields):
            value, field = fields[name], self.schema[name]
            length = 0
            if isinstance(field, Tokens):
                tokens = value.split()
                length = len(tokens)
                self.pool.add_tokens(name, document, tokens)
            elif field.indexed:
                self.pool.add_tokens(name, document, [value])
            self.perdocwriter.add_field(name, field, value if field.stored else None, length)
        self.perdocwriter.finish_doc()
        self._added = True
        self.docnum += 1

    def finish_segment(self) -> Any:
        """Write the segment and give it, without its being part of the index yet: see `take_in`."""
        return self._finalize_segment()

    def let_go(self) -> None:
        """Close its files; what is written stays."""
        self._close_segment()

    def take_in(self, segments: Iterable[Any]) -> None:
        """Make segments that others finished part of the index, and commit."""
        self.segments += segments
        self.commit(merge=False)


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
