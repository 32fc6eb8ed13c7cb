"""A small published list of looms, and what takes it in."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Table, func, select
from sqlalchemy.orm import Session

from core.db import Base

MAPPING = """
source = "looms"
name = "Weaving groups"
publisher = "The Weavers"
licence = "Open Government Licence v3.0"
key = ["id"]

[constants]
kind = "club"
join_mode = "ring-first"
needs = ["purpose"]

[texts.name]
columns = ["title"]
repairs = ["one-line", "title-case-capitals"]

[texts.organization]
columns = ["group"]
repairs = ["one-line"]

[texts.summary]
columns = ["about"]
repairs = ["one-line"]

[texts.address]
columns = ["street"]
repairs = ["one-line"]

[texts.city]
columns = ["town"]

[texts.postcode]
columns = ["postcode"]

[texts.phone]
columns = ["phone"]

[texts.latitude]
columns = ["lat"]

[texts.longitude]
columns = ["lon"]

[[lists.audience]]
column = "about"
patterns = { "men" = ["men"], "carer" = ["carers"] }

[opening]
column = "open"

[[skip]]
column = "about"
matches = "closed down"
reason = "The list says that it closed down."
"""
COLUMNS = ("id", "title", "group", "about", "street", "town", "postcode", "phone", "lat", "lon", "open")

Row = dict[str, str]
Run = Callable[..., str]


def loom(number: int, **changes: str) -> Row:
    """A row of the list."""
    return {
        "id": str(number),
        "title": f"Weaving {number}",
        "group": f"Weavers {number}",
        "about": "Weave with other men.",
        "street": f"{number} Loom Street",
        "town": "Bury",
        "postcode": "BL9 0AA",
        "phone": "0161 496 0101",
        "lat": "",
        "lon": "",
        "open": "Tuesday 10am - 12noon",
    } | changes


class Exchange:
    """Takes rows in by the command, as an operator does."""

    def __init__(self, folder: Path, run: Run) -> None:
        self.file = folder / "looms.csv"
        self.mapping = folder / "looms.toml"
        self.report = folder / "report.csv"
        self.mapping.write_text(MAPPING, "utf-8")
        self.run = run

    def write(self, rows: Iterable[Row], encoding: str = "utf-8") -> None:
        with self.file.open("w", encoding=encoding, newline="") as file:
            writer = csv.DictWriter(file, COLUMNS)
            writer.writeheader()
            writer.writerows(rows)

    def __call__(self, *rows: Row, options: tuple[str, ...] = (), exit_code: int = 0) -> str:
        if rows:
            self.write(rows)
        return self.run(
            "exchange",
            "import",
            str(self.file),
            "--mapping",
            str(self.mapping),
            "--report",
            str(self.report),
            *options,
            exit_code=exit_code,
        )

    def reported(self, outcome: str) -> list[dict[str, str]]:
        """The report's lines with this outcome."""
        with self.report.open(encoding="utf-8", newline="") as file:
            return [line for line in csv.DictReader(file) if line["outcome"] == outcome]


@pytest.fixture
def exchange(tmp_path: Path, run_command: Run) -> Exchange:
    return Exchange(tmp_path, run_command)


def contents(session: Session) -> dict[str, list[tuple[Any, ...]]]:
    """Everything that the database holds."""
    session.rollback()
    tables: list[Table] = Base.metadata.sorted_tables
    return {table.name: sorted(map(tuple, session.execute(select(table))), key=repr) for table in tables}


def counted(session: Session, model: type[Base]) -> int:
    """How many rows there are of a model."""
    return session.scalar(select(func.count()).select_from(model)) or 0
