"""Reading the files that others publish: row by row, told apart by their headers, however they are spelled.

Known shapes: the ONS Postcode Directory and National Statistics Postcode Lookup, plain tables of postcodes with
a point, ONS names-and-codes and lookup tables, GeoJSON boundaries, the English Indices of Deprivation, and
population estimates by single year of age.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path
from typing import Any

from core.errors import Invalid
from core.geography.rules import ring_centre

Row = tuple[int, dict[str, str]]

_LSOA = r"lsoa_?(?P<edition>[0-9]{2})?_?(?:cd|code)?(?:_(?:20)?(?P<later>[0-9]{2}))?"
_LSOA_NAME = r"lsoa_?[0-9]{0,2}_?(?:nm|name)(?:_[0-9]{2,4})?"
_WARD = r"osward|wd_?(?P<edition>[0-9]{2})?_?cd|ward_?(?P<later>[0-9]{2})?_?(?:cd|code)"
_WARD_NAME = r"wd_?[0-9]{0,2}_?nm|ward_?[0-9]{0,2}_?(?:nm|name)"
_AUTHORITY = r"oslaua|laua|lad_?[0-9]{0,2}_?cd(?:_active)?|ltla_?[0-9]{0,2}_?code"
_IMD = r"(?:index_of_multiple_deprivation_)?imd"

# Our name for a column, and what publishers call it, once lower-cased with "_" for all but letters and digits.
_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "postcode": ("pcds", "postcode", "pcd8", "pcd7", "pcd2", "pcd"),
    "lat": ("lat", "latitude"),
    "lon": ("long", "longitude", "lon", "lng"),
    "lsoa": (_LSOA,),
    "lsoa_name": (_LSOA_NAME,),
    "ward": (_WARD,),
    "ward_name": (_WARD_NAME,),
    "authority": (_AUTHORITY,),
    "edition": ("sourcefile",),
    "quality": ("osgrdind", "gridind"),
    "ended": ("doterm",),
    "rank": (rf"{_IMD}_rank(?:_where.*)?",),
    "decile": (rf"{_IMD}_decile(?:_where.*)?",),
    "score": (rf"{_IMD}_score",),
    "total": ("total_population", "total", "all_ages"),
}


@dataclass(frozen=True)
class Header:
    """Which of a file's columns are ours: our name to the file's name, and the years (two digits) they carry.

    `ages` maps a single year of age to its column; 90 stands for 90 and over.
    """

    columns: Mapping[str, str]
    editions: Mapping[str, int]
    ages: Mapping[int, str]
    spelled: tuple[str, ...]

    def has(self, *names: str) -> bool:
        """Whether all these columns are there."""
        return all(name in self.columns for name in names)

    def value(self, row: Mapping[str, str], name: str) -> str:
        """The row's text in our column `name`, trimmed; empty when the file has no such column."""
        column = self.columns.get(name)
        text = "" if column is None else row.get(column) or ""
        return "" if text.strip() == "NA" else text.strip()


def read_header(names: list[str]) -> Header:
    """Match a header to the columns that we know. Of several editions of one code, the newest is taken."""
    columns: dict[str, str] = {}
    editions: dict[str, int] = {}
    ages: dict[int, str] = {}
    plain = {name: re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_") for name in names}
    for ours, patterns in _COLUMNS.items():
        best: tuple[int, int] | None = None
        for name, key in plain.items():
            for place, pattern in enumerate(patterns):
                if found := re.fullmatch(pattern, key):
                    groups = found.groupdict()
                    edition = int(groups.get("edition") or groups.get("later") or 0)
                    if best is None or (edition, -place) > best:
                        best = (edition, -place)
                        columns[ours] = name
                        editions[ours] = edition
    for name in names:
        if found := re.fullmatch(r"(?:age_)?([0-9]{1,2})(\+|_?(?:and_over|plus))?", name.strip().lower()):
            ages[int(found[1])] = name
    return Header(columns, editions, ages, tuple(names))


@dataclass
class OpenFile:
    """A file being read: its header, its rows with the number that a spreadsheet shows, and how far we are.

    A GeoJSON feature is a row too: its properties, with `lat` and `lon` of the middle of its shape when the
    properties give none; features are counted from 1.
    """

    header: Header
    rows: Iterator[Row]
    size: int
    position: Callable[[], int]
    name: str


@contextmanager
def open_file(path: Path) -> Iterator[OpenFile]:
    """Open a CSV or GeoJSON file for reading row by row. Raises `Invalid` for what is neither."""
    with path.open("rb") as raw:
        start = raw.peek(4096)[:4096]
        _refuse_other_kinds(path, start)
        text = TextIOWrapper(raw, encoding="utf-8-sig", newline="")
        rows = (
            _features(text, path)
            if start.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"{")
            else _records(text, path)
        )
        first = next(rows, None)
        if first is None:
            raise Invalid(f"{path.name} has no rows.")
        yield OpenFile(
            header=read_header(list(first[1])),
            rows=_put_back(first, rows),
            size=path.stat().st_size,
            position=raw.tell,
            name=path.name,
        )


