"""A backup file: it opens with its key alone, and whoever touched it is found out."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.backup import archive
from core.backup.archive import Manifest
from core.errors import Invalid

KEY, OTHER = "12" * 32, "34" * 32
MANIFEST = Manifest("2026-03-03T12:00:00+00:00", "sqlite", "0012", {"persons": 3}, 7, "ab" * 32)
BLOCKS = [b"first" * 10, b"second" * 10, b"third" * 10]


@pytest.fixture(scope="module")
def backup(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("backup") / "one.gtb"
    archive.write(path, KEY, MANIFEST, BLOCKS)
    return path


def test_what_went_in_comes_out(backup: Path) -> None:
    assert archive.check(backup, KEY) == archive.read_manifest(backup, KEY) == MANIFEST
    assert list(archive.content(backup, KEY)) == BLOCKS
    assert not list(backup.parent.glob("*.unfinished"))
    held = backup.read_bytes()
    assert b"persons" not in held
    assert b"first" not in held
    assert backup.stat().st_mode & 0o077 == 0


@given(st.data())
def test_whatever_is_touched_cut_off_or_swapped_is_found(backup: Path, data: st.DataObject) -> None:
    held = backup.read_bytes()
    touched = backup.with_name("touched.gtb")
    at = data.draw(st.integers(0, len(held) - 1))
    if data.draw(st.booleans()):
        touched.write_bytes(held[:at])
    else:
        touched.write_bytes(held[:at] + bytes([held[at] ^ 1]) + held[at + 1 :])
    with pytest.raises(Invalid):
        archive.check(touched, KEY)


def test_a_length_that_promises_more_than_follows_is_found(backup: Path) -> None:
    held = bytearray(backup.read_bytes())
    held[-len(BLOCKS[-1]) - 16 - 1] ^= 1
    longer = backup.with_name("longer.gtb")
    longer.write_bytes(held)
    with pytest.raises(Invalid, match="damaged"):
        archive.check(longer, KEY)


def test_blocks_that_changed_places_or_went_missing_are_found(backup: Path) -> None:
    held = backup.read_bytes()
    start = len(held) - sum(len(block) + 16 + 4 for block in BLOCKS)
    head, rest = held[:start], held[start:]
    first, second = len(BLOCKS[0]) + 20, len(BLOCKS[1]) + 20
    changed = backup.with_name("changed.gtb")
    for body in (
        rest[:first],
        rest[first:],
        rest[first : first + second] + rest[:first] + rest[first + second :],
        b"",
    ):
        changed.write_bytes(head + body)
        with pytest.raises(Invalid, match="damaged"):
            archive.check(changed, KEY)


def test_another_key_or_another_kind_of_file_is_refused_in_words(backup: Path) -> None:
    with pytest.raises(Invalid, match="another key"):
        archive.check(backup, OTHER)
    strange = backup.with_name("letter.txt")
    strange.write_bytes(b"Dear Sir")
    with pytest.raises(Invalid, match="not a backup"):
        archive.check(strange, KEY)
