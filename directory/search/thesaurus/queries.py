"""The thesaurus in force, and the entries as editors see them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask import current_app
from sqlalchemy import Select, select
from sqlalchemy.orm import Session, aliased

from core.access.rules import Actor, Permission
from core.errors import NotFound
from core.paging import within
from directory.listings.cards import NEEDS
from directory.listings.models import Taxonomy, TaxonomyTerm
from directory.search.thesaurus.models import SynonymRing, SynonymVersion, ThesaurusState
from directory.search.thesaurus.rules import EMPTY, Ring, Thesaurus, mentions

PER_PAGE = 20
MOST_VERSIONS = 20
_KEPT = "search_thesaurus"

Row = tuple[SynonymRing, str | None, str | None, str | None, str | None]


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry on a page. `need_name` is empty where it finds no kind of help."""

    id: UUID
    ring: Ring
    need_name: str
    version: int
    removed: bool
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Entries:
    """One page of entries."""

    shown: tuple[Entry, ...]
    total: int
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class Earlier:
    """How an entry stood after somebody changed it."""

    number: int
    ring: Ring
    need_name: str
    removed: bool
    author: str
    at: datetime


def current(session: Session, token: UUID | None = None) -> Thesaurus:
    """What is in force now. One small question to the database, none where the caller has read the `token` of now;
    all is read again only when something changed."""
    if token is None:
        token = session.scalar(select(ThesaurusState.token).where(ThesaurusState.id == 1))
    kept: tuple[UUID | None, Thesaurus] = current_app.extensions.get(_KEPT, (None, EMPTY))
    if token is None or kept[0] == token:
        return kept[1] if token is not None else EMPTY
    # The token was read before the entries: where they changed between, the next search reads them again.
    rows = session.execute(_rows().where(SynonymRing.removed_at.is_(None)))
    fresh = Thesaurus((_entry(row).ring for row in rows), _needs(session))
    current_app.extensions[_KEPT] = (token, fresh)
    return fresh


def _needs(session: Session) -> dict[str, str]:
    """The needs in use: slug to name."""
    query = (
        select(TaxonomyTerm.slug, TaxonomyTerm.name)
        .join(Taxonomy, Taxonomy.id == TaxonomyTerm.taxonomy_id)
        .where(Taxonomy.slug == NEEDS, TaxonomyTerm.merged_into_id.is_(None))
    )
    return {row.slug: row.name for row in session.execute(query)}


def entries(session: Session, actor: Actor, wanted: str = "", page: int = 1) -> Entries:
    """Entries that mention `wanted`, what was changed last first; those that were taken out come after all others.

    Raises `NotFound` for whoever may not see them.
    """
    actor.must(Permission.MODERATE)
    found = [_entry(row) for row in session.execute(_rows())]
    kept = sorted((one for one in found if mentions(one.ring, wanted)), key=lambda one: one.removed)
    page, pages = within(page, len(kept), PER_PAGE)
    return Entries(tuple(kept[(page - 1) * PER_PAGE : page * PER_PAGE]), len(kept), page, pages)


def entry(session: Session, actor: Actor, ring_id: UUID) -> Entry:
    """One entry. Raises `NotFound`."""
    actor.must(Permission.MODERATE)
    row = session.execute(_rows().where(SynonymRing.id == ring_id)).one_or_none()
    if row is None:
        raise NotFound
    return _entry(row)


def history(session: Session, actor: Actor, ring_id: UUID) -> tuple[Earlier, ...]:
    """How the entry stood after each change, the latest first; at most twenty."""
    actor.must(Permission.MODERATE)
    need = aliased(TaxonomyTerm)
    rows = session.execute(
        select(SynonymVersion, need.slug, need.name)
        .outerjoin(need, need.id == SynonymVersion.need_id)
        .where(SynonymVersion.ring_id == ring_id)
        .order_by(SynonymVersion.number.desc())
        .limit(MOST_VERSIONS)
    )
    return tuple(
        Earlier(
            one.number,
            Ring(tuple(one.same), tuple(one.typed), slug),
            name or "",
            one.removed,
            one.author_name,
            one.at,
        )
        for one, slug, name in rows
    )


def rings(session: Session) -> frozenset[Ring]:
    """Every entry in force."""
    return frozenset(
        _entry(row).ring for row in session.execute(_rows().where(SynonymRing.removed_at.is_(None)))
    )


def ring_for_update(session: Session, actor: Actor, ring_id: UUID) -> SynonymRing:
    """The row, for services. Raises `NotFound`."""
    actor.must(Permission.MODERATE)
    row = session.get(SynonymRing, ring_id)
    if row is None:
        raise NotFound
    return row


def version_of(session: Session, ring_id: UUID, number: int) -> SynonymVersion:
    """The row of how an entry stood. Raises `NotFound`."""
    row = session.scalar(
        select(SynonymVersion).where(SynonymVersion.ring_id == ring_id, SynonymVersion.number == number)
    )
    if row is None:
        raise NotFound
    return row


def _rows() -> Select[SynonymRing, str, str, str, str]:
    """Entries with the need that is in use for theirs, what was changed last first."""
    need, into = aliased(TaxonomyTerm), aliased(TaxonomyTerm)
    return (
        select(SynonymRing, need.slug, need.name, into.slug, into.name)
        .outerjoin(need, need.id == SynonymRing.need_id)
        .outerjoin(into, into.id == need.merged_into_id)
        .order_by(SynonymRing.updated_at.desc(), SynonymRing.id)
    )


def _entry(row: Row) -> Entry:
    one, slug, name, merged_slug, merged_name = row
    return Entry(
        one.id,
        Ring(tuple(one.same), tuple(one.typed), merged_slug or slug),
        merged_name or name or "",
        one.version,
        one.removed_at is not None,
        one.updated_at,
    )
