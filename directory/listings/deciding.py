"""An editor's decisions: approve, send back, put back as it was, publish a new listing."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock
from core.access.rules import Actor, Permission
from core.accounts.models import Account
from core.audit import services as audit
from core.errors import Invalid, NotFound, Refused
from core.notify.services import send_email
from directory.listings.content import apply_content, content_of
from directory.listings.models import ChangeState, ListingChange, Service
from directory.listings.queries import listing_for_update
from directory.listings.rules import ListingStatus, changed_fields
from directory.listings.services import move_status, tell
from directory.listings.wording import field_label, join_words


def approve(session: Session, actor: Actor, change_id: UUID) -> None:
    """Make a waiting change public. Raises `NotFound`, and `Refused` where it waits no more."""
    change, row = _open_change(session, actor, change_id, ChangeState.WAITING)
    public = content_of(row)
    apply_content(session, row, change.after)
    change.before = {name: public.get(name) for name in change.after}
    _decide(session, actor, change, ChangeState.APPROVED)
    row.updated_at = clock.now()
    tell(session, row, tuple(change.after))
    _write(session, row, change.author_id, "listing-approved")


def send_back(session: Session, actor: Actor, change_id: UUID, reason: str) -> None:
    """Give a waiting change back to its group with a reason. Raises `Invalid` without one."""
    change, row = _open_change(session, actor, change_id, ChangeState.WAITING)
    change.reason = _reason(reason)
    _decide(session, actor, change, ChangeState.SENT_BACK)
    _write(session, row, change.author_id, "listing-sent-back")


def looked_at(session: Session, actor: Actor, change_id: UUID) -> None:
    """Say that a change which is public already is fine."""
    change, _ = _open_change(session, actor, change_id, ChangeState.PUBLISHED)
    _decide(session, actor, change, ChangeState.REVIEWED)


def put_back(session: Session, actor: Actor, change_id: UUID, reason: str) -> None:
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
    _decide(session, actor, change, ChangeState.SENT_BACK)
    row.updated_at = clock.now()
    tell(session, row, tuple(change.before))
    _write(session, row, change.author_id, "listing-sent-back")


def publish(session: Session, actor: Actor, service_id: UUID) -> None:
    """Publish a listing that waited. Raises as `services.move_status`."""
    row = _moderated(session, actor, service_id)
    move_status(session, actor, service_id, ListingStatus.PUBLISHED)
    _write(session, row, None, "listing-approved")


def return_listing(session: Session, actor: Actor, service_id: UUID, reason: str, *, for_good: bool) -> None:
    """Send a waiting listing back to its group, or reject it. Raises `Invalid` without a reason."""
    row = _moderated(session, actor, service_id)
    target = ListingStatus.REJECTED if for_good else ListingStatus.SENT_BACK
    move_status(session, actor, service_id, target, _reason(reason))
    _write(session, row, None, "listing-sent-back")


def _moderated(session: Session, actor: Actor, service_id: UUID) -> Service:
    if not actor.can(Permission.MODERATE):
        raise NotFound
    return listing_for_update(session, actor, service_id)


def _open_change(
    session: Session, actor: Actor, change_id: UUID, state: ChangeState
) -> tuple[ListingChange, Service]:
    """The change and its listing, both held: the listing first, as whoever writes it does."""
    if not actor.can(Permission.MODERATE):
        raise NotFound
    service_id = session.scalar(select(ListingChange.service_id).where(ListingChange.id == change_id))
    if service_id is None:
        raise NotFound
    row = listing_for_update(session, actor, service_id)
    change = session.get_one(ListingChange, change_id, with_for_update=True, populate_existing=True)
    if change.state is not state:
        raise Refused("Another editor has decided on this already, or the group has replaced it.")
    return change, row


def _decide(session: Session, actor: Actor, change: ListingChange, state: ChangeState) -> None:
    change.state, change.decided_by_id, change.decided_at = state, actor.account_id, clock.now()
    audit.record(
        session, actor, f"listing.change.{state.value}", "service", change.service_id, change=str(change.id)
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
