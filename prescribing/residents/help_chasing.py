"""A group that does not answer an offer of help is reminded, and at last somebody rings it."""

from __future__ import annotations

from datetime import datetime, time
from uuid import UUID

from sqlalchemy.orm import Session

from core import clock
from core.calendar.rules import add_working_days
from core.jobs.services import enqueue
from directory import published
from prescribing.episodes.clock_settings import clocks
from prescribing.residents import help_links
from prescribing.residents.help_seen import may_be_known
from prescribing.residents.models import OfferOfHelp
from prescribing.residents.scope import offer_for_update
from prescribing.residents.tasks import tell_link_worker

CHASE = "residents.chase-help"


def chase_later(session: Session, row: OfferOfHelp, asked_at: datetime) -> None:
    """On the days on which a group is reminded of a referral, look whether it has answered what it was asked then."""
    days = clocks().nudges
    for number in days:
        morning = datetime.combine(add_working_days(clock.today(), number), time(9), clock.LONDON)
        enqueue(
            session,
            CHASE,
            {"offer_id": str(row.id), "asked_at": asked_at.isoformat(), "last": number == max(days)},
            run_at=morning,
        )


def chase(session: Session, offer_id: UUID, asked_at: datetime, *, last: bool) -> None:
    """Remind a group that was asked at `asked_at`; the `last` time the link worker is asked to ring it. Nothing where
    it has answered, was asked anew, or may not know of it any more."""
    row = offer_for_update(session, offer_id)
    if row is None or row.asked_at != asked_at or row.said_yes is not None or row.service_id is None:
        return
    if not may_be_known(session, row):
        return
    offer = published.offer(session, row.service_id)
    help_links.tell_group(session, row, offer, template="help-nudge")
    if last:
        tell_link_worker(
            session, row.person_id, f"{offer.name} has not answered their offer of help. Ring it."
        )
