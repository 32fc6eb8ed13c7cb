"""Reading places: where is this postcode or town, how exactly do we know, and who lives there.

Places are public facts, so nothing here is scoped to an actor.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.geography import rules
from core.geography.models import Deprivation, PlaceName, Population, Postcode, Sector, SmallArea, Ward
from core.geography.rules import AgeBand, PostcodeKind, Precision

_AT_ONCE = 1000


@dataclass(frozen=True)
class Place:
    """A point that stands for what somebody asked for. Degrees, WGS 84.

    `label` is what to call it on a page ("BL9 0AA", "near BL9 0"); `note` says, where the point is only the
    middle of an area, that it is.
    """

    label: str
    lat: float
    lon: float
    precision: Precision
    ward_code: str | None = None
    ward_name: str | None = None
    lsoa_code: str | None = None
    note: str = ""

    @property
    def approximate(self) -> bool:
        """Whether distances from here are from the middle of an area."""
        return self.precision not in (Precision.POSTCODE, Precision.VENUE)

    def distance_km(self, lat: float, lon: float) -> float:
        """Kilometres in a straight line to another point."""
        return rules.distance_km(self.lat, self.lon, lat, lon)

    def say_distance(self, lat: float, lon: float) -> str:
        """The same in miles and words, no more exact than the place is."""
        return rules.say_distance(self.distance_km(lat, lon), approximate=self.approximate)


@dataclass(frozen=True)
class UnknownPlace:
    """We do not know where it is; `message` says so and how to mend it."""

    text: str
    message: str


@dataclass(frozen=True)
class WardFacts:
    """One ward. Quintile 1 is the most deprived; `most_deprived_share` is 0 to 1 of its people."""

    code: str
    name: str
    lat: float | None
    lon: float | None
    population: int | None
    deprivation_quintile: int | None
    most_deprived_share: float | None
    towns: tuple[str, ...]


@dataclass(frozen=True)
class SectorFacts:
    """One postcode sector: its middle, its main ward, and how many postcodes that rests on."""

    code: str
    lat: float
    lon: float
    ward_code: str | None
    postcode_count: int


def locate(session: Session, text: str) -> Place | UnknownPlace:
    """Where a postcode, sector ("BL9 0"), outcode ("BL9"), ward or town is.

    A full postcode that is not loaded gives the middle of its sector, and says so; "bury town centre" is Bury; what is
    not known at all is said to be unknown.
    """
    for reading in rules.readings(text):
        if (place := _postal(session, reading)) is not None:
            return place
    key = rules.place_key(text)
    for name in dict.fromkeys((key, rules.bare_key(key))):
        found = (_town(session, name) or _ward(session, name, text)) if name else None
        if found is not None:
            return found
    return UnknownPlace(text, rules.explain_unknown(text))


def locate_slip(session: Session, text: str) -> Place | None:
    """The town or ward that was most likely meant by a name with a slip in it, and says so; None where none is near.

    For a search, where one sees at once what a place was taken for: never for what is kept about a person.
    """
    names = [*session.scalars(select(PlaceName.name)), *session.scalars(select(Ward.name))]
    by_key = {rules.place_key(name): name for name in names}
    meant = rules.nearest_key(rules.bare_key(rules.place_key(text)), by_key)
    found = locate(session, by_key[meant]) if meant is not None else None
    if meant is None or not isinstance(found, Place):
        return None
    return replace(found, note=f"{rules.explain_slip(text, by_key[meant])} {found.note}".strip())


def place_near(lat: float, lon: float) -> Place:
    """A place that somebody's device gave, already made coarse: what is near them."""
    note = "Distances are from about where you are. We only know it to within 500 metres."
    return Place("near you", lat, lon, Precision.NEARBY, note=note)


def locate_postcodes(session: Session, codes: Collection[str]) -> dict[str, Place]:
    """Where these postcodes are, in normal form, by a question for every thousand.

    Only those that we hold with a point of their own: a record is never put in the middle of an area.
    """
    found: dict[str, Place] = {}
    wanted = sorted(set(codes))
    for start in range(0, len(wanted), _AT_ONCE):
        rows = select(Postcode, Ward.name).outerjoin(Ward, Ward.code == Postcode.ward_code)
        rows = rows.where(
            Postcode.code.in_(wanted[start : start + _AT_ONCE]), Postcode.quality != rules.Quality.SECTOR
        )
        for row, ward_name in session.execute(rows):
            if row.lat is not None and row.lon is not None:
                found[row.code] = Place(
                    label=row.code,
                    lat=row.lat,
                    lon=row.lon,
                    precision=Precision.POSTCODE,
                    ward_code=row.ward_code,
                    ward_name=ward_name,
                    lsoa_code=row.lsoa_code,
                )
    return found


