"""Opening what Open Referral publishes, JSON of any shape and packages of CSV tables, as one tree for each service."""

from __future__ import annotations

import csv
import json
import zipfile
import zlib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from io import BytesIO, TextIOWrapper
from lzma import LZMAError
from pathlib import Path
from typing import IO, Any

from core.errors import Invalid
from core.spreadsheets import live

# What opening or unpacking a spoiled archive raises; the library has no error of its own for all of it.
SPOILED = (
    zipfile.BadZipFile,
    zlib.error,
    LZMAError,
    OSError,
    NotImplementedError,
    RuntimeError,
    EOFError,
    ValueError,
)
MOST_UNPACKED = 200 * 1024 * 1024
MOST_FILES = 100
MOST_ROWS = 200_000
DETAILS_TABLE = "listing_details"

Row = dict[str, str]
Tables = Mapping[str, list[Row]]

# What hangs on a service and names it by `service_id`.
_OF_SERVICE = ("schedules", "cost_options", "languages", "phones", "contacts", "service_areas")
_OF_GROUP = ("organization_identifiers", "phones", "contacts")
_OF_LOCATION = ("addresses", "accessibility")
_SINGULAR = {
    "addresses": "address",
    "schedules": "schedule",
    "attributes": "attribute",
    "taxonomies": "taxonomy",
}
_TABLES = frozenset(
    {
        *_OF_SERVICE,
        *_OF_GROUP,
        *_OF_LOCATION,
        *_SINGULAR.values(),
        "services",
        "organizations",
        "locations",
        "service_at_location",
        "service_at_locations",
        "attributes",
        "taxonomy_terms",
        DETAILS_TABLE,
    }
)


def services_in_json(data: bytes, name: str) -> list[Any]:
    """The services of a JSON text: a list of them, a page of a feed, one of them, or groups with theirs.

    Raises `Invalid` where there is none of it.
    """
    try:
        value = json.loads(data.decode("utf-8-sig"), parse_constant=_refuse_constant)
    except UnicodeDecodeError:
        raise Invalid(f"{name} is not written in UTF-8.") from None
    except (ValueError, RecursionError):
        raise Invalid(f"{name} is not JSON, or breaks off in the middle.") from None
    found = list(_services(value))
    if not found:
        raise Invalid(f"{name} holds no services. Give a list of them, or a page of an Open Referral feed.")
    return found


