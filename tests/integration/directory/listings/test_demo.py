"""The example borough: all of it, the same every time, and it says that it is made up."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core import clock
from core.errors import Invalid
from core.geography.models import Ward
from core.geography.services import load_demo_facts
from directory.demo import loader
from directory.demo.borough import read_borough
from directory.listings.checks import problems
from directory.listings.content import content_of
from directory.listings.models import ChangeState, ListingChange, Location, Organization, Service
from directory.listings.rules import ListingStatus

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def test_the_borough_is_whole_and_sound(session: Session) -> None:
    load_demo_facts(session)
    assert not loader.is_loaded(session)
    said: list[str] = []
    with clock.at(NOW):
        loader.load(session, said.append)
    assert loader.is_loaded(session)
    assert len(said) == 1
    groups = session.scalar(select(func.count()).select_from(Organization)) or 0
    services = session.scalars(select(Service)).all()
    statuses = Counter(one.status for one in services)
    assert groups >= 120
    assert statuses[ListingStatus.PUBLISHED] >= 250
    assert set(statuses) == set(ListingStatus)
    assert all(one.is_example for one in services)
    wards = set(session.scalars(select(Location.ward_code))) | set(
        session.scalars(select(Organization.ward_code))
    )
    assert wards == set(session.scalars(select(Ward.code)))
    states = Counter(session.scalars(select(ListingChange.state)))
    assert states[ChangeState.WAITING] >= 4
    assert states[ChangeState.PUBLISHED] >= 2
    faults = {one.name: found for one in services if (found := problems(content_of(one)))}
    assert faults == {}
    confirmed = [one.confirmed_at for one in services if one.confirmed_at]
    assert max(confirmed) <= NOW
    assert (NOW - min(confirmed)).days > 300


@pytest.mark.databases("sqlite")
def test_it_is_the_same_every_time(session: Session) -> None:
    def picture() -> list[tuple[object, ...]]:
        with clock.at(NOW):
            loader.load(session, lambda _words: None)
        rows = session.execute(
            select(Service.id, Service.name, Service.status, Service.confirmed_at).order_by(Service.id)
        ).all()
        places = session.execute(select(Location.id, Location.latitude).order_by(Location.id)).all()
        session.rollback()
        return [tuple(row) for row in (*rows, *places)]

    load_demo_facts(session)
    session.commit()
    assert picture() == picture()


def test_an_entry_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    good = (loader_content() / "south.toml").read_text(encoding="utf-8")
    (tmp_path / "bad.toml").write_text(
        good.replace('join = "turn-up"', 'join = "by boat"', 1), encoding="utf-8"
    )
    with pytest.raises(Invalid, match=r"bad\.toml"):
        read_borough(tmp_path)
    (tmp_path / "bad.toml").write_text(good, encoding="utf-8")
    (tmp_path / "twin.toml").write_text(good, encoding="utf-8")
    with pytest.raises(Invalid, match="Two entries"):
        read_borough(tmp_path)


def loader_content() -> Path:
    return Path(loader.__file__).parent / "content"
