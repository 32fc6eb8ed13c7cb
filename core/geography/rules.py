"""Where things are, without a database: postcodes, distance, deprivation, age bands, and the words for them."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from unicodedata import combining, normalize

from rapidfuzz import process
from rapidfuzz.distance import OSA

from core.errors import Invalid

KM_PER_MILE = 1.609344
EARTH_RADIUS_KM = 6371.0088

# The number of LSOAs in England that each edition of the Indices of Deprivation ranks, 1 the most deprived.
SMALL_AREAS_RANKED = {2015: 32_844, 2019: 32_844, 2025: 33_755}

# With fewer postcodes than this we hold only the edge of a sector, and its middle would mislead.
FEWEST_FOR_A_MIDDLE = 3

ATTRIBUTION = (
    "Contains OS data © Crown copyright and database right.",
    "Contains Royal Mail data © Royal Mail copyright and database right.",
    "Source: Office for National Statistics licensed under the Open Government Licence v3.0.",
    "English Indices of Deprivation: MHCLG, licensed under the Open Government Licence v3.0.",
)


class Precision(StrEnum):
    """How exact a place is: the postcode itself, or the middle of something larger that holds it."""

    POSTCODE = "postcode"
    SECTOR = "sector"
    OUTCODE = "outcode"
    WARD = "ward"
    TOWN = "town"
    VENUE = "venue"
    NEARBY = "nearby"


class Quality(StrEnum):
    """How well a postcode's point is known; see `quality_from_indicator`."""

    EXACT = "exact"
    APPROXIMATE = "approximate"
    SECTOR = "sector"
    NONE = "none"
    UNSTATED = "unstated"


# --- postcodes --------------------------------------------------------------------------------------------

_OUTCODE = r"(?:[A-PR-UWYZ][A-HK-Y]?[0-9][0-9A-HJKMNP-Y]?|GIR)"
_POSTCODE = re.compile(rf"({_OUTCODE})([0-9][ABD-HJLNP-UW-Z]{{2}})")
_SECTOR = re.compile(rf"({_OUTCODE})([0-9])")
_OUTCODE_ALONE = re.compile(_OUTCODE)


class PostcodeKind(StrEnum):
    """How much of a postcode a text holds."""

    POSTCODE = "postcode"
    SECTOR = "sector"
    OUTCODE = "outcode"


@dataclass(frozen=True)
class PostcodeText:
    """A text read as a postcode or a part of one; `code` is in its normal form: "BL9 0AA", "BL9 0", "BL9"."""

    kind: PostcodeKind
    code: str


def readings(text: str) -> tuple[PostcodeText, ...]:
    """Every way to read `text` as a postcode, sector or outcode, the likeliest first; empty when there is none.

    Case, spaces and punctuation do not matter, and the letter O in a digit's place is read as zero. "BL90"
    may be an outcode or the sector "BL9 0": both are given, in that order; with a space it is the sector.
    """
    words = re.sub(r"[^A-Z0-9]+", " ", text.upper()).split()
    joined = _mend_zeros("".join(words))
    if found := _POSTCODE.fullmatch(joined):
        return (PostcodeText(PostcodeKind.POSTCODE, f"{found[1]} {found[2]}"),)
    answers: list[PostcodeText] = []
    spaced_sector = len(words) == 2 and len(words[1]) == 1 and _OUTCODE_ALONE.fullmatch(words[0])
    if _OUTCODE_ALONE.fullmatch(joined) and not spaced_sector:
        answers.append(PostcodeText(PostcodeKind.OUTCODE, joined))
    if found := _SECTOR.fullmatch(joined):
        answers.append(PostcodeText(PostcodeKind.SECTOR, f"{found[1]} {found[2]}"))
    return tuple(answers)


def _mend_zeros(joined: str) -> str:
    """Turn the letter O into zero where only a digit can stand: before the last two letters, and in "BLO"."""
    if len(joined) >= 5 and joined[-3] == "O" and joined[-2:].isalpha():
        joined = joined[:-3] + "0" + joined[-2:]
    if len(joined) >= 3 and joined[:2].isalpha() and joined[2] == "O":
        joined = joined[:2] + "0" + joined[3:]
    return joined


def normalise_postcode(text: str) -> str:
    """A full postcode in its normal form, "BL9 0AA". Raises `Invalid` for anything else, part of one included."""
    found = readings(text)
    if found and found[0].kind is PostcodeKind.POSTCODE:
        return found[0].code
    if found:
        raise Invalid(
            f"{text.strip()} is only part of a postcode. Enter all of it, like BL9 0AA.", "postcode"
        )
    raise Invalid("Enter a full UK postcode, like BL9 0AA.", "postcode")


def coarsen(postcode: str) -> str:
    """The sector of a full postcode: "BL9 0AA" gives "BL9 0". Raises `Invalid` when it is not one."""
    return normalise_postcode(postcode)[:-2]


def coarse_place(text: str) -> str:
    """A place as it may be kept in an address: the sector of a full postcode, anything else as it was typed."""
    found = readings(text)
    return coarsen(found[0].code) if found and found[0].kind is PostcodeKind.POSTCODE else text


