"""The clocks of referrals, day by day: nudge the group, ask the link worker, and say at last that no answer came."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock
from core.access.rules import SYSTEM
from core.audit import services as audit
from directory import published
from prescribing.referrals.clocks import ask_link_worker_due, expires, nudges_due
from prescribing.referrals.links import tell_group
from prescribing.referrals.models import Referral
from prescribing.referrals.rules import AWAITING_ANSWER, AWAITING_START, ReferralState
from prescribing.referrals.scope import referral_for_update, tier_for_group
from prescribing.referrals.services import answer_clock_of, set_start_by, shift


def waiting(session: Session) -> list[UUID]:
    """Referrals on which a clock runs."""
    states = AWAITING_ANSWER | AWAITING_START
    return list(session.scalars(select(Referral.id).where(Referral.state.in_(states)).order_by(Referral.id)))


def tick(session: Session, referral_id: UUID) -> None:
    """Do what this referral's clock asks for today; doing it twice on one day changes nothing."""
    referral = referral_for_update(session, SYSTEM, referral_id)
    if referral.state in AWAITING_START:
        set_start_by(session, referral)
        return
    if referral.state not in AWAITING_ANSWER:
        return
    today = clock.today()
    running = answer_clock_of(referral)
    referral.reply_by = running.answer_by
    if expires(running, today, referral.asked_on):
        shift(session, SYSTEM, referral, ReferralState.EXPIRED)
        return
    due = nudges_due(running, today, referral.nudges_sent)
    if due:
        referral.nudges_sent += due
        _nudge(session, referral)
    if ask_link_worker_due(running, today, referral.asked_on):
        referral.asked_on = today
        audit.record(session, SYSTEM, "referral.ask-link-worker", "referral", referral.id)
    session.flush()


def _nudge(session: Session, referral: Referral) -> None:
    """Remind the group once, however many days were missed; never where it may no longer look."""
    if tier_for_group(session, referral) is None:
        return
    offer = published.offer(session, referral.service_id)
    tell_group(session, referral, offer, template="referral-nudge")
    audit.record(session, SYSTEM, "referral.nudge", "referral", referral.id)
