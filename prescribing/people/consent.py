"""Consent to share: with one recipient, for one purpose, until a time. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from uuid import UUID


class ConsentPurpose(StrEnum):
    """What the person agreed to. Each purpose is asked for by itself."""

    SUPPORT = "support"
    SHARE_OFFER = "share-offer"
    SHARE_ACCEPTED = "share-accepted"
    FEEDBACK_TO_REFERRER = "feedback-to-referrer"


PURPOSE_WORDS: Mapping[ConsentPurpose, str] = MappingProxyType(
    {
        ConsentPurpose.SUPPORT: "Support from",
        ConsentPurpose.SHARE_OFFER: "Ask, without a name:",
        ConsentPurpose.SHARE_ACCEPTED: "Share name and contact with",
        ConsentPurpose.FEEDBACK_TO_REFERRER: "Say what came of it to",
    }
)

# Nobody may learn who somebody is who may not even learn that they are there.
_RESTS_ON: Mapping[ConsentPurpose, ConsentPurpose] = MappingProxyType(
    {ConsentPurpose.SHARE_ACCEPTED: ConsentPurpose.SHARE_OFFER}
)


def falls_with(purpose: ConsentPurpose) -> frozenset[ConsentPurpose]:
    """The purposes that end for a recipient when this one is taken back: itself, and what rests on it."""
    return frozenset({purpose, *(above for above, below in _RESTS_ON.items() if below is purpose)})


@dataclass(frozen=True)
class ConsentFacts:
    """What decides whether a consent holds. Times are aware; it holds before `until`."""

    recipient_id: UUID
    purpose: ConsentPurpose
    given_at: datetime
    until: datetime | None = None
    withdrawn_at: datetime | None = None


def given_by(consents: Iterable[ConsentFacts], at: datetime) -> tuple[ConsentFacts, ...]:
    """Those that stood when something was sent at that moment. A yes that comes later is a yes to something else: it
    opens nothing that was shut before it."""
    return tuple(consent for consent in consents if consent.given_at <= at)


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
