"""Where the index lies and how it changes: one writer at a time, a new folder for each rebuild, a name that is swapped.

The folder holds `current` (the folder in use and a counter that grows with every change, in one line, replaced
whole), `writer.lock`, and `damaged` once a reader has met damage. Index files are unpickled when read: never put
files from elsewhere here. Nothing is synced to disk: the database is the truth, and what is lost is built again.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO
from uuid import UUID

from whoosh.fields import ID, KEYWORD, STORED, Schema
from whoosh.filedb.filestore import FileStorage
from whoosh.filedb.structfile import StructFile
from whoosh.query import Or, Term
from whoosh.util.filelock import FileLock, try_for

from directory.listings.documents import SearchDocument
from directory.listings.rules import DeliveryMode
from directory.search.engine import IndexBusy, IndexUnusable
from directory.search.ranking import MICRO, Row
from directory.search.synonyms import known_pairs
from directory.search.words import joined, need_token, telling_words, tokens

# What a word is worth by where it stands.
FIELD_WORTH = {"name": 4.0, "needs": 2.0, "summary": 2.0, "group": 1.5, "place": 1.2, "body": 1.0}

SECONDS_TO_WAIT = 20.0

# Builds are named by `mkdtemp`; a pointer to anything else is damage.
_BUILD = re.compile(r"v-[a-z0-9_]+")

Progress = Callable[[int], None]


def schema() -> Schema:
    """The fields: tokens without positions, which read four times faster; surface words for spelling; the row."""
    fields: dict[str, Any] = {name: KEYWORD(scorable=True) for name in FIELD_WORTH}
    return Schema(id=ID(unique=True), spell=KEYWORD(), row=STORED(), **fields)


class Files(FileStorage):
    """A folder's files, each known until it is closed: the engine leaves those open in which it met damage."""

    def __init__(self, folder: Path) -> None:
        super().__init__(str(folder))
        self._opened: list[BinaryIO] = []

    def open_file(self, name: str, **options: Any) -> StructFile:
        """The file of that name."""
        file = (Path(self.folder) / name).open("rb")
        self._opened.append(file)
        return StructFile(file, name=name, **options)

    def release(self) -> None:
        """Close what is still open."""
        while self._opened:
            self._opened.pop().close()


class Store:
    """The index on disk, in `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._pointer = folder / "current"
        self._damaged = folder / "damaged"

    # --- reading --------------------------------------------------------------------------------------------

    def generation(self) -> str:
        """A text that changes whenever the index does. Raises `IndexUnusable` where there is none."""
        try:
            return self._pointer.read_text(encoding="ascii").strip()
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
        try:
            held = _write(Files(fresh), documents, progress)
        except BaseException:
            shutil.rmtree(fresh, ignore_errors=True)
            raise
        self._point_to(fresh.name, 1)
        self._damaged.unlink(missing_ok=True)
        self._sweep(fresh.name)
        return held

    def update(self, documents: Iterable[SearchDocument], gone: Iterable[UUID] = ()) -> None:
        """Put `documents` in place of what was there, those that are not public and `gone` out of it.

        The lease must be held. Raises `IndexUnusable`, or whatever a damaged index makes the engine raise.
        """
        listed = list(documents)
        generation, index = self.open()
        folder, counter = generation.split()
        try:
            writer = index.writer(compound=False)
        except BaseException:
            index.storage.release()
            raise
        try:
            stale = [str(one.id) for one in listed] + [str(one) for one in gone]
            if stale:
                writer.delete_by_query(Or([Term("id", one) for one in stale]))
            for document in listed:
                if document.is_public:
                    writer.add_document(**_fields(document))
            writer.commit()
        except BaseException:
            # A writer that is left open keeps the engine's own lock for as long as this process lives.
            writer.cancel()
            raise
        finally:
            index.storage.release()
        self._point_to(folder, int(counter) + 1)

    def _point_to(self, folder: str, counter: int) -> None:
        with tempfile.NamedTemporaryFile(
            "w", encoding="ascii", dir=self.folder, prefix="current-", delete=False
        ) as file:
            file.write(f"{folder} {counter}\n")
        Path(file.name).replace(self._pointer)

    def _sweep(self, keep: str) -> None:
        """Take away folders of former builds. Readers that still have their files open keep them until they close."""
        for old in self.folder.glob("v-*"):
            if old.name != keep:
                shutil.rmtree(old, ignore_errors=True)


def _write(files: Files, documents: Iterable[SearchDocument], progress: Progress | None) -> int:
    """Write a new index. Gives how many listings went in."""
    held = 0
    try:
        writer = files.create_index(schema()).writer(compound=False, limitmb=256)
        for document in documents:
            if document.is_public:
                writer.add_document(**_fields(document))
                held += 1
            if progress is not None:
                progress(1)
        writer.commit()
    finally:
        files.release()
    return held


def row_of(document: SearchDocument) -> Row:
    """What choosing needs of a listing. What needs no journey is marked, whatever address it gives."""
    return Row(
        id=document.id,
        name=document.name,
        needs=frozenset(term.slug for term in document.needs),
        days=frozenset(day.value for day in document.weekdays),
        points=tuple((round(lat * MICRO), round(lon * MICRO)) for lat, lon in document.points),
        anywhere=document.delivery is not DeliveryMode.IN_PERSON,
    )


def _fields(document: SearchDocument) -> dict[str, object]:
    row = row_of(document)
    needs = [term.name for term in document.needs]
    audiences = [term.name for term in document.audiences]
    needs_tokens = " ".join(need_token(term.slug) for term in document.needs)
    readable = [document.name, document.summary, document.group, *needs, *audiences, *document.place_words]
    return {
        "id": str(document.id),
        "name": joined([document.name]),
        "summary": joined([document.summary]),
        "body": _long([document.description, *document.languages]),
        "needs": f"{joined([*needs, *audiences])} {needs_tokens}",
        "group": joined([document.group]),
        "place": joined([*document.place_words, *document.postcodes]),
        "spell": " ".join({word for text in readable for word in telling_words(text) if word.isalpha()}),
        "row": (str(row.id), row.name, tuple(row.needs), tuple(row.days), row.points, row.anywhere),
    }


def row_from(stored: tuple[Any, ...]) -> Row:
    """A row as `build` stored it."""
    id_, name, needs, days, points, anywhere = stored
    return Row(UUID(id_), name, frozenset(needs), frozenset(days), points, anywhere)


def _long(texts: Iterable[str]) -> str:
    """The tokens of long texts: of their pairs only those that are asked for, as all would be most of the index."""
    known = known_pairs()
    return " ".join(token for text in texts for token in tokens(text) if "_" not in token or token in known)
