"""An editor's decisions: approve, send back, put back as it was, publish a new listing; on one thing or on many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from core import clock
from core.access.rules import Actor, Permission
from core.accounts.models import Account
from core.audit import services as audit
from core.db import new_id
from core.errors import GoldenThreadError, Invalid, NotFound, Refused
from core.notify.services import send_email
from directory.listings.content import apply_content, content_of
from directory.listings.models import ChangeState, ListingChange, Service
from directory.listings.moderation_models import ListingDecision, Verdict
from directory.listings.queries import listing_for_update
from directory.listings.rules import ListingStatus, changed_fields
from directory.listings.services import move_status, tell
from directory.listings.wording import field_label, join_words

MOST_AT_ONCE = 100


class Answer(StrEnum):
    """What an editor says of several things at once."""

    FINE = "fine"
    NOT_LIKE_THIS = "not-like-this"


@dataclass(frozen=True, slots=True)
class Picked:
    """One thing on an editor's list: a whole new listing, or a change, by its id."""

    is_new: bool
    id: UUID


@dataclass(frozen=True, slots=True)
class Decided:
    """What became of several things: how many were decided under `batch_id`, and why the others were not."""

    batch_id: UUID
    done: int
    refused: tuple[str, ...]


def decide_many(
    session: Session, actor: Actor, picked: Sequence[Picked], answer: Answer, reason: str = ""
) -> Decided:
    """Say the same of several things. What cannot be decided any more is left as it is, and named.

    Raises `NotFound` for anybody but an editor, and `Invalid` where nothing was picked, too much was, or a reason
    is missing.
    """
    actor.must(Permission.MODERATE)
    if not picked:
        raise Invalid("Tick what you want to decide on.", "pick")
    if len(picked) > MOST_AT_ONCE:
        raise Invalid(f"Decide on {MOST_AT_ONCE} things at once or fewer.", "pick")
    if answer is Answer.NOT_LIKE_THIS:
        _reason(reason)
    batch, done, refused = new_id(), 0, []
    for one in dict.fromkeys(picked):
        try:
            with session.begin_nested():
                _decide_one(session, actor, one, answer, reason, batch)
            done += 1
        except (GoldenThreadError, StaleDataError) as fault:
            refused.append(f"{_name_of(session, one)}: {getattr(fault, 'message', '') or 'It is gone.'}")
    return Decided(batch, done, tuple(refused))


def _decide_one(
    session: Session, actor: Actor, one: Picked, answer: Answer, reason: str, batch: UUID
) -> None:
    if one.is_new and answer is Answer.FINE:
        publish(session, actor, one.id, batch)
    elif one.is_new:
        return_listing(session, actor, one.id, reason, for_good=False, batch=batch)
    elif _waits(session, one.id) and answer is Answer.FINE:
        approve(session, actor, one.id, batch)
    elif _waits(session, one.id):
        send_back(session, actor, one.id, reason, batch)
    elif answer is Answer.FINE:
        looked_at(session, actor, one.id, batch)
    else:
        put_back(session, actor, one.id, reason, batch)


def _waits(session: Session, change_id: UUID) -> bool:
    state = session.scalar(select(ListingChange.state).where(ListingChange.id == change_id))
    return state is ChangeState.WAITING


def _name_of(session: Session, one: Picked) -> str:
    asked = select(Service.name)
    if one.is_new:
        asked = asked.where(Service.id == one.id)
    else:
        asked = asked.join(ListingChange, ListingChange.service_id == Service.id).where(
            ListingChange.id == one.id
        )
    return session.scalar(asked) or "One of them"


def approve(session: Session, actor: Actor, change_id: UUID, batch: UUID | None = None) -> None:
    """Make a waiting change public. Raises `NotFound`, and `Refused` where it waits no more."""
    change, row = _open_change(session, actor, change_id, ChangeState.WAITING)
    public = content_of(row)
    apply_content(session, row, change.after)
    change.before = {name: public.get(name) for name in change.after}
    _decide(session, actor, change, Verdict.APPROVED, batch)
    row.updated_at = clock.now()
    tell(session, row, tuple(change.after))
    _write(session, row, change.author_id, "listing-approved")


def send_back(
    session: Session, actor: Actor, change_id: UUID, reason: str, batch: UUID | None = None
) -> None:
    """Give a waiting change back to its group with a reason. Raises `Invalid` without one."""
    change, row = _open_change(session, actor, change_id, ChangeState.WAITING)
    change.reason = _reason(reason)
    _decide(session, actor, change, Verdict.SENT_BACK, batch)
    _write(session, row, change.author_id, "listing-sent-back")


def looked_at(session: Session, actor: Actor, change_id: UUID, batch: UUID | None = None) -> None:
    """Say that a change which is public already is fine."""
    change, _ = _open_change(session, actor, change_id, ChangeState.PUBLISHED)
    _decide(session, actor, change, Verdict.LOOKED_AT, batch)


