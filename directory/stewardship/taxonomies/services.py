"""Keeping vocabularies: add, rename, merge, retire, map, and take in what others publish. Slugs never change."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from core import clock
from core.access.rules import Actor
from core.audit import services as audit
from core.errors import Invalid, NotFound, Refused
from directory.listings.models import Attribute, Service, ServiceAtLocation, Taxonomy, TaxonomyTerm
from directory.listings.services import index
from directory.stewardship.taxonomies.models import Closeness, TermMapping
from directory.stewardship.taxonomies.queries import named, refuse_others, term, vocabulary
from directory.stewardship.taxonomies.rules import (
    LONGEST_NAME,
    LONGEST_WORDS,
    Concept,
    Held,
    Plan,
    Scheme,
    plan,
    slug_of,
)


def add(session: Session, actor: Actor, vocabulary_slug: str, name: str, description: str) -> str:
    """Add a word at the end of a vocabulary; gives its slug. Raises `NotFound` and `Invalid`."""
    refuse_others(actor)
    taxonomy = vocabulary(session, vocabulary_slug)
    name = _name(session, taxonomy, name)
    taken = session.scalars(select(TaxonomyTerm.slug).where(TaxonomyTerm.taxonomy_id == taxonomy.id)).all()
    last = session.scalar(
        select(func.max(TaxonomyTerm.position)).where(TaxonomyTerm.taxonomy_id == taxonomy.id)
    )
    row = TaxonomyTerm(
        taxonomy_id=taxonomy.id,
        slug=slug_of(name, set(taken)),
        name=name,
        description=_about(description) or name,
        position=(last or 0) + 1,
    )
    session.add(row)
    session.flush()
    _note(session, actor, "add", row)
    return row.slug


def rename(
    session: Session, actor: Actor, vocabulary_slug: str, slug: str, name: str, description: str
) -> None:
    """Call a word something else; its address stays. Raises `NotFound` and `Invalid`."""
    row = _in_use(session, actor, vocabulary_slug, slug)
    row.name = _name(session, row.taxonomy, name, but=row)
    row.description = _about(description) or row.name
    _note(session, actor, "rename", row)
    _index_all(session, row)


def merge(session: Session, actor: Actor, vocabulary_slug: str, slug: str, into: str) -> None:
    """Make a word part of another of the same vocabulary: what carried it carries that one, its address leads there.

    Raises `NotFound`, and `Invalid` where `into` (a name or a slug) names no other word in use.
    """
    row = _in_use(session, actor, vocabulary_slug, slug)
    targets = [one for one in named(session, into, row.taxonomy) if one.id != row.id]
    if not targets:
        raise Invalid("Write the name of another word of this vocabulary.", "into")
    target = targets[0]
    _index_all(session, row)
    _carry_over(session, row, target)
    # One step is all that anybody has to follow.
    session.execute(
        update(TaxonomyTerm).where(TaxonomyTerm.merged_into_id == row.id).values(merged_into_id=target.id)
    )
    session.execute(update(TaxonomyTerm).where(TaxonomyTerm.parent_id == row.id).values(parent_id=target.id))
    row.merged_into_id = target.id
    _note(session, actor, "merge", row, into=target.slug)


def _carry_over(session: Session, row: TaxonomyTerm, target: TaxonomyTerm) -> None:
    held = session.scalars(select(Attribute).where(Attribute.term_id == row.id)).all()
    there = {
        (one.service_id, one.location_id)
        for one in session.scalars(select(Attribute).where(Attribute.term_id == target.id))
    }
    for one in held:
        if (one.service_id, one.location_id) in there:
            session.delete(one)
        else:
            one.term_id = target.id
    session.flush()


def retire(session: Session, actor: Actor, vocabulary_slug: str, slug: str, into: str = "") -> None:
    """Offer a word no more. With `into` (a name or a slug) its address leads to that word, as when they are merged.

    Raises `NotFound`, `Invalid` as `merge`, and `Refused` while anything carries it and nothing stands in its stead.
    """
    if into.strip():
        merge(session, actor, vocabulary_slug, slug, into)
        return
    row = _in_use(session, actor, vocabulary_slug, slug)
    used = session.scalar(select(func.count()).where(Attribute.term_id == row.id)) or 0
    if used:
        raise Refused(
            f"“{row.name}” is used {used} times. Merge it into another word, so that nothing is lost."
        )
    row.retired_at = clock.now()
    _note(session, actor, "retire", row)


def bring_back(session: Session, actor: Actor, vocabulary_slug: str, slug: str) -> None:
    """Offer a retired word again. Raises `NotFound`."""
    refuse_others(actor)
    row = term(session, vocabulary(session, vocabulary_slug), slug)
    if row.retired_at is None:
        raise NotFound
    row.retired_at = None
    _note(session, actor, "bring-back", row)


def map_to(
    session: Session, actor: Actor, vocabulary_slug: str, slug: str, other: str, closeness: Closeness
) -> None:
    """Say how a word stands to one of another vocabulary, by its name or slug. Raises `NotFound` and `Invalid`."""
    row = _in_use(session, actor, vocabulary_slug, slug)
    others = [one for one in named(session, other) if one.taxonomy_id != row.taxonomy_id]
    if not others:
        raise Invalid("Write the name of a word of another vocabulary.", "other")
    if len(others) > 1:
        where = ", ".join(f"{one.taxonomy.name}: {one.slug}" for one in others)
        raise Invalid(
            f"More than one vocabulary has that word. Write its address instead ({where}).", "other"
        )
    held = session.scalar(
        select(TermMapping).where(TermMapping.term_id == row.id, TermMapping.other_id == others[0].id)
    )
    if held is None:
        session.add(TermMapping(term_id=row.id, other_id=others[0].id, closeness=closeness))
    else:
        held.closeness = closeness
    _note(session, actor, "map", row, other=others[0].slug, closeness=closeness.value)


def unmap(session: Session, actor: Actor, vocabulary_slug: str, slug: str, mapping_id: UUID) -> None:
    """Take a mapping out. Raises `NotFound`."""
    row = _in_use(session, actor, vocabulary_slug, slug)
    held = session.get(TermMapping, mapping_id)
    if held is None or held.term_id != row.id:
        raise NotFound
    session.delete(held)
    _note(session, actor, "unmap", row)


def load(session: Session, actor: Actor, scheme: Scheme, *, dry_run: bool) -> Plan:
    """Take a published vocabulary in, or only say what that would do. A second time changes nothing.

    Raises `NotFound` for all but editors and the system.
    """
    if actor.kind != "system":
        refuse_others(actor)
    taxonomy = session.scalar(select(Taxonomy).where(Taxonomy.uri == scheme.uri)) if scheme.uri else None
    rows = (
        session.scalars(select(TaxonomyTerm).where(TaxonomyTerm.taxonomy_id == taxonomy.id)).all()
        if taxonomy
        else []
    )
    held = [
        Held(row.slug, row.name, row.description, row.uri or "", not (row.merged_into_id or row.retired_at))
        for row in rows
    ]
    made = plan(scheme, held)
    if not dry_run:
        if taxonomy is None:
            taken = session.scalars(select(Taxonomy.slug)).all()
            taxonomy = Taxonomy(
                slug=slug_of(scheme.name, set(taken)),
                name=scheme.name,
                description=scheme.description or scheme.name,
                uri=scheme.uri or None,
            )
            session.add(taxonomy)
            session.flush()
        _take_in(session, taxonomy, scheme, made, {row.uri: row for row in rows if row.uri})
        audit.record(
            session,
            actor,
            "vocabulary.load",
            "taxonomy",
            taxonomy.id,
            added=len(made.added),
            changed=len(made.changed),
        )
    return made


def _take_in(
    session: Session, taxonomy: Taxonomy, scheme: Scheme, made: Plan, rows: dict[str, TaxonomyTerm]
) -> None:
    for position, concept in enumerate(scheme.concepts, 1):
        row = rows.get(concept.uri)
        if row is None:
            row = TaxonomyTerm(taxonomy_id=taxonomy.id, slug=made.slugs[concept.uri], uri=concept.uri)
            rows[concept.uri] = row
        row.name, row.description, row.position = concept.name, concept.description, position
        session.add(row)
    session.flush()
    for concept in scheme.concepts:
        rows[concept.uri].parent_id = _parent(concept, rows)
    session.flush()


def _parent(concept: Concept, rows: dict[str, TaxonomyTerm]) -> UUID | None:
    wider = next((rows[uri] for uri in concept.broader if uri in rows and uri != concept.uri), None)
    return wider.id if wider else None


def _in_use(session: Session, actor: Actor, vocabulary_slug: str, slug: str) -> TaxonomyTerm:
    refuse_others(actor)
    row = term(session, vocabulary(session, vocabulary_slug), slug)
    if row.merged_into_id is not None or row.retired_at is not None:
        raise Refused(f"“{row.name}” is not in use any more.")
    return row


def _name(session: Session, taxonomy: Taxonomy, name: str, but: TaxonomyTerm | None = None) -> str:
    plain = " ".join(name.split())
    if not plain or len(plain) > LONGEST_NAME:
        raise Invalid(f"Write a name of 1 to {LONGEST_NAME} letters.", "name")
    if any(but is None or one.id != but.id for one in named(session, plain, taxonomy)):
        raise Invalid("This vocabulary has that word already.", "name")
    return plain


def _about(text: str) -> str:
    plain = " ".join(text.split())
    if len(plain) > LONGEST_WORDS:
        raise Invalid(f"Keep this to {LONGEST_WORDS} letters or fewer.", "description")
    return plain


def _index_all(session: Session, row: TaxonomyTerm) -> None:
    """Have search read every listing again that carries the word, itself or by its place."""
    own = select(Attribute.service_id).where(Attribute.term_id == row.id, Attribute.service_id.is_not(None))
    places = select(Attribute.location_id).where(
        Attribute.term_id == row.id, Attribute.location_id.is_not(None)
    )
    by_place = select(ServiceAtLocation.service_id).where(ServiceAtLocation.location_id.in_(places))
    for one in session.scalars(
        select(Service.id).where(Service.id.in_(own) | Service.id.in_(by_place))
    ).all():
        index(session, one)


def _note(session: Session, actor: Actor, what: str, row: TaxonomyTerm, **detail: str) -> None:
    audit.record(session, actor, f"vocabulary.{what}", "term", row.id, slug=row.slug, **detail)
