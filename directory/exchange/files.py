"""Opening what others publish: a CSV file as rows of named cells, or one sentence on why it cannot be read."""

from __future__ import annotations

import codecs
import csv
import os
from collections.abc import Callable, Iterable, Iterator
from io import TextIOWrapper
from pathlib import Path

from core.errors import Invalid
from directory.exchange.mapping import BEYOND
from directory.exchange.mapping_file import MAPPINGS, ColumnMapping, missing_columns, read_mapping

Row = dict[str, str | None]

# A whole file is held while it is written in one go, which takes about ten times its size in memory.
MOST_BYTES = 50 * 1024 * 1024
_OTHER_KINDS = {
    b"PK": "a spreadsheet or an archive",
    b"%PDF": "a PDF",
    b"\xd0\xcf\x11\xe0": "an old spreadsheet",
}


def open_mapping(name: str) -> ColumnMapping:
    """The mapping in the file of this name, or ours of this bare name. Raises `Invalid`."""
    ours = {path.stem: path for path in sorted(MAPPINGS.glob("*.toml"))}
    path = ours.get(name, Path(name))
    try:
        text = path.read_text("utf-8")
    except (OSError, ValueError):
        raise Invalid(
            f"There is no mapping “{name}”. Give a TOML file, or one of ours: {', '.join(ours)}."
        ) from None
    try:
        return read_mapping(text)
    except Invalid as error:
        raise Invalid(f"{path.name}: {error.message}") from None


def refuse_unwritable(path: Path) -> None:
    """Raise `Invalid` where no file can be written, before anything else is done."""
    if not path.parent.is_dir() or not os.access(path if path.exists() else path.parent, os.W_OK):
        raise Invalid(f"{path.name} cannot be written there. Give a path in a folder of yours.")


def read_rows(path: Path, mapping: ColumnMapping, seen: Callable[[int], None]) -> Iterator[Row]:
    """The rows of a file, after its heading; tells `seen` how many bytes are behind it.

    Raises `Invalid` in the middle of the file where it stops being what it should be.
    """
    row = 1
    try:
        with path.open("rb") as raw:
            _refuse_other_kinds(path, raw.peek(8)[:8])
            file = TextIOWrapper(raw, encoding=_encoding(mapping), newline="")
            lines = csv.reader(file, delimiter=mapping.delimiter, strict=True)
            heading = next(lines, [])
            _refuse_heading(path, mapping, heading)
            for cells in lines:
                row += 1
                seen(raw.tell())
                yield _named(heading, cells)
    except UnicodeError:
        raise Invalid(
            f"{path.name} is not written in {mapping.encoding} (seen after row {row}). Save it as CSV in UTF-8,"
            " or name its encoding in the mapping."
        ) from None
    except csv.Error as error:
        raise Invalid(
            f"{path.name} cannot be read as CSV after row {row}: {error}. A quotation mark may be missing."
        ) from None
    except OSError as error:
        raise Invalid(f"{path.name} cannot be read: {error.strerror}.") from None


def _encoding(mapping: ColumnMapping) -> str:
    """The encoding's name; a byte order mark is no part of the first column's. Raises `Invalid`."""
    if len(mapping.delimiter) != 1:
        raise Invalid("The mapping's delimiter must be one letter, such as a comma.")
    try:
        known = codecs.lookup(mapping.encoding).name
        "".encode(known)
    except LookupError:
        raise Invalid(f"The mapping's encoding “{mapping.encoding}” is not one that we know.") from None
    return "utf-8-sig" if known == "utf-8" else known


def _refuse_other_kinds(path: Path, start: bytes) -> None:
    """Raise `Invalid` for what is no text, or too much of it."""
    kind = next((words for magic, words in _OTHER_KINDS.items() if start.startswith(magic)), "")
    if kind:
        raise Invalid(f"{path.name} is {kind}. Save it as CSV (comma separated, UTF-8) and give that file.")
    if path.stat().st_size > MOST_BYTES:
        raise Invalid(f"{path.name} is larger than {MOST_BYTES // 1024 // 1024} MB. Give it in parts.")


def _refuse_heading(path: Path, mapping: ColumnMapping, heading: list[str]) -> None:
    """Raise `Invalid` unless every column that the mapping names is there once."""
    if not any(heading):
        raise Invalid(f"{path.name} is empty: its first row must name the columns.")
    missing = missing_columns(mapping, heading)
    if missing:
        raise Invalid(
            f"{path.name} has no column {_list(missing)}. Either it is another file than the mapping is for,"
            " or its columns have new names: then change the mapping."
        )
    twice = sorted(name for name in mapping.columns() if heading.count(name) > 1)
    if twice:
        raise Invalid(f"{path.name} names the column {_list(twice)} twice. Take one away.")


def _list(names: Iterable[str]) -> str:
    return ", ".join(f"“{name}”" for name in names)


def _named(heading: list[str], cells: list[str]) -> Row:
    row: Row = dict(zip(heading, cells, strict=False))
    beyond = "".join(cells[len(heading) :])
    return row | {BEYOND: beyond} if beyond.strip() else row
