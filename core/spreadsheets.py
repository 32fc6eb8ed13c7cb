"""Files that people open in a spreadsheet: cells that it shows and never runs."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from core.errors import Invalid

Cell = str | int | float | None

# A spreadsheet takes text that starts with one of these for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def inert(cell: Cell) -> str:
    """The cell as text: what would be run gets a quote mark before it, a number stays one, None is empty."""
    if cell is None:
        return ""
    if isinstance(cell, str) and cell.startswith(_FORMULA):
        return f"'{cell}"
    return str(cell)


def live(text: str) -> str:
    """The text that `inert` was given, out of what it made of it."""
    return text[1:] if text[:1] == "'" and text[1:].startswith(_FORMULA) else text


@contextmanager
def csv_file(path: Path, heading: Sequence[str]) -> Iterator[Callable[[Sequence[Cell]], None]]:
    """A CSV file at `path` under this heading; gives what writes a row of it. Raises `Invalid` where that fails."""
    try:
        with path.open("w", encoding="utf-8", errors="backslashreplace", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(heading)
            yield lambda cells: writer.writerow([inert(cell) for cell in cells])
    except OSError as error:
        raise Invalid(f"The report cannot be written to {path.name}: {error.strerror}.") from None
