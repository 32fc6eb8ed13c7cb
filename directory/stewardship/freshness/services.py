"""Keeping listings fresh: reminders, an editor's call, hiding what nobody speaks for, and bringing it back."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from core import clock
from core.access.rules import SYSTEM, Actor, Permission
from core.audit import services as audit
from core.db import hold
from directory.listings import services as listings
from directory.listings.freshness_rules import may_hide, review_date
from directory.listings.models import Service
from directory.listings.rules import IN_SEARCH, ListingStatus
from directory.stewardship.freshness import links, queries
from directory.stewardship.freshness.models import CallOutcome, EditorCall
from directory.stewardship.freshness.owners import KEPT, listings_of, owners_of

# One run's worth, so that an editor is not buried and nobody else waits long for the database.
MOST_MAILBOXES = 100
MOST_OPEN_CALLS = 12
RING_AGAIN_AFTER = timedelta(days=7)
WHY_HIDDEN = "Nobody has said for a long time that it is still right, and we could not reach the group."


def sweep(session: Session) -> None:
    """Do all that is due now: close calls that are answered, hide, remind, ask an editor to ring. Doing it twice
    does nothing more."""
    hold(session, "freshness sweep")
    close_answered(session)
    hide(session)
    remind(session)
    ask_to_ring(session)
    links.forget_old(session)


def remind(session: Session) -> int:
    """Send each mailbox whose listings reached a new urgency one email about all of them. Gives how many."""
    due = queries.wanting_reminder(session, clock.now())
    wanted = {row.id for row in due}
    sent = 0
    for owner in owners_of(session, due):
        if sent >= MOST_MAILBOXES:
            break
        # A link holds only so many: what is due comes first, or it would stay due and be sent for again and again.
        rows = sorted(listings_of(session, owner), key=lambda row: row.id not in wanted)
        if rows:
            links.send_check(session, owner, rows)
            sent += 1
    return sent


def ask_to_ring(session: Session) -> int:
    """Put calls on the editors' list, as many as they can make. Gives how many."""
    room = MOST_OPEN_CALLS - queries.count_calls(session)
    rows = queries.to_ring(session, clock.now(), room) if room > 0 else []
    session.add_all([EditorCall(service_id=row.id, asked_at=clock.now()) for row in rows])
    session.flush()
    return len(rows)


def close_answered(session: Session) -> None:
    """Take calls off the list whose listing somebody spoke for meanwhile, or that is no longer kept."""
    for call, row in queries.open_calls(session):
        spoken = row.confirmed_at is not None and row.confirmed_at > call.asked_at
        if spoken or row.status not in KEPT:
            call.done_at = clock.now()
    session.flush()


def hide(session: Session) -> int:
    """Hide what an editor has had time to ring about and nobody spoke for; its owners get a link that brings it back.
    Nothing is deleted. Gives how many."""
    now = clock.now()
    gone: list[Service] = []
    # Whose owner wrote to us is not hidden over our heads.
    for call, row in queries.open_calls(session, ~queries.answered(now)):
        due = review_date(row.confirmed_at, row.created_at, row.organization.kind)
        # Nobody could speak for what is made up.
        if row.status in IN_SEARCH and not row.is_example and may_hide(call.asked_at, due, now):
            listings.move_status(session, SYSTEM, row.id, ListingStatus.UNCONFIRMED, WHY_HIDDEN)
            gone.append(row)
    for owner in owners_of(session, gone):
        rows = [row for row in listings_of(session, owner) if row in gone]
        links.send_check(session, owner, rows, template=links.HIDDEN_TEMPLATE)
    return len(gone)


def note_call(session: Session, actor: Actor, service_id: UUID, outcome: CallOutcome) -> None:
    """Write down how an editor's call ended. Raises `NotFound` for anybody else, and where no call is open.

    "Still right" confirms the listing; after "something changed" the editor changes it and confirms; after no answer
    the call comes back in a week.
    """
    actor.must(Permission.MODERATE)
    call = queries.call_for_update(session, service_id)
    audit.record(session, actor, "listing.rang", "service", service_id, outcome=outcome.value)
    if outcome is CallOutcome.NO_ANSWER:
        call.tries, call.again_on = call.tries + 1, clock.today() + RING_AGAIN_AFTER
        session.flush()
        return
    call.done_at, call.outcome, call.done_by_id = clock.now(), outcome, actor.account_id
    if outcome is CallOutcome.STILL_RIGHT:
        listings.confirm(session, actor, service_id)
    session.flush()
