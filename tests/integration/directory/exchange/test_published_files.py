"""The eight published files that we have mappings for, all in one database."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.jobs.services import work_once
from directory.exchange import queries
from directory.exchange.models import ImportedRecord
from directory.listings.models import Service, Source
from directory.listings.rules import changed_fields
from tests.html import HtmlClient
from tests.integration.directory.exchange.conftest import Run, contents

SHARED = Path(__file__).resolve().parents[5] / "shared" / "data"
POSTCODES = SHARED / "geography" / "bury_postcodes_derived.csv"
ACCEPTED = {
    "gm_food_banks": 169,
    "gm_libraries": 141,
    "libraries_bury": 14,
    "gm_pharmacies": 631,
    "sports_clubs": 140,
    "sports_facilities": 232,
    "trafford_mental_health_services": 60,
    "ukcat_sample_charities_human_tagged": 4096,
}


def take_in(run: Run, name: str) -> str:
    return run("exchange", "import", str(SHARED / "listings" / f"{name}.csv"), "--mapping", name)


@pytest.mark.shared_data
def test_all_files_load_into_one_database_and_are_found(
    session: Session, run_command: Run, client: HtmlClient
) -> None:
    run_command("geography", "load-postcodes", str(POSTCODES))
    for name, accepted in ACCEPTED.items():
        assert f"{accepted:,} new, 0 changed, 0 as they were." in take_in(run_command, name)
    by_source = select(Source.key, func.count()).join(Service, Service.source_id == Source.id)
    assert sum(dict(session.execute(by_source.group_by(Source.key)).all()).values()) == 5483

    before = contents(session)
    for name in ACCEPTED:
        assert "Nothing changed: all of it was here already." in take_in(run_command, name)
    assert contents(session) == before

    assert _differing(session) == {}

    while work_once(session):
        pass
    answer = client.get("/search.json?q=food+bank&postcode=BL9+0AA").get_json()
    far = [one["distance_km"] for one in answer["items"] if one["distance_km"] is not None]
    assert len(far) >= 4
    assert far == sorted(far)
    assert all("food" in one["name"].lower() for one in answer["items"])


def _differing(session: Session) -> dict[str, tuple[str, ...]]:
    """Records whose listing does not say what was imported: the next import would take that for corrections."""
    found = {}
    ids = list(session.scalars(select(ImportedRecord.id)))
    for start in range(0, len(ids), 500):
        records = queries.records_for_update(session, ids[start : start + 500]).values()
        listings = queries.listings_for_update(session, [one.service_id for one in records])
        for one in records:
            names = changed_fields(one.fields, queries.current_fields(listings[one.service_id]))
            names = tuple(name for name in names if name in one.fields)
            if names:
                found[one.record_key] = names
    return found
