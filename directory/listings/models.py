"""What there is: organisations, the services they offer, where, when and for whom. Names follow HSDS 3.0."""

from __future__ import annotations

from datetime import date, datetime, time
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    Time,
    UniqueConstraint,
    false,
    select,
)
from sqlalchemy.orm import Mapped, Session, mapped_column, object_session, relationship

from core import clock
from core.db import Base, HasId, JsonDict, Stamped, Versioned, enum_column
from directory.listings import recurrence
from directory.listings.almanac import TermDates
from directory.listings.recurrence import BankHolidays, Frequency, ScheduleRule, Weekday
from directory.listings.rules import DeliveryMode, JoinMode, ListingStatus


class Source(HasId, Stamped, Base):
    """Where records came from: a file or feed with its licence. Records that people typed have none."""

    __tablename__ = "sources"

    key: Mapped[str] = mapped_column(String(80), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    licence: Mapped[str] = mapped_column(String(200))
    url: Mapped[str | None] = mapped_column(String(500))
    imported_at: Mapped[datetime | None]


class Organization(HasId, Stamped, Versioned, Base):
    """A group: charity, club, faith body, social enterprise, public service."""

    __tablename__ = "organizations"
    __table_args__ = (Index("ix_organizations_updated_at", "updated_at"),)

    name: Mapped[str] = mapped_column(String(200), index=True)
    kind: Mapped[str] = mapped_column(String(40), default="informal")
    summary: Mapped[str] = mapped_column(String(300), default="")
    description: Mapped[str] = mapped_column(Text, default="")
    email: Mapped[str | None] = mapped_column(String(254))
    website: Mapped[str | None] = mapped_column(String(500))
    charity_number: Mapped[str | None] = mapped_column(String(40))
    company_number: Mapped[str | None] = mapped_column(String(40))
    ward_code: Mapped[str | None] = mapped_column(String(9))
    is_example: Mapped[bool] = mapped_column(Boolean, default=False)
    source_id: Mapped[UUID | None] = mapped_column(ForeignKey("sources.id"))
    merged_into_id: Mapped[UUID | None] = mapped_column(ForeignKey("organizations.id"), index=True)

    services: Mapped[list[Service]] = relationship(back_populates="organization")
    contacts: Mapped[list[Contact]] = relationship(cascade="all, delete-orphan")
    phones: Mapped[list[Phone]] = relationship(cascade="all, delete-orphan")


class Service(HasId, Stamped, Versioned, Base):
    """An activity or asset that a group offers: one listing. What stands here is what the public sees."""

    __tablename__ = "services"
    __table_args__ = (Index("ix_services_updated_at", "updated_at"),)

    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    summary: Mapped[str] = mapped_column(String(300), default="")
    description: Mapped[str] = mapped_column(Text, default="")
    status: Mapped[ListingStatus] = mapped_column(enum_column(ListingStatus), index=True)
    delivery: Mapped[DeliveryMode] = mapped_column(enum_column(DeliveryMode), default=DeliveryMode.IN_PERSON)
    join_mode: Mapped[JoinMode] = mapped_column(enum_column(JoinMode))
    url: Mapped[str | None] = mapped_column(String(500))
    email: Mapped[str | None] = mapped_column(String(254))
    notice: Mapped[str | None] = mapped_column(String(300))
    who_meets_you: Mapped[str | None] = mapped_column(String(500))
    must_i_talk: Mapped[str | None] = mapped_column(String(500))
    religious: Mapped[str | None] = mapped_column(String(500))
    bring_someone: Mapped[str | None] = mapped_column(String(500))
    what_to_bring: Mapped[str | None] = mapped_column(String(500))
    opening_times_text: Mapped[str | None] = mapped_column(String(1000))
    accepting_referrals: Mapped[bool] = mapped_column(Boolean, default=True)
    capacity: Mapped[int | None] = mapped_column(Integer)
    sustained_after: Mapped[int | None] = mapped_column(Integer)
    confirmed_at: Mapped[datetime | None]
    confirmed_by: Mapped[str | None] = mapped_column(String(120))
    source_id: Mapped[UUID | None] = mapped_column(ForeignKey("sources.id"), index=True)
    is_example: Mapped[bool] = mapped_column(Boolean, default=False)
    masked_location: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    merged_into_id: Mapped[UUID | None] = mapped_column(ForeignKey("services.id"), index=True)

    organization: Mapped[Organization] = relationship(back_populates="services")
    places: Mapped[list[ServiceAtLocation]] = relationship(cascade="all, delete-orphan")
    schedules: Mapped[list[Schedule]] = relationship(
        cascade="all, delete-orphan", order_by="Schedule.position"
    )
    exceptions: Mapped[list[ScheduleException]] = relationship(cascade="all, delete-orphan")
    room: Mapped[ListingRoom | None] = relationship(cascade="all, delete-orphan")
    cost_options: Mapped[list[CostOption]] = relationship(
        cascade="all, delete-orphan", order_by="CostOption.position"
    )
    eligibilities: Mapped[list[Eligibility]] = relationship(cascade="all, delete-orphan")
    languages: Mapped[list[Language]] = relationship(cascade="all, delete-orphan", order_by="Language.name")
    contacts: Mapped[list[Contact]] = relationship(cascade="all, delete-orphan")
    phones: Mapped[list[Phone]] = relationship(cascade="all, delete-orphan")
    attributes: Mapped[list[Attribute]] = relationship(cascade="all, delete-orphan")

    @property
    def public_places(self) -> list[ServiceAtLocation]:
        """Where it is, as anybody may know it: nowhere, if it keeps its address private, as a refuge does.

        Whatever shows, measures or hands out a place asks here; only the group's own form and its editors see `places`.
        """
        return [] if self.masked_location else self.places


class ListingRoom(Base):
    """Whether a group has room for people who are referred, as it last said by its answers."""

    __tablename__ = "listing_rooms"

    service_id: Mapped[UUID] = mapped_column(ForeignKey("services.id"), primary_key=True)
    full: Mapped[bool]
    said_at: Mapped[datetime]


class Location(HasId, Stamped, Base):
    """A place. Coordinates are degrees (WGS 84)."""

    __tablename__ = "locations"
    __table_args__ = (Index("ix_locations_updated_at", "updated_at"),)

    name: Mapped[str] = mapped_column(String(200), default="")
    address_1: Mapped[str] = mapped_column(String(300), default="")
    address_2: Mapped[str | None] = mapped_column(String(200))
    city: Mapped[str] = mapped_column(String(100), default="")
    postal_code: Mapped[str] = mapped_column(String(10), default="", index=True)
    latitude: Mapped[float | None] = mapped_column(Float)
    longitude: Mapped[float | None] = mapped_column(Float)
    ward_code: Mapped[str | None] = mapped_column(String(9), index=True)
    getting_there: Mapped[str | None] = mapped_column(String(500))

    accessibility: Mapped[list[Accessibility]] = relationship(cascade="all, delete-orphan")
    attributes: Mapped[list[Attribute]] = relationship(cascade="all, delete-orphan")


class ServiceAtLocation(HasId, Base):
    """That service at that place."""

    __tablename__ = "service_at_locations"
    __table_args__ = (UniqueConstraint("service_id", "location_id"),)

    service_id: Mapped[UUID] = mapped_column(ForeignKey("services.id"))
    location_id: Mapped[UUID] = mapped_column(ForeignKey("locations.id"), index=True)

    location: Mapped[Location] = relationship()


class Schedule(HasId, Base):
    """When: every `interval` weeks on `byday`, or the `nth` such day of every month (-1: the last), London wall time.

    `byday` lists days as "MO,TH"; `dtstart` anchors fortnights and is the day of a single session. The columns are
    the fields of `recurrence.ScheduleRule`.
    """

    __tablename__ = "schedules"

    service_id: Mapped[UUID] = mapped_column(ForeignKey("services.id"), index=True)
    position: Mapped[int] = mapped_column(Integer, default=0)
    freq: Mapped[Frequency] = mapped_column(enum_column(Frequency))
    interval: Mapped[int] = mapped_column(Integer, default=1)
    dtstart: Mapped[date] = mapped_column(Date)
    byday: Mapped[str] = mapped_column(String(30), default="")
    nth: Mapped[int | None] = mapped_column(Integer)
    opens_at: Mapped[time] = mapped_column(Time)
    closes_at: Mapped[time | None] = mapped_column(Time)
    valid_from: Mapped[date | None] = mapped_column(Date)
    valid_to: Mapped[date | None] = mapped_column(Date)
    term_time: Mapped[str] = mapped_column(String(60), default="")
    season_from: Mapped[int | None] = mapped_column(Integer)
    season_to: Mapped[int | None] = mapped_column(Integer)
    bank_holidays: Mapped[BankHolidays] = mapped_column(
        enum_column(BankHolidays), default=BankHolidays.AS_USUAL, server_default=BankHolidays.AS_USUAL
    )
    holiday_opens_at: Mapped[time | None] = mapped_column(Time)
    holiday_closes_at: Mapped[time | None] = mapped_column(Time)
    pence: Mapped[int | None] = mapped_column(Integer)

    @property
    def rule(self) -> ScheduleRule:
        """The row as the rule that it keeps, with the borough's school terms where it keeps to them."""
        return rule_of(self, school_terms(object_session(self)) if self.term_time else ())


def rule_of(row: Any, terms: tuple[TermDates, ...]) -> ScheduleRule:
    """The rule in the columns of a `Schedule`, read whole or as plain columns; `terms` are the borough's."""
    return ScheduleRule(
        freq=row.freq,
        dtstart=row.dtstart,
        opens_at=row.opens_at,
        closes_at=row.closes_at,
        byday=tuple(Weekday(day) for day in row.byday.split(",") if day),
        interval=row.interval,
        nth=row.nth,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        term_time=bool(row.term_time),
        season=(row.season_from, row.season_to) if row.season_from and row.season_to else None,
        bank_holidays=row.bank_holidays or BankHolidays.AS_USUAL,
        holiday_opens_at=row.holiday_opens_at,
        holiday_closes_at=row.holiday_closes_at,
        pence=row.pence,
        terms=terms,
    )


class SchoolTerm(HasId, Stamped, Base):
    """One stretch of school in the borough, both days included: what "in term time" means."""

    __tablename__ = "school_terms"
    __table_args__ = (CheckConstraint("ends >= starts", name="in_order"),)

    name: Mapped[str] = mapped_column(String(80))
    starts: Mapped[date] = mapped_column(Date)
    ends: Mapped[date] = mapped_column(Date)


_TERMS = "school terms of a transaction"


def school_terms(session: Session | None) -> tuple[TermDates, ...]:
    """The borough's school terms, asked for once in a transaction however many timetables keep to them."""
    if session is None:
        return ()
    held = session.info.get(_TERMS)
    if held is None or held[0] is not session.get_transaction():
        with session.no_autoflush:
            found = session.execute(select(SchoolTerm.starts, SchoolTerm.ends).order_by(SchoolTerm.starts))
            terms = tuple(TermDates(starts, ends) for starts, ends in found)
        held = session.info[_TERMS] = (session.get_transaction(), terms)
    return held[1]


class ScheduleException(HasId, Base):
    """One date that differs: cancelled, or moved when `moved_to` is given (`recurrence.ScheduleException`)."""

    __tablename__ = "schedule_exceptions"

    service_id: Mapped[UUID] = mapped_column(ForeignKey("services.id"), index=True)
    on: Mapped[date] = mapped_column(Date)
    session: Mapped[time | None] = mapped_column(Time)
    moved_to: Mapped[date | None] = mapped_column(Date)
    opens_at: Mapped[time | None] = mapped_column(Time)
    closes_at: Mapped[time | None] = mapped_column(Time)
    note: Mapped[str] = mapped_column(String(200), default="")
    created_at: Mapped[datetime] = mapped_column(default=lambda: clock.now())

    @property
    def exception(self) -> recurrence.ScheduleException:
        """The row as the exception that it keeps."""
        return exception_of(self)


def exception_of(row: Any) -> recurrence.ScheduleException:
    """The exception in the columns of a `ScheduleException`, read whole or as plain columns."""
    return recurrence.ScheduleException(
        on=row.on,
        note=row.note,
        moved_to=row.moved_to,
        opens_at=row.opens_at,
        closes_at=row.closes_at,
        session=row.session,
    )


class CostOption(HasId, Base):
    """What it costs, in pence; 0 is free."""

    __tablename__ = "cost_options"
    __table_args__ = (CheckConstraint("pence >= 0", name="not_negative"),)

    service_id: Mapped[UUID] = mapped_column(ForeignKey("services.id"), index=True)
    position: Mapped[int] = mapped_column(Integer, default=0)
    label: Mapped[str] = mapped_column(String(100))
    pence: Mapped[int] = mapped_column(Integer)


class Eligibility(HasId, Base):
    """Who may come: ages in years, both inclusive, and words."""

    __tablename__ = "eligibilities"

    service_id: Mapped[UUID] = mapped_column(ForeignKey("services.id"), index=True)
    minimum_age: Mapped[int | None] = mapped_column(Integer)
    maximum_age: Mapped[int | None] = mapped_column(Integer)
    description: Mapped[str | None] = mapped_column(String(300))


class Language(HasId, Base):
    """A language that people can be spoken to in (ISO 639 code where there is one)."""

    __tablename__ = "languages"

    service_id: Mapped[UUID] = mapped_column(ForeignKey("services.id"), index=True)
    code: Mapped[str | None] = mapped_column(String(10))
    name: Mapped[str] = mapped_column(String(60))


class Accessibility(HasId, Base):
    """What a place says about getting in and around, in words; features are `Attribute`s."""

    __tablename__ = "accessibilities"

    location_id: Mapped[UUID] = mapped_column(ForeignKey("locations.id"), index=True)
    description: Mapped[str] = mapped_column(String(500))
    url: Mapped[str | None] = mapped_column(String(500))


class Contact(HasId, Base):
    """The person to ask for, by the name they go by in public."""

    __tablename__ = "contacts"

    organization_id: Mapped[UUID | None] = mapped_column(ForeignKey("organizations.id"), index=True)
    service_id: Mapped[UUID | None] = mapped_column(ForeignKey("services.id"), index=True)
    name: Mapped[str] = mapped_column(String(120))
    title: Mapped[str | None] = mapped_column(String(120))


class Phone(HasId, Base):
    """A telephone number in E.164, and how it is printed."""

    __tablename__ = "phones"

    organization_id: Mapped[UUID | None] = mapped_column(ForeignKey("organizations.id"), index=True)
    service_id: Mapped[UUID | None] = mapped_column(ForeignKey("services.id"), index=True)
    number: Mapped[str] = mapped_column(String(40))
    description: Mapped[str | None] = mapped_column(String(200))


class Taxonomy(HasId, Base):
    """A vocabulary: needs, audiences, access features."""

    __tablename__ = "taxonomies"

    slug: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    description: Mapped[str] = mapped_column(String(500))
    uri: Mapped[str | None] = mapped_column(String(300))


class TaxonomyTerm(HasId, Base):
    """A word of a vocabulary. A merged term leaves its slug, pointing to the one that took it in; a retired one is
    not offered any more. `uri` names it in the vocabulary that it was loaded from. `updated_at` is when anything of it
    last changed."""

    __tablename__ = "taxonomy_terms"
    __table_args__ = (UniqueConstraint("taxonomy_id", "slug"),)

    taxonomy_id: Mapped[UUID] = mapped_column(ForeignKey("taxonomies.id"))
    slug: Mapped[str] = mapped_column(String(60))
    name: Mapped[str] = mapped_column(String(120))
    description: Mapped[str] = mapped_column(String(500))
    position: Mapped[int] = mapped_column(Integer, default=0)
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("taxonomy_terms.id"))
    merged_into_id: Mapped[UUID | None] = mapped_column(ForeignKey("taxonomy_terms.id"))
    retired_at: Mapped[datetime | None]
    uri: Mapped[str | None] = mapped_column(String(300))
    updated_at: Mapped[datetime] = mapped_column(default=lambda: clock.now(), onupdate=lambda: clock.now())

    taxonomy: Mapped[Taxonomy] = relationship()