def _postal(session: Session, reading: rules.PostcodeText) -> Place | None:
    match reading.kind:
        case PostcodeKind.POSTCODE:
            return _postcode(session, reading.code) or _sector(session, reading.code[:-2], reading.code)
        case PostcodeKind.SECTOR:
            return _sector(session, reading.code, reading.code)
        case PostcodeKind.OUTCODE:
            return _outcode(session, reading.code)


def _postcode(session: Session, code: str) -> Place | None:
    row = session.execute(
        select(Postcode, Ward.name)
        .outerjoin(Ward, Ward.code == Postcode.ward_code)
        .where(Postcode.code == code)
    ).one_or_none()
    if row is None:
        return None
    postcode, ward_name = row
    if postcode.lat is None or postcode.lon is None:
        return None
    coarse = postcode.quality is rules.Quality.SECTOR
    return Place(
        label=rules.say_near(postcode.sector) if coarse else postcode.code,
        lat=postcode.lat,
        lon=postcode.lon,
        precision=Precision.SECTOR if coarse else Precision.POSTCODE,
        ward_code=postcode.ward_code,
        ward_name=ward_name,
        lsoa_code=postcode.lsoa_code,
        note=rules.explain_approximate(code, postcode.sector) if coarse else "",
    )


def _sector(session: Session, code: str, asked: str) -> Place | None:
    row = session.execute(
        select(Sector, Ward.name)
        .outerjoin(Ward, Ward.code == Sector.ward_code)
        .where(Sector.code == code, Sector.postcode_count >= rules.FEWEST_FOR_A_MIDDLE)
    ).one_or_none()
    if row is None:
        return None
    sector, ward_name = row
    return Place(
        label=rules.say_near(code),
        lat=sector.lat,
        lon=sector.lon,
        precision=Precision.SECTOR,
        ward_code=sector.ward_code,
        ward_name=ward_name,
        note=rules.explain_approximate(asked, code),
    )


def _outcode(session: Session, code: str) -> Place | None:
    sectors = session.execute(
        select(Sector.lat, Sector.lon, Sector.postcode_count).where(
            Sector.outcode == code, Sector.postcode_count >= rules.FEWEST_FOR_A_MIDDLE
        )
    ).all()
    if not sectors:
        return None
    weight = sum(count for _, _, count in sectors)
    lat = sum(lat * count for lat, _, count in sectors) / weight
    lon = sum(lon * count for _, lon, count in sectors) / weight
    note = rules.explain_approximate(code, code)
    return Place(rules.say_near(code), round(lat, 5), round(lon, 5), Precision.OUTCODE, note=note)


def _town(session: Session, key: str) -> Place | None:
    rows = session.execute(
        select(PlaceName.name, Ward.code, Ward.name, Ward.lat, Ward.lon)
        .join(Ward, Ward.code == PlaceName.ward_code)
        .where(PlaceName.name_key == key, Ward.lat.is_not(None))
        .order_by(Ward.code)
    ).all()
    if not rows:
        return None
    lat, lon = rules.middle([(row.lat, row.lon) for row in rows])
    name: str = rows[0][0]
    only = rows[0] if len(rows) == 1 else None
    return Place(
        label=rules.say_near(name),
        lat=lat,
        lon=lon,
        precision=Precision.TOWN,
        ward_code=only[1] if only else None,
        ward_name=only[2] if only else None,
        note=rules.explain_approximate(name, name),
    )


def _ward(session: Session, key: str, text: str) -> Place | UnknownPlace | None:
    wards = session.scalars(
        select(Ward)
        .where(Ward.name_key == key, Ward.lat.is_not(None))
        .order_by(Ward.edition.desc(), Ward.code)
    ).all()
    if not wards:
        return None
    newest = [ward for ward in wards if ward.edition == wards[0].edition]
    ward = newest[0]
    if len(newest) > 1 or ward.lat is None or ward.lon is None:
        return UnknownPlace(text, rules.explain_ambiguous(text))
    return Place(
        label=rules.say_near(ward.name),
        lat=ward.lat,
        lon=ward.lon,
        precision=Precision.WARD,
        ward_code=ward.code,
        ward_name=ward.name,
        note=rules.explain_approximate(ward.name, ward.name),
    )


