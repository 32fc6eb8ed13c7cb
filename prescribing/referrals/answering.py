"""What a group says: yes, later, no; when the first visit is; and that somebody never came or stopped coming."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from core import clock
from core.access.rules import Actor
from core.audit import services as audit
from core.errors import Invalid
from core.events import publish
from prescribing.episodes.moves import Mover
from prescribing.referrals.events import CapacityChanged, ListingWasWrong
from prescribing.referrals.inbox import own_offer
from prescribing.referrals.models import Referral
from prescribing.referrals.rules import GROUP_ANSWERS, DeclineReason, ReferralState
from prescribing.referrals.scope import (
    any_referral_for_update,
    group_referral_for_update,
    movers_towards,
)
from prescribing.referrals.seen import place_in_line
from prescribing.referrals.services import hold_places, set_start_by, shift
from prescribing.referrals.visits import attended_days
from prescribing.referrals.waiting_rules import FairReason, check_turn

FURTHEST_VISIT = timedelta(days=365)


def answer(
    session: Session,
    actor: Actor,
    referral_id: UUID,
    target: ReferralState,
    *,
    expected_version: int,
    reason: DeclineReason | None = None,
    note: str = "",
    fair: FairReason | None = None,
) -> Referral:
    """A group's answer, by its member, by whoever holds its link, or written down by the link worker whom it rang.

    `expected_version` is that of the page that was answered from: the second of two answers gets `Conflict`.
    `fair` says why somebody on a waiting list comes before others who waited longer; what the group told on the phone
    is written down as it was. Raises `NotFound`, `Conflict`, `Refused` and `Invalid` (a no needs its reason).
    """
    if target not in GROUP_ANSWERS:
        raise Invalid("Choose yes, the waiting list or no.", "answer")
    referral = any_referral_for_update(session, actor, referral_id, expected_version)
    kept = note.strip() or None
    whose = _whose_word(session, actor, referral)
    if target is ReferralState.ACCEPTED:
        # How many places are left is counted after this yes: of two at once, the last one says that it is full.
        hold_places(session, referral.service_id)
        if referral.state is ReferralState.WAITLISTED and whose is None:
            kept = check_turn(place_in_line(session, referral), fair) or kept
    shift(
        session,
        actor,
        referral,
        target,
        reason=reason,
        note=kept,
        said_by=whose,
    )
    return referral


def schedule(
    session: Session, actor: Actor, referral_id: UUID, on: date, *, expected_version: int | None = None
) -> Referral:
    """Agree the day of the first visit, or another day for it. Raises `Invalid` for one that is over or far off."""
    if on < clock.today():
        raise Invalid("Choose a day that is still to come.", "on")
    if on > clock.today() + FURTHEST_VISIT:
        raise Invalid("Choose a day within a year.", "on")
    referral = any_referral_for_update(session, actor, referral_id, expected_version)
    if referral.state is ReferralState.SCHEDULED:
        referral.scheduled_for = on
        set_start_by(session, referral)
        session.flush()
        audit.record(session, actor, "referral.reschedule", "referral", referral.id)
        return referral
    referral.scheduled_for = on
    shift(session, actor, referral, ReferralState.SCHEDULED, said_by=_whose_word(session, actor, referral))
    return referral


def never_started(
    session: Session,
    actor: Actor,
    referral_id: UUID,
    *,
    note: str = "",
    expected_version: int | None = None,
) -> Referral:
    """Somebody who was accepted never came."""
    return _end(session, actor, referral_id, ReferralState.NEVER_STARTED, note, expected_version)


def stopped(
    session: Session,
    actor: Actor,
    referral_id: UUID,
    *,
    note: str = "",
    expected_version: int | None = None,
) -> Referral:
    """Somebody who came has stopped coming."""
    return _end(session, actor, referral_id, ReferralState.STOPPED, note, expected_version)


def settled(
    session: Session, actor: Actor, referral_id: UUID, *, expected_version: int | None = None
) -> Referral:
    """Somebody has settled in. Raises `Refused` while too few visits are recorded."""
    return _end(session, actor, referral_id, ReferralState.COMPLETED, "", expected_version)


def say_listing_wrong(session: Session, actor: Actor, referral_id: UUID, note: str) -> None:
    """A group says that its listing is not right, without refusing anybody."""
    if not note.strip():
        raise Invalid("Write what is wrong.", "note")
    referral = group_referral_for_update(session, actor, referral_id)
    audit.record(session, actor, "referral.listing-wrong", "referral", referral.id)
    publish(session, ListingWasWrong(referral.service_id, referral.organization_id, note.strip()[:500]))


def say_room(session: Session, actor: Actor, service_id: UUID, *, full: bool) -> None:
    """A group says that an activity of its own is full, or has room again: its listing and whoever looks for somewhere
    for somebody know at once. Raises `NotFound` for another's."""
    offer = own_offer(session, actor, service_id)
    audit.record(session, actor, "listing.room", "service", offer.service_id, full=full)
    publish(session, CapacityChanged(offer.service_id, offer.group_id, full))


def _end(
    session: Session,
    actor: Actor,
    referral_id: UUID,
    target: ReferralState,
    note: str,
    expected_version: int | None,
) -> Referral:
    referral = any_referral_for_update(session, actor, referral_id, expected_version)
    days = len(attended_days(referral))
    shift(session, actor, referral, target, note=note.strip() or None, attended=days)
    return referral


def _whose_word(session: Session, actor: Actor, referral: Referral) -> Mover | None:
    """The group's own word where it acts itself; else the link worker writes the group's word down."""
    movers = movers_towards(session, actor, referral, referral.episode)
    return None if Mover.GROUP in movers else Mover.GROUP
