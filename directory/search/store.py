"""Where the index lies and how it changes: one writer at a time, a new folder for each rebuild, a name that is swapped.

The folder holds `current` (the folder in use and a counter that grows with every change, in one line, replaced
whole), `writer.lock`, and `damaged` once a reader has met damage; beside the folder of each build, `v-...`, lie the
arrays that searches read (`shelf`), in `a-...`. Index files are unpickled when read: never put files from elsewhere
here. The engine syncs nothing to disk: the database is the truth, and what is lost is built again.
"""

from __future__ import annotations

import math
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import Any
from uuid import UUID

from whoosh.query import Or, Term
from whoosh.reading import SegmentReader
from whoosh.util.filelock import FileLock, try_for

from directory.listings.documents import SearchDocument
from directory.search import scribes
from directory.search.engine import IndexBusy, IndexUnusable
from directory.search.entries import entries_of, schema
from directory.search.files import Files
from directory.search.impacts import Formula, folded
from directory.search.postings import Writer
from directory.search.shelf import Shelf

SECONDS_TO_WAIT = 20.0

# Builds are named by `mkdtemp`; a pointer to anything else is damage.
_BUILD = re.compile(r"v-[a-z0-9_]+")

# Segments of about one size are merged once there are so many, unless they hold more than so many listings together:
# that would keep a change waiting.
MERGE_AT = 8
MOST_TO_MERGE = 2_000

Progress = Callable[[int], None]


