"""What waits for an editor: new listings, changes to approve, and changes that are public and want a look."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ColumnElement, func, literal, select, union_all
from sqlalchemy.orm import Session, joinedload

from core import clock
from core.access.rules import Actor, Permission
from core.calendar.rules import say_ago
from core.errors import NotFound
from core.paging import within
from directory.listings.content import content_of
from directory.listings.models import ChangeState, ListingChange, Service, StatusEvent
from directory.listings.moderation_models import ListingFlag
from directory.listings.pages import ListingPage, page_of
from directory.listings.queries import WHOLE
from directory.listings.rules import Hint, ListingStatus, completeness_hints
from directory.listings.values import Words
from directory.listings.wording import Difference, field_differences, field_label, join_words

TO_DECIDE = frozenset({ChangeState.WAITING, ChangeState.PUBLISHED})
PAGE_SIZE = 25


class TaskKind(StrEnum):
    """What an editor is asked for."""

    NEW = "new"
    APPROVE = "approve"
    REVIEW = "review"

    @property
    def label(self) -> str:
        return TASK_LABELS[self]


TASK_LABELS = {
    TaskKind.NEW: "New listing",
    TaskKind.APPROVE: "Change to approve",
    TaskKind.REVIEW: "Public already",
}


@dataclass(frozen=True, slots=True)
class Seen:
    """One thing that wants a second look: where, and why."""

    label: str
    because: str


@dataclass(frozen=True, slots=True)
class Task:
    """One thing to decide. `id` is the listing's for a new one, else the change's; `key` names it in a form."""

    kind: TaskKind
    id: UUID
    name: str
    group: str
    what: str
    author: str
    at: datetime
    waited: str
    flags: tuple[Seen, ...]

    @property
    def key(self) -> str:
        return f"{'new' if self.kind is TaskKind.NEW else 'change'}:{self.id}"


@dataclass(frozen=True, slots=True)
class Queue:
    """One page of what waits; `total` counts all of it."""

    tasks: tuple[Task, ...]
    total: int
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class Decision:
    """One change for deciding on: field by field, against what the public sees now. `moved_on` names fields that
    have changed in public since the change was written."""

    id: UUID
    kind: TaskKind | None
    state: ChangeState
    service_id: UUID
    name: str
    group: str
    author: str
    when: str
    differences: tuple[Difference, ...]
    moved_on: tuple[str, ...]
    reason: str
    version: int
    flags: tuple[Seen, ...]


@dataclass(frozen=True, slots=True)
class NewListing:
    """A listing that waits to be published, as its page would be, and what it lacks."""

    page: ListingPage
    when: str
    hints: tuple[Hint, ...]
    status: ListingStatus
    flags: tuple[Seen, ...]


_SENT = (
    select(StatusEvent.service_id, func.max(StatusEvent.at).label("at"))
    .where(StatusEvent.to_status == ListingStatus.WAITING)
    .group_by(StatusEvent.service_id)
)


def queue(session: Session, actor: Actor, page: int = 1) -> Queue:
    """A page of what waits for an editor: what wants a second look first, then the oldest. A page past the end is
    the last one. Raises `NotFound` for anybody else."""
    actor.must(Permission.MODERATE)
    sent = _SENT.subquery()
    changes = select(
        literal("change").label("kind"),
        ListingChange.id.label("id"),
        ListingChange.created_at.label("at"),
        _weight(ListingFlag.change_id == ListingChange.id).label("weight"),
    ).where(ListingChange.state.in_(TO_DECIDE))
    new = (
        select(
            literal("new").label("kind"),
            Service.id.label("id"),
            func.coalesce(sent.c.at, Service.created_at).label("at"),
            _weight(ListingFlag.service_id == Service.id, ListingFlag.change_id.is_(None)).label("weight"),
        )
        .outerjoin(sent, sent.c.service_id == Service.id)
        .where(Service.status == ListingStatus.WAITING)
    )
    waiting = union_all(changes, new).subquery()
    total = session.scalar(select(func.count()).select_from(waiting)) or 0
    page, pages = within(page, total, PAGE_SIZE)
    rows = session.execute(
        select(waiting.c.kind, waiting.c.id, waiting.c.at)
        .order_by(waiting.c.weight.desc(), waiting.c.at, waiting.c.id)
        .limit(PAGE_SIZE)
        .offset((page - 1) * PAGE_SIZE)
    ).all()
    tasks = _change_tasks(session, [row.id for row in rows if row.kind == "change"])
    tasks |= _new_tasks(session, {row.id: row.at for row in rows if row.kind == "new"})
    return Queue(tuple(tasks[row.id] for row in rows), total, page, pages)


def _weight(*conditions: ColumnElement[bool]) -> ColumnElement[int]:
    return (
        select(func.coalesce(func.sum(ListingFlag.weight), 0))
        .where(*conditions)
        .correlate(ListingChange, Service)
        .scalar_subquery()
    )


def _change_tasks(session: Session, ids: Collection[UUID]) -> dict[UUID, Task]:
    now, flags = clock.now(), _flags_of(session, ListingFlag.change_id.in_(ids))
    found = session.execute(
        select(ListingChange, Service)
        .join(Service, Service.id == ListingChange.service_id)
        .where(ListingChange.id.in_(ids))
        .options(joinedload(Service.organization))
    )
    return {
        change.id: Task(
            kind=_kind(change.state) or TaskKind.REVIEW,
            id=change.id,
            name=service.name,
            group=service.organization.name,
            what=join_words(field_label(name) for name in change.after),
            author=change.author_name,
            at=change.created_at,
            waited=say_ago(change.created_at, now),
            flags=tuple(_seen(flag) for flag in flags if flag.change_id == change.id),
        )
        for change, service in found
    }


def _new_tasks(session: Session, sent_at: dict[UUID, datetime]) -> dict[UUID, Task]:
    now = clock.now()
    flags = _flags_of(session, ListingFlag.service_id.in_(sent_at), ListingFlag.change_id.is_(None))
    found = session.scalars(
        select(Service).where(Service.id.in_(sent_at)).options(joinedload(Service.organization))
    )
    return {
        service.id: Task(
            kind=TaskKind.NEW,
            id=service.id,
            name=service.name,
            group=service.organization.name,
            what="All of it",
            author=service.organization.name,
            at=sent_at[service.id],
            waited=say_ago(sent_at[service.id], now),
            flags=tuple(_seen(flag) for flag in flags if flag.service_id == service.id),
        )
        for service in found
    }


def decision(session: Session, actor: Actor, change_id: UUID) -> Decision:
    """One change with its differences. Raises `NotFound`."""
    actor.must(Permission.MODERATE)
    change = session.get(ListingChange, change_id)
    if change is None:
        raise NotFound
    row = session.scalars(select(Service).where(Service.id == change.service_id).options(*WHOLE)).one()
    public, words = content_of(row), Words.of(session)
    is_open = change.state is ChangeState.WAITING
    before = {name: public.get(name) for name in change.after} if is_open else change.before
    moved_on = [item.label for item in field_differences(change.before, before, words.say)] if is_open else []
    return Decision(
        id=change.id,
        kind=_kind(change.state),
        state=change.state,
        service_id=row.id,
        name=row.name,
        group=row.organization.name,
        author=change.author_name,
        when=say_ago(change.created_at, clock.now()),
        differences=field_differences(before, change.after, words.say),
        moved_on=tuple(moved_on),
        reason=change.reason or "",
        version=change.version,
        flags=tuple(_seen(flag) for flag in _flags_of(session, ListingFlag.change_id == change_id)),
    )


def new_listing(session: Session, actor: Actor, service_id: UUID) -> NewListing:
    """A listing that waits to be published. Raises `NotFound`."""
    actor.must(Permission.MODERATE)
    row = session.scalar(select(Service).where(Service.id == service_id).options(*WHOLE))
    if row is None:
        raise NotFound
    sent = session.execute(_SENT.where(StatusEvent.service_id == service_id)).first()
    flags = _flags_of(session, ListingFlag.service_id == service_id, ListingFlag.change_id.is_(None))
    return NewListing(
        page=page_of(row, clock.today()),
        when=say_ago(sent.at if sent else row.created_at, clock.now()),
        hints=completeness_hints(content_of(row)),
        status=row.status,
        flags=tuple(_seen(flag) for flag in flags),
    )


def _flags_of(session: Session, *conditions: ColumnElement[bool]) -> Sequence[ListingFlag]:
    return session.scalars(
        select(ListingFlag).where(*conditions).order_by(ListingFlag.weight.desc(), ListingFlag.id)
    ).all()


def _seen(flag: ListingFlag) -> Seen:
    return Seen(field_label(flag.field), flag.because)


def _kind(state: ChangeState) -> TaskKind | None:
    return {ChangeState.WAITING: TaskKind.APPROVE, ChangeState.PUBLISHED: TaskKind.REVIEW}.get(state)
