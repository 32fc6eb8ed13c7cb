"""The typed, read-only face of the directory: all that prescribing may use of it, and the events it may hear."""

from __future__ import annotations

from directory.listings.cards import Card, Term, cards
from directory.listings.events import ListingChanged, ListingClosed, SessionCancelled
from directory.listings.offers import (
    GroupFace,
    NeedTerm,
    Offer,
    group,
    needs,
    next_session_after,
    offer,
    offers,
    offers_of_group,
    sessions_between,
)
from directory.listings.recurrence import Occurrence
from directory.listings.rules import DeliveryMode, JoinMode, ListingStatus
from directory.listings.summaries import session_in_words

__all__ = [
    "Card",
    "DeliveryMode",
    "GroupFace",
    "JoinMode",
    "ListingChanged",
    "ListingClosed",
    "ListingStatus",
    "NeedTerm",
    "Occurrence",
    "Offer",
    "SessionCancelled",
    "Term",
    "cards",
    "group",
    "needs",
    "next_session_after",
    "offer",
    "offers",
    "offers_of_group",
    "session_in_words",
    "sessions_between",
]
