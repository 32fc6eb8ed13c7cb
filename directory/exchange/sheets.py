"""Opening spreadsheets: the first sheet with a heading as rows of named cells, read in a stream and within limits."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time
from pathlib import Path

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from core.errors import Invalid
from directory.exchange.files import Row
from directory.exchange.mapping import BEYOND
from directory.exchange.packages import SPOILED, refuse_large_archive

MOST_UNPACKED = 100 * 1024 * 1024
MOST_ROWS = 50_000
MOST_COLUMNS = 200


def read_sheet(path: Path) -> Iterator[Row]:
    """The rows of a spreadsheet (XLSX) after its heading. Raises `Invalid`, also in the middle."""
    heading: list[str] = []
    for number, cells in enumerate(_lines(path), start=1):
        if not heading:
            heading = cells
            continue
        if number > MOST_ROWS:
            raise Invalid(f"{path.name} has more than {MOST_ROWS:,} rows. Give it in parts.")
        row: Row = dict(zip(heading, cells, strict=False))
        beyond = "".join(cells[len(heading) :])
        yield row | {BEYOND: beyond} if beyond.strip() else row


def sheet_heading(path: Path) -> list[str]:
    """The names of a spreadsheet's columns. Raises `Invalid`."""
    return [name for name in next(_lines(path), []) if name]


def _lines(path: Path) -> Iterator[list[str]]:
    """The first sheet's rows as texts, from its first filled row on."""
    refuse_large_archive(path, path.name, MOST_UNPACKED)
    try:
        book = load_workbook(path, read_only=True, data_only=True, keep_links=False)
        try:
            begun = False
            for values in book.worksheets[0].iter_rows(values_only=True, max_col=MOST_COLUMNS):
                cells = [_text(value) for value in values]
                begun = begun or any(cells)
                if begun:
                    yield _without_empty_end(cells)
        finally:
            book.close()
    # What a spoiled workbook makes the library do is not told by it: any of these is the file's fault.
    except (
        InvalidFileException,
        KeyError,
        TypeError,
        IndexError,
        AttributeError,
        SyntaxError,
        *SPOILED,
    ):
        raise Invalid(
            f"{path.name} is not a spreadsheet that we can open. Save it again as XLSX or CSV."
        ) from None


def _without_empty_end(cells: list[str]) -> list[str]:
    while cells and not cells[-1]:
        cells = cells[:-1]
    return cells


def _text(value: object) -> str:
    """A cell as it is read: whole numbers without a point, dates and times as the calendar writes them."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "minutes")
    if isinstance(value, date):
        return value.isoformat()
    return value.isoformat("minutes") if isinstance(value, time) else str(value)
