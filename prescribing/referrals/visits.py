"""Which visits hold, of all that was ever written down about them."""

from __future__ import annotations

from datetime import date

from prescribing.referrals.models import Attendance, Presence, Referral


def present_rows(referral: Referral) -> dict[date, Attendance]:
    """What holds for each day: the latest row, since rows are never changed."""
    rows = sorted(referral.attendances, key=lambda row: (row.on, row.recorded_at, row.id))
    return {row.on: row for row in rows}


def attended_days(referral: Referral) -> list[date]:
    """The days on which they came, oldest first."""
    return [on for on, row in present_rows(referral).items() if row.presence is Presence.CAME]
