"""Files of everything that is public, made in the background and swapped in whole, so that a download never waits."""

from __future__ import annotations

import csv
import json
import os
import shutil
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from core import clock, events
from core.geography.queries import ward_names
from core.jobs.services import enqueue
from core.settings import Settings, current_settings
from core.spreadsheets import Cell, inert
from directory.exchange import tables_out
from directory.exchange.tables_out import COLUMNS, HEADING, Flattener
from directory.listings.events import ListingChanged
from directory.listings.models import Location, Service, ServiceAtLocation
from directory.listings.queries import WHOLE
from directory.listings.rules import IN_SEARCH
from directory.openreferral.profiles import HSDS
from directory.openreferral.serializers import Writer

MAKE = "exchange.make-files"
BATCH = 200
LICENCE = "Open Government Licence v3.0"
_LONGEST_CELL = 32_767
_ZIP_DATE = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Download:
    """One file that anybody may take."""

    name: str
    media_type: str
    label: str
    good_for: str


DOWNLOADS = {
    one.name: one
    for one in (
        Download(
            "activities.csv", "text/csv; charset=utf-8", "CSV", "one row an activity, for any spreadsheet"
        ),
        Download(
            "activities.xlsx",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "Excel",
            "the same rows, ready to open",
        ),
        Download("activities.geojson", "application/geo+json", "GeoJSON", "for a map"),
        Download("hsds.zip", "application/zip", "Open Referral tables", "everything, for another directory"),
    )
}


def listen() -> None:
    """Hear of places that become private: the files do not go on giving them away until the hour is over."""
    events.subscribe(ListingChanged, _changed)


def _changed(session: Session, event: ListingChanged) -> None:
    if "masked_location" in event.fields:
        enqueue(session, MAKE, {}, key=MAKE)


def folder() -> Path:
    """Where the files lie; they can be deleted and made again at any time."""
    return current_settings().instance / "open-data"


def file_of(session: Session, name: str) -> Path:
    """The file of this name; all are made now where none has been yet."""
    path = folder() / name
    if not path.is_file():
        publish(session)
    return path


def publish(session: Session) -> None:
    """Make every file anew, then put each in the place of the old one."""
    settings = current_settings()
    folder().mkdir(parents=True, exist_ok=True)
    making = Path(mkdtemp(prefix="making-", dir=folder()))
    try:
        _make(session, settings, making)
        for name in DOWNLOADS:
            os.replace(making / name, folder() / name)  # noqa: PTH105 - one word for "whole or not at all"
    finally:
        shutil.rmtree(making, ignore_errors=True)


def _make(session: Session, settings: Settings, making: Path) -> None:
    today = clock.today()
    flattener = Flattener(Writer(HSDS, settings.base_url, settings.borough_name, today))
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Activities")
    sheet.append(list(HEADING))
    tables = {name: (making / f"{name}.table").open("w", encoding="utf-8", newline="") for name in COLUMNS}
    try:
        writers = {name: csv.writer(file) for name, file in tables.items()}
        for name, columns in COLUMNS.items():
            writers[name].writerow(columns)
        with (
            (making / "activities.csv").open("w", encoding="utf-8-sig", newline="") as flat,
            (making / "activities.geojson").open("w", encoding="utf-8") as map_file,
        ):
            lines = csv.writer(flat)
            lines.writerow(HEADING)
            map_file.write('{"type": "FeatureCollection", "features": [')
            points = 0
            for row, wards in _listings(session):
                cells = tables_out.line(row, today, settings.base_url, wards)
                lines.writerow([inert(cell) for cell in cells])
                sheet.append([_sheet_cell(sheet, cell) for cell in cells])
                point = tables_out.feature(cells)
                if point is not None:
                    map_file.write(("," if points else "") + "\n" + json.dumps(point, ensure_ascii=False))
                    points += 1
                for name, values in flattener.rows(row):
                    writers[name].writerow([inert(values.get(column)) for column in COLUMNS[name]])
            map_file.write("\n]}\n")
    finally:
        for file in tables.values():
            file.close()
    book.save(making / "activities.xlsx")
    title = f"Groups and activities in {settings.borough_name}"
    _zip(making, json.dumps(tables_out.descriptor(settings.base_url, title, LICENCE), indent=1))


def _zip(making: Path, descriptor: str) -> None:
    """The package. Its entries carry no date, so that the same data gives the same file."""
    with zipfile.ZipFile(making / "hsds.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(_entry("datapackage.json"), descriptor)
        for name in COLUMNS:
            with (
                (making / f"{name}.table").open("rb") as table,
                archive.open(_entry(f"{name}.csv"), "w", force_zip64=True) as entry,
            ):
                shutil.copyfileobj(table, entry)


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _ZIP_DATE)
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry


def _sheet_cell(sheet: Any, cell: Cell) -> object:
    """Numbers as numbers; every text as text, so that none is taken for a formula."""
    if not isinstance(cell, str):
        return cell
    clean = "".join(letter for letter in inert(cell) if letter >= " " or letter in "\n\t")
    kept = WriteOnlyCell(sheet, value=clean[:_LONGEST_CELL])
    kept.data_type = "s"
    return kept


def _listings(session: Session) -> Iterator[tuple[Service, dict[str, str]]]:
    """Every public listing in order of its id with all that hangs on it, a batch at a time, and its wards' names."""
    ids = session.scalars(select(Service.id).where(Service.status.in_(IN_SEARCH)).order_by(Service.id)).all()
    places = selectinload(Service.places).joinedload(ServiceAtLocation.location)
    for start in range(0, len(ids), BATCH):
        rows = session.scalars(
            select(Service)
            .where(Service.id.in_(ids[start : start + BATCH]))
            .order_by(Service.id)
            .options(*WHOLE, places.selectinload(Location.accessibility))
        ).all()
        codes = {one.location.ward_code for row in rows for one in row.places if one.location.ward_code}
        wards = ward_names(session, codes) if codes else {}
        for row in rows:
            yield row, wards
        session.expunge_all()
