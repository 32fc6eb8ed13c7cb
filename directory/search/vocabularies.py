"""The words that a search may be narrowed by: the terms of each vocabulary, and the languages that listings name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True)
class Word:
    """A term in use: its value in an address, and what people read."""

    slug: str
    name: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class Vocabularies:
    """By facet: the words in their order, and every value that there ever was with the one in use."""

    words: Mapping[str, tuple[Word, ...]]
    known: Mapping[str, Mapping[str, str]]

    @property
    def names(self) -> Names:
        """By facet: value to name."""
        return {facet: {word.slug: word.name for word in words} for facet, words in self.words.items()}


def vocabularies(session: Session) -> Vocabularies:
    """Those of every facet that has one. Two queries."""
    into = aliased(TaxonomyTerm)
    query = (
        select(Taxonomy.slug, TaxonomyTerm.slug, TaxonomyTerm.name, TaxonomyTerm.description, into.slug)
        .join(Taxonomy, Taxonomy.id == TaxonomyTerm.taxonomy_id)
        .outerjoin(into, into.id == TaxonomyTerm.merged_into_id)
        .where(TaxonomyTerm.retired_at.is_(None))
        .order_by(TaxonomyTerm.position)
    )
    terms: list[tuple[str, str, str, str, str | None]] = [(*row,) for row in session.execute(query)]
    words: dict[str, tuple[Word, ...]] = {}
    known: dict[str, dict[str, str]] = {}
    for facet in FACETS:
        if facet.vocabulary == LANGUAGES:
            words[facet.name] = _languages(session)
            known[facet.name] = {word.slug: word.slug for word in words[facet.name]}
        elif facet.vocabulary:
            own = [row for row in terms if row[0] == facet.vocabulary]
            words[facet.name] = tuple(
                Word(slug, name, description) for _, slug, name, description, merged in own if merged is None
            )
            known[facet.name] = {slug: merged or slug for _, slug, _, _, merged in own}
    return Vocabularies(words, known)


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
