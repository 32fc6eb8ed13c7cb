"""Reading what was imported, and how it stands now. Imports are the product's own work: nothing is scoped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from directory.exchange.fields import GROUP_FIELDS, POINT, STATUS, Fields
from directory.exchange.models import ImportedRecord
from directory.listings.cards import ACCESS, AUDIENCES, NEEDS
from directory.listings.content import content_of, place_of
from directory.listings.models import Location, Organization, Service, Taxonomy, TaxonomyTerm
from directory.listings.queries import WHOLE
from directory.listings.rules import ListingStatus


@dataclass(frozen=True, slots=True)
class Held:
    """A record that we have. `is_untouched` while nobody has changed its listing or its group since the import."""

    id: UUID
    service_id: UUID
    organization_id: UUID
    organization_version: int
    group_key: str
    digest: str
    is_untouched: bool
    has_vanished: bool


@dataclass(frozen=True, slots=True)
class Term:
    """A word of a vocabulary as it is in use."""

    id: UUID
    slug: str


def records_of(session: Session, source_id: UUID) -> dict[str, Held]:
    """Every record of a source, by its key."""
    rows = session.execute(
        select(
            ImportedRecord.record_key,
            ImportedRecord.id,
            ImportedRecord.service_id,
            ImportedRecord.organization_id,
            Organization.version,
            ImportedRecord.group_key,
            ImportedRecord.digest,
            and_(
                ImportedRecord.service_version == Service.version,
                ImportedRecord.organization_version == Organization.version,
            ),
            ImportedRecord.vanished_at.is_not(None),
        )
        .join(Service, Service.id == ImportedRecord.service_id)
        .join(Organization, Organization.id == ImportedRecord.organization_id)
        .where(ImportedRecord.source_id == source_id)
    )
    return {row[0]: Held(*row[1:]) for row in rows}


def records_for_update(session: Session, ids: Sequence[UUID]) -> dict[UUID, ImportedRecord]:
    """The rows of these records, by id."""
    rows = session.scalars(select(ImportedRecord).where(ImportedRecord.id.in_(ids)))
    return {row.id: row for row in rows}


def listings_for_update(session: Session, ids: Sequence[UUID]) -> dict[UUID, Service]:
    """The rows of these listings with all that hangs on them, by id."""
    if not ids:
        return {}
    rows = session.scalars(select(Service).where(Service.id.in_(ids)).options(*WHOLE))
    return {row.id: row for row in rows}


def listings_in(session: Session, organization_id: UUID) -> int:
    """How many listings a group has, of whatever status."""
    return session.scalar(select(func.count()).where(Service.organization_id == organization_id)) or 0


def terms(session: Session) -> dict[tuple[str, str], Term]:
    """Every word of the vocabularies by (vocabulary, slug); a merged one is the one that it went into."""
    rows = session.execute(
        select(Taxonomy.slug, TaxonomyTerm).join(Taxonomy, Taxonomy.id == TaxonomyTerm.taxonomy_id)
    )
    known = {term.id: (taxonomy, term) for taxonomy, term in rows}
    found = {}
    for taxonomy, term in known.values():
        in_use = known[term.merged_into_id][1] if term.merged_into_id in known else term
        found[taxonomy, term.slug] = Term(in_use.id, in_use.slug)
    return found


def current_fields(service: Service) -> Fields:
    """The listing as it stands, in the fields of an import."""
    group, place = service.organization, place_of(service)
    return (
        content_of(service)
        | {name: getattr(group, column) for name, column in GROUP_FIELDS.items()}
        | {POINT: point_of(place) if place else {}, STATUS: _status(service.status)}
    )


def _status(status: ListingStatus) -> str:
    """What a source could say of it: one that is hidden until its group confirms it is not shut."""
    shut = {ListingStatus.PAUSED, ListingStatus.CLOSED}
    return (status if status in shut else ListingStatus.PUBLISHED).value


def point_of(place: Location) -> Mapping[str, float | str]:
    """Where a place is, with the parts that are known."""
    parts = {"lat": place.latitude, "lon": place.longitude, "ward": place.ward_code}
    return {name: value for name, value in parts.items() if value is not None}


def slugs_by_name(session: Session) -> dict[str, str]:
    """Our own slug for what a term is called, by "vocabulary:name" and "vocabulary:slug" in small letters."""
    rows = session.execute(
        select(Taxonomy.slug, TaxonomyTerm.slug, TaxonomyTerm.name)
        .join(Taxonomy, Taxonomy.id == TaxonomyTerm.taxonomy_id)
        .where(Taxonomy.slug.in_(_FIELD_OF))
    )
    found = {}
    for taxonomy, slug, name in rows:
        for said in (slug, " ".join(name.split()).casefold()):
            found[f"{_FIELD_OF[taxonomy]}:{said}"] = slug
    return found


def names_of_needs(session: Session) -> dict[str, str]:
    """What each need in use is called, by its slug."""
    rows = session.execute(
        select(TaxonomyTerm.slug, TaxonomyTerm.name)
        .join(Taxonomy, Taxonomy.id == TaxonomyTerm.taxonomy_id)
        .where(Taxonomy.slug == NEEDS, TaxonomyTerm.merged_into_id.is_(None))
    )
    return dict(rows.all())


_FIELD_OF: Mapping[str, str] = {NEEDS: "needs", AUDIENCES: "audience", ACCESS: "access"}
