"""Every object that the open API gives is sound: by our own tables always, by the published schemas where they are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from directory.listings.models import Accessibility, Service, ServiceAtLocation
from directory.openreferral.profiles import PROFILES, faults
from tests import build_directory
from tests.contract.open_referral import OBJECTS, Judge, judge_of, published_judge, walk

BASES = tuple(PROFILES)


@pytest.fixture
def settings_changes() -> dict[str, Any]:
    return {"api_per_minute": 1_000_000}


def own_judge(base: str) -> Callable[[str, bool], Judge]:
    """Our own tables, nothing allowed beyond them."""
    profile = PROFILES[base]
    return lambda name, _flat: lambda value: faults(profile, OBJECTS[name], value, strict=True)


@pytest.fixture
def everything(session: Session) -> None:
    """A listing with all that a listing can hold, one with next to nothing, and one that keeps its address private."""
    whole = build_directory.listing(
        session,
        name="Everything",
        description="All of it.",
        audience=["carers"],
        access=["step-free"],
        minimum_age=18,
        maximum_age=99,
        eligibility="Anybody who lives here",
        languages=["Urdu", "Polish"],
        url="www.example.org/a b",
        email="tea@example.org",
        contact_name="Ada",
        contact_role="Host",
        notice="Back soon",
        getting_there="By the mill",
        costs=[{"label": "Session", "pence": 250}],
        address={"street": "1 Loom Street", "town": "Bury", "postcode": "BL9 0AA"},
        opening_times_text="And when the light is on",
        schedules=[
            {"freq": "WEEKLY", "dtstart": "2026-01-06", "opens_at": "10:00", "byday": ["TU"], "interval": 2},
            {"freq": "MONTHLY", "dtstart": "2026-01-06", "opens_at": "10:00", "byday": ["TU"], "nth": -1},
            {"freq": "ONCE", "dtstart": "2031-01-07", "opens_at": "10:00", "closes_at": "12:00"},
        ],
        exceptions=[{"on": "2031-01-07", "moved_to": "2031-01-08", "note": "Snow"}],
    )
    row = session.get_one(Service, whole)
    row.organization.description = "We meet."
    row.organization.website, row.organization.email = "https://example.org", "we@example.org"
    row.organization.charity_number, row.organization.company_number = "1234567", "01234567"
    at: ServiceAtLocation = row.places[0]
    at.location.latitude, at.location.longitude = 53.6, -2.3
    at.location.accessibility.append(Accessibility(description="A ramp", url="https://example.org/ramp"))
    build_directory.listing(
        session,
        name="Bare",
        summary="",
        description="",
        needs=[],
        phone=None,
        costs=[],
        venue="",
        address=None,
        schedules=[],
        url="no address",
        email="",
    )
    build_directory.listing(session, name="Refuge", masked_location=True)
    build_directory.listing(session, name="By phone", mode="phone")
    session.commit()


@pytest.mark.usefixtures("everything")
@pytest.mark.parametrize("base", BASES)
def test_every_object_is_sound_by_our_own_tables(app: Flask, base: str) -> None:
    assert walk(app.test_client(), base, own_judge(base), size=3, one_by_one=3) > 60


@pytest.mark.shared_data
@pytest.mark.parametrize("base", BASES)
def test_the_published_schemas_see_what_is_wrong(base: str) -> None:
    judge = published_judge(base, "services", flat=False)
    sound: dict[str, Any] = {"id": "019a3c1e-7f2b-7a60-9d1c-2f6f0f6f0f6f", "name": "Tea", "status": "active"}
    assert judge(sound) == []
    wrong: tuple[dict[str, Any], ...] = (
        {"id": "1"},
        {"name": None},
        {"status": "open"},
        {"url": "no address"},
        {"email": "nobody"},
        {"last_modified": "soon"},
        {"surprise": 1},
        {"schedules": [{"id": sound["id"], "freq": "DAILY"}]},
        {"organization": {"id": sound["id"], "name": "A"}},
    )
    for planted in wrong:
        assert judge(sound | planted), planted


@pytest.mark.shared_data
@pytest.mark.usefixtures("everything")
@pytest.mark.parametrize("base", BASES)
def test_every_object_is_sound_by_the_published_schemas(app: Flask, base: str) -> None:
    assert walk(app.test_client(), base, judge_of(base), size=3, one_by_one=3) > 60
