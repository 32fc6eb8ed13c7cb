"""A day is London's, in the product and in its tests, at every hour of the year."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core import clock
from core.calendar.rules import london_day
from tests import build

TESTS = Path(__file__).resolve().parents[2]
DAY_IN_UTC = re.compile(r"(_at|\.at|now\(\)|\(UTC\))\.date\(\)")
COUNTED_IN_HOURS = re.compile(r"clock\.now\(\)\s*[-+]\s*timedelta\(\s*(days|weeks)")


@pytest.mark.parametrize(
    "now",
    [
        datetime(2026, 10, 25, 23, 30, tzinfo=UTC),
        datetime(2026, 11, 23, 23, 40, tzinfo=UTC),
        datetime(2027, 3, 28, 23, 10, tzinfo=UTC),
    ],
)
def test_so_many_days_away_is_that_day_in_london(now: datetime) -> None:
    with clock.at(now):
        for days in (1, 30, 91, 200):
            assert london_day(build.days_ago(days)) == clock.today() - timedelta(days=days)
            assert london_day(build.days_ahead(days)) == clock.today() + timedelta(days=days)


def found(pattern: re.Pattern[str], *folders: Path) -> list[str]:
    """The Python files that hold it."""
    files = (path for folder in folders for path in folder.rglob("*.py"))
    return [str(path) for path in files if pattern.search(path.read_text("utf-8"))]


def test_no_page_takes_the_date_of_a_moment_which_is_in_utc() -> None:
    product = [TESTS.parent / area for area in ("core", "directory", "prescribing")]
    assert found(DAY_IN_UTC, *product) == [], "use london_day"


def test_no_test_takes_days_for_so_many_times_24_hours() -> None:
    assert found(COUNTED_IN_HOURS, TESTS) == [], "use build.days_ago or build.days_ahead"