def page_of(data: bytes, name: str) -> tuple[list[Any], int]:
    """A page of a feed: its services, which may be none, and how many pages there are in all. Raises `Invalid`."""
    try:
        value = json.loads(data.decode("utf-8-sig"), parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise Invalid(f"{name} does not answer in JSON, as an Open Referral feed does.") from None
    if isinstance(value, list):
        return value, 1
    if not isinstance(value, dict) or not isinstance(_contents(value), list):
        raise Invalid(f"{name} does not answer with a page of services, as an Open Referral feed does.")
    total = value.get("total_pages", value.get("totalPages", 1))
    return list(_contents(value)), total if isinstance(total, int) and not isinstance(total, bool) else 1


def _refuse_constant(text: str) -> None:
    raise ValueError(f"{text} is no JSON")


def _contents(value: Mapping[str, Any]) -> Any:
    contents = value.get("contents", value.get("content"))
    return contents.get("items") if isinstance(contents, dict) else contents


def _services(value: Any) -> Iterator[Any]:
    if isinstance(value, list):
        for one in value:
            yield from _services_of(one)
    elif isinstance(value, dict):
        contents = _contents(value)
        if isinstance(contents, list):
            yield from _services(contents)
        else:
            yield from _services_of(value)


def _services_of(value: Any) -> Iterator[Any]:
    """A service as it is; those of a group, with the group on each; the one at a place, with the place."""
    if not isinstance(value, dict):
        yield value
    elif isinstance(value.get("services"), list):
        group = {name: part for name, part in value.items() if name != "services"}
        for one in value["services"]:
            yield one | {"organization": group} if isinstance(one, dict) and value.get("id") else one
    elif isinstance(value.get("service"), dict):
        place = {name: part for name, part in value.items() if name != "service"}
        yield value["service"] | {"service_at_locations": [place]}
    elif "status" in value or "organization" in value or "service_at_locations" in value:
        yield value


def services_in_package(path: Path) -> list[Any]:
    """The services of a CSV package: a zip file, or a folder of its tables. Raises `Invalid`."""
    if path.is_dir():
        files = {one.stem.casefold(): one for one in sorted(path.glob("*.csv"))}
        if sum(one.stat().st_size for one in files.values()) > MOST_UNPACKED:
            raise _too_large(path.name)
        tables = {name: _read(one.open("rb"), one.name) for name, one in files.items() if name in _TABLES}
        return _trees(tables, path.name)
    try:
        with zipfile.ZipFile(path) as archive:
            return _trees(_unpacked(archive, path.name), path.name)
    except SPOILED:
        raise Invalid(f"{path.name} is not a zip file that we can open.") from None


def refuse_large_archive(data: IO[bytes] | Path, name: str, most: int) -> None:
    """Raise `Invalid` for an archive that is none, or that would unpack to more than `most` bytes."""
    try:
        with zipfile.ZipFile(data) as archive:
            entries = archive.infolist()
    except SPOILED:
        raise Invalid(f"{name} cannot be opened. Save it again and give the new file.") from None
    if len(entries) > MOST_FILES or sum(one.file_size for one in entries) > most:
        raise _too_large(name)


def _too_large(name: str) -> Invalid:
    return Invalid(f"{name} holds more than we take at once. Give it in parts.")


def _unpacked(archive: zipfile.ZipFile, name: str) -> dict[str, list[Row]]:
    entries = archive.infolist()
    if len(entries) > MOST_FILES or sum(one.file_size for one in entries) > MOST_UNPACKED:
        raise _too_large(name)
    tables = {}
    for entry in entries:
        stem = Path(entry.filename).stem.casefold()
        if entry.filename.casefold().endswith(".csv") and stem in _TABLES and not entry.flag_bits & 1:
            with archive.open(entry) as raw:
                # An archive may lie about its sizes: no more is read than it says, and then its checksum fails.
                tables[stem] = _read(BytesIO(raw.read(MOST_UNPACKED)), Path(entry.filename).name)
    return tables


def _read(raw: IO[bytes], name: str) -> list[Row]:
    rows: list[Row] = []
    try:
        with TextIOWrapper(raw, encoding="utf-8-sig", newline="") as file:
            lines = csv.reader(file, strict=True)
            heading = [one.strip().casefold() for one in next(lines, [])]
            for cells in lines:
                row = {one: live(cell) for one, cell in zip(heading, cells, strict=False) if cell.strip()}
                if row:
                    rows.append(row)
                if len(rows) > MOST_ROWS:
                    raise Invalid(f"{name} has more than {MOST_ROWS:,} rows. Give it in parts.")
    except UnicodeError:
        raise Invalid(f"{name} is not written in UTF-8.") from None
    except csv.Error as error:
        raise Invalid(f"{name} cannot be read as CSV after row {len(rows) + 1}: {error}.") from None
    return rows


def _trees(found: Tables, name: str) -> list[Any]:
    """The tables put together: what names a row by its id hangs on that row."""
    tables: defaultdict[str, list[Row]] = defaultdict(list, found)
    for plural, singular in _SINGULAR.items():
        tables[plural] = tables[plural] or tables[singular]
    services = tables["services"]
    if not services:
        raise Invalid(
            f"{name} holds no services.csv with rows, so it is not a package of Open Referral tables."
        )
    terms = {one.get("id", ""): one for one in tables["taxonomy_terms"]}
    attributes = _by(
        [
            one | {"taxonomy_term": terms.get(one.get("taxonomy_term_id", ""), {})}
            for one in tables["attributes"]
        ],
        "link_id",
    )
    groups = _with(tables, tables["organizations"], _OF_GROUP, "organization_id", attributes)
    locations = _with(tables, tables["locations"], _OF_LOCATION, "location_id", attributes)
    links = _by(
        [
            one | {"location": locations.get(one.get("location_id", ""), {})}
            for one in tables["service_at_location"] or tables["service_at_locations"]
        ],
        "service_id",
    )
    whole = _with(tables, services, _OF_SERVICE, "service_id", attributes)
    details = _details(tables[DETAILS_TABLE])
    return [
        whole.get(one.get("id", ""), one)
        | {
            "organization": groups.get(one.get("organization_id", ""), {}),
            "service_at_locations": links[one.get("id", "")],
        }
        | ({"details": details[one["id"]]} if one.get("id") in details else {})
        for one in services
    ]


def _with(
    tables: Tables, owners: list[Row], names: tuple[str, ...], by: str, attributes: Mapping[str, list[Any]]
) -> dict[str, dict[str, Any]]:
    hanging = {name: _by(tables[name], by) for name in names}
    return {
        one.get("id", ""): {
            **one,
            **{name: rows[one.get("id", "")] for name, rows in hanging.items()},
            "attributes": attributes[one.get("id", "")],
        }
        for one in owners
    }


def _by(rows: list[Any], column: str) -> defaultdict[str, list[Any]]:
    found: defaultdict[str, list[Any]] = defaultdict(list)
    for row in rows:
        if row.get(column):
            found[row[column]].append(row)
    return found


def _details(rows: list[Row]) -> dict[str, dict[str, Any]]:
    """Our own table: a field and its value as JSON for each row."""
    found: defaultdict[str, dict[str, Any]] = defaultdict(dict)
    for row in rows:
        try:
            found[row["service_id"]][row["field"]] = json.loads(row["value"])
        except (KeyError, ValueError, RecursionError):
            continue
    return found
