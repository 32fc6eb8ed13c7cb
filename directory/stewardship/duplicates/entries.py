"""Activities and groups as entries to compare, a few columns each, so that a whole borough fits in little memory."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from core.db import among
from directory.listings.models import Location, Organization, Phone, Schedule, Service, ServiceAtLocation
from directory.listings.rules import ListingStatus
from directory.stewardship.duplicates.models import Kind
from directory.stewardship.duplicates.rules import Entry, telling_words, website_key

# What nobody is asked about: it was taken back or turned down, or is closed for good.
GONE = (ListingStatus.WITHDRAWN, ListingStatus.REJECTED, ListingStatus.CLOSED)
MOST_NEAR = 300
_STANDS: Mapping[Kind, Sequence[ColumnElement[bool]]] = {
    Kind.ACTIVITY: (Service.merged_into_id.is_(None), Service.status.not_in(GONE)),
    Kind.GROUP: (Organization.merged_into_id.is_(None),),
}


def activities(session: Session, ids: Collection[UUID] | None = None) -> list[Entry]:
    """Activities that may be there twice: all, or these."""
    asked = (
        select(
            Service.id,
            Service.name,
            Service.organization_id,
            Service.url,
            Service.email,
            Organization.name.label("group_name"),
            Organization.website,
            Organization.email.label("group_email"),
            Organization.charity_number,
        )
        .join(Organization, Organization.id == Service.organization_id)
        .where(*_STANDS[Kind.ACTIVITY])
        .order_by(Service.id)
    )
    rows = _rows(session, asked, Service.id, ids)
    postcodes = _gather(
        session,
        select(ServiceAtLocation.service_id, Location.postal_code).join(
            Location, Location.id == ServiceAtLocation.location_id
        ),
        ServiceAtLocation.service_id,
        ids,
    )
    phones = _gather(session, select(Phone.service_id, Phone.number), Phone.service_id, ids)
    times = _gather(
        session,
        select(Schedule.service_id, Schedule.byday + " " + Schedule.freq),
        Schedule.service_id,
        ids,
    )
    groups = {row.organization_id for row in rows}
    group_phones = _gather(
        session, select(Phone.organization_id, Phone.number), Phone.organization_id, groups if ids else None
    )
    return [
        Entry(
            id=row.id,
            name=row.name,
            group=row.organization_id,
            group_name=row.group_name,
            charity_number=row.charity_number or "",
            postcodes=postcodes[row.id],
            phones=phones[row.id] or group_phones[row.organization_id],
            websites=_websites(row.url or row.website),
            emails=_emails(row.email or row.group_email),
            times=times[row.id],
        )
        for row in rows
    ]


def groups(session: Session, ids: Collection[UUID] | None = None) -> list[Entry]:
    """Groups that may be there twice: all, or these. A group is where its activities are."""
    asked = (
        select(
            Organization.id,
            Organization.name,
            Organization.website,
            Organization.email,
            Organization.charity_number,
        )
        .where(*_STANDS[Kind.GROUP])
        .order_by(Organization.id)
    )
    rows = _rows(session, asked, Organization.id, ids)
    phones = _gather(session, select(Phone.organization_id, Phone.number), Phone.organization_id, ids)
    postcodes = _gather(
        session,
        select(Service.organization_id, Location.postal_code)
        .join(ServiceAtLocation, ServiceAtLocation.service_id == Service.id)
        .join(Location, Location.id == ServiceAtLocation.location_id),
        Service.organization_id,
        ids,
    )
    return [
        Entry(
            id=row.id,
            name=row.name,
            charity_number=(row.charity_number or "").strip().lstrip("0"),
            postcodes=postcodes[row.id],
            phones=phones[row.id],
            websites=_websites(row.website),
            emails=_emails(row.email),
        )
        for row in rows
    ]


def standing(session: Session, kind: Kind, ids: Collection[UUID]) -> set[UUID]:
    """Those of the ids that stand for themselves: neither merged nor gone."""
    table = Service if kind is Kind.ACTIVITY else Organization
    return set(session.scalars(select(table.id).where(among(table.id, ids), *_STANDS[kind])))


def near(session: Session, kind: Kind, entry: Entry) -> list[Entry]:
    """The entries that are worth comparing with a new one: a few looks at indexed columns, not all of the borough."""
    table: Any = Service if kind is Kind.ACTIVITY else Organization
    word = max(telling_words(entry.name, frozenset()), key=len, default="")
    asked: list[ColumnElement[bool]] = (
        [func.lower(table.name).contains(word, autoescape=True)] if word else []
    )
    if entry.phones:
        owner = Phone.service_id if kind is Kind.ACTIVITY else Phone.organization_id
        asked.append(table.id.in_(select(owner).where(Phone.number.in_(entry.phones), owner.is_not(None))))
    if entry.emails:
        asked.append(func.lower(table.email).in_(entry.emails))
    if kind is Kind.GROUP and entry.charity_number:
        asked.append(Organization.charity_number == entry.charity_number)
    if kind is Kind.ACTIVITY and entry.group is not None:
        asked.append(Service.organization_id == entry.group)
    if kind is Kind.ACTIVITY and entry.postcodes:
        here = (
            select(ServiceAtLocation.service_id)
            .join(Location, Location.id == ServiceAtLocation.location_id)
            .where(Location.postal_code.in_(entry.postcodes))
        )
        asked.append(Service.id.in_(here))
    if not asked:
        return []
    ids = session.scalars(
        select(table.id)
        .where(or_(*asked), table.id != entry.id, table.merged_into_id.is_(None))
        .order_by(table.id)
        .limit(MOST_NEAR)
    ).all()
    return (activities if kind is Kind.ACTIVITY else groups)(session, ids) if ids else []


def _rows(session: Session, asked: Any, key: Any, ids: Collection[UUID] | None) -> list[Any]:
    if ids is None:
        return list(session.execute(asked))
    return list(session.execute(asked.where(key.in_(ids))))


def _gather(
    session: Session, pairs: Any, key: Any, ids: Iterable[UUID] | None
) -> defaultdict[UUID, frozenset[str]]:
    """For each id, the texts that belong to it."""
    found: defaultdict[UUID, set[str]] = defaultdict(set)
    wanted = pairs.where(key.is_not(None)) if ids is None else pairs.where(key.in_(set(ids)))
    for owner, text in session.execute(wanted):
        if text:
            found[owner].add(text)
    return defaultdict(frozenset, {owner: frozenset(texts) for owner, texts in found.items()})


def _websites(link: str | None) -> frozenset[str]:
    return frozenset({website_key(link)} - {""}) if link else frozenset()


def _emails(address: str | None) -> frozenset[str]:
    return frozenset({address.casefold()}) if address else frozenset()
