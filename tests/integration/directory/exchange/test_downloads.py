"""Everything public as files: whole, harmless in a spreadsheet, without what is private, fit to be taken in again."""

from __future__ import annotations

import csv
import json
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from core.access.rules import SYSTEM
from core.jobs.models import Job
from core.jobs.registry import HANDLERS
from directory.exchange import exporting, open_referral, packages, queries, services
from directory.exchange.mapping_file import Credit
from directory.exchange.tables_out import COLUMNS
from directory.listings import services as listings
from directory.listings.content import content_of, place_of
from directory.listings.models import Organization, Service
from directory.listings.rules import ListingStatus
from tests import build_directory
from tests.html import HtmlClient

CREDIT = Credit("ours", "Ours again", "Open Government Licence v3.0")


@pytest.fixture
def borough(session: Session) -> Session:
    """A few listings, as odd as they come."""
    rich = build_directory.listing(
        session,
        name="Loom & tea",
        audience=["men", "carers"],
        access=["step-free", "hearing-loop"],
        languages=["Polish", "Urdu"],
        minimum_age=18,
        maximum_age=90,
        eligibility="Anybody who likes wool",
        costs=[{"label": "A session", "pence": 250}, {"label": "Carers", "pence": 0}],
        contact_name="Rosa",
        contact_role="Weaver",
        who_meets_you="Rosa, at the door",
        what_to_bring="Nothing",
        getting_there="Opposite the mill",
        exceptions=[{"on": "2030-01-01", "session": "10:00", "note": "New Year"}],
        url="https://looms.example.org/",
        email="looms@example.org",
        notice="Moving soon",
        address={"street": "1 Loom Street", "town": "Bury", "postcode": "BL9 0AA"},
    )
    service = session.get_one(Service, rich)
    service.confirmed_at = datetime(2026, 7, 1, 23, 30, tzinfo=UTC)
    place = place_of(service)
    assert place is not None
    place.latitude, place.longitude = 53.59, -2.29
    build_directory.listing(
        session, name="=cmd|' /C calc'!A0", description="@SUM(1+1)\nand -2", phone="0161 496 0202"
    )
    build_directory.listing(session, name="Refuge", masked_location=True, getting_there="Behind the church")
    build_directory.listing(session, name="Unseen", status=ListingStatus.DRAFT)
    session.commit()
    return session


def table(client: HtmlClient, name: str = "activities.csv") -> list[dict[str, str]]:
    return list(
        csv.DictReader(StringIO(client.get(f"/open-data/download/{name}").get_data().decode("utf-8-sig")))
    )


def unzipped(data: bytes) -> dict[str, list[dict[str, str]]]:
    with zipfile.ZipFile(BytesIO(data)) as archive:
        assert archive.testzip() is None
        return {
            name.removesuffix(".csv"): list(csv.DictReader(StringIO(archive.read(name).decode("utf-8"))))
            for name in archive.namelist()
            if name.endswith(".csv")
        }


def test_each_file_holds_all_that_is_public(
    client: HtmlClient, borough: Session, before_others: Callable[[], None]
) -> None:
    before_others()
    rows = {row["name"]: row for row in table(client)}
    assert set(rows) == {"Loom & tea", "'=cmd|' /C calc'!A0", "Refuge"}
    loom = rows["Loom & tea"]
    assert (loom["when"], loom["latitude"], loom["needs"]) == (
        "Every Tuesday, 10am to 12pm",
        "53.59",
        "Company and friendship",
    )
    assert rows["'=cmd|' /C calc'!A0"]["description"].startswith("'@SUM")
    assert loom["last_checked"] == "2026-07-02"
    book = load_workbook(BytesIO(client.get("/open-data/download/activities.xlsx").get_data()))
    cells = {cell.value: cell.data_type for line in book.worksheets[0].iter_rows() for cell in line}
    assert cells["'=cmd|' /C calc'!A0"] == "s"
    assert "f" not in cells.values()
    shapes = json.loads(client.get("/open-data/download/activities.geojson").get_data())
    assert [one["geometry"]["coordinates"] for one in shapes["features"]] == [[-2.29, 53.59]]
    package = unzipped(client.get("/open-data/download/hsds.zip").get_data())
    assert set(package) == set(COLUMNS)
    assert len(package["services"]) == 3
    assert {one["name"]: one["assured_date"] for one in package["services"]}["Loom & tea"] == "2026-07-02"
    assert "Open data" in client.get("/open-data").text
    assert "/open-data/download/hsds.zip" in client.get("/open-data").text
    assert client.get("/open-data/download/..%2Fgoldenthread.db").status_code == 404
    assert client.get("/open-data/download/secrets.toml").status_code == 404


