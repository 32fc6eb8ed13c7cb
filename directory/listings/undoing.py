"""Taking a decision back, for a while: what was decided together comes back together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock, events
from core.access.rules import Actor, Permission
from core.audit import services as audit
from core.calendar.rules import say_ago
from core.errors import NotFound, Refused
from directory.listings.content import apply_content, content_of
from directory.listings.deciding import held_change
from directory.listings.events import ListingChanged
from directory.listings.models import ChangeState, ListingChange, Service, StatusEvent
from directory.listings.moderation_models import ListingDecision, Verdict
from directory.listings.queries import listing_for_update, waiting_change
from directory.listings.rules import ListingStatus, changed_fields
from directory.listings.services import index, tell

UNDO_WITHIN = timedelta(hours=1)
BATCHES_SHOWN = 5

VERDICT_WORDS: Mapping[Verdict, str] = {
    Verdict.APPROVED: "Approved",
    Verdict.SENT_BACK: "Sent back",
    Verdict.LOOKED_AT: "Said to be fine",
    Verdict.PUT_BACK: "Put back as it was",
    Verdict.PUBLISHED: "Published",
    Verdict.RETURNED: "Sent back",
    Verdict.REJECTED: "Not accepted",
}


@dataclass(frozen=True, slots=True)
class Batch:
    """What was decided by one press and can still be taken back."""

    id: UUID
    what: str
    names: tuple[str, ...]
    who: str
    when: str


def lately(session: Session, actor: Actor) -> tuple[Batch, ...]:
    """The latest decisions that can still be taken back, newest first. Raises `NotFound` for all but editors."""
    actor.must(Permission.MODERATE)
    now = clock.now()
    found = session.execute(
        select(ListingDecision, Service.name)
        .join(Service, Service.id == ListingDecision.service_id)
        .where(ListingDecision.at > now - UNDO_WITHIN, ListingDecision.undone_at.is_(None))
        .order_by(ListingDecision.at.desc(), ListingDecision.id.desc())
        .limit(500)
    )
    batches: dict[UUID, list[tuple[ListingDecision, str]]] = {}
    for decision, name in found:
        batches.setdefault(decision.batch_id, []).append((decision, name))
    return tuple(_batch(each, now) for each in list(batches.values())[:BATCHES_SHOWN])


def _batch(each: list[tuple[ListingDecision, str]], now: datetime) -> Batch:
    first = each[0][0]
    words = dict.fromkeys(VERDICT_WORDS[decision.verdict] for decision, _ in each)
    return Batch(
        id=first.batch_id,
        what=", ".join(words),
        names=tuple(dict.fromkeys(name for _, name in each)),
        who=first.author_name,
        when=say_ago(first.at, now),
    )


def undo(session: Session, actor: Actor, batch_id: UUID) -> int:
    """Take back all that was decided by one press; gives how many.

    Raises `NotFound`, and `Refused` where it is too late, it was taken back, or something was changed since: then
    nothing is.
    """
    actor.must(Permission.MODERATE)
    decisions = session.scalars(
        select(ListingDecision)
        .where(ListingDecision.batch_id == batch_id)
        .order_by(ListingDecision.service_id)
        .with_for_update()
    ).all()
    if not decisions:
        raise NotFound
    if any(one.undone_at for one in decisions):
        raise Refused("This was taken back already.")
    if clock.now() - max(one.at for one in decisions) > UNDO_WITHIN:
        raise Refused("A decision can be taken back for an hour. Change the listing itself instead.")
    for one in decisions:
        _UNDOERS[one.verdict](session, actor, one)
        one.undone_at = clock.now()
        audit.record(session, actor, "listing.decision.undo", "service", one.service_id, decision=str(one.id))
    return len(decisions)


def _undo_change(
    session: Session, actor: Actor, one: ListingDecision, stands: str, back: str, state: ChangeState
) -> None:
    """Give the listing the values of `back` again, where those of `stands` still stand, and reopen the change.

    Both name a side of the change, or are empty where the decision changed nothing that the public sees.
    """
    if one.change_id is None:
        raise NotFound
    change, row = held_change(session, actor, one.change_id)
    if change.decided_at is None or (state is ChangeState.WAITING and waiting_change(session, row.id)):
        raise Refused(f"The group has sent something new for “{row.name}” since. Decide on that instead.")
    if stands:
        values: Mapping[str, object] = getattr(change, back)
        if changed_fields(content_of(row), getattr(change, stands)):
            raise Refused(f"“{row.name}” was changed again since. Mend the listing itself.")
        apply_content(session, row, values)
        tell(session, row, tuple(values))
    _reopen(change, state)
    row.updated_at = clock.now()


def _reopen(change: ListingChange, state: ChangeState) -> None:
    change.state, change.decided_by_id, change.decided_at, change.reason = state, None, None, None


def _undo_move(session: Session, actor: Actor, one: ListingDecision, stood: ListingStatus) -> None:
    row = listing_for_update(session, actor, one.service_id)
    if row.status is not stood:
        raise Refused(f"“{row.name}” is “{row.status.label}” now. Decide on that instead.")
    row.status = ListingStatus.WAITING
    session.add(
        StatusEvent(
            service_id=row.id,
            at=clock.now(),
            author_id=actor.account_id,
            from_status=stood,
            to_status=ListingStatus.WAITING,
            reason="The decision was taken back.",
        )
    )
    if stood is ListingStatus.PUBLISHED:
        events.publish(session, ListingChanged(row.id, ("status",)))
        index(session, row.id)


_Undo = Callable[[Session, Actor, ListingDecision], None]
_UNDOERS: Mapping[Verdict, _Undo] = {
    Verdict.APPROVED: lambda s, a, d: _undo_change(s, a, d, "after", "before", ChangeState.WAITING),
    Verdict.SENT_BACK: lambda s, a, d: _undo_change(s, a, d, "", "", ChangeState.WAITING),
    Verdict.LOOKED_AT: lambda s, a, d: _undo_change(s, a, d, "", "", ChangeState.PUBLISHED),
    Verdict.PUT_BACK: lambda s, a, d: _undo_change(s, a, d, "before", "after", ChangeState.PUBLISHED),
    Verdict.PUBLISHED: lambda s, a, d: _undo_move(s, a, d, ListingStatus.PUBLISHED),
    Verdict.RETURNED: lambda s, a, d: _undo_move(s, a, d, ListingStatus.SENT_BACK),
    Verdict.REJECTED: lambda s, a, d: _undo_move(s, a, d, ListingStatus.REJECTED),
}
