"""One row of a published file, read into what our tables hold: accepted, mended with a word on what, or refused."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from core.errors import Invalid
from core.geography import rules
from core.geography.files import Header
from core.geography.rules import Quality

Record = dict[str, object]

_CODE = re.compile(r"[EWSN][0-9]{8}")
_UK = rules.Box(south=49.0, west=-9.0, north=61.5, east=2.5)

# What each edition of the small areas is ranked by, where the file itself does not say.
_DEPRIVATION_YEAR = {11: 2019, 21: 2025}


class Kind(StrEnum):
    """What a file is, by the command that loads it."""

    POSTCODES = "load-postcodes"
    AREAS = "load-areas"
    DEPRIVATION = "load-deprivation"
    POPULATION = "load-population"


_WHAT = {
    Kind.POSTCODES: "a list of postcodes",
    Kind.AREAS: "a list of wards or small areas",
    Kind.DEPRIVATION: "a table of deprivation ranks",
    Kind.POPULATION: "a table of population by age",
}

_NEEDS = {
    Kind.POSTCODES: "a postcode, a latitude and a longitude (such as pcds, lat, long)",
    Kind.AREAS: "the code and the name of a ward or an LSOA (such as WD25CD and WD25NM, or LSOA21CD and LSOA21NM)",
    Kind.DEPRIVATION: "an LSOA code and its IMD rank (such as lsoa21_code and IMD_rank)",
    Kind.POPULATION: "an LSOA code and a column for each age from 0 to 90+",
}


@dataclass(frozen=True)
class Options:
    """What an operator may say about a file: only rows of one local authority; the year, where it has none."""

    authority: str | None = None
    year: int | None = None


@dataclass
class Batch:
    """Records bound for our tables, each a mapping of column names to values; and what was mended on the way."""

    postcodes: list[Record] = field(default_factory=list)
    small_areas: list[Record] = field(default_factory=list)
    wards: list[Record] = field(default_factory=list)
    deprivation: list[Record] = field(default_factory=list)
    populations: list[Record] = field(default_factory=list)
    repairs: list[str] = field(default_factory=list)

    def add(self, other: Batch) -> None:
        """Take in the records of `other`; its repairs belong to its own row and stay there."""
        self.postcodes += other.postcodes
        self.small_areas += other.small_areas
        self.wards += other.wards
        self.deprivation += other.deprivation
        self.populations += other.populations


RowReader = Callable[[Mapping[str, str]], Batch | None]
"""Reads a row; None when the options leave it out. Raises `Invalid` with the reason when it cannot be used."""


def recognise(header: Header) -> Kind | None:
    """What a file is, by its header; None when it is nothing that we know."""
    if header.has("postcode", "lat", "lon"):
        return Kind.POSTCODES
    if header.has("lsoa", "rank"):
        return Kind.DEPRIVATION
    if header.has("lsoa") and set(range(91)) <= set(header.ages):
        return Kind.POPULATION
    if header.has("lsoa", "lsoa_name") or header.has("ward", "ward_name"):
        return Kind.AREAS
    return None


def reader_for(kind: Kind, header: Header, name: str, options: Options) -> RowReader:
    """How to read the rows of the file called `name`. Raises `Invalid` when it is not of this kind."""
    found = recognise(header)
    if found is None:
        spelled = ", ".join(header.spelled[:8]) + (", …" if len(header.spelled) > 8 else "")
        raise Invalid(f"{name} cannot be used: it needs {_NEEDS[kind]}. Its columns are {spelled}.")
    if found is not kind:
        raise Invalid(f"{name} is {_WHAT[found]}. Load it with “flask geography {found.value}”.")
    if options.authority and kind in (Kind.POSTCODES, Kind.AREAS) and not header.has("authority"):
        raise Invalid(f"{name} does not say which local authority a row is in. Load it without --authority.")
    match kind:
        case Kind.POSTCODES:
            return lambda row: _only(options, header, row, _postcode)
        case Kind.AREAS:
            return lambda row: _only(options, header, row, _areas)
        case Kind.DEPRIVATION:
            year = _year(options, _DEPRIVATION_YEAR.get(header.editions["lsoa"]), name)
            rules.decile(1, year)
            return lambda row: _deprivation(header, row, year)
        case Kind.POPULATION:
            in_name = re.search(r"(?<![0-9])(?:19|20)[0-9]{2}(?![0-9])", name)
            year = _year(options, int(in_name[0]) if in_name else None, name)
            return lambda row: _population(header, row, year)


def _only(
    options: Options,
    header: Header,
    row: Mapping[str, str],
    read: Callable[[Header, Mapping[str, str]], Batch],
) -> Batch | None:
    if options.authority and header.value(row, "authority") != options.authority:
        return None
    return read(header, row)


def _year(options: Options, found: int | None, name: str) -> int:
    year = options.year or found
    if year is None:
        raise Invalid(f"{name} does not say its year. Add it, for example --year 2025.")
    return year


def _postcode(header: Header, row: Mapping[str, str]) -> Batch:
    spelled = header.value(row, "postcode")
    try:
        code = rules.normalise_postcode(spelled)
    except Invalid:
        raise Invalid(f"{spelled or 'a blank'} is not a full postcode") from None
    batch = Batch()
    if re.sub(r"[^A-Z0-9]", "", spelled.upper()) != code.replace(" ", ""):
        batch.repairs.append(f"{spelled} was read as {code}")
    quality = rules.quality_from_indicator(header.value(row, "quality"))
    lat, lon = _point(header, row, batch.repairs) if quality is not Quality.NONE else (None, None)
    lsoa, ward = _code(header, row, "lsoa"), _code(header, row, "ward")
    if lat is None and not (lsoa or ward):
        raise Invalid("it has no latitude and longitude")
    record: Record = {"code": code, "sector": code[:-2], "lat": lat, "lon": lon}
    if header.has("lsoa"):
        record["lsoa_code"] = lsoa
    if header.has("ward"):
        record["ward_code"] = ward
    if header.has("quality"):
        record["quality"] = quality
    if header.has("ended"):
        record["terminated"] = _month(header.value(row, "ended"), batch.repairs)
    batch.postcodes.append(record)
    return batch


def _point(header: Header, row: Mapping[str, str], repairs: list[str]) -> tuple[float | None, float | None]:
    """Degrees to six decimals; (None, None) where the file says that there is no point (blank, or latitude 99.99)."""
    lat_text, lon_text = header.value(row, "lat"), header.value(row, "lon")
    if not lat_text or not lon_text:
        return None, None
    try:
        lat, lon = float(lat_text), float(lon_text)
    except ValueError:
        raise Invalid(f"its latitude and longitude are not numbers: {lat_text}, {lon_text}") from None
    if lat >= 99.99 or (lat, lon) == (0.0, 0.0):
        return None, None
    if not _UK.holds(lat, lon):
        if not _UK.holds(lon, lat):
            raise Invalid(
                f"its latitude and longitude, {lat_text}, {lon_text}, are outside the United Kingdom"
            )
        lat, lon = lon, lat
        repairs.append("latitude and longitude stood in each other's place")
    return round(lat, 6), round(lon, 6)


def _code(header: Header, row: Mapping[str, str], name: str) -> str | None:
    """A nine-character area code, or None for blank ones and the pseudo codes outside the four countries."""
    text = header.value(row, name).upper()
    return text if _CODE.fullmatch(text) and not text.endswith("99999999") else None


def _month(text: str, repairs: list[str]) -> str | None:
    if not text:
        return None
    if (found := re.fullmatch(r"((?:19|20)[0-9]{2})-?(0[1-9]|1[0-2])", text)) is None:
        repairs.append(f"the month it ended, {text}, could not be read and is left out")
        return None
    return f"{found[1]}-{found[2]}"


def _areas(header: Header, row: Mapping[str, str]) -> Batch:
    batch = Batch()
    lsoa, ward = _code(header, row, "lsoa"), _code(header, row, "ward")
    authority = _code(header, row, "authority")
    point = _point(header, row, batch.repairs) if header.has("lat", "lon") else None
    if header.has("lsoa", "lsoa_name"):
        if lsoa is None:
            raise Invalid(f"{header.value(row, 'lsoa') or 'a blank'} is not an LSOA code")
        small_area: Record = {"code": lsoa, "name": header.value(row, "lsoa_name")}
        if header.has("ward"):
            small_area["ward_code"] = ward
        _add_common(small_area, header, authority, point)
        batch.small_areas.append(small_area)
    elif ward is None:
        raise Invalid(f"{header.value(row, 'ward') or 'a blank'} is not a ward code")
    if ward is not None and header.has("ward_name"):
        name = header.value(row, "ward_name")
        if not name:
            raise Invalid(f"the ward {ward} has no name")
        edition = _edition(header, row)
        record: Record = {"code": ward, "name": name, "name_key": rules.place_key(name), "edition": edition}
        # A row about a small area gives the small area's point, not the ward's.
        _add_common(record, header, authority, None if header.has("lsoa") else point)
        batch.wards.append(record)
    return batch


def _add_common(
    record: Record, header: Header, authority: str | None, point: tuple[float | None, float | None] | None
) -> None:
    if header.has("authority"):
        record["authority_code"] = authority
    if point is not None:
        record["lat"], record["lon"] = point


def _edition(header: Header, row: Mapping[str, str]) -> int | None:
    text = header.value(row, "edition")
    if re.fullmatch(r"(?:19|20)[0-9]{2}", text):
        return int(text)
    short = header.editions.get("ward")
    return 2000 + short if short else None


def _whole(text: str, what: str) -> int:
    """A whole number, also when written "1,833" or "1833.0"."""
    plain = text.replace(",", "").removesuffix(".0")
    if not plain.isdecimal():
        raise Invalid(f"{what} is not a whole number: {text or 'blank'}")
    return int(plain)


def _needed_lsoa(header: Header, row: Mapping[str, str]) -> str:
    code = _code(header, row, "lsoa")
    if code is None:
        raise Invalid(f"{header.value(row, 'lsoa') or 'a blank'} is not an LSOA code")
    return code


def _deprivation(header: Header, row: Mapping[str, str], year: int) -> Batch:
    batch = Batch()
    rank = _whole(header.value(row, "rank"), "the rank")
    tenth = rules.decile(rank, year)
    stated = header.value(row, "decile")
    if stated and _whole(stated, "the decile") != tenth:
        batch.repairs.append(f"decile {stated} does not fit rank {rank} in {year}; decile {tenth} is kept")
    record: Record = {"lsoa_code": _needed_lsoa(header, row), "year": year, "rank": rank, "decile": tenth}
    if header.has("score"):
        try:
            record["score"] = float(header.value(row, "score"))
        except ValueError:
            raise Invalid(f"the score is not a number: {header.value(row, 'score') or 'blank'}") from None
    batch.deprivation.append(record)
    return batch


def _population(header: Header, row: Mapping[str, str], year: int) -> Batch:
    batch = Batch()
    code = _needed_lsoa(header, row)
    people = dict.fromkeys(rules.AgeBand, 0)
    for age, column in header.ages.items():
        people[rules.age_band(age)] += _whole((row.get(column) or "").strip(), f"the number aged {column}")
    total = header.value(row, "total")
    if total and _whole(total, "the total") != sum(people.values()):
        batch.repairs.append(
            f"the total {total} is not the sum of the ages, {sum(people.values())}; the ages are kept"
        )
    batch.populations += [
        {"lsoa_code": code, "year": year, "age_band": band, "people": count} for band, count in people.items()
    ]
    return batch
