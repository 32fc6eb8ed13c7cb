"""Whoever runs the service finds every setting in the table of docs/operating.md, and none that does nothing."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

from core.settings import Settings
from prescribing.episodes.clock_settings import LISTS as CLOCK_LISTS
from prescribing.episodes.clock_settings import NAMES as CLOCKS

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
ROWS = [line for line in PAGE.splitlines() if line.startswith("| `")]
# A setting whose variable is called otherwise, or that only tests make.
OTHERWISE = {"secrets": "GT_SECRETS_FILE", "database_url": "DATABASE_URL", "debug": "FLASK_DEBUG"}
FOR_TESTS = {"testing"}


def named_in_the_table() -> set[str]:
    return {name for row in ROWS for name in re.findall(r"`([A-Z_]+)`", row.split("|")[1])}


def read_by_the_product() -> set[str]:
    """Every variable that the product reads: the settings, the clocks, and what gunicorn is told."""
    settings = {
        OTHERWISE.get(field.name, f"GT_{field.name.upper()}")
        for field in dataclasses.fields(Settings)
        if field.name not in FOR_TESTS
    }
    gunicorn = set(re.findall(r"GT_[A-Z_]+", (ROOT / "gunicorn.conf.py").read_text(encoding="utf-8")))
    return settings | {f"GT_CLOCK_{name.upper()}" for name in (*CLOCKS, *CLOCK_LISTS)} | gunicorn


def test_every_setting_is_written_down() -> None:
    written = named_in_the_table() | {name for name in ("GT_DEMO",) if f"`{name}=yes`" in PAGE}
    assert sorted(read_by_the_product() - written) == []


def test_nothing_is_written_down_that_the_product_does_not_read() -> None:
    assert sorted(named_in_the_table() - read_by_the_product()) == []


def test_every_line_of_the_table_says_what_happens_unless_it_is_set() -> None:
    assert all(len(row.strip("|").split("|")) == 3 and row.strip("| ").split("|")[2].strip() for row in ROWS)
