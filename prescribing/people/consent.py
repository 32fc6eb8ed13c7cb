"""Consent to share: with one recipient, for one purpose, for a time. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from core.calendar.rules import london_day


class ConsentPurpose(StrEnum):
    """Why something is shared. Consent is for one recipient and one purpose."""

    REFER = "refer"
    HEADS_UP = "heads-up"
    FEEDBACK = "feedback"
    PROXY = "proxy"
    EVALUATION = "evaluation"


class ConsentMode(StrEnum):
    """How consent was given."""

    SPOKEN = "spoken"
    WRITTEN = "written"
    ONLINE = "online"


@dataclass(frozen=True)
class Consent:
    """To share with one recipient for one purpose. `until` is the last day on which it holds."""

    recipient: str
    purpose: ConsentPurpose
    wording_version: str
    mode: ConsentMode
    recorded_by: str
    given_at: datetime
    until: date | None = None
    withdrawn_at: datetime | None = None


def consent_covers(
    consents: Iterable[Consent], recipient: str, purpose: ConsentPurpose, at: datetime
) -> bool:
    """Whether any of them lets us share with this recipient for this purpose at that moment."""
    return any(
        consent.recipient == recipient
        and consent.purpose is purpose
        and consent.given_at <= at
        and (consent.until is None or london_day(at) <= consent.until)
        and (consent.withdrawn_at is None or at < consent.withdrawn_at)
        for consent in consents
    )
