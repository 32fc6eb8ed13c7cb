"""Consent to share: with one recipient, for one purpose, until a time. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class ConsentPurpose(StrEnum):
    """What the person agreed to. Each purpose is asked for by itself."""

    SUPPORT = "support"
    SHARE_OFFER = "share-offer"
    SHARE_ACCEPTED = "share-accepted"
    FEEDBACK_TO_REFERRER = "feedback-to-referrer"


@dataclass(frozen=True)
class ConsentFacts:
    """What decides whether a consent holds. Times are aware; it holds before `until`."""

    recipient_id: UUID
    purpose: ConsentPurpose
    given_at: datetime
    until: datetime | None = None
    withdrawn_at: datetime | None = None


def consent_covers(
    consents: Iterable[ConsentFacts], recipient_id: UUID, purpose: ConsentPurpose, at: datetime
) -> bool:
    """Whether any of them lets us share with this recipient for this purpose at that moment."""
    return any(
        consent.recipient_id == recipient_id
        and consent.purpose is purpose
        and consent.given_at <= at
        and (consent.until is None or at < consent.until)
        and (consent.withdrawn_at is None or at < consent.withdrawn_at)
        for consent in consents
    )
