"""Reading vocabularies for whoever keeps them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from core.access.rules import Actor, Permission
from core.errors import NotFound
from core.paging import within
from directory.listings.content import in_use
from directory.listings.models import Attribute, Taxonomy, TaxonomyTerm
from directory.stewardship.taxonomies.models import Closeness, TermMapping

PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class VocabularyLine:
    """One vocabulary, with how many words in use it has."""

    slug: str
    name: str
    description: str
    words: int


@dataclass(frozen=True, slots=True)
class TermLine:
    """One word: how many listings and places carry it, and where it went, if it is not in use any more."""

    slug: str
    name: str
    description: str
    used: int
    parent: str
    went: str


@dataclass(frozen=True, slots=True)
class VocabularyPage:
    """A page of one vocabulary's words."""

    slug: str
    name: str
    description: str
    loaded_from: str
    terms: tuple[TermLine, ...]
    total: int
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class MappingLine:
    """How a word stands to one of another vocabulary."""

    id: UUID
    closeness: Closeness
    name: str
    vocabulary: str


@dataclass(frozen=True, slots=True)
class TermPage:
    """One word, for changing it."""

    id: UUID
    vocabulary: str
    vocabulary_name: str
    line: TermLine
    in_use: bool
    mappings: tuple[MappingLine, ...]


def all_vocabularies(session: Session, actor: Actor) -> tuple[VocabularyLine, ...]:
    """Every vocabulary, by name. Raises `NotFound` for all but editors."""
    refuse_others(actor)
    rows = session.execute(
        select(Taxonomy.slug, Taxonomy.name, Taxonomy.description, func.count(TaxonomyTerm.id))
        .outerjoin(TaxonomyTerm, (TaxonomyTerm.taxonomy_id == Taxonomy.id) & in_use())
        .group_by(Taxonomy.id, Taxonomy.slug, Taxonomy.name, Taxonomy.description)
        .order_by(Taxonomy.name)
    )
    return tuple(VocabularyLine(slug, name, about, count) for slug, name, about, count in rows)


def count(session: Session) -> int:
    """How many vocabularies there are."""
    return session.scalar(select(func.count()).select_from(Taxonomy)) or 0


def vocabulary_page(
    session: Session, actor: Actor, slug: str, words: str = "", page: int = 1
) -> VocabularyPage:
    """A page of a vocabulary's words, those that hold `words` where any are given. Raises `NotFound`."""
    refuse_others(actor)
    taxonomy = vocabulary(session, slug)
    asked = select(TaxonomyTerm).where(TaxonomyTerm.taxonomy_id == taxonomy.id)
    if words.strip():
        asked = asked.where(TaxonomyTerm.name.icontains(words.strip()[:100], autoescape=True))
    total = session.scalar(select(func.count()).select_from(asked.subquery())) or 0
    page, pages = within(page, total, PAGE_SIZE)
    rows = session.scalars(
        asked.order_by(TaxonomyTerm.position, TaxonomyTerm.name, TaxonomyTerm.slug)
        .limit(PAGE_SIZE)
        .offset((page - 1) * PAGE_SIZE)
    ).all()
    return VocabularyPage(
        slug=taxonomy.slug,
        name=taxonomy.name,
        description=taxonomy.description,
        loaded_from=taxonomy.uri or "",
        terms=tuple(_lines(session, rows)),
        total=total,
        page=page,
        pages=pages,
    )


def term_page(session: Session, actor: Actor, vocabulary_slug: str, term_slug: str) -> TermPage:
    """One word with its mappings. Raises `NotFound`."""
    refuse_others(actor)
    taxonomy = vocabulary(session, vocabulary_slug)
    row = term(session, taxonomy, term_slug)
    other = aliased(TaxonomyTerm)
    mapped = session.execute(
        select(TermMapping.id, TermMapping.closeness, other.name, Taxonomy.name)
        .join(other, other.id == TermMapping.other_id)
        .join(Taxonomy, Taxonomy.id == other.taxonomy_id)
        .where(TermMapping.term_id == row.id)
        .order_by(Taxonomy.name, other.name)
    )
    return TermPage(
        id=row.id,
        vocabulary=taxonomy.slug,
        vocabulary_name=taxonomy.name,
        line=_lines(session, [row])[0],
        in_use=row.merged_into_id is None and row.retired_at is None,
        mappings=tuple(MappingLine(one, how, name, where) for one, how, name, where in mapped),
    )


def vocabulary(session: Session, slug: str) -> Taxonomy:
    """The row. Raises `NotFound`."""
    row = session.scalar(select(Taxonomy).where(Taxonomy.slug == slug))
    if row is None:
        raise NotFound
    return row


def term(session: Session, taxonomy: Taxonomy, slug: str) -> TaxonomyTerm:
    """The row. Raises `NotFound`."""
    row = session.scalar(
        select(TaxonomyTerm).where(TaxonomyTerm.taxonomy_id == taxonomy.id, TaxonomyTerm.slug == slug)
    )
    if row is None:
        raise NotFound
    return row


def named(session: Session, text: str, taxonomy: Taxonomy | None = None) -> Sequence[TaxonomyTerm]:
    """The words in use whose slug or name is this text, in one vocabulary or in all."""
    plain = text.strip().casefold()
    asked = select(TaxonomyTerm).where(
        in_use(), (func.lower(TaxonomyTerm.name) == plain) | (TaxonomyTerm.slug == plain)
    )
    if taxonomy is not None:
        asked = asked.where(TaxonomyTerm.taxonomy_id == taxonomy.id)
    return session.scalars(asked.order_by(TaxonomyTerm.id).limit(5)).all()


def refuse_others(actor: Actor) -> None:
    """Raise `NotFound` for all but editors."""
    actor.must(Permission.MODERATE)


def _lines(session: Session, rows: Sequence[TaxonomyTerm]) -> list[TermLine]:
    counts = session.execute(
        select(Attribute.term_id, func.count())
        .where(Attribute.term_id.in_([row.id for row in rows]))
        .group_by(Attribute.term_id)
    )
    used: dict[UUID, int] = dict(counts.all())
    beside = {row.parent_id for row in rows} | {row.merged_into_id for row in rows}
    found = session.execute(
        select(TaxonomyTerm.id, TaxonomyTerm.name).where(TaxonomyTerm.id.in_(beside - {None}))
    )
    names: dict[UUID | None, str] = dict(found.all())
    return [
        TermLine(
            slug=row.slug,
            name=row.name,
            description=row.description,
            used=used.get(row.id, 0),
            parent=names.get(row.parent_id, ""),
            went=f"Merged into {names.get(row.merged_into_id, '')}"
            if row.merged_into_id
            else ("Retired" if row.retired_at else ""),
        )
        for row in rows
    ]