def test_a_private_place_is_in_no_file(
    client: HtmlClient, borough: Session, before_others: Callable[[], None]
) -> None:
    before_others()
    refuge = next(row for row in table(client) if row["name"] == "Refuge")
    assert not any(refuge[name] for name in ("venue", "street", "town", "postcode", "latitude", "ward"))
    package = client.get("/open-data/download/hsds.zip").get_data()
    assert b"Behind the church" not in b"".join(
        zipfile.ZipFile(BytesIO(package)).read(name) for name in zipfile.ZipFile(BytesIO(package)).namelist()
    )
    key = refuge["id"]
    assert all(one["service_id"] != key for one in unzipped(package)["service_at_location"])


def test_a_place_made_private_leaves_the_files_without_waiting_for_the_hour(borough: Session) -> None:
    made = build_directory.listing(borough, name="Safe house")
    row = borough.get_one(Service, made)
    listings.submit_change(borough, SYSTEM, made, {"masked_location": True}, row.version)
    borough.commit()
    job = borough.scalars(select(Job).where(Job.kind == exporting.MAKE)).one()
    HANDLERS[job.kind](borough, job.payload)
    text = (exporting.folder() / "activities.csv").read_text(encoding="utf-8-sig")
    (line,) = (one for one in csv.DictReader(StringIO(text)) if one["name"] == "Safe house")
    assert not any(line[name] for name in ("venue", "street", "town", "postcode", "latitude", "ward"))


def test_files_are_cached_and_follow_changes(
    client: HtmlClient, borough: Session, before_others: Callable[[], None]
) -> None:
    before_others()
    first = client.get("/open-data/download/activities.csv")
    assert "public" in first.headers["Cache-Control"]
    again = client.get("/open-data/download/activities.csv", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    build_directory.listing(borough, name="New here")
    borough.commit()
    exporting.publish(borough)
    borough.rollback()
    assert "New here" in client.get("/open-data/download/activities.csv").get_data(as_text=True)
    assert [path.name for path in exporting.folder().iterdir() if path.is_dir()] == []


def test_the_package_describes_itself(
    client: HtmlClient, borough: Session, before_others: Callable[[], None]
) -> None:
    before_others()
    data = client.get("/open-data/download/hsds.zip").get_data()
    with zipfile.ZipFile(BytesIO(data)) as archive:
        said = json.loads(archive.read("datapackage.json"))
    tables = unzipped(data)
    for resource in said["resources"]:
        heading = [one["name"] for one in resource["schema"]["fields"]]
        rows = tables[resource["name"]]
        assert not rows or list(rows[0]) == heading
    services_, groups = (
        {row["id"] for row in tables["services"]},
        {row["id"] for row in tables["organizations"]},
    )
    assert all(row["organization_id"] in groups for row in tables["services"])
    assert all(row["service_id"] in services_ for row in tables["schedules"])


def test_our_own_package_taken_in_elsewhere_gives_the_same(borough: Session, tmp_path: Path) -> None:
    """The second borough begins empty: what it publishes says what the first one's did, but for its own ids."""
    exporting.publish(borough)
    first = (exporting.folder() / "hsds.zip").read_bytes()
    before = {one.name: content_of(one) for one in public_listings(borough)}
    given = tmp_path / "hsds.zip"
    given.write_bytes(first)
    empty_out(borough)
    rows = open_referral.rows_of(packages.services_in_package(given), queries.slugs_by_name(borough))
    assert [row.rejected for row in rows if row.listing is None] == []
    services.import_rows(borough, SYSTEM, CREDIT, rows)
    borough.commit()
    after = {one.name: content_of(one) for one in public_listings(borough)}
    assert set(after) == set(before)
    told = {
        name
        for name in before["Loom & tea"]
        if name not in {"accepting_referrals", "capacity", "masked_location"}
    }
    for name in ("Loom & tea", "=cmd|' /C calc'!A0"):
        assert {one: after[name][one] or None for one in told} == {
            one: before[name][one] or None for one in told
        }
    exporting.publish(borough)
    second = (exporting.folder() / "hsds.zip").read_bytes()
    assert facts(second) == facts(first)
    outcome = services.import_rows(borough, SYSTEM, CREDIT, rows)
    assert outcome.nothing_new


def public_listings(session: Session) -> list[Service]:
    session.expire_all()
    return [one for one in session.query(Service).all() if one.status is ListingStatus.PUBLISHED]


def empty_out(session: Session) -> None:
    for one in session.query(Service).all():
        session.delete(one)
    session.flush()
    session.execute(delete(Organization))
    session.commit()


def facts(data: bytes) -> dict[str, list[Any]]:
    """The package without ids, moments and addresses of the site's own: what it says, in order."""
    own = {"id", "uri", "term_uri", "assured_date", "last_modified", "parent_id"}
    return {
        name: sorted(
            tuple(
                (column, value)
                for column, value in row.items()
                if column not in own and not column.endswith("_id")
            )
            for row in rows
        )
        for name, rows in unzipped(data).items()
    }
