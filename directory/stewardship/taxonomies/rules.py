"""Vocabularies as others publish them (SKOS in JSON-LD), and what taking one in would change."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from core.errors import Invalid

MOST_CONCEPTS = 20_000
LONGEST_SLUG = 60
LONGEST_NAME = 120
LONGEST_WORDS = 500
LONGEST_URI = 300


@dataclass(frozen=True, slots=True)
class Concept:
    """One word of a published vocabulary; where it says nothing of itself, its name says it. `broader` are the uris of
    wider ones in it."""

    uri: str
    name: str
    description: str
    broader: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Scheme:
    """A published vocabulary; `problems` says what could not be used, each with its place in the file."""

    uri: str
    name: str
    description: str
    concepts: tuple[Concept, ...]
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Held:
    """One word as we hold it."""

    slug: str
    name: str
    description: str
    uri: str
    in_use: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """What taking a scheme in does: new words, words that change, those that stay, and those that the file no longer
    has, which are kept. `slugs` gives every concept's slug by its uri."""

    added: tuple[Concept, ...]
    changed: tuple[Concept, ...]
    same: int
    gone: tuple[str, ...]
    slugs: Mapping[str, str]


def read_skos(data: object) -> Scheme:
    """A SKOS vocabulary in JSON-LD, as OpenActive publishes its activity list. Raises `Invalid`."""
    if not isinstance(data, Mapping):
        raise Invalid("This is not a vocabulary in SKOS JSON-LD: it should be one object.", "file")
    listed = _any(data, "concept", "hasTopConcept", "@graph", "graph")
    if not isinstance(listed, list):
        raise Invalid("This vocabulary has no list of concepts.", "file")
    if len(listed) > MOST_CONCEPTS:
        raise Invalid(f"This vocabulary has more than {MOST_CONCEPTS:,} concepts.", "file")
    concepts: dict[str, Concept] = {}
    problems = []
    for number, item in enumerate(listed, 1):
        concept = _concept(item)
        if concept is None:
            problems.append(f"Concept {number} has no id or no label.")
        elif concept.uri in concepts:
            problems.append(f"Concept {number} ({concept.name}) has the id of another.")
        else:
            concepts[concept.uri] = concept
    if not concepts:
        raise Invalid("None of the concepts has an id and a label.", "file")
    return Scheme(
        uri=_text(_any(data, "id", "@id"))[:LONGEST_URI],
        name=(_text(_any(data, "title", "prefLabel", "name")) or "A vocabulary")[:LONGEST_NAME],
        description=_text(_any(data, "description", "definition"))[:LONGEST_WORDS],
        concepts=tuple(concepts.values()),
        problems=tuple(problems),
    )


def _concept(item: object) -> Concept | None:
    if not isinstance(item, Mapping):
        return None
    uri, name = _text(_any(item, "id", "@id"))[:LONGEST_URI], _text(_any(item, "prefLabel", "name", "label"))
    if not uri or not name:
        return None
    wider = _any(item, "broader", "broaderTransitive")
    wider = wider if isinstance(wider, list) else [wider]
    return Concept(
        uri=uri,
        name=name[:LONGEST_NAME],
        description=_text(_any(item, "definition", "scopeNote", "description"))[:LONGEST_WORDS]
        or name[:LONGEST_NAME],
        broader=tuple(text for one in wider if (text := _text(one)[:LONGEST_URI])),
    )


def _any(item: Mapping[str, Any], *names: str) -> object:
    """The first of these that is there, with or without the prefix of SKOS."""
    for name in names:
        for key in (name, f"skos:{name}", f"dct:{name}"):
            if key in item:
                return item[key]
    return None


def _text(value: object) -> str:
    """A literal, a reference or a language map as its text, English first."""
    if isinstance(value, Mapping):
        value = next((value[key] for key in ("@value", "@id", "id", "en", "en-GB") if key in value), "")
    if isinstance(value, list):
        value = _text(value[0]) if value else ""
    return " ".join(re.sub(r"[\x00-\x1f\ud800-\udfff]", " ", value).split()) if isinstance(value, str) else ""


def slug_of(name: str, taken: Collection[str] = ()) -> str:
    """A short word for addresses, of small letters, digits and dashes, that is not `taken` yet."""
    plain = (
        unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower().replace("&", " and ")
    )
    slug = re.sub(r"[^a-z0-9]+", "-", plain.replace("'", "")).strip("-")[:LONGEST_SLUG].strip("-") or "word"
    number = 2
    wanted = slug
    while wanted in taken:
        wanted = f"{slug[: LONGEST_SLUG - 5]}-{number}"
        number += 1
    return wanted


def plan(scheme: Scheme, held: Iterable[Held]) -> Plan:
    """What taking the scheme in would do to what we hold of it. A word's slug never changes."""
    by_uri = {one.uri: one for one in held if one.uri}
    taken = {one.slug for one in by_uri.values()}
    added, changed, slugs = [], [], {}
    same = 0
    for concept in scheme.concepts:
        known = by_uri.get(concept.uri)
        if known is None:
            slugs[concept.uri] = slug_of(concept.name, taken)
            taken.add(slugs[concept.uri])
            added.append(concept)
            continue
        slugs[concept.uri] = known.slug
        if (known.name, known.description) == (concept.name, concept.description):
            same += 1
        else:
            changed.append(concept)
    there = {concept.uri for concept in scheme.concepts}
    gone = tuple(one.name for uri, one in by_uri.items() if uri not in there and one.in_use)
    return Plan(tuple(added), tuple(changed), same, gone, slugs)
