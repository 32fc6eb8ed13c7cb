"""Finding places: exactly where a postcode is loaded, nearby and saying so where not, and never by guessing."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.geography import queries, rules, services
from core.geography.models import Origin, PlaceName, Postcode, Sector, SmallArea, Ward
from core.geography.queries import Place, UnknownPlace
from core.geography.records import Batch
from core.geography.rules import AgeBand, Precision, Quality

SHARED = Path(__file__).resolve().parents[4] / "shared" / "data" / "geography"
BURY_EAST = "E05014153"
REDVALES = "E05014164"


@pytest.fixture
def facts(session: Session) -> Session:
    """A session over a database that holds the small table of facts and nothing else."""
    services.load_demo_facts(session)
    return session


def place(session: Session, text: str) -> Place:
    found = queries.locate(session, text)
    assert isinstance(found, Place), found
    return found


def test_the_facts_name_every_ward_town_and_sector(facts: Session) -> None:
    wards = queries.ward_facts(facts, "E08000002")
    assert len(wards) == 17
    assert len(queries.sector_facts(facts)) == 43
    assert queries.towns(facts) == (
        "Bury",
        "Prestwich",
        "Radcliffe",
        "Ramsbottom",
        "Tottington",
        "Whitefield",
    )
    east = next(ward for ward in wards if ward.code == BURY_EAST)
    assert (east.name, east.towns, east.deprivation_quintile) == ("Bury East", ("Bury",), 1)
    assert all(ward.population and ward.lat and ward.lon for ward in wards)
    assert sum(ward.population or 0 for ward in wards) == 190_708
    assert set(facts.scalars(select(PlaceName.ward_code))) <= {ward.code for ward in wards}


def test_loading_the_facts_again_changes_nothing(facts: Session) -> None:
    again = services.load_demo_facts(facts)
    assert again.nothing_new
    places = facts.scalars(select(PlaceName)).all()
    assert again.unchanged == 17 + 43 + len(places)


def test_facts_do_not_overwrite_what_an_operator_loaded(facts: Session) -> None:
    ward, sector = facts.get_one(Ward, BURY_EAST), facts.get_one(Sector, "BL9 0")
    ward.name, ward.origin = "Bury East and Fairfield", Origin.LOADED
    sector.lat, sector.origin = 53.6, Origin.LOADED
    facts.flush()
    services.load_demo_facts(facts)
    facts.expire_all()
    assert facts.get_one(Ward, BURY_EAST).name == "Bury East and Fairfield"
    assert facts.get_one(Sector, "BL9 0").lat == 53.6


@pytest.mark.parametrize("text", ["BL9 0AA", "bl90aa", "BL9 0"])
def test_without_the_postcode_it_is_near_the_sector_and_says_so(facts: Session, text: str) -> None:
    found = place(facts, text)
    assert (found.label, found.precision, found.approximate) == ("near BL9 0", Precision.SECTOR, True)
    assert "from the middle of BL9 0." in found.note
    assert (found.ward_code, found.ward_name, found.lsoa_code) == (BURY_EAST, "Bury East", None)
    assert queries.quintile_of_place(facts, found) == 1


def test_a_loaded_postcode_is_exact(facts: Session) -> None:
    facts.add(
        Postcode(
            code="BL9 0AA",
            sector="BL9 0",
            lat=53.59281,
            lon=-2.2965,
            lsoa_code="E01005024",
            ward_code=BURY_EAST,
            quality=Quality.EXACT,
        )
    )
    found = place(facts, "bl90aa")
    assert (found.label, found.precision, found.approximate, found.note) == (
        "BL9 0AA",
        Precision.POSTCODE,
        False,
        "",
    )
    assert (found.lsoa_code, found.ward_name) == ("E01005024", "Bury East")
    assert found.distance_km(53.59281, -2.2965) == 0
    assert found.say_distance(53.6, -2.2965) == "0.5 miles"


def test_a_postcode_that_stands_at_its_sectors_middle_is_not_called_exact(facts: Session) -> None:
    facts.add(Postcode(code="BL9 0ZZ", sector="BL9 0", lat=53.592, lon=-2.298, quality=Quality.SECTOR))
    found = place(facts, "BL9 0ZZ")
    assert (found.label, found.precision) == ("near BL9 0", Precision.SECTOR)
    assert found.say_distance(53.593, -2.298) == "less than a mile"


def test_a_postcode_without_a_point_falls_back_to_its_sector(facts: Session) -> None:
    facts.add(Postcode(code="BL9 0ZY", sector="BL9 0", ward_code=BURY_EAST, quality=Quality.NONE))
    assert place(facts, "BL9 0ZY").precision is Precision.SECTOR


def test_an_outcode_is_the_middle_of_its_sectors(facts: Session) -> None:
    found = place(facts, "BL9")
    assert (found.label, found.precision, found.ward_code) == ("near BL9", Precision.OUTCODE, None)
    assert rules.distance_km(found.lat, found.lon, 53.592, -2.289) < 0.5
    assert queries.quintile_of_place(facts, found) is None


def test_run_together_letters_find_the_sector_when_there_is_no_such_outcode(facts: Session) -> None:
    assert place(facts, "BL90").label == "near BL9 0"


@pytest.mark.parametrize("text", ["Bury", "PRESTWICH", " radcliffe ", "Whitefield"])
def test_a_town_is_the_middle_of_its_wards(facts: Session, text: str) -> None:
    found = place(facts, text)
    assert (found.precision, found.ward_code) == (Precision.TOWN, None)
    assert found.label.casefold() == f"near {text.strip().casefold()}"
    assert found.note


@pytest.mark.parametrize(
    ("text", "ward"),
    [("St Marys", "St. Mary's"), ("radcliffe north and ainsworth", "Radcliffe North & Ainsworth")],
)
def test_a_ward_is_found_by_its_name(facts: Session, text: str, ward: str) -> None:
    found = place(facts, text)
    assert (found.ward_name, found.precision) == (ward, Precision.WARD)


@pytest.mark.parametrize(("text", "town"), [("bury town centre", "Bury"), ("Prestwich Village", "Prestwich")])
def test_a_name_is_known_by_what_people_put_around_it(facts: Session, text: str, town: str) -> None:
    assert place(facts, text).label == f"near {town}"


def test_a_slip_is_taken_for_the_nearest_name_and_said_to_be(facts: Session) -> None:
    assert isinstance(queries.locate(facts, "Radcliff"), UnknownPlace)
    found = queries.locate_slip(facts, "Radcliff")
    assert found is not None
    assert found.label == "near Radcliffe"
    assert found.note.startswith("We took Radcliff to mean Radcliffe. Distances are from the middle")
    assert queries.locate_slip(facts, "Narnia") is None
    assert queries.locate_slip(facts, "") is None


def test_a_village_knows_its_ward(facts: Session) -> None:
    assert place(facts, "Summerseat").ward_name == "North Manor"


@pytest.mark.parametrize(
    "text", ["ZZ1 1ZZ", "EH1 1YZ", "M21 1AB", "EH1", "EH1 1", "Narnia", "", "¿?", "x" * 5000]
)
def test_the_unknown_is_said_to_be_unknown(facts: Session, text: str) -> None:
    found = queries.locate(facts, text)
    assert isinstance(found, UnknownPlace)
    assert found.message == rules.explain_unknown(text)


def test_a_name_that_two_places_bear_is_not_guessed(facts: Session) -> None:
    for code in ("E05000001", "E05000002"):
        facts.add(
            Ward(
                code=code,
                name="Church",
                name_key="church",
                edition=2025,
                lat=53.0,
                lon=-2.0,
                origin=Origin.LOADED,
            )
        )
    found = queries.locate(facts, "Church")
    assert isinstance(found, UnknownPlace)
    assert "more than one place" in found.message


def test_a_wards_newest_self_is_the_one_found(facts: Session) -> None:
    facts.add(
        Ward(
            code="E05000670",
            name="Besses",
            name_key="besses",
            edition=2016,
            lat=50.0,
            lon=-2.0,
            origin=Origin.LOADED,
        )
    )
    assert place(facts, "Besses").ward_code == "E05014152"
    assert queries.ward_names(facts, ["E05000670", "E05014152", "E05999999"]) == {
        "E05000670": "Besses",
        "E05014152": "Besses",
    }
    assert "E05000670" not in {ward.code for ward in queries.ward_facts(facts)}


def test_people_by_age_and_deprivation(facts: Session) -> None:
    assert queries.population_by_band(facts) == {}
    by_ward = queries.population_by_quintile(facts)
    assert sum(by_ward.values()) == 190_708
    batch = Batch(
        small_areas=[
            {"code": "E01000001", "name": "One", "ward_code": REDVALES, "authority_code": "E08000002"},
            {"code": "E01000002", "name": "Two", "ward_code": REDVALES, "authority_code": "E08000099"},
        ],
        deprivation=[
            {"lsoa_code": "E01000001", "year": 2019, "rank": 30_000, "decile": 10},
            {"lsoa_code": "E01000001", "year": 2025, "rank": 100, "decile": 1},
            {"lsoa_code": "E01000002", "year": 2025, "rank": 33_000, "decile": 10},
        ],
        populations=[
            {"lsoa_code": "E01000001", "year": 2020, "age_band": AgeBand.UNDER_18, "people": 40},
            {"lsoa_code": "E01000001", "year": 2020, "age_band": AgeBand.AGED_80, "people": 60},
            {"lsoa_code": "E01000002", "year": 2020, "age_band": AgeBand.AGED_80, "people": 300},
        ],
    )
    services.save(facts, batch)
    assert queries.population_by_band(facts) == {AgeBand.UNDER_18: 40, AgeBand.AGED_80: 360}
    assert queries.population_by_band(facts, BURY_EAST) == {}
    assert queries.population_by_quintile(facts) == {1: 100, 5: 300}
    assert queries.population_by_quintile(facts, "E08000002") == {1: 100}
    assert queries.deprivation_quintile(facts, "E01000001") == 1
    assert queries.deprivation_quintile(facts, "E01000001", 2019) == 5
    assert queries.deprivation_quintile(facts, "E01000009") is None
    assert services.refresh_wards(facts).changed == 1
    redvales = facts.get_one(Ward, REDVALES)
    assert (redvales.population, redvales.deprivation_quintile, redvales.most_deprived_share) == (
        400,
        4,
        0.25,
    )


def test_a_ward_waits_until_all_of_its_small_areas_have_figures(facts: Session) -> None:
    before = facts.get_one(Ward, REDVALES).population
    assert services.refresh_wards(facts) == services.Saved()
    facts.add_all([SmallArea(code=f"E0100000{n}", name="x", ward_code=REDVALES) for n in (1, 2)])
    services.save(
        facts,
        Batch(
            deprivation=[{"lsoa_code": "E01000001", "year": 2025, "rank": 100, "decile": 1}],
            populations=[{"lsoa_code": "E01000001", "year": 2020, "age_band": AgeBand.AGED_80, "people": 60}],
        ),
    )
    assert services.refresh_wards(facts) == services.Saved()
    assert facts.get_one(Ward, REDVALES).population == before


@pytest.mark.shared_data
def test_the_facts_agree_with_the_published_files(facts: Session, run_command: Callable[..., str]) -> None:
    before = {ward.code: ward for ward in queries.ward_facts(facts)}
    middles = {sector.code: sector for sector in queries.sector_facts(facts)}
    for command, name in (
        ("load-areas", "bury_lsoa21_ward24_lookup.csv"),
        ("load-areas", "bury_ward2025_boundaries.geojson"),
        ("load-deprivation", "bury_imd2025_lsoa21.csv"),
        ("load-population", "bury_population_mid2020_lsoa11.csv"),
        ("load-postcodes", "bury_postcodes_derived.csv"),
        ("load-postcodes", "postcodes_bl0_bl2_bl8_bl9_m25_m26_m45_raw.csv"),
    ):
        run_command("geography", command, str(SHARED / name))
    facts.expire_all()
    for ward in queries.ward_facts(facts, "E08000002"):
        fact = before[ward.code]
        assert (ward.name, ward.population) == (fact.name, fact.population)
        assert (ward.deprivation_quintile, ward.most_deprived_share) == (
            fact.deprivation_quintile,
            fact.most_deprived_share,
        )
        assert ward.lat == pytest.approx(fact.lat, abs=0.0006)
        assert ward.lon == pytest.approx(fact.lon, abs=0.0006)
    for sector in queries.sector_facts(facts):
        if sector.code in middles:
            held = middles[sector.code]
            assert rules.distance_km(sector.lat, sector.lon, held.lat, held.lon) < 0.1
            assert (sector.ward_code, sector.postcode_count) == (held.ward_code, held.postcode_count)


@pytest.mark.shared_data
def test_published_deciles_are_those_of_their_ranks() -> None:
    for name, year in (("bury_imd2019_lsoa11.csv", 2019), ("bury_imd2025_lsoa21.csv", 2025)):
        with (SHARED / name).open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                assert rules.decile(int(row["IMD_rank"]), year) == int(row["IMD_decile"])
