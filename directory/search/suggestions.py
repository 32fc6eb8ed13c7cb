"""What somebody may mean who has typed a few letters: a kind of help, a word, an activity, a group, a place.

Only what the public may see is offered, and never a person.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlencode
from uuid import UUID

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from core.db import among
from core.geography import queries as geography
from directory.listings.models import Organization, Service
from directory.listings.rules import IN_SEARCH
from directory.search.beginnings import ACTIVITIES, GROUPS, flat
from directory.search.engine import IndexUnusable
from directory.search.queries import index
from directory.search.rules import readable
from directory.search.thesaurus import queries as thesaurus
from directory.search.thesaurus.rules import key_of
from directory.search.vocabularies import Word, vocabularies
from directory.search.words import compared, is_need, need_token, plain_words, stem_of

LONGEST = 60
SHORTEST = 2
MOST = 8
MOST_WORDS, MOST_OF_A_KIND = 3, 3
MOST_LOOKED_AT = 12

# The status is looked at below: asked for here, SQLite goes through all that is published.
_BY_ID = (
    select(
        Service.id,
        Service.status,
        Service.name,
        Organization.id.label("group_id"),
        Organization.name.label("group"),
    )
    .join(Organization, Organization.id == Service.organization_id)
    .where(among(Service.id, "ids"))
)


class Kind(StrEnum):
    """What is offered, as people read it."""

    NEED = "Kind of help"
    WORD = "Search"
    ACTIVITY = "Activity"
    GROUP = "Group"
    PLACE = "Near"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One thing to choose, and the address it leads to."""

    text: str
    kind: Kind
    path: str


def suggest(session: Session, typed: str) -> tuple[Suggestion, ...]:
    """At most eight things that begin with what was typed, each once; nothing for fewer than two letters."""
    text = " ".join(readable(typed, LONGEST).split())
    if len("".join(plain_words(text))) < SHORTEST:
        return ()
    kinds = (
        _needs(session, text),
        _words(text),
        _named(session, text),
        _places(session, text),
    )
    found = {(one.kind, one.text.casefold()): one for kind in kinds for one in kind}
    return tuple(found.values())[:MOST]


def _needs(session: Session, text: str) -> Iterator[Suggestion]:
    """Kinds of help whose name has a word that begins so, or that a known word stands for."""
    known = vocabularies(session)
    meant = thesaurus.current(session, known.token).others(key_of(text))
    begun = " ".join(plain_words(text))

    def fits(word: Word) -> bool:
        name = f" {' '.join(plain_words(word.name))}"
        return f" {begun}" in name or need_token(word.slug) in meant

    for word in [word for word in known.words["need"] if fits(word)][:MOST_OF_A_KIND]:
        yield Suggestion(word.name, Kind.NEED, f"/search?{urlencode({'need': word.slug})}")


def _words(text: str) -> Iterator[Suggestion]:
    """Words that listings use, in place of the last one that was begun; those used most come first.

    Of the forms of one word, "walks" and "walking", "long" and "longest", the one used most stands for the others.
    """
    *before, last = text.casefold().split()
    if not last.isalpha():
        return
    try:
        lexicons = index().lexicons()
        begun = sorted(lexicons.beginning(last, 60), key=lambda word: -lexicons.frequency(word))
    except IndexUnusable:
        return
    plain = compared(begun)
    stems = {word: stem_of(plain.get(word, word)) for word in begun if not is_need(word)}
    forms = {stem: word for word, stem in reversed(stems.items())}
    for word in [word for word, stem in stems.items() if forms[stem] == word][:MOST_WORDS]:
        phrase = " ".join((*before, word))
        yield Suggestion(phrase, Kind.WORD, f"/search?{urlencode({'q': phrase})}")


def _named(session: Session, text: str) -> Iterator[Suggestion]:
    """Activities, then groups that have something to find, of whose name a word begins so.

    The index says which; what it names wrongly is left out by what the database says now.
    """
    begun = flat(text)
    by_kind = _begun(session, text, begun)
    rows = session.execute(_BY_ID, {"ids": {one for ids in by_kind.values() for one in ids}})
    held = {row.id: row for row in rows if row.status in IN_SEARCH}
    activities = [held[one] for one in by_kind[ACTIVITIES] if one in held]
    groups = [held[one] for one in by_kind[GROUPS] if one in held]
    told = [Suggestion(row.name, Kind.ACTIVITY, f"/activities/{row.id}") for row in activities]
    told += [Suggestion(row.group, Kind.GROUP, f"/groups/{row.group_id}") for row in groups]
    fit = [one for one in told if f" {begun}" in f" {flat(one.text)}"]
    for kind in (Kind.ACTIVITY, Kind.GROUP):
        yield from [one for one in fit if one.kind is kind][:MOST_OF_A_KIND]


def _begun(session: Session, text: str, begun: str) -> dict[str, list[UUID]]:
    """For each kind of name, a listing for each of the first of which a word begins so; from the database where there
    is no sound index. There may be some that are not public any more: so more than are shown."""
    try:
        snapshot = index().sound()
    except IndexUnusable:
        return {
            kind: list(session.scalars(query.limit(MOST_LOOKED_AT)))
            for kind, query in ((ACTIVITIES, _activities(text)), (GROUPS, _groups(text)))
        }
    return {kind: snapshot.named(kind, begun, MOST_LOOKED_AT) for kind in (ACTIVITIES, GROUPS)}


def _activities(text: str) -> Select[UUID]:
    begins = _begins(Service.name, text)
    return select(Service.id).where(Service.status.in_(IN_SEARCH), begins).order_by(Service.name, Service.id)


def _groups(text: str) -> Select[UUID]:
    """One public listing of each group."""
    offered = (
        select(Service.id)
        .where(Service.organization_id == Organization.id, Service.status.in_(IN_SEARCH))
        .order_by(Service.id)
        .limit(1)
        .correlate(Organization)
        .scalar_subquery()
    )
    begins = _begins(Organization.name, text)
    return select(offered).where(begins, offered.is_not(None)).order_by(Organization.name, Organization.id)


def _places(session: Session, text: str) -> Iterator[Suggestion]:
    """Towns; where a group meets is not offered, as some places are kept private."""
    begun = text.casefold()
    for town in [town for town in geography.towns(session) if town.casefold().startswith(begun)][
        :MOST_OF_A_KIND
    ]:
        yield Suggestion(town, Kind.PLACE, f"/search?{urlencode({'postcode': town})}")


def _begins(name: InstrumentedAttribute[str], text: str) -> ColumnElement[bool]:
    """Whether a word of the name begins so."""
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return or_(name.ilike(f"{escaped}%", escape="\\"), name.ilike(f"% {escaped}%", escape="\\"))
