"""Consent to share: with one recipient, for one purpose, until a time. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Protocol
from uuid import UUID


class ConsentPurpose(StrEnum):
    """What the person agreed to. Each purpose is asked for by itself."""

    SUPPORT = "support"
    SHARE_OFFER = "share-offer"
    SHARE_ACCEPTED = "share-accepted"
    FEEDBACK_TO_REFERRER = "feedback-to-referrer"
    # Being offered to a group as somebody who helps: it opens nothing of a referral there.
    HELP_GROUP = "help-group"


PURPOSE_WORDS: Mapping[ConsentPurpose, str] = MappingProxyType(
    {
        ConsentPurpose.SUPPORT: "Support from",
        ConsentPurpose.SHARE_OFFER: "Ask, without a name:",
        ConsentPurpose.SHARE_ACCEPTED: "Share name and contact with",
        ConsentPurpose.FEEDBACK_TO_REFERRER: "Say what came of it to",
        ConsentPurpose.HELP_GROUP: "Offered as a helper, with name and contact, to",
    }
)

# The same, said to the person.
OWN_PURPOSE_WORDS: Mapping[ConsentPurpose, str] = MappingProxyType(
    {
        ConsentPurpose.SUPPORT: "Support you",
        ConsentPurpose.SHARE_OFFER: "Read what you want and need, without your name",
        ConsentPurpose.SHARE_ACCEPTED: "Know who you are and how to reach you",
        ConsentPurpose.FEEDBACK_TO_REFERRER: "Hear what came of it",
        ConsentPurpose.HELP_GROUP: "See your name and how to reach you, because you would like to help there",
    }
)

# What each field says that may be shared with whoever it was agreed with.
SHARED_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "access_words": "access needs",
        "age_band": "a rough age",
        "agreed_contact": "one agreed way to get in touch",
        "communication_words": "communication needs",
        "goal_words": "what is hoped for",
        "heads_up": "what to look out for",
        "preferred_name": "a name to be called by",
        "reference": "a reference",
        "reply_by": "when to answer by",
        "request": "what was asked for",
        "risk_summary": "risks, in the words agreed",
        "safe_yes_words": "what makes it safe to say yes",
        "service": "which activity",
        "ward": "which part of the borough",
    }
)

# How somebody may have agreed who did not do it online.
HOW_AGREED = ("face to face", "by phone", "by video call", "in writing")

SHUT_WORDS = "Taken back. They can no longer see it, and they are told to delete what they have."
# What has happened once it is taken back, said to the team that wrote it down.
TAKEN_BACK_WORDS: Mapping[ConsentPurpose, str] = MappingProxyType(
    {
        ConsentPurpose.SUPPORT: "Taken back. Their support has stopped, and nobody gets in touch any more.",
        ConsentPurpose.SHARE_OFFER: SHUT_WORDS,
        ConsentPurpose.SHARE_ACCEPTED: SHUT_WORDS,
        ConsentPurpose.FEEDBACK_TO_REFERRER: "Taken back. Whoever referred them hears nothing more.",
        ConsentPurpose.HELP_GROUP: "Taken back. They are off the group's list of helpers.",
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


class Agreed(Protocol):
    """What decides whether a consent still holds."""

    @property
    def id(self) -> UUID: ...
    @property
    def purpose(self) -> ConsentPurpose: ...
    @property
    def recipient_id(self) -> UUID: ...
    @property
    def until(self) -> datetime | None: ...
    @property
    def withdrawn_at(self) -> datetime | None: ...


def consents_now(found: Iterable[Agreed], now: datetime) -> tuple[frozenset[UUID], frozenset[UUID]]:
    """Of consents, newest first: those that hold now, and those that were taken back, or whose time is over, and can be
    given again. Of several of one kind only the latest can."""
    live: set[UUID] = set()
    again: set[UUID] = set()
    seen: set[tuple[UUID, ConsentPurpose]] = set()
    every = list(found)
    for one in every:
        if one.withdrawn_at is None and (one.until is None or now < one.until):
            live.add(one.id)
            seen.add((one.recipient_id, one.purpose))
    for one in every:
        kind = (one.recipient_id, one.purpose)
        if kind not in seen:
            again.add(one.id)
            seen.add(kind)
    return frozenset(live), frozenset(again)
