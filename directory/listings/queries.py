"""Reading listings for whoever keeps them: a group's members, and editors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from core import clock
from core.access.rules import Actor, Role
from core.calendar.rules import say_ago
from core.errors import NotFound
from core.geography.queries import locate_postcodes
from directory.listings import summaries
from directory.listings.content import content_of, vocabulary
from directory.listings.merged import acts_for, current, groups_of
from directory.listings.models import (
    Attribute,
    ChangeState,
    ListingChange,
    Location,
    Organization,
    Service,
    ServiceAtLocation,
    StatusEvent,
    TaxonomyTerm,
)
from directory.listings.recurrence import Occurrence, occurrences
from directory.listings.rules import (
    IN_SEARCH,
    SESSION_KEY,
    Hint,
    ListingStatus,
    Mover,
    completeness_hints,
    moves_open_to,
)
from directory.listings.values import Words
from directory.listings.wording import Difference, field_differences

SESSIONS_TO_CANCEL = 4


@dataclass(frozen=True, slots=True)
class Choice:
    """A session that is coming, for calling off or putting back on. `key` names it in a form."""

    key: str
    words: str
    cancelled: bool
    moved: bool
    note: str


@dataclass(frozen=True, slots=True)
class SentBack:
    """What an editor would not publish, and why."""

    reason: str
    differences: tuple[Difference, ...]
    when: str


@dataclass(frozen=True, slots=True)
class EditPage:
    """One listing for whoever keeps it. `content` is what they last said, waiting fields included; `words` are the
    same in words. `waiting` names the fields that wait for an editor; `moves` are the statuses open to this actor."""

    id: UUID
    name: str
    group_id: UUID
    group: str
    status: ListingStatus
    status_reason: str
    version: int
    content: dict[str, Any]
    public: dict[str, Any]
    words: dict[str, str]
    waiting: frozenset[str]
    sent_back: SentBack | None
    sessions: tuple[Choice, ...]
    moves: tuple[ListingStatus, ...]
    hints: tuple[Hint, ...]
    confirmed: str
    mover: Mover
    is_example: bool

    @property
    def is_public(self) -> bool:
        return self.status in IN_SEARCH


@dataclass(frozen=True, slots=True)
class OwnListing:
    """One listing on its group's own home. `attention` says in words what it needs, empty where nothing."""

    id: UUID
    name: str
    status: ListingStatus
    attention: str
    confirmed: str
    next_session: Choice | None
    is_public: bool


@dataclass(frozen=True, slots=True)
class OwnGroup:
    """A group that the actor belongs to, with its listings, those that need something first."""

    id: UUID
    name: str
    listings: tuple[OwnListing, ...]


WHOLE = (
    joinedload(Service.organization).options(
        selectinload(Organization.phones), selectinload(Organization.contacts)
    ),
    selectinload(Service.places)
    .joinedload(ServiceAtLocation.location)
    .selectinload(Location.attributes)
    .joinedload(Attribute.term)
    .joinedload(TaxonomyTerm.taxonomy),
    joinedload(Service.room),
    selectinload(Service.schedules),
    selectinload(Service.exceptions),
    selectinload(Service.cost_options),
    selectinload(Service.eligibilities),
    selectinload(Service.languages),
    selectinload(Service.phones),
    selectinload(Service.contacts),
    selectinload(Service.attributes).joinedload(Attribute.term).joinedload(TaxonomyTerm.taxonomy),
)


def in_scope(actor: Actor) -> ColumnElement[bool]:
    """Which listings the actor may keep: an editor all, a member those of their groups, merged ones followed; none that
    was merged itself."""
    stands = Service.merged_into_id.is_(None)
    if actor.has(Role.EDITOR) or actor.kind == "system":
        return stands
    return and_(stands, Service.organization_id.in_(groups_of(actor)))


def mover_of(actor: Actor, organization_id: UUID) -> Mover:
    """In what part the actor changes this group's listings: a member of the group is its owner, whatever else; so is
    a member of a group that was merged into it."""
    if actor.kind == "system":
        return Mover.SYSTEM
    if organization_id in actor.organization_ids(Role.GROUP_MEMBER) or not actor.has(Role.EDITOR):
        return Mover.OWNER
    return Mover.EDITOR


def may_edit(session: Session, actor: Actor, organization_id: UUID) -> bool:
    """Whether the group and its listings are the actor's to keep."""
    return actor.has(Role.EDITOR) or acts_for(session, actor, organization_id)


def listing_for_update(session: Session, actor: Actor, service_id: UUID) -> Service:
    """The whole row, locked, for services. Raises `NotFound` where it is not the actor's to keep."""
    row = session.scalar(
        select(Service)
        .where(Service.id == service_id, in_scope(actor))
        .options(*WHOLE)
        .with_for_update(of=Service)
        .execution_options(populate_existing=True)
    )
    if row is None:
        raise NotFound
    return row


def waiting_change(session: Session, service_id: UUID) -> ListingChange | None:
    """The one change of the listing that waits for an editor, if any."""
    return session.scalar(
        select(ListingChange).where(
            ListingChange.service_id == service_id, ListingChange.state == ChangeState.WAITING
        )
    )


def changes_since(session: Session, service_id: UUID, version: int) -> Sequence[ListingChange]:
    """What was submitted for the listing when it was at `version` or later, oldest first."""
    return session.scalars(
        select(ListingChange)
        .where(ListingChange.service_id == service_id, ListingChange.base_version >= version)
        .order_by(ListingChange.created_at)
    ).all()


