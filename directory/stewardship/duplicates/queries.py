"""Reading likely duplicates: the list, one pair side by side, and what was merged lately."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from core import clock
from core.access.rules import Actor, Permission
from core.calendar.rules import say_ago
from core.errors import NotFound
from core.paging import within
from directory.listings.content import content_of
from directory.listings.models import Organization, Service
from directory.listings.queries import WHOLE
from directory.listings.rules import FIELDS, IN_SEARCH, changed_fields, is_empty
from directory.listings.values import Words
from directory.listings.wording import field_label
from directory.stewardship.details.queries import content_of as content_of_group
from directory.stewardship.details.rules import FIELDS as GROUP_FIELDS
from directory.stewardship.duplicates import entries
from directory.stewardship.duplicates.models import DuplicatePair, Kind, Merge
from directory.stewardship.duplicates.rules import (
    LIKELY,
    Entry,
    Likeness,
    Reason,
    from_json,
    judge,
    website_key,
)

PAGE_SIZE = 20
UNDO_WITHIN = timedelta(days=30)
MERGES_SHOWN = 10


@dataclass(frozen=True, slots=True)
class PairLine:
    """One pair in the list."""

    id: UUID
    kind: Kind
    first: str
    second: str
    first_path: str
    second_path: str
    first_group: str
    second_group: str
    likely: str
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Pairs:
    """A page of likely duplicates, the likeliest first."""

    lines: tuple[PairLine, ...]
    total: int
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class Side:
    """One field that two entries say differently, both in words. `proposed` is the entry that stays, unless only the
    other says something."""

    name: str
    label: str
    first: str
    second: str
    proposed: str


@dataclass(frozen=True, slots=True)
class PairPage:
    """Two entries side by side. `keep` is the id that we propose to keep."""

    line: PairLine
    first_id: UUID
    second_id: UUID
    sides: tuple[Side, ...]
    same: tuple[tuple[str, str], ...]
    keep: UUID
    facts: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class MergeLine:
    """A merge that can be undone."""

    id: UUID
    old: str
    into: str
    who: str
    when: str


@dataclass(frozen=True, slots=True)
class Like:
    """An entry that looks like one that somebody is writing."""

    id: UUID
    name: str
    path: str
    likeness: Likeness


def pairs(session: Session, actor: Actor, page: int = 1) -> Pairs:
    """A page of what may be there twice. Raises `NotFound` for all but editors."""
    actor.must(Permission.MODERATE)
    open_now = select(DuplicatePair).where(DuplicatePair.dismissed_at.is_(None))
    total = session.scalar(select(func.count()).select_from(open_now.subquery())) or 0
    page, pages = within(page, total, PAGE_SIZE)
    rows = session.scalars(
        open_now.order_by(DuplicatePair.score.desc(), DuplicatePair.id)
        .limit(PAGE_SIZE)
        .offset((page - 1) * PAGE_SIZE)
    ).all()
    return Pairs(tuple(_lines(session, rows)), total, page, pages)


def pairs_of(session: Session, kind: Kind, entry_id: UUID) -> tuple[PairLine, ...]:
    """What one entry may be the same as."""
    rows = session.scalars(
        select(DuplicatePair)
        .where(
            DuplicatePair.kind == kind,
            DuplicatePair.dismissed_at.is_(None),
            or_(DuplicatePair.first_id == entry_id, DuplicatePair.second_id == entry_id),
        )
        .order_by(DuplicatePair.score.desc())
        .limit(3)
    ).all()
    return tuple(_lines(session, rows))


def count_open(session: Session) -> int:
    """How many pairs wait for an editor."""
    return (
        session.scalar(
            select(func.count()).select_from(DuplicatePair).where(DuplicatePair.dismissed_at.is_(None))
        )
        or 0
    )


def pair_page(session: Session, actor: Actor, pair_id: UUID) -> PairPage:
    """Two entries side by side. Raises `NotFound`, also where one of them was merged meanwhile."""
    actor.must(Permission.MODERATE)
    row = session.get(DuplicatePair, pair_id)
    if row is None:
        raise NotFound
    lines = _lines(session, [row])
    if not lines:
        raise NotFound
    first, second = contents(session, row.kind, row.first_id), contents(session, row.kind, row.second_id)
    words = Words.of(session)
    order = FIELDS if row.kind is Kind.ACTIVITY else GROUP_FIELDS
    differ = changed_fields(first, second)
    keep = _to_keep(session, row)
    kept, other = ("first", "second") if keep == row.first_id else ("second", "first")
    sides = tuple(
        Side(
            name,
            _label(row.kind, name),
            words.say(name, first[name]),
            words.say(name, second[name]),
            kept if not is_empty((first if kept == "first" else second)[name]) else other,
        )
        for name in differ
    )
    same = tuple(
        (_label(row.kind, name), text)
        for name in order
        if name in first and name not in differ and (text := words.say(name, first[name]))
    )
    facts = tuple(_facts(session, row.kind, row.first_id, row.second_id))
    return PairPage(lines[0], row.first_id, row.second_id, sides, same, keep, facts)


def _to_keep(session: Session, row: DuplicatePair) -> UUID:
    """The one that the public knows, and of two such the older: more addresses point to it."""
    if row.kind is Kind.GROUP:
        groups = [session.get_one(Organization, one) for one in (row.first_id, row.second_id)]
        return min(groups, key=lambda group: (group.created_at, group.id)).id
    services = [session.get_one(Service, one) for one in (row.first_id, row.second_id)]
    return min(services, key=lambda one: (one.status not in IN_SEARCH, one.created_at, one.id)).id


def contents(session: Session, kind: Kind, entry_id: UUID) -> dict[str, Any]:
    """All that an entry says, by field. Raises `NotFound`."""
    if kind is Kind.ACTIVITY:
        service = session.scalar(select(Service).where(Service.id == entry_id).options(*WHOLE))
        if service is None:
            raise NotFound
        return content_of(service)
    group = session.get(Organization, entry_id)
    if group is None:
        raise NotFound
    return content_of_group(group)


def merges(session: Session, actor: Actor) -> tuple[MergeLine, ...]:
    """What was merged lately and can be undone, newest first. Raises `NotFound` for all but editors."""
    actor.must(Permission.MODERATE)
    now = clock.now()
    rows = session.scalars(
        select(Merge)
        .where(Merge.undone_at.is_(None), Merge.at > now - UNDO_WITHIN)
        .order_by(Merge.at.desc(), Merge.id.desc())
        .limit(MERGES_SHOWN)
    )
    return tuple(
        MergeLine(row.id, row.old_name, row.into_name, row.author_name, say_ago(row.at, now)) for row in rows
    )


def like_group(
    session: Session,
    *,
    name: str,
    website: str = "",
    email: str = "",
    phone: str = "",
    postcode: str = "",
    charity_number: str = "",
) -> tuple[Like, ...]:
    """The groups here that look like one that somebody tells us of, the likeliest first. `phone` is in E.164."""
    told = Entry(
        id=UUID(int=0),
        name=name,
        charity_number=charity_number.strip().lstrip("0"),
        postcodes=frozenset({postcode} - {""}),
        phones=frozenset({phone} - {""}),
        websites=frozenset({website_key(website)} - {""}),
        emails=frozenset({email.casefold()} - {""}),
    )
    return like(session, Kind.GROUP, told)


def like(session: Session, kind: Kind, entry: Entry) -> tuple[Like, ...]:
    """The entries here that look like this one, the likeliest first."""
    found = [(one, judge(entry, one)) for one in entries.near(session, kind, entry)]
    likely = sorted(
        (pair for pair in found if pair[1].score >= LIKELY), key=lambda pair: (-pair[1].score, pair[0].id)
    )
    return tuple(Like(one.id, one.name, _path(kind, one.id), likeness) for one, likeness in likely)


def _lines(session: Session, rows: Sequence[DuplicatePair]) -> list[PairLine]:
    """Pairs with their names; one whose entry is gone or merged is left out."""
    names = {
        kind: _names(
            session, kind, {one for row in rows if row.kind is kind for one in (row.first_id, row.second_id)}
        )
        for kind in Kind
    }
    lines = []
    for row in rows:
        known = names[row.kind]
        if row.first_id in known and row.second_id in known:
            (first, first_group), (second, second_group) = known[row.first_id], known[row.second_id]
            lines.append(
                PairLine(
                    id=row.id,
                    kind=row.kind,
                    first=first,
                    second=second,
                    first_path=_path(row.kind, row.first_id),
                    second_path=_path(row.kind, row.second_id),
                    first_group=first_group,
                    second_group=second_group,
                    likely=_likely(row.score),
                    reasons=from_json(row.reasons),
                )
            )
    return lines


def _names(session: Session, kind: Kind, ids: Collection[UUID]) -> dict[UUID, tuple[str, str]]:
    if not ids:
        return {}
    if kind is Kind.GROUP:
        found = session.execute(
            select(Organization.id, Organization.name).where(
                Organization.id.in_(ids), Organization.merged_into_id.is_(None)
            )
        )
        return {one: (name, "") for one, name in found}
    rows = session.execute(
        select(Service.id, Service.name, Organization.name)
        .join(Organization, Organization.id == Service.organization_id)
        .where(Service.id.in_(ids), Service.merged_into_id.is_(None))
    )
    return {one: (name, group) for one, name, group in rows}


def _facts(session: Session, kind: Kind, *ids: UUID) -> list[tuple[str, str, str]]:
    """What stands beside the fields and cannot be chosen: (what, of the first, of the second)."""
    if kind is Kind.ACTIVITY:
        rows = [session.get_one(Service, one) for one in ids]
        return [
            ("Group", rows[0].organization.name, rows[1].organization.name),
            ("Now", rows[0].status.label, rows[1].status.label),
        ]
    counts = [
        session.scalar(select(func.count()).select_from(Service).where(Service.organization_id == one)) or 0
        for one in ids
    ]
    return [("Activities", str(counts[0]), str(counts[1]))]


def _label(kind: Kind, name: str) -> str:
    return field_label(name) if kind is Kind.ACTIVITY else GROUP_FIELDS[name]


def _path(kind: Kind, entry_id: UUID) -> str:
    return f"/{'activities' if kind is Kind.ACTIVITY else 'groups'}/{entry_id}"


def _likely(score: float) -> str:
    if score >= 0.9:
        return "Nearly certain"
    return "Very likely" if score >= 0.75 else "Likely"
