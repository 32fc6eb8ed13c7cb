"""The parts of a group's inbox, and what presses most in each. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from enum import StrEnum
from types import MappingProxyType

from prescribing.referrals.rules import AGREED, ReferralState


class Part(StrEnum):
    """The parts of an inbox, in the order of the page."""

    NEW = "new"
    COMING = "coming"
    WAITING = "waiting"


PART_WORDS: Mapping[Part, str] = MappingProxyType(
    {
        Part.NEW: "Please answer",
        Part.COMING: "Coming",
        Part.WAITING: "On your waiting list",
    }
)


def part_of(state: ReferralState) -> Part | None:
    """Where a referral stands in its group's inbox; None for one that asks nothing of the group."""
    if state is ReferralState.REQUESTED:
        return Part.NEW
    if state is ReferralState.WAITLISTED:
        return Part.WAITING
    return Part.COMING if state in AGREED else None


def answer_order(reply_by: date | None, since: date) -> tuple[date, date]:
    """Sorts what is to be answered: the most overdue first, then whoever has waited longest."""
    return (reply_by or date.max, since)


def coming_order(
    ask_about: date | None, scheduled_for: date | None, since: date, *, came: bool
) -> tuple[int, int]:
    """Sorts who is coming: a session to be marked first (the oldest first), then whose first visit is still to be
    agreed (whoever said yes last comes last), then first visits by their day, then the regulars, the latest first."""
    if ask_about is not None:
        return (0, ask_about.toordinal())
    if came:
        return (3, -since.toordinal())
    if scheduled_for is None:
        return (1, since.toordinal())
    return (2, scheduled_for.toordinal())


def asks_about_visit(visit: date, off: Collection[date], *, oldest: date, today: date) -> bool:
    """Whether to ask if somebody came for the first visit agreed for that day: from the day after, as long as days are
    asked about at all (`oldest`), and not where what was to be there was off or moved (`off`)."""
    return oldest <= visit < today and visit not in off