def outcode_of(code: str) -> str:
    """The part before the space of a normal postcode or sector: "BL9 0AA" and "BL9 0" give "BL9"."""
    return code.partition(" ")[0]


def quality_from_indicator(indicator: str) -> Quality:
    """The ONS Postcode Directory's positional quality indicator (1 to 6, 8, 9), in our words.

    1 and 2 are a building, 3 is within 50 metres, 4 the middle of the addresses, 5 imputed from neighbours,
    6 the middle of the sector, 8 ended before such points were kept, 9 no point at all.
    """
    match indicator.strip():
        case "1" | "2" | "3" | "4":
            return Quality.EXACT
        case "5" | "8":
            return Quality.APPROXIMATE
        case "6":
            return Quality.SECTOR
        case "9":
            return Quality.NONE
        case _:
            return Quality.UNSTATED


# --- names ------------------------------------------------------------------------------------------------


def place_key(name: str) -> str:
    """A name as it is compared: "St. Mary's" and "saint marys" meet, "&" is "and"; capitals and accents are nothing."""
    plain = "".join(letter for letter in normalize("NFKD", name) if not combining(letter)).casefold()
    plain = plain.replace("&", " and ").replace("'", "").replace("’", "").replace("`", "")
    words = re.sub(r"[^a-z0-9]+", " ", plain).split()
    return " ".join("st" if word == "saint" else word for word in words)


# Shorter names have too many neighbours to guess.
_SHORTEST_MENDED, _SHORTEST_FOR_TWO = 5, 7

_AROUND = re.compile(
    r"^(?:(?:in|near|around|by|the|central) )+|(?: (?:village|town|city|centre|center|area|borough))+$"
)


def bare_key(key: str) -> str:
    """A place's key without what people put around a name: "bury town centre" and "near bury" are "bury"."""
    return _AROUND.sub("", key)


def nearest_key(key: str, known: Iterable[str]) -> str | None:
    """The name that was most likely meant by a slip of the keyboard: one slip in five letters and more, two in seven.

    Two that are equally near give None, as does a text with digits: a postcode is never guessed.
    """
    if len(key) < _SHORTEST_MENDED or any(letter.isdigit() for letter in key):
        return None
    edits = 2 if len(key) >= _SHORTEST_FOR_TWO else 1
    found = process.extract(key, set(known), scorer=OSA.distance, score_cutoff=edits, limit=None)
    best = min((distance for _name, distance, _at in found), default=0)
    names = [name for name, distance, _at in found if distance == best]
    return str(names[0]) if len(names) == 1 else None


# --- distance ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Box:
    """Edges in degrees. A box that would cross a pole or the 180th meridian is cut there; England does not."""

    south: float
    west: float
    north: float
    east: float

    def holds(self, lat: float, lon: float) -> bool:
        """Whether the point is inside or on the edge."""
        return self.south <= lat <= self.north and self.west <= lon <= self.east


def distance_km(lat: float, lon: float, other_lat: float, other_lon: float) -> float:
    """Kilometres in a straight line over the Earth's surface (haversine, mean radius), degrees in."""
    phi, other_phi = math.radians(lat), math.radians(other_lat)
    across = math.sin((other_phi - phi) / 2) ** 2
    along = math.cos(phi) * math.cos(other_phi) * math.sin(math.radians(other_lon - lon) / 2) ** 2
    return 2 * EARTH_RADIUS_KM * math.asin(min(1.0, math.sqrt(across + along)))


def box_around(lat: float, lon: float, radius_km: float) -> Box:
    """The smallest box of degrees that holds every point within `radius_km` of the given one."""
    angle = radius_km / EARTH_RADIUS_KM
    phi = math.radians(lat)
    high = math.degrees(angle)
    if abs(phi) + angle >= math.pi / 2:
        return Box(max(-90.0, lat - high), -180.0, min(90.0, lat + high), 180.0)
    wide = math.degrees(math.asin(min(1.0, math.sin(angle) / math.cos(phi))))
    return Box(lat - high, max(-180.0, lon - wide), lat + high, min(180.0, lon + wide))


def say_distance(km: float, *, approximate: bool = False) -> str:
    """A distance in miles, in words: "0.4 miles", "1 mile", "12 miles".

    `approximate` is for a distance from the middle of an area: whole miles only, "about 2 miles".
    """
    miles = km / KM_PER_MILE
    if approximate:
        return "less than a mile" if miles < 0.75 else f"about {_say_miles(float(round(miles)))}"
    if miles < 0.1:
        return "less than 0.1 miles"
    return _say_miles(float(round(miles)) if miles >= 9.95 else round(miles, 1))


def _say_miles(miles: float) -> str:
    figure = f"{miles:.1f}".removesuffix(".0")
    return f"{figure} mile" if figure == "1" else f"{figure} miles"


