"""Why an activity fits somebody, and what to ask first. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from directory.published import Offer
from prescribing.people.rules import suits_age
from prescribing.referrals.rules import (
    DECLINE_WORDS,
    REFERRAL_OPEN,
    REFERRAL_WORDS,
    DeclineReason,
    ReferralState,
)

# What people say of themselves, by the access feature that answers it.
_ASKED: Mapping[str, tuple[str, ...]] = {
    "step-free": ("wheelchair", "stair", "step", "walk", "frame", "mobility", "scooter", "stick"),
    "accessible-toilet": ("toilet",),
    "hearing-loop": ("hearing", "deaf"),
    "bsl": ("sign language", "bsl"),
    "quiet-space": ("quiet", "noise", "autis", "anxious", "crowd"),
    "assistance-dogs": ("assistance dog", "guide dog"),
    "carers-welcome": ("carer",),
    "parking": ("park",),
}


@dataclass(frozen=True)
class Who:
    """What of a person decides whether an activity fits: age in whole years, access and communication needs
    in their own words, each apart."""

    age: int | None
    access: tuple[str, ...]


@dataclass(frozen=True)
class Earlier:
    """What became of the last referral of the same person to the same activity."""

    state: ReferralState
    reason: DeclineReason | None


@dataclass(frozen=True)
class Fit:
    """`fits` speaks for it, `checks` is to be asked first, `stops` says why nobody can be referred now."""

    fits: tuple[str, ...]
    checks: tuple[str, ...]
    stops: tuple[str, ...]
    full: bool = False


def judge(who: Who, offer: Offer, need_slug: str, taken: int, earlier: Earlier | None = None) -> Fit:
    """How an activity suits somebody; `taken` is how many people who were referred hold a place there."""
    fits: list[str] = []
    checks: list[str] = []
    stops: list[str] = []
    _ages(who, offer, fits, checks, stops)
    full = _room(offer, taken, fits, checks, stops)
    _access(who, offer, fits, checks)
    if need_slug not in {term.slug for term in offer.needs}:
        checks.append("Not listed for this need")
    if not offer.next_sessions:
        checks.append("No date is known: ask the group")
    if earlier is not None and earlier.state in REFERRAL_OPEN:
        stops.append(f"Referred already: {REFERRAL_WORDS[earlier.state]}")
    elif earlier is not None and earlier.state is not ReferralState.ENTERED_IN_ERROR:
        why = f": {DECLINE_WORDS[earlier.reason]}" if earlier.reason else ""
        checks.append(f"Tried before: {REFERRAL_WORDS[earlier.state]}{why}")
    return Fit(tuple(fits), tuple(checks), tuple(stops), full)


def say_ages(minimum: int | None, maximum: int | None) -> str:
    """Such as "ages 18 to 25", "18 and over", "up to 25"; empty where every age is welcome."""
    if minimum is not None and maximum is not None:
        return f"ages {minimum} to {maximum}"
    if minimum is not None:
        return f"{minimum} and over"
    return "" if maximum is None else f"up to {maximum}"


def _ages(who: Who, offer: Offer, fits: list[str], checks: list[str], stops: list[str]) -> None:
    ages = say_ages(offer.minimum_age, offer.maximum_age)
    if not ages:
        return
    if who.age is None:
        checks.append(f"For {ages}: their age is not known yet")
    elif suits_age(who.age, offer.minimum_age, offer.maximum_age):
        fits.append(f"For {ages}: they are {who.age}")
    else:
        stops.append(f"For {ages}: they are {who.age}")


def _room(offer: Offer, taken: int, fits: list[str], checks: list[str], stops: list[str]) -> bool:
    if not offer.takes_referrals:
        stops.append("Takes nobody just now")
        return False
    if offer.full_since is not None:
        checks.append("Full, it said: there is a waiting list")
        return True
    if offer.capacity is None:
        return False
    left = offer.capacity - taken
    if left <= 0:
        checks.append("Full now: there is a waiting list")
        return True
    fits.append(f"{left} {'place' if left == 1 else 'places'} free")
    return False


def _access(who: Who, offer: Offer, fits: list[str], checks: list[str]) -> None:
    there = {term.slug: term.name for term in offer.access}
    for text in who.access:
        said = text.casefold()
        asked = [slug for slug, words in _ASKED.items() if any(word in said for word in words)]
        fits.extend(there[slug] for slug in asked if slug in there)
        if not asked or any(slug not in there for slug in asked):
            checks.append(f"Ask about: {text.strip()}")
