"""The recurring work of referrals, and what they listen to."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from core import clock
from core.db import JsonDict
from core.jobs.registry import handler, scheduled
from core.jobs.services import enqueue
from prescribing.referrals import subscribers, ticking

subscribers.register()


@scheduled("referrals.clocks", every=timedelta(hours=1))
def run_clocks(session: Session) -> None:
    """Promise one job for each referral on which a clock runs, so that one that fails keeps no other waiting."""
    for referral_id in ticking.waiting(session):
        enqueue(
            session,
            "referrals.tick",
            {"referral_id": str(referral_id)},
            key=f"referrals.tick {referral_id} {clock.today().isoformat()}",
        )


@handler("referrals.tick")
def tick(session: Session, payload: JsonDict) -> None:
    """Do what one referral's clock asks for today."""
    ticking.tick(session, UUID(str(payload["referral_id"])))