def middle(points: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """The mean of (lat, lon) points, to five decimals (about a metre). Raises `ValueError` for none."""
    if not points:
        raise ValueError("no points to take the middle of")
    lats, lons = zip(*points, strict=True)
    return round(math.fsum(lats) / len(points), 5), round(math.fsum(lons) / len(points), 5)


def ring_centre(ring: Sequence[Sequence[float]]) -> tuple[float, float, float]:
    """The centroid of a closed GeoJSON ring of [lon, lat] pairs, as (lat, lon, area in square degrees)."""
    area = lon_sum = lat_sum = 0.0
    # Taken relative to the first corner, so that nothing is lost in subtracting large numbers.
    lon0, lat0 = ring[0][0], ring[0][1]
    for here, after in pairwise(ring):
        x, y, next_x, next_y = here[0] - lon0, here[1] - lat0, after[0] - lon0, after[1] - lat0
        cross = x * next_y - next_x * y
        area += cross / 2
        lon_sum += (x + next_x) * cross
        lat_sum += (y + next_y) * cross
    if area == 0:
        lat, lon = middle([(corner[1], corner[0]) for corner in ring])
        return lat, lon, 0.0
    return lat0 + lat_sum / (6 * area), lon0 + lon_sum / (6 * area), abs(area)


# --- deprivation ------------------------------------------------------------------------------------------


def decile(rank: int, year: int) -> int:
    """The tenth that an LSOA's rank falls in, 1 the most deprived, for an edition of the Indices of Deprivation.

    Raises `Invalid` for an edition that we do not know or a rank that it does not have.
    """
    return _share_of(rank, year, 10)


def quintile(rank: int, year: int) -> int:
    """The fifth that an LSOA's rank falls in, 1 the most deprived; as `decile`."""
    return _share_of(rank, year, 5)


def _share_of(rank: int, year: int, parts: int) -> int:
    total = SMALL_AREAS_RANKED.get(year)
    if total is None:
        known = ", ".join(str(edition) for edition in SMALL_AREAS_RANKED)
        raise Invalid(
            f"There is no {year} edition of the Indices of Deprivation here; there is {known}.", "year"
        )
    if not 1 <= rank <= total:
        raise Invalid(f"A rank in the {year} edition is from 1 to {total}, not {rank}.", "rank")
    return -(-parts * rank // total)


@dataclass(frozen=True)
class AreaShare:
    """One small area's part in a larger one: how many people, and its rank in a given edition."""

    people: int
    rank: int


def summarise_deprivation(shares: Sequence[AreaShare], year: int) -> tuple[int, float] | None:
    """A larger area's quintile and the share of its people (0 to 1) who live in the most deprived fifth.

    The quintile is that of the mean rank, weighted by people. None when nobody lives there.
    """
    people = sum(share.people for share in shares)
    if not people:
        return None
    mean_rank = sum(share.people * share.rank for share in shares) / people
    deprived = sum(share.people for share in shares if quintile(share.rank, year) == 1)
    return quintile(round(mean_rank), year), round(deprived / people, 3)


# --- ages -------------------------------------------------------------------------------------------------


class AgeBand(StrEnum):
    """Ages in completed years."""

    UNDER_18 = "0 to 17"
    AGED_18 = "18 to 24"
    AGED_25 = "25 to 44"
    AGED_45 = "45 to 64"
    AGED_65 = "65 to 79"
    AGED_80 = "80 and over"


_BAND_TOPS = (
    (17, AgeBand.UNDER_18),
    (24, AgeBand.AGED_18),
    (44, AgeBand.AGED_25),
    (64, AgeBand.AGED_45),
    (79, AgeBand.AGED_65),
)


def age_band(age: int) -> AgeBand:
    """The band of an age in years. Raises `Invalid` for a negative one."""
    if age < 0:
        raise Invalid("An age is not below 0.", "age")
    return next((band for top, band in _BAND_TOPS if age <= top), AgeBand.AGED_80)


# --- words ------------------------------------------------------------------------------------------------


def say_near(code: str) -> str:
    """The label of a place that is only the middle of a sector, outcode, ward or town: "near BL9 0"."""
    return f"near {code}"


def explain_approximate(asked: str, held: str) -> str:
    """Why an answer to `asked` is measured from the middle of `held`."""
    return (
        f"We do not have {asked} on its own, so distances are from the middle of {held}."
        if asked != held
        else f"Distances are from the middle of {held}."
    )


def explain_slip(text: str, meant: str) -> str:
    """What was typed, and the place that it was taken for."""
    return f"We took {' '.join(text.split())} to mean {meant}."


def explain_unknown(text: str) -> str:
    """What to tell someone whose place we cannot find, and how to mend it. Shows at most 40 characters of it."""
    shown = " ".join(text.split())
    if not shown:
        return "Enter a postcode, like BL9 0AA, or the name of a town."
    shown = shown if len(shown) <= 40 else shown[:39] + "…"
    if any(character.isdigit() for character in shown):
        return f"We do not know the postcode {shown.upper()}. Check it, or try the name of a town."
    return f"We do not know a place called {shown}. Try a postcode, like BL9 0AA, or the name of a town."


def explain_ambiguous(text: str) -> str:
    """What to tell someone whose place name belongs to several places far apart."""
    return f"There is more than one place called {' '.join(text.split())}. Try a postcode, like BL9 0AA."
