"""Arrays in one file, mapped into memory by whoever reads them: many processes share one copy.

A file is: magic, the length and the CRC-32 of the directory and of the arrays, the directory (JSON: what each array is
and where, and whatever else the writer wants said), the arrays, each on a multiple of 64 bytes.
"""

from __future__ import annotations

import json
import mmap
import os
import struct
import tempfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from directory.search.columns import Array

_MAGIC = b"GTPACK3\n"
_HEAD = struct.Struct("<8sQQI")
_ALIGN = 64


class Damaged(Exception):
    """A file is not what was written."""


@dataclass(frozen=True, slots=True)
class Pack:
    """An open file. `arrays` read from it as they are used; `said` is what else the writer said."""

    arrays: Mapping[str, Array]
    said: Any
    _mapped: mmap.mmap

    def is_whole(self) -> bool:
        """Whether the file still has the size that it had: reading a mapped file that was cut short ends a process."""
        return self._mapped.size() == len(self._mapped)


def write(path: Path, arrays: Mapping[str, Array], said: Any) -> None:
    """Put the file there whole, or not at all: written beside, synced, renamed."""
    at = 0
    directory: dict[str, tuple[str, tuple[int, ...], int]] = {}
    for name, array in arrays.items():
        directory[name] = (array.dtype.str, array.shape, at)
        at += -(-array.nbytes // _ALIGN) * _ALIGN
    head = json.dumps({"arrays": directory, "said": said}).encode()
    head += b" " * (-(_HEAD.size + len(head)) % _ALIGN)
    handle, name = tempfile.mkstemp(prefix="new-", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(_HEAD.pack(_MAGIC, len(head), at, 0))
            file.write(head)
            check = zlib.crc32(head)
            for array in arrays.values():
                body = np.ascontiguousarray(array)
                data = body.reshape(-1).view(np.uint8).data if body.nbytes else b""
                fill = bytes(-body.nbytes % _ALIGN)
                file.write(data)
                file.write(fill)
                check = zlib.crc32(fill, zlib.crc32(data, check))
            file.seek(0)
            file.write(_HEAD.pack(_MAGIC, len(head), at, check))
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def read(path: Path) -> Pack:
    """The file, mapped. Raises `Damaged` where it is not what was written, or `FileNotFoundError`."""
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        if size < _HEAD.size:
            raise Damaged(path.name)
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    magic, length, room, check = _HEAD.unpack_from(mapped)
    begin = _HEAD.size + length
    if magic != _MAGIC or size != begin + room:
        raise Damaged(path.name)
    with memoryview(mapped) as whole, whole[_HEAD.size :] as told:
        if zlib.crc32(told) != check:
            raise Damaged(path.name)
    directory = json.loads(mapped[_HEAD.size : begin])
    arrays = {
        name: np.frombuffer(mapped, np.dtype(kind), count=int(np.prod(shape)), offset=begin + at).reshape(
            shape
        )
        for name, (kind, shape, at) in directory["arrays"].items()
    }
    return Pack(arrays, directory["said"], mapped)


def sync(folder: Path) -> None:
    """Have the disk keep the names in `folder`."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
