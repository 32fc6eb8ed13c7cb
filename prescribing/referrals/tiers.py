"""What each sees of a referral and the person behind it: field names by tier. Pure.

A serialiser builds from one tier and nothing else, so that a new field is hidden until it is listed here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import TypeVar
from uuid import UUID

from prescribing.people.consent import ConsentFacts, ConsentPurpose, consent_covers, given_by
from prescribing.referrals.rules import AGREED, OFFERED, ReferralState

T = TypeVar("T")


class Tier(StrEnum):
    OFFER = "offer"
    ACCEPTED = "accepted"
    LINK_WORKER = "link-worker"
    REFERRER = "referrer"
    PERSON = "person"
    COMMISSIONER = "commissioner"
    ADMINISTRATOR = "administrator"


OFFER_FIELDS: frozenset[str] = frozenset(
    {
        "reference",
        "service",
        "ward",
        "age_band",
        "communication_words",
        "access_words",
        "safe_yes_words",
        "goal_words",
    }
)
# The reference and the service name the letter, not the person. Communication needs are access needs too: the
# Accessible Information Standard wants them shared with whoever is to meet them. A heads-up ("look out for Margaret,
# she is shy") is written for the group that people just turn up at.
ACCEPTED_FIELDS: frozenset[str] = frozenset(
    {
        "reference",
        "service",
        "preferred_name",
        "agreed_contact",
        "communication_words",
        "access_words",
        "risk_summary",
        "heads_up",
        "reply_by",
    }
)
REFERRER_FIELDS: frozenset[str] = frozenset({"reference", "submission", "outcome", "codes"})
THIRD_PARTY_FIELDS: frozenset[str] = frozenset({"third_party_words"})
RECORD_FIELDS: frozenset[str] = frozenset(
    {
        "name",
        "pronouns",
        "date_of_birth",
        "address",
        "postcode",
        "phone",
        "mobile",
        "email",
        "safe_contact",
        "contact_notes",
        "nhs_number",
        "gp_practice",
        "practice_notes",
        "ethnicity",
        "gender",
        "carer",
        "interpreter",
        "communication_needs",
        "access_needs",
        "what_matters",
        "strengths",
        "referrer",
        "reason_referrer",
        "reason_person",
        "risks",
        "safeguarding",
        "flagged_for_safety",
        "state",
        "history",
        "contacts",
        "needs",
        "goals",
        "actions",
        "measurements",
        "consents",
        "notes",
        "other_referrals",
        "attendances",
    }
)
EVERYTHING: frozenset[str] = (
    OFFER_FIELDS | ACCEPTED_FIELDS | REFERRER_FIELDS | RECORD_FIELDS | THIRD_PARTY_FIELDS
)

FIELDS: Mapping[Tier, frozenset[str]] = MappingProxyType(
    {
        Tier.OFFER: OFFER_FIELDS,
        Tier.ACCEPTED: ACCEPTED_FIELDS,
        Tier.LINK_WORKER: EVERYTHING,
        Tier.REFERRER: REFERRER_FIELDS,
        Tier.PERSON: EVERYTHING - THIRD_PARTY_FIELDS,
        # Suppressed aggregates come from evidence; accounts and settings from core. No field of a record.
        Tier.COMMISSIONER: frozenset(),
        Tier.ADMINISTRATOR: frozenset(),
    }
)


def visible(tier: Tier, record: Mapping[str, T]) -> dict[str, T]:
    """The part of a record that this tier sees. Raises ValueError for a field that no tier knows of."""
    unknown = sorted(set(record) - EVERYTHING)
    if unknown:
        raise ValueError(f"No tier says who sees {', '.join(unknown)}.")
    return {name: value for name, value in record.items() if name in FIELDS[tier]}


def taken_back_at(
    state: ReferralState,
    consents: Iterable[ConsentFacts],
    organization_id: UUID,
    at: datetime,
    *,
    asked_at: datetime,
) -> datetime | None:
    """When the person took back what let this group see them, though the referral goes on; None where they did not."""
    purpose = {True: ConsentPurpose.SHARE_ACCEPTED, False: ConsentPurpose.SHARE_OFFER}[state in AGREED]
    given = [
        one
        for one in given_by(consents, asked_at)
        if one.recipient_id == organization_id and one.purpose is purpose
    ]
    if state not in AGREED | OFFERED or consent_covers(given, organization_id, purpose, at):
        return None
    since = [
        one.withdrawn_at for one in given if one.withdrawn_at is not None and one.withdrawn_at > asked_at
    ]
    return max(since, default=None)


def was_shared_and_taken_back(
    consents: Iterable[ConsentFacts], organization_id: UUID, *, asked_at: datetime
) -> bool:
    """Whether what let this group see anything of them was taken back since it was asked."""
    return any(
        one.recipient_id == organization_id
        and one.purpose in {ConsentPurpose.SHARE_OFFER, ConsentPurpose.SHARE_ACCEPTED}
        and one.withdrawn_at is not None
        and one.withdrawn_at > asked_at
        for one in given_by(consents, asked_at)
    )


def group_tier(
    state: ReferralState,
    consents: Iterable[ConsentFacts],
    organization_id: UUID,
    at: datetime,
    *,
    asked_at: datetime,
    flagged_for_safety: bool,
) -> Tier | None:
    """What the group may see of this referral now; None is nothing at all.

    Nothing without live consent for this group that stood when the referral was made (`asked_at`), and nothing once
    the referral has closed. Where people just
    turn up it is accepted from the start, so the group sees a name only if the person agreed to a heads-up:
    that is consent to share what an accepting group sees. A record flagged for safety never shows online: its
    link worker rings the group.
    """
    if flagged_for_safety:
        return None
    given = given_by(consents, asked_at)
    if state in AGREED:
        covered = consent_covers(given, organization_id, ConsentPurpose.SHARE_ACCEPTED, at)
        return Tier.ACCEPTED if covered else None
    if state in OFFERED:
        covered = consent_covers(given, organization_id, ConsentPurpose.SHARE_OFFER, at)
        return Tier.OFFER if covered else None
    return None
