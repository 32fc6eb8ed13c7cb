"""Which services a list is narrowed to: what SQL can say, what the words find, and what real sessions decide."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session

from core import clock
from directory.listings.dated_sessions import sessions_between
from directory.listings.models import (
    Attribute,
    Eligibility,
    Schedule,
    ScheduleException,
    Service,
    ServiceAtLocation,
    TaxonomyTerm,
)
from directory.listings.recurrence import Weekday
from directory.listings.rules import IN_SEARCH
from directory.openreferral.rules import Asked, days_wanted, fits
from directory.search import queries as search

# More ids than this are not spelled out in one question.
MOST_IDS = 900

PUBLIC = Service.status.in_(IN_SEARCH)


def conditions(asked: Asked) -> list[ColumnElement[bool]]:
    """What SQL can say of the services that were asked for, their being public included."""
    said: list[ColumnElement[bool]] = [PUBLIC]
    if (organization := asked.get("organization_id")) is not None:
        said.append(Service.organization_id == organization)
    if (moment := asked.get("modified_after")) is not None:
        said.append(Service.updated_at >= moment)
    if (term := asked.get("taxonomy_term_id")) is not None:
        said.append(_has_term(Attribute.term_id.in_(_with_merged(term))))
    if (taxonomy := asked.get("taxonomy_id")) is not None:
        of_taxonomy = select(TaxonomyTerm.id).where(TaxonomyTerm.taxonomy_id == taxonomy)
        said.append(_has_term(Attribute.term_id.in_(of_taxonomy)))
    if age := asked.get("minimum_age"):
        said.append(_ages(Eligibility.minimum_age >= age))
    if (age := asked.get("maximum_age")) is not None:
        said.append(_ages(Eligibility.maximum_age <= age))
    return said


def _ages(which: ColumnElement[bool]) -> ColumnElement[bool]:
    return Service.id.in_(select(Eligibility.service_id).where(which))


def _with_merged(term_id: UUID) -> Select[UUID]:
    """The term, or the one that took it in."""
    return select(func.coalesce(TaxonomyTerm.merged_into_id, TaxonomyTerm.id)).where(
        TaxonomyTerm.id == term_id
    )


def _has_term(which: ColumnElement[bool]) -> ColumnElement[bool]:
    """A term applied to the service, or to a place where it is."""
    own = select(Attribute.service_id).where(which, Attribute.service_id.is_not(None))
    there = (
        select(ServiceAtLocation.service_id)
        .join(Attribute, Attribute.location_id == ServiceAtLocation.location_id)
        .where(which)
    )
    return or_(Service.id.in_(own), Service.id.in_(there))


def ranked(session: Session, asked: Asked) -> tuple[UUID, ...] | None:
    """The services asked for, in order, where words or real sessions decide; None where `conditions` say it all.

    What the words find comes with the best first, anything else in order of id.
    """
    words: str | None = asked.get("search")
    said = conditions(asked)
    if words is None:
        return tuple(sorted(_with_sessions(session, asked, said))) if asked.asks_times else None
    found = _among(session, said, search.matching_ids(session, words))
    if asked.asks_times:
        on = _with_sessions(session, asked, said)
        found = tuple(one for one in found if one in on)
    return found


def _among(session: Session, said: Sequence[ColumnElement[bool]], ids: Sequence[UUID]) -> tuple[UUID, ...]:
    """Those of `ids` that the conditions let through, in their order."""
    query = select(Service.id).where(*said)
    if len(ids) <= MOST_IDS:
        query = query.where(Service.id.in_(ids))
    passed = set(session.scalars(query))
    return tuple(one for one in ids if one in passed)


def _with_sessions(session: Session, asked: Asked, said: Sequence[ColumnElement[bool]]) -> set[UUID]:
    """The services that these conditions let through and that have a real session, on, in the days and between the
    times asked for."""
    first, last = days_wanted(clock.today(), asked.get("day"))
    start, end = asked.get("start_time"), asked.get("end_time")
    return {
        service_id
        for service_id, sessions in sessions_between(
            session, first, last, *said, *_may_be_on(asked.get("day"))
        )
        if any(fits(one, start, end) for one in sessions)
    }


def _may_be_on(day: Weekday | None) -> tuple[ColumnElement[bool], ...]:
    """Services that may have a session on that day of the week: it is named, or something of theirs differs."""
    if day is None:
        return ()
    differing = select(ScheduleException.service_id)
    named = select(Schedule.service_id).where(or_(Schedule.byday.contains(day.value), Schedule.byday == ""))
    return (or_(Service.id.in_(named), Service.id.in_(differing)),)
