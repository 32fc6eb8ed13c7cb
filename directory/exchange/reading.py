"""Whatever was given, as rows of an import: one door for every kind of file."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core import clock
from core.errors import Invalid
from directory.exchange import calendars, files, open_referral, packages, sheets
from directory.exchange.feed_rules import FeedKind
from directory.exchange.mapping import MappedRow, map_rows
from directory.exchange.mapping_file import Credit
from directory.exchange.tables import mapping_of

PAGES = "page-*.json"
UPLOAD = "given"
_SUFFIXES = frozenset({".json", ".zip", ".csv", ".xlsx", ".ics"})
MOST_RECORDS = 50_000


@dataclass(frozen=True, slots=True)
class Given:
    """What an import was given: the folder that holds it, and how to read it."""

    folder: Path
    kind: FeedKind
    credit: Credit
    columns: Mapping[str, str]


def suffix_of(name: str, kind: FeedKind) -> str:
    """The ending that a file is kept under. Raises `Invalid` for a kind of file that we do not take."""
    suffix = Path(name).suffix.casefold()
    wanted = {
        FeedKind.OPEN_REFERRAL: (".json", ".zip"),
        FeedKind.TABLE: (".csv", ".xlsx"),
        FeedKind.CALENDAR: (".ics",),
    }[kind]
    if suffix not in wanted:
        raise Invalid(f"Give a file whose name ends in {' or '.join(wanted)}.", "file")
    return suffix


def upload_in(folder: Path) -> Path | None:
    """The file that was given, if it was a file."""
    return next((path for path in sorted(folder.glob(f"{UPLOAD}.*")) if path.suffix in _SUFFIXES), None)


def heading_of(folder: Path) -> list[str]:
    """The names of a table's columns, each once. Raises `Invalid`."""
    path = _upload(folder)
    if path.suffix == ".xlsx":
        names = sheets.sheet_heading(path)
    else:
        try:
            with path.open(encoding=_encoding(path), newline="") as file:
                names = next(csv.reader(file, strict=True), [])
        except (UnicodeError, csv.Error, OSError):
            raise Invalid("The file cannot be read as CSV. Save it again as CSV in UTF-8.") from None
    found = list(dict.fromkeys(filter(None, (name for name in names if name.strip()))))
    if not found:
        raise Invalid("The file is empty: its first row must name the columns.")
    return found[: sheets.MOST_COLUMNS]


def rows_of(given: Given, slugs: Mapping[str, str]) -> tuple[MappedRow, ...]:
    """The rows of whatever was given. Raises `Invalid` where it cannot be read at all."""
    rows = _rows(given, slugs)
    if len(rows) > MOST_RECORDS:
        raise Invalid(f"There are more than {MOST_RECORDS:,} records. Give them in parts.")
    return rows


def _rows(given: Given, slugs: Mapping[str, str]) -> tuple[MappedRow, ...]:
    if given.kind is FeedKind.TABLE:
        path = _upload(given.folder)
        mapping = mapping_of(given.credit, given.columns, encoding=_encoding(path))
        if path.suffix == ".xlsx":
            return map_rows(mapping, sheets.read_sheet(path))
        return map_rows(mapping, files.read_rows(path, mapping, lambda _done: None))
    if given.kind is FeedKind.CALENDAR:
        group = given.credit.publisher or given.credit.name
        return calendars.rows_of(_upload(given.folder).read_bytes(), "The calendar", group, clock.today())
    return open_referral.rows_of(_services(given.folder), slugs)


def _services(folder: Path) -> list[Any]:
    pages = sorted(folder.glob(PAGES))
    if pages:
        return [one for page in pages for one in json.loads(page.read_bytes())]
    path = _upload(folder)
    if path.suffix == ".zip":
        return packages.services_in_package(path)
    return packages.services_in_json(path.read_bytes(), "The file")


def _upload(folder: Path) -> Path:
    path = upload_in(folder)
    if path is None:
        raise Invalid("The file is not here any more. Give it again.")
    return path


def _encoding(path: Path) -> str:
    """UTF-8, or what Windows wrote before it."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            for _ in file:
                pass
    except UnicodeError:
        return "cp1252"
    return "utf-8-sig"
