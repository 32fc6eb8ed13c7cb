"""Writing places: loaded in batches, over and over without harm, and our own small table of facts for a start."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Select, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from core.db import Base
from core.geography import gazetteer, rules
from core.geography.models import (
    Deprivation,
    Origin,
    PlaceName,
    Population,
    Postcode,
    Sector,
    SmallArea,
    Ward,
)
from core.geography.records import Batch, Record
from core.geography.rules import Quality

_AT_ONCE = 1000


@dataclass(frozen=True)
class Saved:
    """How many rows a call made, changed, and found as they should be."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0

    def __add__(self, other: Saved) -> Saved:
        return Saved(
            self.created + other.created, self.changed + other.changed, self.unchanged + other.unchanged
        )

    @property
    def nothing_new(self) -> bool:
        """Whether the database was left as it was."""
        return not (self.created or self.changed)


def save(session: Session, batch: Batch) -> Saved:
    """Bring the tables to what the batch says. Columns that its records do not name are left alone."""
    loaded = {"origin": Origin.LOADED}
    return (
        _upsert(session, Postcode, ("code",), batch.postcodes)
        + _upsert(session, SmallArea, ("code",), batch.small_areas)
        + _upsert(session, Ward, ("code",), [r | loaded for r in _not_older(session, batch.wards)])
        + _upsert(session, Deprivation, ("lsoa_code", "year"), batch.deprivation)
        + _upsert(session, Population, ("lsoa_code", "year", "age_band"), batch.populations)
    )


def refresh_sectors(session: Session) -> Saved:
    """Work out each sector's middle and main ward from the postcodes in use; sectors without any are left alone."""
    usable = (Postcode.lat.is_not(None), Postcode.terminated.is_(None), Postcode.quality != Quality.SECTOR)
    wards: dict[str, tuple[int, str]] = {}
    per_ward = select(Postcode.sector, Postcode.ward_code, func.count()).where(*usable)
    for sector, ward, count in session.execute(per_ward.group_by(Postcode.sector, Postcode.ward_code)):
        if ward is not None and (sector not in wards or (-count, ward) < wards[sector]):
            wards[sector] = (-count, ward)
    middles = select(Postcode.sector, func.count(), func.avg(Postcode.lat), func.avg(Postcode.lon)).where(
        *usable
    )
    records: list[Record] = [
        {
            "code": sector,
            "outcode": rules.outcode_of(sector),
            "lat": round(lat, 5),
            "lon": round(lon, 5),
            "ward_code": wards[sector][1] if sector in wards else None,
            "postcode_count": count,
            "origin": Origin.LOADED,
        }
        for sector, count, lat, lon in session.execute(middles.group_by(Postcode.sector))
    ]
    return _upsert(session, Sector, ("code",), records)


def refresh_wards(session: Session) -> Saved:
    """Work out wards' population and deprivation from their small areas, by the newest year of each.

    A ward is left alone until every one of its small areas has both figures.
    """
    population_year = session.scalar(select(func.max(Population.year)))
    deprivation_year = session.scalar(select(func.max(Deprivation.year)))
    if population_year is None or deprivation_year is None:
        return Saved()
    people = _as_dict(
        session,
        select(Population.lsoa_code, func.sum(Population.people))
        .where(Population.year == population_year)
        .group_by(Population.lsoa_code),
    )
    ranks = _as_dict(
        session, select(Deprivation.lsoa_code, Deprivation.rank).where(Deprivation.year == deprivation_year)
    )
    members: dict[str, list[str]] = defaultdict(list)
    areas = select(Ward.code, SmallArea.code).join(SmallArea, SmallArea.ward_code == Ward.code)
    for ward_code, code in session.execute(areas):
        members[ward_code].append(code)
    changed = unchanged = 0
    for ward in session.scalars(select(Ward).where(Ward.code.in_(members))):
        codes = members[ward.code]
        if not all(code in people and code in ranks for code in codes):
            continue
        shares = [rules.AreaShare(people[code], ranks[code]) for code in codes]
        summary = rules.summarise_deprivation(shares, deprivation_year)
        ward.population = sum(share.people for share in shares)
        ward.deprivation_quintile, ward.most_deprived_share = summary or (None, None)
        if session.is_modified(ward):
            changed += 1
        else:
            unchanged += 1
    session.flush()
    return Saved(changed=changed, unchanged=unchanged)


def load_demo_facts(session: Session) -> Saved:
    """Put in our own table of Bury's wards, towns and sectors' middles. Rows loaded from real files stay theirs."""
    loaded_wards = set(session.scalars(select(Ward.code).where(Ward.origin == Origin.LOADED)))
    loaded_sectors = set(session.scalars(select(Sector.code).where(Sector.origin == Origin.LOADED)))
    wards, sectors, places = gazetteer.wards(), gazetteer.sectors(), gazetteer.place_names()
    return (
        _upsert(session, Ward, ("code",), [r for r in wards if r["code"] not in loaded_wards])
        + _upsert(session, Sector, ("code",), [r for r in sectors if r["code"] not in loaded_sectors])
        + _upsert(session, PlaceName, ("name_key", "ward_code"), places)
    )


def _as_dict(session: Session, query: Select[str, int]) -> dict[str, int]:
    return {code: int(figure) for code, figure in session.execute(query)}


def _not_older(session: Session, wards: Sequence[Record]) -> list[Record]:
    """The records that are at least as new as what we hold, so that an old list cannot undo a newer one."""
    newest: dict[object, Record] = {}
    for record in wards:
        held = newest.get(record["code"])
        if held is None or _edition(record) >= _edition(held):
            newest[record["code"]] = record
    known = select(Ward.code, Ward.edition).where(Ward.code.in_(newest), Ward.origin == Origin.LOADED)
    held_editions = {code: edition or 0 for code, edition in session.execute(known)}
    return [record for code, record in newest.items() if _edition(record) >= held_editions.get(str(code), 0)]


def _edition(record: Record) -> int:
    edition = record["edition"]
    return edition if isinstance(edition, int) else 0


def _upsert(session: Session, model: type[Base], keys: tuple[str, ...], records: Iterable[Record]) -> Saved:
    """Insert what is missing and change what differs, a thousand at a time; a repeated key's last record counts."""
    unique = list({tuple(record[key] for key in keys): record for record in records}.values())
    saved = Saved()
    for start in range(0, len(unique), _AT_ONCE):
        saved += _upsert_some(session, model, keys, unique[start : start + _AT_ONCE])
    return saved


def _upsert_some(
    session: Session, model: type[Base], keys: tuple[str, ...], records: Sequence[Record]
) -> Saved:
    names = tuple(records[0])
    columns = [getattr(model, name) for name in names]
    first_key = getattr(model, keys[0])
    found = select(*columns).where(first_key.in_({record[keys[0]] for record in records}))
    held = {tuple(getattr(row, key) for key in keys): tuple(row) for row in session.execute(found)}
    created: list[Record] = []
    changed: list[Record] = []
    for record in records:
        before = held.get(tuple(record[key] for key in keys))
        if before is None:
            created.append(record)
        elif before != tuple(record.values()):
            changed.append(record)
    if created or changed:
        insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
        statement = insert(model)
        others = {name: statement.excluded[name] for name in names if name not in keys}
        session.execute(
            statement.on_conflict_do_update(index_elements=list(keys), set_=others), [*created, *changed]
        )
    return Saved(len(created), len(changed), len(records) - len(created) - len(changed))
