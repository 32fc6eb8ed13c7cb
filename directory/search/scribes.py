"""Who writes a new index: scribes, each a segment of its own, in processes of their own where there are cores for them.

Nothing here knows documents or the database, so that a helper process starts in a moment.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack, closing
from itertools import chain, cycle, islice
from multiprocessing import get_context, parent_process
from pathlib import Path
from threading import Thread
from typing import Any

from whoosh.reading import SegmentReader

from directory.search.engine import HelperLost
from directory.search.files import Files
from directory.search.postings import Writer
from directory.search.shelf import Shelf

# From so many listings on, a build is written by several processes.
MANY = 1_500
PROCESSES = 2

# So many listings are handed over at once, and so many such lots may lie before one helper.
LOT = 100
MOST_WAITING = 8

# What the index keeps of a listing, as its writer takes it: values by field.
Entry = dict[str, Any]


def write(folder: Path, shelf: Path, entries: Iterable[Entry]) -> list[Any]:
    """Write entries into segments in `folder`, where an index must be, their arrays onto the `shelf`. They are no part
    of the index yet. Raises `HelperLost` where a process ended before its time."""
    stream = iter(entries)
    first = list(islice(stream, MANY))
    lots = _lots(chain(first, stream))
    if len(first) < MANY or _cores() == 1:
        scribe = Scribe(folder, shelf)
        with closing(scribe):
            for lot in lots:
                scribe.add(lot)
            return [scribe.finish()]
    try:
        return _write_elsewhere(folder, shelf, lots)
    except BrokenProcessPool as broken:
        raise HelperLost from broken


def _write_elsewhere(folder: Path, shelf: Path, lots: Iterable[list[Entry]]) -> list[Any]:
    with ExitStack() as ended:
        helpers = [_Helper(folder, shelf) for _ in range(PROCESSES)]
        for helper in helpers:
            ended.callback(helper.close)
        for helper, lot in zip(cycle(helpers), lots, strict=False):
            helper.add(lot)
        for helper in helpers:
            helper.finish()
        return [helper.segment() for helper in helpers]


def _lots(entries: Iterator[Entry]) -> Iterator[list[Entry]]:
    while lot := list(islice(entries, LOT)):
        yield lot


def _cores() -> int:
    """How many this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Scribe:
    """Writes one segment of the index in `folder`, and its arrays onto the `shelf`."""

    def __init__(self, folder: Path, shelf: Path) -> None:
        self._files, self._shelf = Files(folder), Shelf(shelf)
        self._writer = Writer(self._files.open_index(), locked=True)

    def add(self, entries: list[Entry]) -> None:
        """Write these."""
        for entry in entries:
            self._writer.add_document(**entry)

    def finish(self) -> Any:
        """The segment, whole."""
        segment = self._writer.finish_segment()
        if segment.doc_count_all():
            reader = SegmentReader(self._files, self._writer.schema, segment)
            self._shelf.keep(reader)
            reader.close()
        return segment

    def close(self) -> None:
        """Let go of the files."""
        self._writer.let_go()
        self._files.release()


class _Helper:
    """A scribe in a process of its own, which is started anew: open databases and threads do not outlive a fork."""

    def __init__(self, folder: Path, shelf: Path) -> None:
        self._process = ProcessPoolExecutor(
            1, mp_context=get_context("spawn"), initializer=_begin, initargs=(folder, shelf)
        )
        self._waiting: deque[Future[Any]] = deque()

    def add(self, entries: list[Entry]) -> None:
        """Have these written; waits while too much lies before the helper."""
        while len(self._waiting) >= MOST_WAITING:
            self._waiting.popleft().result()
        self._waiting.append(self._process.submit(_add, entries))

    def finish(self) -> None:
        """Have the segment made whole."""
        self._waiting.append(self._process.submit(_finish))

    def segment(self) -> Any:
        """The segment, whole. Raises what went wrong with any lot."""
        told = [lot.result() for lot in self._waiting]
        return told[-1]

    def close(self) -> None:
        """End the process; what it has not begun is not done."""
        self._process.shutdown(cancel_futures=True)


# The scribe of a helper process.
_own: list[Scribe] = []


def _begin(folder: Path, shelf: Path) -> None:
    Thread(target=_end_with, args=(parent_process(),), daemon=True).start()
    _own.append(Scribe(folder, shelf))


def _end_with(parent: Any) -> None:
    """End when the process that started this one is gone, even by force: nobody else would ever end it."""
    parent.join()
    os._exit(1)


def _add(entries: list[Entry]) -> None:
    _own[0].add(entries)


def _finish() -> Any:
    return _own[0].finish()
