"""What a person agreed to, what ended, and who was told to delete what they had."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, joinedload

from core import clock
from core.access.rules import SYSTEM, Actor, Permission
from core.audit import services as audit
from core.errors import NotFound, Refused
from core.events import publish
from prescribing.people import queries as people
from prescribing.people.consent import ConsentPurpose, consents_now
from prescribing.people.events import ConsentWithdrawn
from prescribing.people.models import Consent, Person, RecipientKind
from prescribing.people.queries import TEAM_ROLES
from prescribing.people.services import author_of
from prescribing.rights.authors import names_behind
from prescribing.rights.models import DeletionNotice

# A list shows no more than this.
MOST = 50


@dataclass(frozen=True)
class NoticeView:
    """Somebody was told to delete what they had: of whom, about what, since when, and whether they said they did."""

    id: UUID
    person_id: UUID
    person_reference: str
    recipient: str
    told_at: datetime
    confirmed_at: datetime | None


@dataclass(frozen=True)
class ConsentLine:
    """One thing that a person agreed to, as their team reads it.

    `state` is "now", "ended" or "taken back"; `again` says that it can be agreed to once more.
    """

    id: UUID
    said: str
    fields: tuple[str, ...]
    wording_version: str
    how: str
    recorded_by: str
    given_at: datetime
    until: datetime | None
    withdrawn_at: datetime | None
    state: str
    notice: NoticeView | None
    again: bool


def consents(session: Session, actor: Actor, person_id: UUID) -> tuple[ConsentLine, ...]:
    """Everything that a person of the actor's team ever agreed to, newest first, with who was told to delete what they
    had. Raises `NotFound` out of scope. Whoever shows it audits the look."""
    person = people.person(session, actor, person_id)
    if person.team_id not in actor.team_ids(*TEAM_ROLES):
        raise NotFound
    rows = {row.id: row for row in session.scalars(select(Consent).where(Consent.person_id == person_id))}
    notices = {
        notice.consent_id: view
        for notice, view in _notice_pairs(session, DeletionNotice.person_id == person_id)
    }
    names = names_behind(session, {row.recorded_by for row in rows.values()})
    lines = []
    views = people.consents(session, actor, person_id)
    _live, again = consents_now(views, clock.now())
    for view in views:
        row = rows[view.id]
        over = view.until is not None and view.until <= clock.now()
        lines.append(
            ConsentLine(
                id=view.id,
                said=f"{view.purpose_words} {view.recipient_name}",
                fields=view.fields,
                wording_version=row.wording_version,
                how=view.how,
                recorded_by=names[row.recorded_by],
                given_at=view.given_at,
                until=view.until,
                withdrawn_at=view.withdrawn_at,
                state="ended" if over else "taken back" if view.withdrawn_at else "now",
                notice=notices.get(view.id),
                again=view.id in again,
            )
        )
    return tuple(lines)


def notices(session: Session, *which: ColumnElement[bool]) -> tuple[NoticeView, ...]:
    """Who was told to delete something, the longest ago first. The caller has checked who asks."""
    return tuple(view for _row, view in _notice_pairs(session, *which))


def _notice_pairs(session: Session, *which: ColumnElement[bool]) -> list[tuple[DeletionNotice, NoticeView]]:
    rows = session.scalars(
        select(DeletionNotice)
        .where(*which)
        .options(joinedload(DeletionNotice.consent))
        .order_by(DeletionNotice.told_at)
        .limit(MOST)
    ).all()
    names = people.recipient_names(session, [row.consent for row in rows])
    references = dict(
        session.execute(
            select(Person.id, Person.reference).where(Person.id.in_([row.person_id for row in rows]))
        ).all()
    )
    return [
        (
            row,
            NoticeView(
                row.id,
                row.person_id,
                references[row.person_id],
                names.get(row.consent.recipient_id, "somebody who is no longer listed"),
                row.told_at,
                row.confirmed_at,
            ),
        )
        for row in rows
    ]


def note_told_to_delete(session: Session, event: ConsentWithdrawn) -> None:
    """Remember that somebody was asked to delete what they had, so that it is asked after until they say they did."""
    if event.recipient_kind is RecipientKind.TEAM or event.purpose is ConsentPurpose.SUPPORT:
        return
    session.add(DeletionNotice(person_id=event.person_id, consent_id=event.consent_id, told_at=clock.now()))
    session.flush()


def confirm_deleted(session: Session, actor: Actor, notice_id: UUID) -> UUID:
    """Write down that whoever was told to delete says that they did. Gives the person's id. The person's team may, and
    the data protection officer. Raises `NotFound` for others."""
    row = session.get(DeletionNotice, notice_id, with_for_update=True)
    if row is None:
        raise NotFound
    person = session.get_one(Person, row.person_id)
    if not actor.can(Permission.PROTECT_DATA) and person.team_id not in actor.team_ids(*TEAM_ROLES):
        raise NotFound
    if row.confirmed_at is not None:
        raise Refused("This was confirmed already.")
    row.confirmed_at, row.confirmed_by = clock.now(), author_of(actor)
    session.flush()
    audit.record(session, actor, "consent.deletion-confirmed", "consent", row.consent_id)
    return row.person_id


def end_expired(session: Session) -> int:
    """Shut what a consent opened whose time is over, as if it were taken back. Gives how many consents that were."""
    over = (
        select(Consent)
        .where(Consent.until <= clock.now(), Consent.withdrawn_at.is_(None))
        .order_by(Consent.until, Consent.id)
        .with_for_update()
    )
    rows = session.scalars(over).all()
    for row in rows:
        row.withdrawn_at, row.withdrawn_recorded_by = row.until, "system"
        session.flush()
        audit.record(session, SYSTEM, "consent.expire", "consent", row.id, purpose=row.purpose)
        event = ConsentWithdrawn(
            SYSTEM, row.person_id, row.id, row.purpose, row.recipient_kind, row.recipient_id
        )
        if not _still_holds(session, row):
            publish(session, event)
    return len(rows)


def _still_holds(session: Session, ended: Consent) -> bool:
    """Whether the same was agreed to again for longer."""
    return (
        session.scalar(
            select(Consent.id)
            .where(
                Consent.person_id == ended.person_id,
                Consent.recipient_id == ended.recipient_id,
                Consent.purpose == ended.purpose,
                Consent.withdrawn_at.is_(None),
                (Consent.until.is_(None)) | (Consent.until > clock.now()),
            )
            .limit(1)
        )
        is not None
    )
