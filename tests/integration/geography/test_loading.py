"""Loading published files: told apart by their headers, safe to run twice, and plain about what was wrong."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.geography import cli, queries, services
from core.geography.models import Deprivation, Population, Postcode, Sector, SmallArea, Ward
from core.geography.records import Batch
from core.geography.rules import AgeBand, Quality

SHARED = Path(__file__).resolve().parents[4] / "shared" / "data" / "geography"

# The columns of the ONS Postcode Directory, as published in 2024.
DIRECTORY_HEADER = (
    "pcd,pcd2,pcds,dointr,doterm,oscty,ced,oslaua,osward,parish,usertype,oseast1m,osnrth1m,osgrdind,oshlthau,nhser,"
    "ctry,rgn,streg,pcon,eer,teclec,ttwa,pct,itl,statsward,oa01,casward,npark,lsoa01,msoa01,ur01ind,oac01,oa11,"
    "lsoa11,msoa11,wz11,sicbl,bua24,ru11ind,oac11,lat,long,lep1,lep2,pfa,imd,calncv,icb,oa21,lsoa21,msoa21"
)
DIRECTORY = DIRECTORY_HEADER.split(",")

Run = Callable[..., str]


def write_directory(path: Path, rows: list[dict[str, str]], columns: list[str] = DIRECTORY) -> Path:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, columns, restval="", lineterminator="\r\n")
        writer.writeheader()
        writer.writerows(rows)
    return path


def directory_row(
    postcode: str, lat: str = "53.5928", lon: str = "-2.2965", **changes: str
) -> dict[str, str]:
    outward, inward = postcode.split(" ")
    return {
        "pcd": f"{outward:<4}{inward}",
        "pcds": postcode,
        "oslaua": "E08000002",
        "osward": "E05014153",
        "osgrdind": "1",
        "lat": lat,
        "long": lon,
        "lsoa11": "E01009999",
        "lsoa21": "E01005024",
    } | changes


def write(path: Path, text: str) -> str:
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_the_postcode_directory_loads_and_loads_again(
    session: Session, run_command: Run, tmp_path: Path
) -> None:
    file = write_directory(
        tmp_path / "ONSPD.csv",
        [
            directory_row("BL9 0AA"),
            directory_row("BL9 0AB", lat="53.5938", osgrdind="5"),
            directory_row("BL9 0AW", lat="53.7", doterm="201904"),
            directory_row("BL9 0AD", lat="53.8", osgrdind="6"),
            directory_row(
                "JE1 1AA", lat="99.999999", lon="0", osgrdind="9", osward="L99999999", lsoa21="L99999999"
            ),
            directory_row("M25 1AA", lat="99.999999", lon="0", osgrdind="9"),
        ],
    )
    first = run_command("geography", "load-postcodes", str(file))
    assert "5 accepted, 0 repaired, 1 rejected" in first
    assert "row 6 rejected: it has no latitude and longitude" in first
    assert "6 new, 0 changed, 0 as they were" in first
    held = session.get_one(Postcode, "BL9 0AW")
    assert (held.lsoa_code, held.ward_code, held.terminated) == ("E01005024", "E05014153", "2019-04")
    assert session.get_one(Postcode, "BL9 0AB").quality is Quality.APPROXIMATE
    assert session.get_one(Postcode, "M25 1AA").lat is None
    sector = session.get_one(Sector, "BL9 0")
    assert (sector.lat, sector.lon, sector.postcode_count) == (53.5933, -2.2965, 2)
    assert sector.ward_code == "E05014153"

    second = run_command("geography", "load-postcodes", str(file))
    assert "Nothing changed: all of it was here already." in second


def test_the_columns_of_2025_are_known_too(session: Session, run_command: Run, tmp_path: Path) -> None:
    columns = [
        "pcd7",
        "pcd8",
        "pcds",
        "doterm",
        "lad25cd",
        "wd25cd",
        "gridind",
        "lsoa11cd",
        "lsoa21cd",
        "lat",
        "long",
    ]
    row = {
        "pcd7": "BL9 0AA",
        "pcd8": "BL9  0AA",
        "pcds": "BL9 0AA",
        "lad25cd": "E08000002",
        "wd25cd": "E05014153",
        "gridind": "1",
        "lsoa11cd": "E01009999",
        "lsoa21cd": "E01005024",
        "lat": "53.5928",
        "long": "-2.2965",
    }
    run_command("geography", "load-postcodes", str(write_directory(tmp_path / "ONSPD.csv", [row], columns)))
    held = session.get_one(Postcode, "BL9 0AA")
    assert (held.lsoa_code, held.ward_code, held.quality) == ("E01005024", "E05014153", Quality.EXACT)


def test_only_one_authoritys_rows_when_asked(session: Session, run_command: Run, tmp_path: Path) -> None:
    file = write_directory(
        tmp_path / "ONSPD.csv", [directory_row("BL9 0AA"), directory_row("M1 1AA", oslaua="E08000003")]
    )
    said = run_command("geography", "load-postcodes", str(file), "--authority", "E08000002")
    assert "1 accepted, 0 repaired, 0 rejected, 1 left out as asked" in said
    assert session.scalars(select(Postcode.code)).all() == ["BL9 0AA"]


def test_a_plain_table_leaves_alone_what_it_does_not_say(
    session: Session, run_command: Run, tmp_path: Path
) -> None:
    run_command(
        "geography", "load-postcodes", str(write_directory(tmp_path / "a.csv", [directory_row("BL9 0AA")]))
    )
    plain = write(tmp_path / "b.csv", "Postcode,Latitude,Longitude\nBL9 0AA,53.6,-2.3\nBL9 0AB,53.6,-2.3\n")
    assert "1 new, 2 changed" in run_command("geography", "load-postcodes", plain)
    held = session.get_one(Postcode, "BL9 0AA")
    assert (held.lat, held.lsoa_code, held.quality) == (53.6, "E01005024", Quality.EXACT)
    assert session.get_one(Postcode, "BL9 0AB").quality is Quality.UNSTATED


def test_repairs_and_rejections_name_row_and_reason(
    session: Session, run_command: Run, tmp_path: Path
) -> None:
    file = write(
        tmp_path / "p.csv",
        "postcode,lat,long,doterm\n"
        "BL9 OAA,53.6,-2.3,\n"  # the letter O for zero
        "BL9 0AB,-2.3,53.6,\n"  # swapped
        "BL9 0AW,53.6,-2.3,soon\n"
        "BL9,53.6,-2.3,\n"
        "=nonsense(),53.6,-2.3,\n"
        "BL9 0AD,north,west,\n"
        "BL9 0AE,10.0,10.0,\n"
        "BL9 0AF,,0.0,\n"
        "\n"
        "BL9 0AG,0,0,\n"
        "BL9 0AH,53.6\n",
    )
    report = tmp_path / "report.csv"
    said = run_command("geography", "load-postcodes", file, "--report", str(report))
    assert "0 accepted, 3 repaired, 7 rejected" in said
    with report.open(encoding="utf-8", newline="") as opened:
        rows = {int(row["row"]): (row["outcome"], row["reason"]) for row in csv.DictReader(opened)}
    assert rows[2] == ("repaired", "BL9 OAA was read as BL9 0AA")
    assert rows[3][1] == "latitude and longitude stood in each other's place"
    assert rows[4][1] == "the month it ended, soon, could not be read and is left out"
    assert rows[5] == ("rejected", "BL9 is not a full postcode")
    assert rows[6] == ("rejected", "'=nonsense() is not a full postcode")
    assert rows[7][1] == "its latitude and longitude are not numbers: north, west"
    assert "outside the United Kingdom" in rows[8][1]
    assert rows[9][1] == rows[11][1] == rows[12][1] == "it has no latitude and longitude"
    assert session.get_one(Postcode, "BL9 0AB").lat == 53.6


def test_many_problems_are_counted_and_the_first_shown(run_command: Run, tmp_path: Path) -> None:
    file = write(tmp_path / "p.csv", "postcode,lat,long\n" + "nonsense,1,1\n" * 25)
    said = run_command("geography", "load-postcodes", file)
    assert "0 accepted, 0 repaired, 25 rejected" in said
    assert said.count("rejected: ") == 10
    assert "and 15 more, listed by --report FILE" in said


def test_an_interrupted_load_is_finished_by_running_it_again(
    session: Session, run_command: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [directory_row(f"BL9 {n}{a}{b}") for n in range(3) for a in "ABD" for b in "ABD"]
    file = write_directory(tmp_path / "ONSPD.csv", rows)
    monkeypatch.setattr(cli, "_ROWS_AT_ONCE", 10)
    saved = services.save
    calls = 0

    def stop_at_third(session: Session, batch: Batch) -> services.Saved:
        nonlocal calls
        calls += 1
        if calls == 3:
            raise KeyboardInterrupt
        return saved(session, batch)

    monkeypatch.setattr(services, "save", stop_at_third)
    run_command("geography", "load-postcodes", str(file), exit_code=1)
    session.rollback()
    assert session.scalar(select(func.count()).select_from(Postcode)) == 20
    monkeypatch.setattr(services, "save", saved)
    assert "10 new, 0 changed, 20 as they were" in run_command("geography", "load-postcodes", str(file))
    assert session.scalar(select(func.count()).select_from(Postcode)) == 27


def square(west: float, south: float, size: float = 0.1) -> dict[str, Any]:
    east, north = west + size, south + size
    return {
        "type": "Polygon",
        "coordinates": [[[west, south], [east, south], [east, north], [west, north], [west, south]]],
    }


def write_features(path: Path, features: list[dict[str, Any]]) -> str:
    return write(path, json.dumps({"type": "FeatureCollection", "name": "x", "features": features}, indent=1))


def test_boundaries_and_look_ups_make_one_picture(session: Session, run_command: Run, tmp_path: Path) -> None:
    lookup = write(
        tmp_path / "lookup.csv",
        "LSOA21CD,LSOA21NM,WD24CD,WD24NM,LAD24CD\n"
        "E01000001,Bury 001A,E05000001,Old Name,E08000002\n"
        "E01000002,Bury 001B,E05000001,Old Name,E08000002\n",
    )
    wards = write_features(
        tmp_path / "wards.geojson",
        [
            {
                "type": "Feature",
                "properties": {
                    "WD25CD": "E05000001",
                    "WD25NM": "New Name",
                    "LAD25CD": "E08000002",
                    "LAT": 53.6,
                    "LONG": -2.3,
                },
                "geometry": square(-2.4, 53.5),
            }
        ],
    )
    two_squares = {
        "type": "MultiPolygon",
        "coordinates": [square(-2.4, 53.5)["coordinates"], square(-2.2, 53.5)["coordinates"]],
    }
    areas = write_features(
        tmp_path / "areas.geojson",
        [
            {"type": "Feature", "properties": {"LSOA21CD": code, "LSOA21NM": name}, "geometry": shape}
            for code, name, shape in (
                ("E01000001", "Bury 001A", square(-2.4, 53.5)),
                ("E01000002", "Bury 001B", two_squares),
                ("E01000003", "Bury 001C", None),
            )
        ],
    )
    files = (lookup, wards, areas)
    for file in files:
        assert "0 rejected" in run_command("geography", "load-areas", file)
    ward = session.get_one(Ward, "E05000001")
    assert (ward.name, ward.edition, ward.lat, ward.authority_code) == ("New Name", 2025, 53.6, "E08000002")
    one, two, three = session.scalars(select(SmallArea).order_by(SmallArea.code))
    assert (one.ward_code, one.lat, one.lon) == ("E05000001", 53.55, -2.35)
    assert (two.lat, two.lon) == (53.55, -2.25)
    assert (three.lat, three.ward_code) == (None, None)
    for file in files:
        assert "Nothing changed" in run_command("geography", "load-areas", file)
    session.expire_all()
    assert session.get_one(Ward, "E05000001").name == "New Name"


def test_codes_that_are_none_are_rejected(run_command: Run, tmp_path: Path) -> None:
    areas = write(
        tmp_path / "wards.csv",
        "WDCD,WDNM,SOURCEFILE\nE05000001,,2016\nX,Name,2016\n,Name,2016\nE05000002,Name,\n",
    )
    said = run_command("geography", "load-areas", areas)
    assert "1 accepted, 0 repaired, 3 rejected" in said
    assert "the ward E05000001 has no name" in said
    assert "X is not a ward code" in said
    small = write(tmp_path / "small.csv", "LSOA21CD,LSOA21NM\n,Name\n")
    assert "a blank is not an LSOA code" in run_command("geography", "load-areas", small)


def test_the_published_deprivation_columns_are_known(
    session: Session, run_command: Run, tmp_path: Path
) -> None:
    head = "Index of Multiple Deprivation (IMD)"
    file = write(
        tmp_path / "File_7.csv",
        f'LSOA code (2021),LSOA name (2021),{head} Score,"{head} Rank (where 1 is most deprived)",'
        f'"{head} Decile (where 1 is most deprived 10% of LSOAs)"\n'
        'E01000001,A,50.5,"2,290",1\n'
        "E01000002,B,8.5,26801,1\n"
        "E01000003,C,8.5,99999,10\n"
        "E01000004,D,8.5,first,10\n"
        "E01000005,E,high,9,1\n"
        "nowhere,F,8.5,9,1\n",
    )
    said = run_command("geography", "load-deprivation", file)
    assert "1 accepted, 1 repaired, 4 rejected" in said
    assert "row 3 repaired: decile 1 does not fit rank 26801 in 2025; decile 8 is kept" in said
    assert "from 1 to 33755, not 99999" in said
    assert "the rank is not a whole number: first" in said
    assert "the score is not a number: high" in said
    assert "nowhere is not an LSOA code" in said
    held = session.scalars(select(Deprivation).order_by(Deprivation.lsoa_code)).all()
    assert [(row.year, row.rank, row.decile, row.score) for row in held] == [
        (2025, 2290, 1, 50.5),
        (2025, 26801, 8, 8.5),
    ]
    assert "Nothing changed" in run_command("geography", "load-deprivation", file)


def test_an_edition_can_be_named_and_must_exist(session: Session, run_command: Run, tmp_path: Path) -> None:
    older = write(tmp_path / "imd.csv", "lsoa11_code,IMD_rank\nE01000001,100\n")
    run_command("geography", "load-deprivation", older, "--year", "2015")
    run_command("geography", "load-deprivation", older)
    years = session.scalars(select(Deprivation.year).order_by(Deprivation.year)).all()
    assert years == [2015, 2019]
    assert "There is no 2020 edition" in run_command(
        "geography", "load-deprivation", older, "--year", "2020", exit_code=1
    )
    bare = write(tmp_path / "bare.csv", "lsoa_code,IMD_rank\nE01000001,100\n")
    assert "does not say its year. Add it, for example --year 2025" in run_command(
        "geography", "load-deprivation", bare, exit_code=1
    )


def population_file(path: Path, **changes: str) -> str:
    ages = [str(age) for age in range(90)] + ["90+"]
    counts = dict.fromkeys(ages, "1.0") | changes
    return write(
        path,
        ",".join(["lsoa21_name", "lsoa21_code", "total_population", *ages])
        + "\n"
        + ",".join(["Bury 001A", "E01000001", counts.pop("total", "91.0"), *counts.values()])
        + "\n",
    )


def test_population_is_kept_by_age_band(session: Session, run_command: Run, tmp_path: Path) -> None:
    file = population_file(tmp_path / "population_mid2020.csv")
    assert "1 accepted" in run_command("geography", "load-population", file)
    assert queries.population_by_band(session) == {
        AgeBand.UNDER_18: 18,
        AgeBand.AGED_18: 7,
        AgeBand.AGED_25: 20,
        AgeBand.AGED_45: 20,
        AgeBand.AGED_65: 15,
        AgeBand.AGED_80: 11,
    }
    assert "Nothing changed" in run_command("geography", "load-population", file)
    assert set(session.scalars(select(Population.year))) == {2020}


def test_a_total_that_does_not_add_up_is_mended_and_a_gap_is_refused(
    run_command: Run, tmp_path: Path
) -> None:
    wrong = population_file(tmp_path / "wrong.csv", total="100")
    said = run_command("geography", "load-population", wrong, "--year", "2022")
    assert "row 2 repaired: the total 100 is not the sum of the ages, 91; the ages are kept" in said
    gap = population_file(tmp_path / "gap_2022.csv", **{"4": ""})
    assert "the number aged 4 is not a whole number: blank" in run_command(
        "geography", "load-population", gap
    )
    assert "does not say its year" in run_command("geography", "load-population", wrong, exit_code=1)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is empty"),
        (b"  \n", "is empty"),
        (b"postcode,lat,long\n", "has no rows"),
        (b"PK\x03\x04rest", "is a ZIP or Excel file. Unpack it, or save it as CSV"),
        (b"\x00\x01\x02", "is not a text file"),
        (b"<!doctype html>", "is a web page or XML"),
        (b"postcode,lat,long\nBL9 0AA,\xff\xfe,1\n", "is not in UTF-8"),
        (b'postcode,lat,long\n"BL9 0AA"x,1,1\n', "stops being CSV at line 2"),
        (b"postcode,lat,lat\nBL9 0AA,1,1\n", "two columns with the same name"),
        (b"name,colour\nx,red\n", "it needs a postcode, a latitude and a longitude"),
        (b"lsoa21_code,IMD_rank\nE01000001,1\n", "is a table of deprivation ranks. Load it with"),
        (b"WD25CD,WD25NM\nE05000001,Name\n", "is a list of wards or small areas. Load it with"),
        (b'{"no": "features"}', "is not whole GeoJSON"),
        (b'{"features": [{"type": "Feature", "prop', "is not whole GeoJSON"),
        (b'{"features": [{"type": "Feature"}]}', "feature 1 has no properties"),
        (b'{"features": [\xff', "is not whole GeoJSON"),
        (b'{"features": []}', "has no rows"),
    ],
)
def test_a_wrong_file_is_refused_in_a_sentence(
    content: bytes, reason: str, run_command: Run, tmp_path: Path
) -> None:
    file = tmp_path / "wrong.csv"
    file.write_bytes(content)
    said = run_command("geography", "load-postcodes", str(file), exit_code=1)
    assert reason in said
    assert "Traceback" not in said
    assert len([line for line in said.splitlines() if line.startswith("Error")]) == 1


def test_other_mistakes_are_sentences_too(run_command: Run, tmp_path: Path) -> None:
    postcodes = write(tmp_path / "p.csv", "postcode,lat,long\nBL9 0AA,53.6,-2.3\n")
    assert "is a list of postcodes" in run_command("geography", "load-areas", postcodes, exit_code=1)
    assert "Load it without --authority" in run_command(
        "geography", "load-postcodes", postcodes, "--authority", "E08000002", exit_code=1
    )
    assert "does not exist" in run_command("geography", "load-areas", str(tmp_path / "none"), exit_code=2)
    nowhere = str(tmp_path / "no" / "folder.csv")
    assert "The report cannot be written" in run_command(
        "geography", "load-postcodes", postcodes, "--report", nowhere, exit_code=1
    )


@pytest.mark.shared_data
def test_every_published_file_here_loads_twice(run_command: Run, session: Session) -> None:
    expected = (
        ("load-areas", "bury_lsoa21_ward24_lookup.csv", 120, 0),
        ("load-areas", "bury_lsoa21_boundaries.geojson", 120, 0),
        ("load-areas", "bury_ward_codes_2016_on.csv", 34, 0),
        ("load-areas", "bury_ward2025_boundaries.geojson", 17, 0),
        ("load-deprivation", "bury_imd2019_lsoa11.csv", 120, 0),
        ("load-deprivation", "bury_imd2025_lsoa21.csv", 120, 0),
        ("load-population", "bury_population_mid2020_lsoa11.csv", 120, 0),
        ("load-postcodes", "bury_postcodes_derived.csv", 8703, 0),
        ("load-postcodes", "postcodes_bl0_bl2_bl8_bl9_m25_m26_m45_raw.csv", 10428, 39),
    )
    for command, name, accepted, rejected in expected:
        said = run_command("geography", command, str(SHARED / name))
        assert f"{accepted:,} accepted, 0 repaired, {rejected:,} rejected" in said
    for command, name, _, _ in expected:
        assert "Nothing changed" in run_command("geography", command, str(SHARED / name))
    found = queries.locate(session, "BL9 0AA")
    assert isinstance(found, queries.Place)
    assert (found.ward_name, found.lsoa_code, found.note) == ("Bury East", "E01005024", "")
    assert sum(queries.population_by_quintile(session, "E08000002").values()) == 190_708
