"""What waits for an editor: new listings, changes to approve, and changes that are public and want a look."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from core import clock
from core.access.rules import Actor, Permission
from core.calendar.rules import say_ago
from core.errors import NotFound
from directory.listings.content import content_of
from directory.listings.models import ChangeState, ListingChange, Service, StatusEvent
from directory.listings.pages import ListingPage, page_of
from directory.listings.queries import WHOLE
from directory.listings.rules import Hint, ListingStatus, completeness_hints
from directory.listings.values import Words
from directory.listings.wording import Difference, field_differences, field_label, join_words

TO_DECIDE = frozenset({ChangeState.WAITING, ChangeState.PUBLISHED})


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
class Task:
    """One thing to decide. `id` is the listing's for a new one, else the change's."""

    kind: TaskKind
    id: UUID
    name: str
    group: str
    what: str
    author: str
    at: datetime
    waited: str


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


@dataclass(frozen=True, slots=True)
class NewListing:
    """A listing that waits to be published, as its page would be, and what it lacks."""

    page: ListingPage
    when: str
    hints: tuple[Hint, ...]
    status: ListingStatus


_SENT = (
    select(StatusEvent.service_id, func.max(StatusEvent.at).label("at"))
    .where(StatusEvent.to_status == ListingStatus.WAITING)
    .group_by(StatusEvent.service_id)
)


def queue(session: Session, actor: Actor) -> tuple[Task, ...]:
    """All that waits for an editor, oldest first. Raises `NotFound` for anybody else."""
    _refuse_others(actor)
    now = clock.now()
    changes = session.execute(
        select(ListingChange, Service)
        .join(Service, Service.id == ListingChange.service_id)
        .where(ListingChange.state.in_(TO_DECIDE))
        .options(joinedload(Service.organization))
    )
    tasks = [
        Task(
            kind=_kind(change.state) or TaskKind.REVIEW,
            id=change.id,
            name=service.name,
            group=service.organization.name,
            what=join_words(field_label(name) for name in change.after),
            author=change.author_name,
            at=change.created_at,
            waited=say_ago(change.created_at, now),
        )
        for change, service in changes
    ]
    sent = _SENT.subquery()
    new = session.execute(
        select(Service, sent.c.at)
        .outerjoin(sent, sent.c.service_id == Service.id)
        .where(Service.status == ListingStatus.WAITING)
        .options(joinedload(Service.organization))
    )
    tasks += [
        Task(
            kind=TaskKind.NEW,
            id=service.id,
            name=service.name,
            group=service.organization.name,
            what="All of it",
            author=service.organization.name,
            at=at or service.created_at,
            waited=say_ago(at or service.created_at, now),
        )
        for service, at in new
    ]
    return tuple(sorted(tasks, key=lambda task: task.at))


def decision(session: Session, actor: Actor, change_id: UUID) -> Decision:
    """One change with its differences. Raises `NotFound`."""
    _refuse_others(actor)
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
    )


def new_listing(session: Session, actor: Actor, service_id: UUID) -> NewListing:
    """A listing that waits to be published. Raises `NotFound`."""
    _refuse_others(actor)
    row = session.scalar(select(Service).where(Service.id == service_id).options(*WHOLE))
    if row is None:
        raise NotFound
    sent = session.execute(_SENT.where(StatusEvent.service_id == service_id)).first()
    return NewListing(
        page=page_of(row, clock.today()),
        when=say_ago(sent.at if sent else row.created_at, clock.now()),
        hints=completeness_hints(content_of(row)),
        status=row.status,
    )


def _kind(state: ChangeState) -> TaskKind | None:
    return {ChangeState.WAITING: TaskKind.APPROVE, ChangeState.PUBLISHED: TaskKind.REVIEW}.get(state)


def _refuse_others(actor: Actor) -> None:
    if not actor.can(Permission.MODERATE):
        raise NotFound
