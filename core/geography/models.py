"""Tables of places. All of them hold published facts, so their keys are the codes that the publishers use.

Codes are not foreign keys: a national postcode file names wards and small areas that nobody needs to load.
"""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import CheckConstraint, Double, String
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base, enum_column
from core.geography.rules import AgeBand, Quality

_ON_EARTH = "lat BETWEEN -90 AND 90 AND lon BETWEEN -180 AND 180"


class Origin(StrEnum):
    """Where a row came from: our own small table of facts, or a file that an operator loaded."""

    FACTS = "facts"
    LOADED = "loaded"


class Postcode(Base):
    """One postcode in its normal form ("BL9 0AA"). Degrees, WGS 84; both null when no point is known."""

    __tablename__ = "postcodes"
    __table_args__ = (
        CheckConstraint(_ON_EARTH, name="on_earth"),
        CheckConstraint("(lat IS NULL) = (lon IS NULL)", name="whole_point"),
    )

    code: Mapped[str] = mapped_column(String(8), primary_key=True)
    sector: Mapped[str] = mapped_column(String(6), index=True)
    lat: Mapped[float | None] = mapped_column(Double)
    lon: Mapped[float | None] = mapped_column(Double)
    lsoa_code: Mapped[str | None] = mapped_column(String(9), index=True)
    ward_code: Mapped[str | None] = mapped_column(String(9), index=True)
    quality: Mapped[Quality] = mapped_column(enum_column(Quality), default=Quality.UNSTATED)
    terminated: Mapped[str | None] = mapped_column(String(7))
    """Year and month, "2019-04", in which Royal Mail ended it; null while it is in use."""


class Sector(Base):
    """A postcode sector ("BL9 0"): the mean of its postcodes' points, and the ward that holds most of them."""

    __tablename__ = "postcode_sectors"
    __table_args__ = (CheckConstraint(_ON_EARTH, name="on_earth"),)

    code: Mapped[str] = mapped_column(String(6), primary_key=True)
    outcode: Mapped[str] = mapped_column(String(4), index=True)
    lat: Mapped[float] = mapped_column(Double)
    lon: Mapped[float] = mapped_column(Double)
    ward_code: Mapped[str | None] = mapped_column(String(9))
    postcode_count: Mapped[int]
    origin: Mapped[Origin] = mapped_column(enum_column(Origin))


class Ward(Base):
    """An electoral ward. `edition` is the year of the list that last named it, so that old codes can be told."""

    __tablename__ = "wards"
    __table_args__ = (
        CheckConstraint(_ON_EARTH, name="on_earth"),
        CheckConstraint("(lat IS NULL) = (lon IS NULL)", name="whole_point"),
        CheckConstraint("deprivation_quintile BETWEEN 1 AND 5", name="quintile"),
    )

    code: Mapped[str] = mapped_column(String(9), primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    name_key: Mapped[str] = mapped_column(String(100), index=True)
    authority_code: Mapped[str | None] = mapped_column(String(9), index=True)
    edition: Mapped[int | None]
    lat: Mapped[float | None] = mapped_column(Double)
    lon: Mapped[float | None] = mapped_column(Double)
    population: Mapped[int | None]
    deprivation_quintile: Mapped[int | None]
    most_deprived_share: Mapped[float | None] = mapped_column(Double)
    """Share of its people, 0 to 1, who live in a small area of the most deprived fifth of England."""
    origin: Mapped[Origin] = mapped_column(enum_column(Origin))


class PlaceName(Base):
    """A town or village that people name, and a ward that is part of it; a town has several rows."""

    __tablename__ = "place_names"

    name_key: Mapped[str] = mapped_column(String(100), primary_key=True)
    ward_code: Mapped[str] = mapped_column(String(9), primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    is_town: Mapped[bool]


class SmallArea(Base):
    """A lower layer super output area (LSOA): about 1,500 people."""

    __tablename__ = "small_areas"
    __table_args__ = (
        CheckConstraint(_ON_EARTH, name="on_earth"),
        CheckConstraint("(lat IS NULL) = (lon IS NULL)", name="whole_point"),
    )

    code: Mapped[str] = mapped_column(String(9), primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    ward_code: Mapped[str | None] = mapped_column(String(9), index=True)
    authority_code: Mapped[str | None] = mapped_column(String(9), index=True)
    lat: Mapped[float | None] = mapped_column(Double)
    lon: Mapped[float | None] = mapped_column(Double)


class Deprivation(Base):
    """A small area in one edition of the English Indices of Deprivation. Rank and decile: 1 is most deprived."""

    __tablename__ = "small_area_deprivation"
    __table_args__ = (
        CheckConstraint("rank >= 1", name="rank"),
        CheckConstraint("decile BETWEEN 1 AND 10", name="decile"),
    )

    lsoa_code: Mapped[str] = mapped_column(String(9), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    rank: Mapped[int]
    decile: Mapped[int]
    score: Mapped[float | None] = mapped_column(Double)


class Population(Base):
    """How many people of one age band lived in a small area in the middle of a year."""

    __tablename__ = "small_area_populations"
    __table_args__ = (CheckConstraint("people >= 0", name="people"),)

    lsoa_code: Mapped[str] = mapped_column(String(9), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    age_band: Mapped[AgeBand] = mapped_column(enum_column(AgeBand), primary_key=True)
    people: Mapped[int]
