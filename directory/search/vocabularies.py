"""The words that a search may be narrowed by: the terms of each vocabulary, and the languages that listings name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from directory.listings.models import Language, Service, Taxonomy, TaxonomyTerm
from directory.listings.row_texts import RowTexts
from directory.listings.rules import IN_SEARCH
from directory.search.engine import IndexUnusable
from directory.search.facets import FACETS
from directory.search.rules import Names
from directory.search.thesaurus.models import ThesaurusState
from directory.search.whoosh_engine import WhooshIndex

LANGUAGES = "languages"

_KEPT = "search_languages"
_KEPT_WORDS = "search_vocabularies"

_into = aliased(TaxonomyTerm)
_TERMS = RowTexts(
    TaxonomyTerm.position,
    Taxonomy.slug.label("taxonomy"),
    TaxonomyTerm.slug,
    TaxonomyTerm.name,
    TaxonomyTerm.description,
    _into.slug.label("merged_into"),
    TaxonomyTerm.retired_at.is_not(None).label("retired"),
)
# What every search asks the database before all else, at once.
_IN_FORCE = select(
    _TERMS.select()
    .select_from(TaxonomyTerm)
    .join(Taxonomy, Taxonomy.id == TaxonomyTerm.taxonomy_id)
    .outerjoin(_into, _into.id == TaxonomyTerm.merged_into_id)
    .scalar_subquery()
    .label("terms"),
    select(ThesaurusState.token).where(ThesaurusState.id == 1).scalar_subquery().label("token"),
)


@dataclass(frozen=True, slots=True)
class Word:
    """A term in use: its value in an address, and what people read."""

    slug: str
    name: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class Vocabularies:
    """By facet: the words in their order; every value that there ever was with the one in use, empty where none is;
    value to name.

    `token` says which thesaurus was in force when they were read (`thesaurus.queries.current`).
    """

    words: Mapping[str, tuple[Word, ...]]
    known: Mapping[str, Mapping[str, str]]
    names: Names
    token: UUID | None


def vocabularies(session: Session) -> Vocabularies:
    """Those of every facet that has one. One query: they are only put together anew when it gives something else."""
    session.flush()
    terms, token = session.connection().execute(_IN_FORCE).one()
    key = (terms, token, _languages(session))
    kept: tuple[object, Vocabularies] | None = current_app.extensions.get(_KEPT_WORDS)
    if kept is None or kept[0] != key:
        kept = current_app.extensions[_KEPT_WORDS] = (key, _put_together(*key))
    return kept[1]


def _put_together(terms: str | None, token: UUID | None, languages: tuple[Word, ...]) -> Vocabularies:
    rows = _TERMS.read(terms)
    words: dict[str, tuple[Word, ...]] = {}
    known: dict[str, dict[str, str]] = {}
    for facet in FACETS:
        if facet.vocabulary == LANGUAGES:
            words[facet.name] = languages
            known[facet.name] = {word.slug: word.slug for word in languages}
        elif facet.vocabulary:
            own = [row for row in rows if row.taxonomy == facet.vocabulary]
            words[facet.name] = tuple(
                Word(row.slug, row.name, row.description)
                for row in own
                if row.merged_into is None and not row.retired
            )
            known[facet.name] = {
                row.slug: row.merged_into or ("" if row.retired else row.slug) for row in own
            }
    names = {facet: {word.slug: word.name for word in held} for facet, held in words.items()}
    return Vocabularies(words, known, names, token)


def _languages(session: Session) -> tuple[Word, ...]:
    """As `_read_languages`; read again only when the index has changed, as all listings are gone through for it."""
    index: WhooshIndex = current_app.extensions["search_index"]
    try:
        generation = index.store.generation()
    except IndexUnusable:
        return _read_languages(session)
    kept: tuple[str, tuple[Word, ...]] = current_app.extensions.get(_KEPT, ("", ()))
    if kept[0] != generation:
        kept = current_app.extensions[_KEPT] = (generation, _read_languages(session))
    return kept[1]


def _read_languages(session: Session) -> tuple[Word, ...]:
    """The languages of what the public may find, in the order of the alphabet; each once, however it is written."""
    query = (
        select(Language.name)
        .join(Service, Service.id == Language.service_id)
        .where(Service.status.in_(IN_SEARCH))
        .distinct()
    )
    by_slug = {name.casefold(): name for name in sorted(session.scalars(query))}
    return tuple(Word(slug, by_slug[slug]) for slug in sorted(by_slug))