def ward_facts(session: Session, authority_code: str | None = None) -> tuple[WardFacts, ...]:
    """The wards of the newest edition that we hold, by name; of one local authority if it is given."""
    newest = select(func.max(Ward.edition)).scalar_subquery()
    query = select(Ward).where((Ward.edition == newest) | Ward.edition.is_(None)).order_by(Ward.name)
    if authority_code is not None:
        query = query.where(Ward.authority_code == authority_code)
    towns: dict[str, list[str]] = {}
    named = select(PlaceName.ward_code, PlaceName.name).where(PlaceName.is_town).order_by(PlaceName.name)
    for code, name in session.execute(named):
        towns.setdefault(code, []).append(name)
    return tuple(
        WardFacts(
            code=ward.code,
            name=ward.name,
            lat=ward.lat,
            lon=ward.lon,
            population=ward.population,
            deprivation_quintile=ward.deprivation_quintile,
            most_deprived_share=ward.most_deprived_share,
            towns=tuple(towns.get(ward.code, ())),
        )
        for ward in session.scalars(query)
    )


def ward_names(session: Session, codes: Collection[str]) -> dict[str, str]:
    """The names of the wards with these codes, of any edition; codes that we do not hold are left out."""
    query = select(Ward.code, Ward.name).where(Ward.code.in_(codes))
    return dict(session.execute(query).all())


def towns(session: Session) -> tuple[str, ...]:
    """The names of the towns, in order."""
    return tuple(
        session.scalars(select(PlaceName.name).where(PlaceName.is_town).distinct().order_by(PlaceName.name))
    )


def sector_facts(session: Session) -> tuple[SectorFacts, ...]:
    """Every postcode sector that we hold, in order of code."""
    return tuple(
        SectorFacts(row.code, row.lat, row.lon, row.ward_code, row.postcode_count)
        for row in session.scalars(select(Sector).order_by(Sector.code))
    )


def deprivation_quintile(session: Session, lsoa_code: str, year: int | None = None) -> int | None:
    """A small area's quintile, 1 the most deprived, in the given edition or the newest that has it."""
    query = select(Deprivation.rank, Deprivation.year).where(Deprivation.lsoa_code == lsoa_code)
    if year is not None:
        query = query.where(Deprivation.year == year)
    row = session.execute(query.order_by(Deprivation.year.desc()).limit(1)).one_or_none()
    return None if row is None else rules.quintile(row.rank, row.year)


def quintile_of_place(session: Session, place: Place) -> int | None:
    """The deprivation quintile where a place is: its small area's, else its ward's, else None."""
    if place.lsoa_code and (found := deprivation_quintile(session, place.lsoa_code)) is not None:
        return found
    if place.ward_code is None:
        return None
    return session.scalar(select(Ward.deprivation_quintile).where(Ward.code == place.ward_code))


def population_by_band(session: Session, ward_code: str | None = None) -> dict[AgeBand, int]:
    """People by age band in the newest year held: of one ward, or of every small area. Empty when none is held."""
    newest = select(func.max(Population.year)).scalar_subquery()
    query = select(Population.age_band, func.sum(Population.people)).where(Population.year == newest)
    if ward_code is not None:
        query = query.join(SmallArea, SmallArea.code == Population.lsoa_code).where(
            SmallArea.ward_code == ward_code
        )
    return {band: int(people) for band, people in session.execute(query.group_by(Population.age_band))}


def population_by_quintile(session: Session, authority_code: str | None = None) -> dict[int, int]:
    """People by national deprivation quintile, 1 the most deprived, by the newest year of each; of one local
    authority's small areas if it is given. Without such figures, by ward from what the wards say."""
    newest_people = select(func.max(Population.year)).scalar_subquery()
    newest_ranks = select(func.max(Deprivation.year)).scalar_subquery()
    query = (
        select(Deprivation.rank, Deprivation.year, func.sum(Population.people))
        .join(Population, Population.lsoa_code == Deprivation.lsoa_code)
        .where(Population.year == newest_people, Deprivation.year == newest_ranks)
        .group_by(Deprivation.lsoa_code, Deprivation.rank, Deprivation.year)
    )
    if authority_code is not None:
        query = query.join(SmallArea, SmallArea.code == Deprivation.lsoa_code).where(
            SmallArea.authority_code == authority_code
        )
    people: dict[int, int] = {}
    for rank, year, count in session.execute(query):
        fifth = rules.quintile(rank, year)
        people[fifth] = people.get(fifth, 0) + int(count)
    if not people:
        for ward in ward_facts(session, authority_code):
            if ward.deprivation_quintile is not None and ward.population is not None:
                people[ward.deprivation_quintile] = people.get(ward.deprivation_quintile, 0) + ward.population
    return dict(sorted(people.items()))
