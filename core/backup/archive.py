"""One encrypted file: what a backup holds, in words, and then the database. Keys are never inside.

The format: a magic line, a random salt of 16 bytes, then sealed blocks. Each block is its length (4 bytes, big-endian)
and that many bytes of AES-256-GCM under a key that HKDF-SHA256 makes of the database's key and the salt. The block's
number and whether it is the last are bound in, so that no block can be taken out, moved or cut off unseen. The first
block is the manifest as JSON, the others the database.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from core.errors import Invalid

_MAGIC = b"golden-thread-backup-1\n"
_SALT = 16
_NONCE = 12
BLOCK = 1 << 20


@dataclass(frozen=True)
class Manifest:
    """What a backup holds: from when (ISO 8601, UTC), of which kind of database, at which migration, how many rows by
    table, and where its audit trail ended."""

    made_at: str
    dialect: str
    revision: str
    counts: dict[str, int]
    audit_sequence: int
    audit_mac: str


def write(path: Path, key: str, manifest: Manifest, content: Iterable[bytes]) -> None:
    """Write a backup to `path`; it stands there whole or not at all. `key` is 64 hex digits."""
    unfinished = path.with_name(path.name + ".unfinished")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            salt = os.urandom(_SALT)
            file.write(_MAGIC + salt)
            cipher = _cipher(key, salt)
            number = 0
            block = json.dumps(asdict(manifest)).encode()
            for following in content:
                if following:
                    _put(file, cipher, number, block, last=False)
                    number, block = number + 1, following
            _put(file, cipher, number, block, last=True)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def read_manifest(path: Path, key: str) -> Manifest:
    """What the backup holds. Raises `Invalid` for a file that is no backup, is damaged, or needs another key."""
    with path.open("rb") as file:
        blocks = _blocks(path, file, key)
        return _manifest(path, next(blocks))


def check(path: Path, key: str) -> Manifest:
    """Read the backup to its end. Raises as `read_manifest`, also for one that was cut off."""
    with path.open("rb") as file:
        blocks = _blocks(path, file, key)
        manifest = _manifest(path, next(blocks))
        for _block in blocks:
            pass
    return manifest


def content(path: Path, key: str) -> Iterator[bytes]:
    """The database in the backup, block by block. Raises as `check`."""
    with path.open("rb") as file:
        blocks = _blocks(path, file, key)
        next(blocks)
        yield from blocks


def _put(file: BinaryIO, cipher: AESGCM, number: int, block: bytes, *, last: bool) -> None:
    nonce = number.to_bytes(_NONCE, "big")
    sealed = cipher.encrypt(nonce, block, _bound(number, last=last))
    file.write(len(sealed).to_bytes(4, "big") + sealed)


def _blocks(path: Path, file: BinaryIO, key: str) -> Iterator[bytes]:
    head = file.read(len(_MAGIC) + _SALT)
    if not head.startswith(_MAGIC) or len(head) < len(_MAGIC) + _SALT:
        raise Invalid(f"{path.name} is not a backup of this service.")
    cipher = _cipher(key, head[len(_MAGIC) :])
    number, sealed = 0, _next(file)
    while sealed is not None:
        following = _next(file)
        try:
            bound = _bound(number, last=following is None)
            yield cipher.decrypt(number.to_bytes(_NONCE, "big"), sealed, bound)
        except InvalidTag:
            raise Invalid(
                f"{path.name} is damaged or cut off, or was made under another key. Use another copy, or the keys of"
                " its time."
            ) from None
        number, sealed = number + 1, following
    if number == 0:
        raise Invalid(f"{path.name} is damaged or cut off: it holds nothing.")


def _next(file: BinaryIO) -> bytes | None:
    head = file.read(4)
    if not head:
        return None
    length = int.from_bytes(head, "big")
    block = file.read(length)
    # A length that promises more than follows was touched or cut off; an empty block opens under no key.
    return block if len(block) == length else b""


def _bound(number: int, *, last: bool) -> bytes:
    return b"%d|%d" % (number, last)


def _cipher(key: str, salt: bytes) -> AESGCM:
    derived = HKDF(SHA256(), 32, salt, b"golden-thread backup").derive(bytes.fromhex(key))
    return AESGCM(derived)


def _manifest(path: Path, block: bytes) -> Manifest:
    try:
        return Manifest(**json.loads(block))
    except (ValueError, TypeError):
        raise Invalid(f"{path.name} was made by a newer version of this service. Update first.") from None
