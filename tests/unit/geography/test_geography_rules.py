"""Postcodes, distance, deprivation, ages and the words for them."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Invalid
from core.geography import rules
from core.geography.rules import AgeBand, PostcodeKind, PostcodeText, Quality

POSTCODE, SECTOR, OUTCODE = PostcodeKind.POSTCODE, PostcodeKind.SECTOR, PostcodeKind.OUTCODE

lats = st.floats(49.9, 58.7)
lons = st.floats(-8.0, 1.8)


@st.composite
def postcodes(draw: st.DrawFn) -> str:
    area = draw(st.sampled_from(["BL", "M", "OL", "WA", "B", "SW", "E"]))
    district = str(draw(st.integers(0, 99)))
    inward = draw(st.integers(0, 9))
    unit = draw(st.text("ABDEFGHJLNPQRSTUWXYZ", min_size=2, max_size=2))
    return f"{area}{district} {inward}{unit}"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("BL9 0AA", "BL9 0AA"),
        ("bl90aa", "BL9 0AA"),
        ("  bl9   0aa. ", "BL9 0AA"),
        ("BL9-0AA", "BL9 0AA"),
        ("M1  1AA", "M1 1AA"),
        ("sw1a 1aa", "SW1A 1AA"),
        ("W1A1HQ", "W1A 1HQ"),
        ("BL9 OAA", "BL9 0AA"),
        ("BLO OAA", "BL0 0AA"),
        ("blo 9aa", "BL0 9AA"),
        ("GIR 0AA", "GIR 0AA"),
    ],
)
def test_a_postcode_is_understood_however_it_is_typed(text: str, code: str) -> None:
    assert rules.readings(text) == (PostcodeText(POSTCODE, code),)
    assert rules.normalise_postcode(text) == code


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("BL9 0", [(SECTOR, "BL9 0")]),
        ("bl 9", [(OUTCODE, "BL9")]),
        ("M26", [(OUTCODE, "M26"), (SECTOR, "M2 6")]),
        ("BL90", [(OUTCODE, "BL90"), (SECTOR, "BL9 0")]),
        ("M251", [(SECTOR, "M25 1")]),
        ("BLO", [(OUTCODE, "BL0")]),
        ("W1A", [(OUTCODE, "W1A")]),
    ],
)
def test_part_of_a_postcode_is_read_in_every_way_it_can_be(
    text: str, expected: list[tuple[PostcodeKind, str]]
) -> None:
    assert [(found.kind, found.code) for found in rules.readings(text)] == expected


@pytest.mark.parametrize(
    "text", ["", "  ", "Bury", "BL9 0AAB", "QQ1 1AA", "BL9 0CA", "12345", "B", "near BL9 0AA", "é9"]
)
def test_what_is_not_a_postcode_has_no_reading(text: str) -> None:
    assert rules.readings(text) == ()
    with pytest.raises(Invalid, match="Enter a full UK postcode, like BL9 0AA"):
        rules.normalise_postcode(text)


def test_part_of_a_postcode_is_not_enough_where_all_of_it_is_asked_for() -> None:
    with pytest.raises(Invalid, match="BL9 0 is only part of a postcode") as refused:
        rules.normalise_postcode(" BL9 0 ")
    assert refused.value.field == "postcode"


@given(postcodes())
def test_a_normal_postcode_stays_as_it_is_and_survives_rough_typing(code: str) -> None:
    assert rules.normalise_postcode(code) == code
    assert rules.normalise_postcode(code.lower().replace(" ", "")) == code
    sector = rules.coarsen(code)
    assert code.startswith(sector)
    assert len(code) - len(sector) == 2
    assert PostcodeText(SECTOR, sector) in rules.readings(sector)
    assert rules.outcode_of(code) == rules.outcode_of(sector) == code.partition(" ")[0]


@given(st.text(max_size=30))
def test_any_text_can_be_asked_about(text: str) -> None:
    for found in rules.readings(text):
        assert PostcodeText(found.kind, found.code) in rules.readings(found.code)
    assert rules.explain_unknown(text)


@pytest.mark.parametrize(
    ("indicator", "quality"),
    [
        ("1", Quality.EXACT),
        (" 4 ", Quality.EXACT),
        ("5", Quality.APPROXIMATE),
        ("8", Quality.APPROXIMATE),
        ("6", Quality.SECTOR),
        ("9", Quality.NONE),
        ("", Quality.UNSTATED),
    ],
)
def test_quality_is_said_in_our_words(indicator: str, quality: Quality) -> None:
    assert rules.quality_from_indicator(indicator) is quality


@pytest.mark.parametrize("name", ["St. Mary's", "saint mary’s", "ST MARYS", "St. Mary`s "])
def test_one_place_has_one_key(name: str) -> None:
    assert rules.place_key(name) == "st marys"


@pytest.mark.parametrize(
    ("typed", "bare"),
    [
        ("bury town centre", "bury"),
        ("prestwich village", "prestwich"),
        ("in central bury", "bury"),
        ("sedgley park", "sedgley park"),
        ("village", "village"),
        ("the", "the"),
        ("", ""),
    ],
)
def test_what_people_put_around_a_name_is_left_out(typed: str, bare: str) -> None:
    assert rules.bare_key(typed) == bare


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("radcliff", "radcliffe"),
        ("radclifef", "radcliffe"),
        ("radclif", "radcliffe"),
        ("prestwhich", "prestwich"),
        ("burry", "bury"),
        ("bery", None),
        ("whitefields", "whitefield"),
        ("holins", "hollins"),
        ("bl9 0a", None),
        ("narnia", None),
        ("hall a", None),
        ("", None),
    ],
)
def test_a_slip_in_a_name_is_mended_where_one_name_is_nearest(typed: str, meant: str | None) -> None:
    known = ("radcliffe", "prestwich", "bury", "whitefield", "hollins", "hall b", "hall c", "bl9 0aa")
    assert rules.nearest_key(typed, known) == meant
    assert rules.nearest_key(typed, ()) is None


def test_accents_need_not_be_typed() -> None:
    assert rules.place_key("Tarn Side Café") == rules.place_key("tarn side cafe") == "tarn side cafe"


def test_and_may_be_written_as_a_sign() -> None:
    assert rules.place_key("Radcliffe North & Ainsworth") == rules.place_key("radcliffe north and ainsworth")


def test_distance_agrees_with_a_known_one() -> None:
    # Manchester and London town halls' cities, 53.4808 -2.2426 and 51.5074 -0.1278: 262 km by great circle.
    assert rules.distance_km(53.4808, -2.2426, 51.5074, -0.1278) == pytest.approx(262, abs=1)
    quarter = rules.distance_km(0, 0, 90, 0)
    assert quarter == pytest.approx(rules.EARTH_RADIUS_KM * math.pi / 2)
    assert rules.distance_km(0, 0, 0, 180) == pytest.approx(rules.EARTH_RADIUS_KM * math.pi)


@given(lats, lons, lats, lons)
def test_distance_is_the_same_there_and_back(
    lat: float, lon: float, other_lat: float, other_lon: float
) -> None:
    there = rules.distance_km(lat, lon, other_lat, other_lon)
    assert there >= 0
    assert there == pytest.approx(rules.distance_km(other_lat, other_lon, lat, lon))
    assert rules.distance_km(lat, lon, lat, lon) == 0


@given(lats, lons, lats, lons, st.floats(0.01, 500))
def test_a_box_leaves_out_nothing_within_the_radius(
    lat: float, lon: float, other_lat: float, other_lon: float, radius: float
) -> None:
    if rules.distance_km(lat, lon, other_lat, other_lon) <= radius - 1e-6:
        assert rules.box_around(lat, lon, radius).holds(other_lat, other_lon)


def test_a_box_is_not_much_larger_than_it_must_be() -> None:
    box = rules.box_around(53.6, -2.3, 2)
    assert rules.distance_km(53.6, -2.3, box.north, -2.3) == pytest.approx(2)
    assert rules.distance_km(53.6, -2.3, 53.6, box.east) == pytest.approx(2, rel=1e-3)
    assert not box.holds(53.6, -2.4)
    assert not box.holds(53.7, -2.3)


def test_a_box_around_a_pole_goes_all_the_way_round() -> None:
    box = rules.box_around(89.99, 10, 5)
    assert box.south == pytest.approx(89.945, abs=0.001)
    assert (box.west, box.north, box.east) == (-180.0, 90.0, 180.0)


@pytest.mark.parametrize(
    ("miles", "words", "about"),
    [
        (0, "less than 0.1 miles", "less than a mile"),
        (0.4, "0.4 miles", "less than a mile"),
        (1.0, "1 mile", "about 1 mile"),
        (0.98, "1 mile", "about 1 mile"),
        (1.26, "1.3 miles", "about 1 mile"),
        (3.6, "3.6 miles", "about 4 miles"),
        (9.96, "10 miles", "about 10 miles"),
        (12.3, "12 miles", "about 12 miles"),
    ],
)
def test_distance_in_words(miles: float, words: str, about: str) -> None:
    km = miles * rules.KM_PER_MILE
    assert rules.say_distance(km) == words
    assert rules.say_distance(km, approximate=True) == about


@given(st.floats(0, 1000))
def test_nothing_is_ever_no_miles_away(km: float) -> None:
    for approximate in (False, True):
        words = rules.say_distance(km, approximate=approximate)
        assert not words.startswith(("0 ", "0.0"))
        assert "about 0" not in words


def test_the_middle_of_points() -> None:
    assert rules.middle([(53.0, -2.0), (54.0, -3.0)]) == (53.5, -2.5)
    with pytest.raises(ValueError, match="no points"):
        rules.middle([])


def test_the_centre_of_a_ring_is_where_its_weight_is() -> None:
    # An L of three unit squares, as [lon, lat].
    ring = [[0, 0], [2, 0], [2, 1], [1, 1], [1, 2], [0, 2], [0, 0]]
    lat, lon, area = rules.ring_centre([[x - 2.0, y + 53.0] for x, y in ring])
    assert [lat, lon, area] == pytest.approx([53 + 5 / 6, -2 + 5 / 6, 3])
    backwards = rules.ring_centre([[x - 2.0, y + 53.0] for x, y in reversed(ring)])
    assert list(backwards) == pytest.approx([lat, lon, area])


def test_a_ring_without_area_has_the_middle_of_its_corners() -> None:
    assert rules.ring_centre([[0.0, 1.0], [2.0, 1.0], [4.0, 1.0]]) == (1.0, 2.0, 0.0)


@pytest.mark.parametrize(
    ("rank", "year", "tenth", "fifth"),
    [
        (1, 2025, 1, 1),
        (3375, 2025, 1, 1),
        (3376, 2025, 2, 1),
        (6751, 2025, 2, 1),
        (6752, 2025, 3, 2),
        (33755, 2025, 10, 5),
        (3284, 2019, 1, 1),
        (3285, 2019, 2, 1),
        (6568, 2019, 2, 1),
        (6569, 2019, 3, 2),
        (32844, 2019, 10, 5),
    ],
)
def test_tenths_and_fifths_by_rank(rank: int, year: int, tenth: int, fifth: int) -> None:
    assert (rules.decile(rank, year), rules.quintile(rank, year)) == (tenth, fifth)


@pytest.mark.parametrize("rank", [0, 32845])
def test_a_rank_that_an_edition_does_not_have_is_refused(rank: int) -> None:
    with pytest.raises(Invalid, match=f"from 1 to 32844, not {rank}"):
        rules.quintile(rank, 2019)


def test_an_edition_that_there_is_not_is_refused() -> None:
    with pytest.raises(Invalid, match=r"no 2020 edition .* there is 2015, 2019, 2025"):
        rules.decile(1, 2020)


@given(st.integers(1, 33755))
def test_a_fifth_is_two_tenths(rank: int) -> None:
    assert rules.quintile(rank, 2025) == -(-rules.decile(rank, 2025) // 2)


def test_a_larger_area_is_weighed_by_people() -> None:
    shares = [rules.AreaShare(people=300, rank=100), rules.AreaShare(people=100, rank=33_000)]
    assert rules.summarise_deprivation(shares, 2025) == (2, 0.75)
    assert rules.summarise_deprivation([], 2025) is None
    assert rules.summarise_deprivation([rules.AreaShare(people=0, rank=1)], 2025) is None


@pytest.mark.parametrize(
    ("age", "band"),
    [
        (0, AgeBand.UNDER_18),
        (17, AgeBand.UNDER_18),
        (18, AgeBand.AGED_18),
        (24, AgeBand.AGED_18),
        (25, AgeBand.AGED_25),
        (64, AgeBand.AGED_45),
        (79, AgeBand.AGED_65),
        (80, AgeBand.AGED_80),
        (101, AgeBand.AGED_80),
    ],
)
def test_age_bands(age: int, band: AgeBand) -> None:
    assert rules.age_band(age) is band


def test_nobody_is_younger_than_nothing() -> None:
    with pytest.raises(Invalid, match="not below 0"):
        rules.age_band(-1)


def test_words_say_what_is_not_known_and_how_to_mend_it() -> None:
    assert rules.explain_unknown(" ") == "Enter a postcode, like BL9 0AA, or the name of a town."
    assert rules.explain_unknown("zz1 1zz").startswith("We do not know the postcode ZZ1 1ZZ. Check it")
    assert rules.explain_unknown("Narnia").startswith("We do not know a place called Narnia. Try a postcode")
    assert len(rules.explain_unknown("x" * 500)) < 130
    assert rules.explain_approximate("BL9 0ZZ", "BL9 0").startswith("We do not have BL9 0ZZ")
    assert rules.explain_slip(" Radcliff ", "Radcliffe") == "We took Radcliff to mean Radcliffe."
    assert rules.explain_approximate("Bury", "Bury") == "Distances are from the middle of Bury."
    assert rules.explain_ambiguous(" Church ").startswith("There is more than one place called Church.")
    assert rules.say_near("BL9 0") == "near BL9 0"
