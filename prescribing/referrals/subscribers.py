"""What referrals do when something happens elsewhere: a consent is taken back, a session is off, a listing closes."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from core import clock
from core.access.rules import SYSTEM
from core.audit import services as audit
from core.events import subscribe
from core.notify.events import AddressRefused
from core.notify.services import cancel_about
from directory import published
from directory.published import ListingClosed, SessionCancelled, SessionMoved, SessionRestored
from prescribing.episodes import contributions, finding, timeline
from prescribing.episodes.models import ActionOwner
from prescribing.episodes.plan import ActionText, add_action
from prescribing.episodes.rules import EPISODE_OPEN
from prescribing.people.consent import ConsentPurpose
from prescribing.people.events import ConsentWithdrawn, FlaggedForSafety
from prescribing.people.models import RecipientKind
from prescribing.referrals import queries, telling
from prescribing.referrals.contributing import WATCHES, contribute, outcomes
from prescribing.referrals.happened import happened
from prescribing.referrals.links import tell_to_delete
from prescribing.referrals.models import Referral
from prescribing.referrals.rules import OFFERED, REFERRAL_OPEN
from prescribing.referrals.scope import referrals_for_update
from prescribing.referrals.services import (
    end_for,
    goes_on,
    hanging_for,
    revoke_links,
    stop_for,
    take_back,
    take_back_some,
)

_SHARED = frozenset({ConsentPurpose.SHARE_OFFER, ConsentPurpose.SHARE_ACCEPTED})


def register() -> None:
    """Listen; saying it twice changes nothing."""
    subscribe(ConsentWithdrawn, on_consent_withdrawn)
    subscribe(SessionCancelled, on_session_cancelled)
    subscribe(SessionMoved, on_session_moved)
    subscribe(SessionRestored, on_session_restored)
    subscribe(AddressRefused, on_address_refused)
    subscribe(FlaggedForSafety, on_flagged_for_safety)
    subscribe(ListingClosed, on_listing_closed)
    contributions.register(contribute, *WATCHES)
    contributions.register_outcomes(outcomes)
    timeline.register(happened)
    finding.register_references(queries.by_reference)
    contributions.register_stop(stop_for)
    contributions.register_end(end_for)
    contributions.register_hanging(hanging_for, take_back_some, goes_on)


def on_consent_withdrawn(session: Session, event: ConsentWithdrawn) -> None:
    """Shut the group out at once: its links open nothing, nothing more reaches it, and it is asked to delete. Whoever
    it has not taken in is taken back by the same word; where it said yes, the team decides with the person."""
    if event.recipient_kind is not RecipientKind.ORGANIZATION or event.purpose not in _SHARED:
        return
    theirs = (Referral.person_id == event.person_id, Referral.organization_id == event.recipient_id)
    for referral in referrals_for_update(session, *theirs):
        if referral.state in OFFERED and event.actor.kind != "system":
            take_back(session, event.actor, referral, "They took back that it may be shared.")
        cancel_about(session, referral.id)
        revoke_links(session, referral.id)
        tell_to_delete(session, referral)
        audit.record(session, SYSTEM, "referral.shut", "referral", referral.id, purpose=event.purpose)


def on_session_cancelled(session: Session, event: SessionCancelled) -> None:
    """Whoever is expected is told, or rung."""
    telling.tell_off(session, event.service_id, event.on, event.session)


def on_session_moved(session: Session, event: SessionMoved) -> None:
    """Whoever is expected hears when it is now."""
    at = f"T{event.starts.isoformat('minutes')}" if event.starts is not None else ""
    stands = f"{event.moved_to.isoformat()}{at}"
    telling.tell_off(session, event.service_id, event.on, event.session, stands=stands)


def on_session_restored(session: Session, event: SessionRestored) -> None:
    """Whoever was told that it is off or has moved hears that it is on."""
    telling.tell_on(session, event.service_id, event.on, event.session)


def on_address_refused(session: Session, event: AddressRefused) -> None:
    """A message that reached nobody is a call to make."""
    telling.ring_instead(session, event.address)


def on_flagged_for_safety(session: Session, event: FlaggedForSafety) -> None:
    """What waits to be sent to them about their sessions is a call to make, to them alone."""
    telling.ring_rather_than_send(session, event.person_id)


def on_listing_closed(session: Session, event: ListingClosed) -> None:
    """Whoever looks after somebody who goes there, or waits to, is asked to find something else with them."""
    name = published.offer(session, event.service_id).name
    closed = "has closed" if event.for_good else "is closed for now"
    there = Referral.service_id.in_(published.known_ids(session, event.service_id))
    for referral in _open(session, there):
        _task(
            session,
            referral,
            f"{name} {closed}. Tell them, and see what else would help.",
            clock.today(),
        )


def _open(session: Session, *which: ColumnElement[bool]) -> list[Referral]:
    return list(
        session.scalars(
            select(Referral)
            .where(Referral.state.in_(REFERRAL_OPEN), *which)
            .order_by(Referral.episode_id, Referral.id)
        )
    )


def _task(session: Session, referral: Referral, words: str, due_on: date) -> None:
    if referral.episode.state in EPISODE_OPEN:
        add_action(
            session,
            SYSTEM,
            referral.episode_id,
            ActionText(words=words, owner=ActionOwner.LINK_WORKER, due_on=due_on),
        )