def edit_page(session: Session, actor: Actor, service_id: UUID) -> EditPage:
    """A listing for its check-your-answers page. Raises `NotFound` where it is not the actor's to keep."""
    row = session.scalar(select(Service).where(Service.id == service_id, in_scope(actor)).options(*WHOLE))
    if row is None:
        raise NotFound
    today, mover = clock.today(), mover_of(actor, row.organization_id)
    public = content_of(row)
    waiting = waiting_change(session, service_id)
    content = public | (waiting.after if waiting else {})
    words = Words.of(session)
    return EditPage(
        id=row.id,
        name=row.name,
        group_id=row.organization_id,
        group=row.organization.name,
        status=row.status,
        status_reason=_status_reason(session, row),
        version=row.version,
        content=content,
        public=public,
        words={name: words.say(name, value, today) for name, value in content.items()},
        waiting=frozenset(waiting.after if waiting else ()),
        sent_back=_sent_back(session, service_id, words),
        sessions=coming_sessions(row, today),
        moves=moves_open_to(row.status, mover),
        hints=completeness_hints(content),
        confirmed=summaries.confirmed_in_words(row.confirmed_at, row.confirmed_by, today),
        mover=mover,
        is_example=row.is_example,
    )


def coming_sessions(row: Service, today: date, limit: int = SESSIONS_TO_CANCEL) -> tuple[Choice, ...]:
    """The next sessions by their timetable days, cancelled ones among them."""
    ahead = occurrences(
        [one.rule for one in row.schedules],
        [one.exception for one in row.exceptions],
        clock.now(),
        limit=limit * 2,
    )
    timetabled = [one for one in ahead if one.moved_from is None]
    return tuple(_choice(one, today) for one in timetabled[:limit])


def _choice(one: Occurrence, today: date) -> Choice:
    return Choice(
        key=one.start.strftime(SESSION_KEY),
        words=summaries.session_in_words(one, today),
        cancelled=one.cancelled,
        moved=one.moved_to is not None,
        note=one.note,
    )


def _status_reason(session: Session, row: Service) -> str:
    last = session.scalar(
        select(StatusEvent).where(StatusEvent.service_id == row.id).order_by(StatusEvent.at.desc()).limit(1)
    )
    return (last.reason or "") if last is not None and last.to_status is row.status else ""


def _sent_back(session: Session, service_id: UUID, words: Words) -> SentBack | None:
    """The latest change, where an editor sent it back and nothing came after."""
    last = session.scalar(
        select(ListingChange)
        .where(ListingChange.service_id == service_id)
        .order_by(ListingChange.created_at.desc(), ListingChange.id.desc())
        .limit(1)
    )
    if last is None or last.state is not ChangeState.SENT_BACK or last.decided_at is None:
        return None
    return SentBack(
        reason=last.reason or "",
        differences=field_differences(last.before, last.after, words.say),
        when=say_ago(last.decided_at, clock.now()),
    )


def own_groups(session: Session, actor: Actor) -> tuple[OwnGroup, ...]:
    """The groups that the actor is a member of, by name, with all their listings."""
    mine = set(current(session, actor.organization_ids(Role.GROUP_MEMBER), Organization).values())
    groups = session.scalars(
        select(Organization).where(Organization.id.in_(mine)).order_by(Organization.name)
    ).all()
    rows = session.scalars(
        select(Service)
        .where(Service.organization_id.in_(mine), Service.merged_into_id.is_(None))
        .options(selectinload(Service.schedules), selectinload(Service.exceptions))
        .order_by(Service.name)
    ).all()
    changes = session.scalars(
        select(ListingChange)
        .where(ListingChange.service_id.in_([row.id for row in rows]))
        .order_by(ListingChange.created_at, ListingChange.id)
    ).all()
    latest = {change.service_id: change for change in changes}
    listings: dict[UUID, list[OwnListing]] = {group.id: [] for group in groups}
    for row in rows:
        listings[row.organization_id].append(_own_listing(row, latest.get(row.id)))
    return tuple(
        OwnGroup(group.id, group.name, tuple(sorted(listings[group.id], key=lambda one: not one.attention)))
        for group in groups
    )


NEEDS_WORDS: dict[ListingStatus, str] = {
    ListingStatus.DRAFT: "Not sent for approval yet.",
    ListingStatus.SENT_BACK: "Sent back to you. See what to change.",
    ListingStatus.UNCONFIRMED: "Hidden from the public. Press “Still right” to bring it back.",
}
STALE_DAYS = 180


def _own_listing(row: Service, last: ListingChange | None) -> OwnListing:
    today = clock.today()
    attention = NEEDS_WORDS.get(row.status, "")
    is_public = row.status in IN_SEARCH
    if not attention and last is not None and last.state is ChangeState.SENT_BACK:
        attention = "A change was sent back to you."
    if not attention and is_public and (clock.now() - (row.confirmed_at or row.created_at)).days > STALE_DAYS:
        attention = "Is this still right? Nobody has checked it for a while."
    coming = coming_sessions(row, today, limit=1)
    return OwnListing(
        id=row.id,
        name=row.name,
        status=row.status,
        attention=attention,
        confirmed=summaries.confirmed_in_words(row.confirmed_at, row.confirmed_by, today),
        next_session=coming[0] if coming and row.status is ListingStatus.PUBLISHED else None,
        is_public=is_public,
    )


def unknown_place(session: Session, postcode: str) -> str:
    """What to tell a group whose postcode we cannot place; empty where we can."""
    if postcode in locate_postcodes(session, [postcode]):
        return ""
    return (
        f"We do not know where {postcode} is. Check it. Until we know, searches near a place leave this activity"
        " out, and its page has no map."
    )


def vocabulary_choices(session: Session, taxonomy: str) -> list[tuple[str, str]]:
    """(slug, name) pairs of a vocabulary, for a form."""
    return [(slug, term.name) for slug, term in vocabulary(session, taxonomy).items()]