class Store:
    """The index on disk, in `folder`."""

    def __init__(self, folder: Path, formula: Formula = folded) -> None:
        self.folder = folder
        self._formula = formula
        self._pointer = folder / "current"
        self._pointer_name = str(self._pointer)
        self._damaged = folder / "damaged"
        # What the pointer was like when it was read last, and what it said: looking is quicker than reading.
        self._seen: tuple[tuple[int, int, int], str] = ((0, 0, 0), "")
        self._kept: Shelf | None = None

    # --- reading --------------------------------------------------------------------------------------------

    def generation(self) -> str:
        """A text that changes whenever the index does. Raises `IndexUnusable` where there is none."""
        try:
            seen = self._look()
            if seen != self._seen[0]:
                self._seen = (seen, self._pointer.read_text(encoding="ascii").strip())
            return self._seen[1]
        except FileNotFoundError:
            raise IndexUnusable(damaged=False) from None

    def open(self) -> tuple[str, Any]:
        """The generation, and the index to read or write; release its storage afterwards.

        Raises `IndexUnusable`, or whatever a damaged index makes the engine raise.
        """
        generation = self.generation()
        folder, _counter = generation.split()
        if not _BUILD.fullmatch(folder):
            raise ValueError("the pointer does not name a build")
        files = Files(self.folder / folder)
        try:
            return generation, files.open_index()
        except BaseException:
            files.release()
            raise

    def is_damaged(self) -> bool:
        """Whether a reader has met damage since the index was built."""
        return self._damaged.exists()

    def _look(self) -> tuple[int, int, int]:
        told = os.stat(self._pointer_name)  # noqa: PTH116 - half the time of a path's own, in every search
        return told.st_ino, told.st_mtime_ns, told.st_size

    def report_damage(self) -> bool:
        """Leave word for the worker that the index must be built again. Gives whether this is news."""
        try:
            self._damaged.touch(exist_ok=False)
        except FileExistsError:
            return False
        return True

    # --- writing --------------------------------------------------------------------------------------------

    @contextmanager
    def lease(self, seconds: float | None = None) -> Iterator[None]:
        """The right to write, held by one process at a time. Raises `IndexBusy` after `seconds` of waiting
        (`SECONDS_TO_WAIT` unless given).

        Read the documents inside, so that no older text can be written over a newer one.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(str(self.folder / "writer.lock"))
        wait = SECONDS_TO_WAIT if seconds is None else seconds
        if not try_for(lock.acquire, timeout=wait, delay=0.05):
            raise IndexBusy
        try:
            yield
        finally:
            lock.release()

    def build(self, documents: Iterable[SearchDocument], progress: Progress | None = None) -> int:
        """Build the whole index in a folder of its own and swap it in. Gives how many listings it holds.

        The lease must be held. Searches go on in the old folder meanwhile.
        """
        fresh = Path(tempfile.mkdtemp(prefix="v-", dir=self.folder))
        files = Files(fresh)
        try:
            index = files.create_index(schema())
            shelf = self._shelf(fresh.name)
            segments = scribes.write(fresh, shelf.folder, entries_of(_counted(documents, progress)))
            Writer(index).take_in(segments)
            shelf.publish(1, files.open_index())
            self._point_to(fresh.name, 1)
        except BaseException:
            shutil.rmtree(fresh, ignore_errors=True)
            shutil.rmtree(self._shelf(fresh.name).folder, ignore_errors=True)
            raise
        finally:
            files.release()
        self._damaged.unlink(missing_ok=True)
        self._sweep(fresh.name)
        return sum(segment.doc_count_all() for segment in segments)

    def update(self, documents: Iterable[SearchDocument], gone: Iterable[UUID] = ()) -> None:
        """Put `documents` in place of what was there, those that are not public and `gone` out of it.

        The lease must be held. Raises `IndexUnusable`, or whatever a damaged index makes the engine raise.
        """
        listed = list(documents)
        generation, index = self.open()
        folder, told = generation.split()
        shelf, counter = self._shelf(folder), int(told) + 1
        try:
            _change(index, listed, gone)
            index = index.refresh()
            again = shelf.publish(counter, index)
            self._point_to(folder, counter)
            if again:
                counter += 1
                shelf.publish(counter, index, whole=True)
                self._point_to(folder, counter)
            shelf.sweep(counter)
        finally:
            index.storage.release()

    def shelf(self, generation: str) -> tuple[Shelf, int]:
        """Where the arrays of a generation lie, and its counter there. Raises `ValueError` for a broken pointer."""
        folder, counter = generation.split()
        if not _BUILD.fullmatch(folder):
            raise ValueError("the pointer does not name a build")
        return self._shelf(folder), int(counter)

    def _shelf(self, build: str) -> Shelf:
        """That of a build; the same one as long as the build is."""
        folder = self.folder / f"a-{build.removeprefix('v-')}"
        # Held by a name of our own: another thread may put the shelf of another build in its place meanwhile.
        kept = self._kept
        if kept is None or kept.folder != folder:
            kept = self._kept = Shelf(folder, self._formula)
        return kept

    def _point_to(self, folder: str, counter: int) -> None:
        with tempfile.NamedTemporaryFile(
            "w", encoding="ascii", dir=self.folder, prefix="current-", delete=False
        ) as file:
            file.write(f"{folder} {counter}\n")
        Path(file.name).replace(self._pointer)

    def _sweep(self, keep: str) -> None:
        """Take away folders of former builds. Readers that still have their files open keep them until they close."""
        for old in chain(self.folder.glob("v-*"), self.folder.glob("a-*")):
            if old.name[2:] != keep[2:]:
                shutil.rmtree(old, ignore_errors=True)


def _counted(documents: Iterable[SearchDocument], progress: Progress | None) -> Iterator[SearchDocument]:
    for document in documents:
        yield document
        if progress is not None:
            progress(1)


def _change(index: Any, documents: Sequence[SearchDocument], gone: Iterable[UUID]) -> None:
    """Put `documents` in and `gone` out, and commit."""
    writer = Writer(index)
    try:
        stale = [str(one.id) for one in documents] + [str(one) for one in gone]
        if stale:
            writer.delete_by_query(Or([Term("id", one) for one in stale]))
        for entry in entries_of(documents):
            writer.add_document(**entry)
        writer.commit(mergetype=_merge)
    except BaseException:
        # A writer that is left open keeps the engine's own lock for as long as this process lives.
        writer.cancel()
        raise


def _merge(writer: Any, segments: Sequence[Any]) -> list[Any]:
    """Merge segments of about one size where there are many of them. Gives those that stay as they are."""
    tiers: dict[int, list[Any]] = {}
    for segment in segments:
        tiers.setdefault(int(math.log(max(1, segment.doc_count_all()), MERGE_AT)), []).append(segment)
    stay: list[Any] = []
    for tier in tiers.values():
        if len(tier) < MERGE_AT or sum(one.doc_count_all() for one in tier) > MOST_TO_MERGE:
            stay += tier
            continue
        for segment in tier:
            reader = SegmentReader(writer.storage, writer.schema, segment)
            writer.add_reader(reader)
            reader.close()
    return stay