def put_back(session: Session, actor: Actor, change_id: UUID, reason: str, batch: UUID | None = None) -> None:
    """Undo a change that is public already, for a reason that its group is told."""
    change, row = _open_change(session, actor, change_id, ChangeState.PUBLISHED)
    change.reason = _reason(reason)
    since = changed_fields(content_of(row), change.after)
    if since:
        raise Refused(
            f"This was changed again since: {join_words(field_label(name) for name in since)}. Decide on the latest"
            " change first, or mend the listing itself."
        )
    apply_content(session, row, change.before)
    _decide(session, actor, change, Verdict.PUT_BACK, batch)
    row.updated_at = clock.now()
    tell(session, row, tuple(change.before))
    _write(session, row, change.author_id, "listing-sent-back")


def publish(session: Session, actor: Actor, service_id: UUID, batch: UUID | None = None) -> None:
    """Publish a listing that waited. Raises as `services.move_status`."""
    row = _moderated(session, actor, service_id)
    move_status(session, actor, service_id, ListingStatus.PUBLISHED)
    _keep(session, actor, row.id, Verdict.PUBLISHED, batch)
    _write(session, row, None, "listing-approved")


def return_listing(
    session: Session,
    actor: Actor,
    service_id: UUID,
    reason: str,
    *,
    for_good: bool,
    batch: UUID | None = None,
) -> None:
    """Send a waiting listing back to its group, or reject it. Raises `Invalid` without a reason."""
    row = _moderated(session, actor, service_id)
    target = ListingStatus.REJECTED if for_good else ListingStatus.SENT_BACK
    move_status(session, actor, service_id, target, _reason(reason))
    verdict = Verdict.REJECTED if for_good else Verdict.RETURNED
    _keep(session, actor, row.id, verdict, batch, reason=reason)
    _write(session, row, None, "listing-sent-back")


def _moderated(session: Session, actor: Actor, service_id: UUID) -> Service:
    actor.must(Permission.MODERATE)
    return listing_for_update(session, actor, service_id)


def _open_change(
    session: Session, actor: Actor, change_id: UUID, state: ChangeState
) -> tuple[ListingChange, Service]:
    """The change and its listing, both held, for deciding on."""
    change, row = held_change(session, actor, change_id)
    if change.state is not state:
        raise Refused("Another editor has decided on this already, or the group has replaced it.")
    return change, row


def held_change(session: Session, actor: Actor, change_id: UUID) -> tuple[ListingChange, Service]:
    """The change and its listing, both held: the listing first, as whoever writes it does. Raises `NotFound`."""
    actor.must(Permission.MODERATE)
    service_id = session.scalar(select(ListingChange.service_id).where(ListingChange.id == change_id))
    if service_id is None:
        raise NotFound
    row = listing_for_update(session, actor, service_id)
    return session.get_one(ListingChange, change_id, with_for_update=True, populate_existing=True), row


_STATES = {
    Verdict.APPROVED: ChangeState.APPROVED,
    Verdict.SENT_BACK: ChangeState.SENT_BACK,
    Verdict.LOOKED_AT: ChangeState.REVIEWED,
    Verdict.PUT_BACK: ChangeState.SENT_BACK,
}


def _decide(
    session: Session, actor: Actor, change: ListingChange, verdict: Verdict, batch: UUID | None
) -> None:
    state = _STATES[verdict]
    change.state, change.decided_by_id, change.decided_at = state, actor.account_id, clock.now()
    _keep(session, actor, change.service_id, verdict, batch, change_id=change.id, reason=change.reason or "")
    audit.record(
        session, actor, f"listing.change.{state.value}", "service", change.service_id, change=str(change.id)
    )


def _keep(
    session: Session,
    actor: Actor,
    service_id: UUID,
    verdict: Verdict,
    batch: UUID | None,
    *,
    change_id: UUID | None = None,
    reason: str = "",
) -> None:
    session.add(
        ListingDecision(
            batch_id=batch or new_id(),
            service_id=service_id,
            change_id=change_id,
            verdict=verdict,
            reason=reason.strip() or None,
            author_id=actor.account_id,
            author_name=actor.name,
        )
    )


def _reason(text: str) -> str:
    reason = text.strip()
    if not reason:
        raise Invalid("Say why, so that the group knows what to change.", "reason")
    if len(reason) > 500:
        raise Invalid("Keep the reason to 500 letters.", "reason")
    return reason


def _write(session: Session, row: Service, author_id: UUID | None, template: str) -> None:
    """Tell whoever wrote it, or the group, by a link: what was decided stands behind the door."""
    author = session.get(Account, author_id) if author_id else None
    to = (author.email if author else None) or row.email or row.organization.email
    if to:
        send_email(session, to=to, template=template, context={"service_id": row.id}, about_id=row.id)
