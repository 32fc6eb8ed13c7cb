"""What search documents are made of, read as plain columns: two questions for any number of listings.

A rebuild of the index reads the whole borough, and rows with their mappings took most of the time of that.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from core.db import among
from directory.listings.card_rows import COSTS, EXCEPTIONS, SCHEDULES, applied_terms, own_rows
from directory.listings.models import (
    Attribute,
    CostOption,
    Eligibility,
    Language,
    Location,
    Organization,
    Schedule,
    ScheduleException,
    Service,
    ServiceAtLocation,
)
from directory.listings.row_texts import RowTexts

AGES = RowTexts(Eligibility.id, Eligibility.minimum_age, Eligibility.maximum_age)
LANGUAGES = RowTexts(Language.name)


_LISTINGS = (
    select(
        Service.id,
        Service.status,
        Service.name,
        Service.summary,
        Service.description,
        Service.organization_id,
        Organization.name.label("group"),
        Organization.kind.label("group_kind"),
        Service.delivery,
        Service.join_mode,
        Service.masked_location,
        Service.accepting_referrals,
        Service.confirmed_at,
        Service.created_at,
        Service.updated_at,
        own_rows(SCHEDULES, Schedule.service_id, "schedules"),
        own_rows(EXCEPTIONS, ScheduleException.service_id, "exceptions"),
        own_rows(COSTS, CostOption.service_id, "costs"),
        own_rows(AGES, Eligibility.service_id, "ages"),
        own_rows(LANGUAGES, Language.service_id, "languages"),
        applied_terms()
        .where(Attribute.service_id == Service.id)
        .correlate(Service)
        .scalar_subquery()
        .label("terms"),
    )
    .join(Organization, Organization.id == Service.organization_id)
    .where(among(Service.id, "ids"))
    .order_by(Service.id)
)
_PLACES = (
    select(
        ServiceAtLocation.service_id,
        Location.name,
        Location.address_1,
        Location.city,
        Location.postal_code,
        Location.ward_code,
        Location.latitude,
        Location.longitude,
        applied_terms()
        .where(Attribute.location_id == Location.id)
        .correlate(Location)
        .scalar_subquery()
        .label("terms"),
    )
    .join(Location, Location.id == ServiceAtLocation.location_id)
    .where(among(ServiceAtLocation.service_id, "ids"))
    .order_by(ServiceAtLocation.id)
)


@dataclass(frozen=True, slots=True)
class DocumentRows:
    """All that one document is made of: the columns of its `listing` with its group's name and kind and, as texts, its
    rows in other tables; and every place that it has, whether or not anybody may know it."""

    listing: Row[Any]
    places: Sequence[Row[Any]]

    @property
    def public_places(self) -> Sequence[Row[Any]]:
        """Where it is, as anybody may know it (see `Service.public_places`)."""
        return () if self.listing.masked_location else self.places


def document_rows(session: Session, ids: Sequence[UUID]) -> Iterator[DocumentRows]:
    """Those of the listings that there are, whatever their status, in order of id."""
    places: dict[UUID, list[Row[Any]]] = defaultdict(list)
    for place in session.execute(_PLACES, {"ids": ids}):
        places[place.service_id].append(place)
    listings: Sequence[Any] = session.execute(_LISTINGS, {"ids": ids}).all()
    for listing in listings:
        yield DocumentRows(listing, places.get(listing.id, ()))
