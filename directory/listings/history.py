"""What happened to a listing, by whom and why; and what it said at any time before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock
from core.access.rules import Actor
from core.accounts import queries as accounts
from core.calendar.rules import say_ago
from core.errors import NotFound
from core.paging import within
from directory.listings.content import content_of, resolved_words
from directory.listings.models import ChangeState, ListingChange, Service, StatusEvent
from directory.listings.moderation_models import ListingDecision
from directory.listings.queries import WHOLE, in_scope
from directory.listings.rules import changed_fields, fields_as_they_were
from directory.listings.values import Words
from directory.listings.wording import Difference, field_differences

PAGE_SIZE = 20

# Changes that the public saw, or sees.
STOOD = frozenset({ChangeState.APPROVED, ChangeState.PUBLISHED, ChangeState.REVIEWED})
CHANGE_WORDS: Mapping[ChangeState, str] = {
    ChangeState.WAITING: "Change waiting for approval",
    ChangeState.APPROVED: "Change approved",
    ChangeState.SENT_BACK: "Change sent back",
    ChangeState.PUBLISHED: "Changed at once",
    ChangeState.REVIEWED: "Changed at once, looked at by an editor",
    ChangeState.SUPERSEDED: "Change replaced by a later one",
}


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One thing that happened to a listing. `decided` says who decided on it, `version` names what the listing said
    just after it, where the public saw it; `first` what it said before anything was changed."""

    at: datetime
    when: str
    what: str
    who: str
    reason: str
    differences: tuple[Difference, ...]
    decided: str = ""
    version: UUID | None = None
    first: UUID | None = None


@dataclass(frozen=True, slots=True)
class History:
    """A page of a listing's history, newest first."""

    name: str
    lines: tuple[HistoryLine, ...]
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class AsItWas:
    """A listing as it was just after one of its changes, against what it says now: `values` are the fields to give
    it to be so again."""

    service_id: UUID
    name: str
    when: str
    who: str
    version: int
    values: dict[str, Any]
    differences: tuple[Difference, ...]


def history(session: Session, actor: Actor, service_id: UUID, page: int = 1) -> History:
    """What happened to a listing. A page past the end is the last one. Raises `NotFound`."""
    row = session.scalar(select(Service).where(Service.id == service_id, in_scope(actor)))
    if row is None:
        raise NotFound
    words, now = Words.of(session), clock.now()
    changes = _changes(session, service_id)
    decisions = session.scalars(
        select(ListingDecision).where(
            ListingDecision.service_id == service_id, ListingDecision.undone_at.is_(None)
        )
    ).all()
    deciders = {one.change_id: one.author_name for one in decisions if one.change_id}
    latest = next((one.id for one in reversed(changes) if one.state in STOOD), None)
    oldest = next((one.id for one in sorted(changes, key=stood_from) if one.state in STOOD), None)
    moves = session.scalars(select(StatusEvent).where(StatusEvent.service_id == service_id)).all()
    names = accounts.names(session, {one.author_id for one in moves if one.author_id})
    lines = [
        HistoryLine(
            one.at,
            say_ago(one.at, now),
            one.to_status.label,
            names.get(one.author_id, "") if one.author_id else "",
            one.reason or "",
            (),
        )
        for one in moves
    ] + [
        HistoryLine(
            one.created_at,
            say_ago(one.created_at, now),
            CHANGE_WORDS[one.state],
            one.author_name,
            one.reason or "",
            field_differences(one.before, one.after, words.say),
            deciders.get(one.id, ""),
            one.id if one.state in STOOD and one.id != latest else None,
            one.id if one.id == oldest else None,
        )
        for one in changes
    ]
    page, pages = within(page, len(lines), PAGE_SIZE)
    newest = sorted(lines, key=lambda line: line.at, reverse=True)
    return History(row.name, tuple(newest[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]), page, pages)


def as_it_was(
    session: Session, actor: Actor, service_id: UUID, change_id: UUID, *, before: bool = False
) -> AsItWas:
    """The listing as it was just after that change, or just before it. Raises `NotFound` where the public never saw
    the change."""
    row = session.scalar(select(Service).where(Service.id == service_id, in_scope(actor)).options(*WHOLE))
    changes = _changes(session, service_id)
    change = next((one for one in changes if one.id == change_id and one.state in STOOD), None)
    if row is None or change is None:
        raise NotFound
    now = content_of(row)
    since = [
        one
        for one in changes
        if one.state in STOOD and (stood_from(one) > stood_from(change) or (before and one is change))
    ]
    then = resolved_words(
        session, fields_as_they_were(now, [one.before for one in sorted(since, key=stood_from, reverse=True)])
    )
    values = {name: then[name] for name in changed_fields(now, then)}
    words = Words.of(session)
    return AsItWas(
        service_id=row.id,
        name=row.name,
        when=say_ago(stood_from(change), clock.now()),
        who=change.author_name,
        version=row.version,
        values=values,
        differences=field_differences(now, values, words.say),
    )


def stood_from(change: ListingChange) -> datetime:
    """When the public began to see a change: one that waited, when it was approved."""
    approved = change.state is ChangeState.APPROVED and change.decided_at is not None
    return change.decided_at if approved and change.decided_at else change.created_at


def _changes(session: Session, service_id: UUID) -> Sequence[ListingChange]:
    return session.scalars(
        select(ListingChange)
        .where(ListingChange.service_id == service_id)
        .order_by(ListingChange.created_at, ListingChange.id)
    ).all()
