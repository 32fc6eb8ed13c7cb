"""Counting what people looked for, and writing down what is not there."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from core import clock
from core.access.rules import Actor, Permission
from core.audit import services as audit
from core.db import blind_index, hold
from core.errors import Invalid, NotFound
from core.events import publish
from core.geography.queries import ward_names
from directory.insight import rules
from directory.insight.buffer import Noted
from directory.insight.events import GapHeard, GapSeen
from directory.insight.models import SearchCount, SearchedWords, SearchGap, SearchMark, SearchSalt
from directory.insight.rules import Kind, Outcome, Trace
from directory.search.thesaurus import queries as thesaurus
from directory.search.thesaurus.rules import Thesaurus
from directory.search.vocabularies import vocabularies


@dataclass(frozen=True, slots=True)
class _Cell:
    kind: Kind
    key: str
    ward_code: str


def key_of(words: str) -> str:
    """What words are counted under: nobody without the service's key can tell them from it. 32 hex digits."""
    return blind_index("searched-words", rules.alike(words))[:32]


def keep(session: Session, noted: Sequence[Noted]) -> None:
    """Count searches: each asker once a day for each thing. What was needed to do so goes with the day."""
    hold(session, "search-insight")
    _forget_days_before(session, clock.today())
    known = thesaurus.current(session)
    salts = {day: _salt(session, day) for day in {one.day for one in noted}}
    fresh: dict[str, tuple[Noted, _Cell]] = {}
    for one in noted:
        for cell in _cells(one, known):
            made = rules.mark(salts[one.day], one.asker, cell.kind, cell.key, cell.ward_code)
            fresh.setdefault(made, (one, cell))
    for made in _marked(session, fresh):
        del fresh[made]
    for made, (one, cell) in fresh.items():
        session.add(SearchMark(mark=made, day=one.day))
        row = _row(session, cell, one.day)
        row.people += 1
        row.found_nothing += one.outcome is Outcome.NOTHING
        row.found_few += one.outcome is Outcome.FEW
    for one in noted:
        _follow(session, one)
    session.flush()
    _name_words(session, {key_of(one.words): one.words for one in noted if one.words})


def hear_gap(session: Session, gap: GapHeard) -> None:
    """Count a gap that somebody's link worker wrote down: of the borough, and of the ward where it is known."""
    for ward_code in {"", gap.ward_code or ""}:
        _row(session, _Cell(Kind.GAP, gap.need_slug, ward_code), clock.today()).people += 1


def record_gap(session: Session, actor: Actor, need_slug: str, ward_code: str, words: str) -> None:
    """Write down that people look for something which is not there. Raises `NotFound` for whoever may not, and
    `Invalid`."""
    if not actor.can(Permission.SEE_SEARCHES) or actor.account_id is None:
        raise NotFound
    if need_slug not in {word.slug for word in vocabularies(session).words["need"]}:
        raise Invalid("Choose the kind of help that is missing.", "need")
    if ward_code and ward_code not in ward_names(session, [ward_code]):
        raise Invalid("Choose a ward from the list, or all of the borough.", "ward")
    row = SearchGap(
        need_slug=need_slug,
        ward_code=ward_code or None,
        words=rules.words_to_keep(words),
        author_id=actor.account_id,
    )
    session.add(row)
    session.flush()
    audit.record(session, actor, "search-gap.record", "search-gap", row.id, need=need_slug)
    publish(session, GapSeen(need_slug, row.ward_code))


def forget_old(session: Session) -> None:
    """Drop marks of days that are over, counts of more than a year ago, and words that none of these is about."""
    _forget_days_before(session, clock.today())
    oldest = rules.week_of(clock.today()) - timedelta(weeks=rules.KEEP_WEEKS)
    session.execute(delete(SearchCount).where(SearchCount.week < oldest))
    counted = select(SearchCount.key).where(SearchCount.kind == Kind.WORDS)
    session.execute(delete(SearchedWords).where(SearchedWords.key.not_in(counted)))


def _cells(one: Noted, known: Thesaurus) -> Iterator[_Cell]:
    things = [(Kind.NEED, slug) for slug in dict.fromkeys((*one.needs, *rules.needs_meant(one.words, known)))]
    if one.words:
        things.append((Kind.WORDS, key_of(one.words)))
    for kind, key in things:
        for ward_code in dict.fromkeys(("", one.ward_code)):
            yield _Cell(kind, key, ward_code)


def _follow(session: Session, one: Noted) -> None:
    """Whoever changed a search and got little again has given up, until they search once more."""
    if one.after is None:
        return
    if one.words and one.outcome is not Outcome.ENOUGH:
        _row(session, _Cell(Kind.WORDS, key_of(one.words), ""), one.day).gave_up += 1
    if one.after.step and one.after.short:
        row = _row(session, _Cell(Kind.WORDS, one.after.key, ""), one.day)
        row.gave_up = max(0, row.gave_up - 1)


def trace_of(words: str, after: Trace | None, outcome: Outcome) -> Trace | None:
    """What the form on the page of results carries to the next search; None where nothing may be remembered."""
    if not words:
        return None
    step = min(after.step + 1, rules.MOST_STEPS) if after else 0
    return Trace(key_of(words), step, outcome is not Outcome.ENOUGH)


def _row(session: Session, cell: _Cell, day: date) -> SearchCount:
    week = rules.week_of(day)
    row = session.scalar(
        select(SearchCount).where(
            SearchCount.kind == cell.kind,
            SearchCount.key == cell.key,
            SearchCount.ward_code == cell.ward_code,
            SearchCount.week == week,
        )
    )
    if row is None:
        row = SearchCount(
            kind=cell.kind,
            key=cell.key,
            ward_code=cell.ward_code,
            week=week,
            people=0,
            found_nothing=0,
            found_few=0,
            gave_up=0,
        )
        session.add(row)
    return row


def _salt(session: Session, day: date) -> str:
    row = session.get(SearchSalt, day)
    if row is None:
        row = SearchSalt(day=day, salt=secrets.token_hex(32))
        session.add(row)
        session.flush()
    return row.salt


def _marked(session: Session, marks: Collection[str]) -> Iterable[str]:
    return session.scalars(select(SearchMark.mark).where(SearchMark.mark.in_(marks))).all()


def _forget_days_before(session: Session, today: date) -> None:
    session.execute(delete(SearchMark).where(SearchMark.day < today))
    session.execute(delete(SearchSalt).where(SearchSalt.day < today))


def _name_words(session: Session, asked: dict[str, str]) -> None:
    """Write words out once enough people asked for them."""
    enough = session.scalars(
        select(SearchCount.key)
        .where(SearchCount.kind == Kind.WORDS, SearchCount.ward_code == "", SearchCount.key.in_(asked))
        .group_by(SearchCount.key)
        .having(func.sum(SearchCount.people) >= rules.FEWEST_PEOPLE)
    ).all()
    for key in enough:
        if session.get(SearchedWords, key) is None:
            session.add(SearchedWords(key=key, words=asked[key]))
