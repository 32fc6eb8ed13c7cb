"""The typed, read-only face of the directory: all that prescribing may use of it, and the events it may hear."""

from __future__ import annotations

from directory.insight.queries import GapNoted, LookedFor, gaps_seen, looked_for
from directory.listings.cards import Card, Term, cards
from directory.listings.events import (
    ListingChanged,
    ListingClosed,
    SessionCancelled,
    SessionMoved,
    SessionRestored,
)
from directory.listings.merged import activities_known, groups_known, known_as
from directory.listings.merged import members_of as members_of_group
from directory.listings.offers import (
    Brief,
    GroupFace,
    NeedTerm,
    Offer,
    briefs,
    every_need,
    group,
    group_names,
    known_group_ids,
    known_ids,
    needs,
    next_session_after,
    offer,
    offers,
    offers_of_group,
    sessions_between,
    sessions_of_many,
)
from directory.listings.recurrence import Occurrence, Weekday
from directory.listings.rules import DeliveryMode, JoinMode, ListingStatus
from directory.listings.summaries import session_in_words
from directory.search.facets import chosen_of
from directory.search.queries import Answer, Found, search
from directory.search.rules import Criteria, Sort
from directory.stewardship.claims.queries import owned_groups

__all__ = [
    "Answer",
    "Brief",
    "Card",
    "Criteria",
    "DeliveryMode",
    "Found",
    "GapNoted",
    "GroupFace",
    "JoinMode",
    "ListingChanged",
    "ListingClosed",
    "ListingStatus",
    "LookedFor",
    "NeedTerm",
    "Occurrence",
    "Offer",
    "SessionCancelled",
    "SessionMoved",
    "SessionRestored",
    "Sort",
    "Term",
    "Weekday",
    "activities_known",
    "briefs",
    "cards",
    "chosen_of",
    "every_need",
    "gaps_seen",
    "group",
    "group_names",
    "groups_known",
    "known_as",
    "known_group_ids",
    "known_ids",
    "looked_for",
    "members_of_group",
    "needs",
    "next_session_after",
    "offer",
    "offers",
    "offers_of_group",
    "owned_groups",
    "search",
    "session_in_words",
    "sessions_between",
    "sessions_of_many",
]
