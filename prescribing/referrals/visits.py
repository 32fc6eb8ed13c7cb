"""Which visits hold, of all that was ever written down about them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple, TypeVar
from uuid import UUID

from prescribing.referrals.models import Attendance, Presence, Referral


@dataclass(frozen=True)
class Mark:
    """What a group says of one person at one session. Somebody who did not come brought nobody."""

    presence: Presence
    brought_someone: bool = False

    @property
    def brought(self) -> bool:
        return self.brought_someone and self.presence is Presence.CAME


class VisitRow(NamedTuple):
    """What was written down about one visit, read by columns: as `Attendance`."""

    id: UUID
    referral_id: UUID
    on: date
    presence: Presence
    recorded_at: datetime


Visit = TypeVar("Visit", Attendance, VisitRow)


def present_rows(referral: Referral) -> dict[date, Attendance]:
    """What holds for each day: the latest row, since rows are never changed."""
    return holding(referral.attendances)


def holding(visits: Iterable[Visit]) -> dict[date, Visit]:
    """As `present_rows`, of the visits of one referral."""
    return {row.on: row for row in sorted(visits, key=lambda row: (row.on, row.recorded_at, row.id))}


def attended_days(referral: Referral) -> list[date]:
    """The days on which they came, oldest first."""
    return [on for on, row in present_rows(referral).items() if row.presence is Presence.CAME]
