"""Our own small table of facts about places (the `facts` folder), as records for the tables."""

from __future__ import annotations

import csv
from pathlib import Path

from core.geography import rules
from core.geography.models import Origin
from core.geography.records import Record

FACTS = Path(__file__).resolve().parent / "facts"

# The wards of Bury have stood since 2022; the facts follow the list of 2025.
_EDITION = 2025


def wards() -> list[Record]:
    """The wards, with the middle that ONS gives each, their people and their deprivation."""
    return [
        {
            "code": row["code"],
            "name": row["name"],
            "name_key": rules.place_key(row["name"]),
            "authority_code": row["authority_code"],
            "edition": _EDITION,
            "lat": float(row["lat"]),
            "lon": float(row["lon"]),
            "population": int(row["population"]),
            "deprivation_quintile": int(row["deprivation_quintile"]),
            "most_deprived_share": float(row["most_deprived_share"]),
            "origin": Origin.FACTS,
        }
        for row in _rows("wards.csv")
    ]


def sectors() -> list[Record]:
    """The middles of the postcode sectors."""
    return [
        {
            "code": row["code"],
            "outcode": rules.outcode_of(row["code"]),
            "lat": float(row["lat"]),
            "lon": float(row["lon"]),
            "ward_code": row["ward_code"],
            "postcode_count": int(row["postcodes"]),
            "origin": Origin.FACTS,
        }
        for row in _rows("sectors.csv")
    ]


def place_names() -> list[Record]:
    """Towns and villages, one record for each ward that is part of them."""
    return [
        {
            "name_key": rules.place_key(row["name"]),
            "ward_code": ward,
            "name": row["name"],
            "is_town": row["kind"] == "town",
        }
        for row in _rows("places.csv")
        for ward in row["wards"].split()
    ]


def _rows(name: str) -> list[dict[str, str]]:
    with (FACTS / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