def _put_back(first: Row, rest: Iterator[Row]) -> Iterator[Row]:
    yield first
    yield from rest


def _refuse_other_kinds(path: Path, start: bytes) -> None:
    if not start.strip():
        raise Invalid(f"{path.name} is empty.")
    if start.startswith(b"PK"):
        raise Invalid(f"{path.name} is a ZIP or Excel file. Unpack it, or save it as CSV, and load that.")
    if b"\x00" in start:
        raise Invalid(f"{path.name} is not a text file. Save it as CSV in UTF-8 and load that.")
    if start.lstrip().startswith(b"<"):
        raise Invalid(f"{path.name} is a web page or XML, not CSV or GeoJSON. Download the file itself.")


def _records(text: TextIOWrapper, path: Path) -> Iterator[Row]:
    reader = csv.reader(text, strict=True)
    try:
        names = [name.strip() for name in next(reader, [])]
        if len(set(names)) != len(names):
            raise Invalid(f"{path.name} has two columns with the same name. Keep one of them.")
        for cells in reader:
            if any(cell.strip() for cell in cells):
                padded = cells + [""] * (len(names) - len(cells))
                yield reader.line_num, dict(zip(names, padded, strict=False))
    except UnicodeDecodeError:
        raise Invalid(f"{path.name} is not in UTF-8. In your spreadsheet, save it as “CSV UTF-8”.") from None
    except csv.Error as error:
        raise Invalid(f"{path.name} stops being CSV at line {reader.line_num}: {error}.") from None


def _features(text: TextIOWrapper, path: Path) -> Iterator[Row]:
    """Features one at a time, so that a national boundary file need not fit in memory."""
    decoder = json.JSONDecoder()
    broken = Invalid(f"{path.name} is not whole GeoJSON: it must be a FeatureCollection. Download it again.")
    try:
        buffer = text.read(65536)
        while not (start := re.search(r'"features"\s*:\s*\[', buffer)):
            more = text.read(65536)
            if not more:
                raise broken
            buffer += more
        buffer = buffer[start.end() :]
        number = 0
        while True:
            buffer = buffer.lstrip(" \r\n\t,")
            if buffer.startswith("]"):
                return
            try:
                feature, end = decoder.raw_decode(buffer)
            except ValueError:
                more = text.read(1 << 20)
                if not more:
                    raise broken from None
                buffer += more
                continue
            buffer = buffer[end:]
            number += 1
            yield number, _feature_row(feature, number, path)
    except UnicodeDecodeError:
        raise broken from None


def _feature_row(feature: Any, number: int, path: Path) -> dict[str, str]:
    if not isinstance(feature, dict) or not isinstance(feature.get("properties"), dict):
        raise Invalid(f"{path.name}: feature {number} has no properties.")
    row = {str(name): "" if value is None else str(value) for name, value in feature["properties"].items()}
    if not any(name.lower() in {"lat", "latitude"} for name in row):
        centre = shape_centre(feature.get("geometry"))
        row["lat"], row["lon"] = ("", "") if centre is None else (str(centre[0]), str(centre[1]))
    return row


def shape_centre(geometry: Any) -> tuple[float, float] | None:
    """The centroid, (lat, lon) to five decimals, of a GeoJSON Polygon or MultiPolygon; None for anything else.

    Holes are left out of the reckoning: for an area's middle they do not matter.
    """
    try:
        shape = geometry["coordinates"]
        polygons = {"Polygon": [shape], "MultiPolygon": shape}[geometry["type"]]
        parts = [ring_centre(polygon[0]) for polygon in polygons]
    except (KeyError, TypeError, IndexError):
        return None
    weight = sum(area for _, _, area in parts)
    if not weight:
        return None
    lat = sum(lat * area for lat, _, area in parts) / weight
    lon = sum(lon * area for _, lon, area in parts) / weight
    return round(lat, 5), round(lon, 5)
