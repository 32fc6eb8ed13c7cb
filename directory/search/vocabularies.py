"""The words that a search may be narrowed by: the terms of each vocabulary, and the languages that listings name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from directory.listings.models import Language, Service, Taxonomy, TaxonomyTerm
from directory.listings.rules import IN_SEARCH
from directory.search.engine import IndexUnusable
from directory.search.facets import FACETS
from directory.search.rules import Names
from directory.search.whoosh_engine import WhooshIndex

LANGUAGES = "languages"

_KEPT = "search_languages"
_KEPT_WORDS = "search_vocabularies"

_into = aliased(TaxonomyTerm)
_TERMS = (
    select(
        Taxonomy.slug,
        TaxonomyTerm.slug,
        TaxonomyTerm.name,
        TaxonomyTerm.description,
        _into.slug,
        TaxonomyTerm.retired_at,
    )
    .join(Taxonomy, Taxonomy.id == TaxonomyTerm.taxonomy_id)
    .outerjoin(_into, _into.id == TaxonomyTerm.merged_into_id)
    .order_by(TaxonomyTerm.position)
)
# A row of it: the vocabulary, the term's value, name and description, the value of the term that it went into, and when
# it was retired.
_Term = tuple[str, str, str, str, str | None, datetime | None]


@dataclass(frozen=True, slots=True)
class Word:
    """A term in use: its value in an address, and what people read."""

    slug: str
    name: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class Vocabularies:
    """By facet: the words in their order; every value that there ever was with the one in use, empty where none is;
    value to name."""

    words: Mapping[str, tuple[Word, ...]]
    known: Mapping[str, Mapping[str, str]]
    names: Names


def vocabularies(session: Session) -> Vocabularies:
    """Those of every facet that has one. One query: they are only put together anew when it gives something else."""
    terms = tuple((*row,) for row in session.connection().execute(_TERMS))
    languages = _languages(session)
    kept: tuple[object, Vocabularies] | None = current_app.extensions.get(_KEPT_WORDS)
    if kept is None or kept[0] != (terms, languages):
        kept = current_app.extensions[_KEPT_WORDS] = ((terms, languages), _put_together(terms, languages))
    return kept[1]


def _put_together(terms: Sequence[_Term], languages: tuple[Word, ...]) -> Vocabularies:
    words: dict[str, tuple[Word, ...]] = {}
    known: dict[str, dict[str, str]] = {}
    for facet in FACETS:
        if facet.vocabulary == LANGUAGES:
            words[facet.name] = languages
            known[facet.name] = {word.slug: word.slug for word in languages}
        elif facet.vocabulary:
            own = [row for row in terms if row[0] == facet.vocabulary]
            words[facet.name] = tuple(
                Word(slug, name, description)
                for _, slug, name, description, merged, retired in own
                if merged is None and retired is None
            )
            known[facet.name] = {
                slug: merged or ("" if retired else slug) for _, slug, _, _, merged, retired in own
            }
    names = {facet: {word.slug: word.name for word in held} for facet, held in words.items()}
    return Vocabularies(words, known, names)


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
