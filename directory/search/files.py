"""The files of the engine's index."""

from __future__ import annotations

from pathlib import Path
from typing import Any, BinaryIO

from whoosh.filedb.filestore import FileStorage
from whoosh.filedb.structfile import StructFile


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
