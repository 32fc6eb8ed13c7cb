"""The sessions ahead that somebody is expected at, whoever shows them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy.orm import Session

from core import clock
from core.calendar.rules import london_day
from directory import published
from prescribing.referrals.models import Referral
from prescribing.referrals.rules import AGREED, expected_on
from prescribing.referrals.visits import attended_days

AHEAD = timedelta(days=28)


def expected_sessions(
    session: Session, referrals: Sequence[Referral]
) -> list[tuple[Referral, published.Occurrence]]:
    """The sessions of the four weeks ahead that are not over, soonest first, cancelled ones too. The referrals come
    with their attendances; those that nobody agreed to yet have none."""
    today, agreed = clock.today(), [row for row in referrals if row.state in AGREED]
    if not agreed:
        return []
    sessions = published.sessions_of_many(session, {row.service_id for row in agreed}, today, today + AHEAD)
    found = [
        (row, one)
        for row in agreed
        for one in sessions.get(row.service_id, ())
        if (one.end or one.start) > clock.now()
        and expected_on(row.state, row.scheduled_for, attended_days(row), london_day(one.start))
    ]
    return sorted(found, key=lambda each: each[1].start)