class Attribute(HasId, Base):
    """A term applied to a service or a place."""

    __tablename__ = "attributes"
    __table_args__ = (
        UniqueConstraint("term_id", "service_id"),
        UniqueConstraint("term_id", "location_id"),
        CheckConstraint("(service_id IS NULL) <> (location_id IS NULL)", name="one_subject"),
    )

    term_id: Mapped[UUID] = mapped_column(ForeignKey("taxonomy_terms.id"), index=True)
    service_id: Mapped[UUID | None] = mapped_column(ForeignKey("services.id"), index=True)
    location_id: Mapped[UUID | None] = mapped_column(ForeignKey("locations.id"), index=True)

    term: Mapped[TaxonomyTerm] = relationship()


class ChangeState(StrEnum):
    """Where a proposed change is: waiting for an editor, decided, or public already and to be looked at."""

    WAITING = "waiting"
    APPROVED = "approved"
    SENT_BACK = "sent-back"
    PUBLISHED = "published"
    REVIEWED = "reviewed"
    SUPERSEDED = "superseded"


class ListingChange(HasId, Stamped, Versioned, Base):
    """One submitted change of a listing: `before` and `after` hold only the fields that changed, as plain JSON.

    Rows are the listing's history; nothing is deleted.
    """

    __tablename__ = "listing_changes"
    __table_args__ = (Index("ix_listing_changes_state_created_at", "state", "created_at"),)

    service_id: Mapped[UUID] = mapped_column(ForeignKey("services.id"), index=True)
    state: Mapped[ChangeState] = mapped_column(enum_column(ChangeState))
    base_version: Mapped[int] = mapped_column(Integer)
    before: Mapped[JsonDict]
    after: Mapped[JsonDict]
    author_id: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id"))
    author_name: Mapped[str] = mapped_column(String(120))
    decided_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id"))
    decided_at: Mapped[datetime | None]
    reason: Mapped[str | None] = mapped_column(String(500))


class StatusEvent(HasId, Base):
    """One move of a listing's status: who, when, from, to, why."""

    __tablename__ = "listing_status_events"

    service_id: Mapped[UUID] = mapped_column(ForeignKey("services.id"), index=True)
    at: Mapped[datetime]
    author_id: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id"))
    from_status: Mapped[ListingStatus | None] = mapped_column(enum_column(ListingStatus))
    to_status: Mapped[ListingStatus] = mapped_column(enum_column(ListingStatus))
    reason: Mapped[str | None] = mapped_column(String(500))
