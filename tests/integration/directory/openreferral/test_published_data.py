"""Whole boroughs held against the published schemas, page by page: the example, and all that others publish."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from core.geography.services import load_demo_facts
from directory.demo import loader
from directory.openreferral.profiles import PROFILES
from tests.contract.open_referral import judge_of, walk

ROOT = Path(__file__).resolve().parents[4]
SHARED = ROOT.parent / "shared" / "data"

pytestmark = [pytest.mark.shared_data, pytest.mark.databases("sqlite")]


@pytest.fixture
def settings_changes() -> dict[str, Any]:
    return {"api_per_minute": 1_000_000, "demo": True}


def test_the_example_borough_is_sound(app: Flask, session: Session) -> None:
    load_demo_facts(session)
    loader.load(session, lambda _words: None)
    session.commit()
    for base in PROFILES:
        assert walk(app.test_client(), base, judge_of(base), size=100, one_by_one=5) > 1000


def test_all_published_listings_are_sound(app: Flask, run_command: Callable[..., str]) -> None:
    run_command("geography", "load-postcodes", str(SHARED / "geography" / "bury_postcodes_derived.csv"))
    for mapping in sorted((ROOT / "directory" / "exchange" / "mappings").glob("*.toml")):
        file = SHARED / "listings" / f"{mapping.stem}.csv"
        run_command("exchange", "import", str(file), "--mapping", mapping.stem)
    for base in PROFILES:
        assert walk(app.test_client(), base, judge_of(base), size=500, one_by_one=5) > 20_000
