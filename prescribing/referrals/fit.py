"""Why an activity fits somebody, and what to ask first. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import takewhile

from directory.published import Offer
from prescribing.people.rules import suits_age
from prescribing.referrals.audience_rules import FITS, Who, meant_for
from prescribing.referrals.matching_rules import NOT_KNOWN, History, Room, say_freshness, say_history
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
# Needs with which a fee stands in the way, whichever of them is looked for now; and words that say the same.
_SHORT_OF_MONEY = frozenset({"money-and-debt", "food", "fuel", "homelessness"})
_MONEY_WORDS = frozenset({"money", "afford", "debt", "debts", "bills"})
# Words that say nothing of what somebody likes to do.
_FILLERS = """able
about after afternoon afternoons again also always another anything around asked asking back become been
before being best better call called calls carry chance close come comes coming could days different doing done
down each easy else enough evening evenings every everyone everything expect expected expects feel find finds
first friday from full gets getting give goes going gone good happen happens have having head help here hour
hours into join joined joining just keep keeps kept kind know knowing known knows last later least leave less
like little live long look looking looks lots made make makes many matters maybe meet meeting meets mind monday
month months more morning mornings most much myself need never next nice night nights nobody nothing often once
only open opens other over part people person place plan plans ready really remember remembered remembers right
room round said same saturday says second seen shall should side since some somebody someone something sometimes
soon start stay stayed staying stays still such sunday sure take taken takes taking tell than that their them
then there they thing things think this those though through thursday time times today took tuesday turn until
used using want wanted wants ways wednesday week weeks well were what whatever when where which while whole will
wish whom with without work would write writes year years your"""
_SAYS_NOTHING = frozenset(_FILLERS.split())
_SHORTEST = 4
_ENDINGS = frozenset({"", "e", "s", "es", "ed", "er", "ers", "ing"})


@dataclass(frozen=True)
class Earlier:
    """What became of the last referral of the same person to the same activity."""

    state: ReferralState
    reason: DeclineReason | None


@dataclass(frozen=True)
class Fit:
    """`fits` speaks for it, `checks` is to be asked first, `stops` says why nobody can be referred now. `suits` is how
    much of what they need it meets, from 0 to 1; whether there is a place stands in `room`."""

    fits: tuple[str, ...]
    checks: tuple[str, ...]
    stops: tuple[str, ...]
    full: bool = False
    suits: float = field(default=0.5, compare=False)
    room: Room = field(default=Room.NOT_KNOWN, compare=False)


def judge(
    who: Who,
    offer: Offer,
    need_slug: str,
    taken: int,
    earlier: Earlier | None = None,
    *,
    free: bool = False,
    history: History | None = None,
    fresh_days: int | None = 0,
) -> Fit:
    """How an activity suits somebody; `taken` is how many people who were referred hold a place there, `free` that it
    costs nothing, `fresh_days` for how long nobody has confirmed its entry (None for never)."""
    fits: list[str] = []
    checks: list[str] = []
    stops: list[str] = []
    _ages(who, offer, fits, checks, stops)
    full = _room(offer, taken, fits, checks, stops)
    listed = need_slug in {term.slug for term in offer.needs}
    met = [
        float(listed),
        *_goals(who, offer, fits),
        *_access(who, offer, fits, checks),
        *_audience(who, offer, fits, checks),
        *_cost(who, need_slug, offer, free, fits, checks),
    ]
    if not listed:
        checks.append("Not listed for this need")
    if not offer.next_sessions:
        checks.append("No date is known: ask the group")
    if earlier is not None and earlier.state in REFERRAL_OPEN:
        stops.append(f"Referred already: {REFERRAL_WORDS[earlier.state]}")
    elif earlier is not None and earlier.state is not ReferralState.ENTERED_IN_ERROR:
        why = f": {DECLINE_WORDS[earlier.reason]}" if earlier.reason else ""
        checks.append(f"Tried before: {REFERRAL_WORDS[earlier.state]}{why}")
        met.append(0.0)
    for words, line in zip(say_history(history or History()), (fits, checks), strict=True):
        line.extend([words] if words else [])
    checks.extend([stale] if (stale := say_freshness(fresh_days)) else [])
    room = Room.FULL if full else Room.NOT_KNOWN if offer.capacity is None else Room.FREE
    return Fit(tuple(fits), tuple(checks), tuple(stops), full, sum(met) / len(met), room)


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


def _goals(who: Who, offer: Offer, fits: list[str]) -> list[float]:
    """Whether it is about something that they speak of; nothing to measure where they named nothing."""
    wanted = list(dict.fromkeys(word for goal in who.goals for word in _telling(goal)))
    if not wanted:
        return []
    offered = _telling(f"{offer.name} {offer.summary}")
    shared = [word for word in wanted if any(_alike(word, other) for other in offered)]
    if shared:
        fits.append(f"They speak of: {', '.join(shared[:3])}")
    return [1.0 if shared else 0.5]


def _telling(text: str) -> tuple[str, ...]:
    words = re.findall(r"[^\W\d_]+", text.casefold())
    return tuple(
        dict.fromkeys(word for word in words if len(word) >= _SHORTEST and word not in _SAYS_NOTHING)
    )


def _alike(one: str, other: str) -> bool:
    """Whether two words are forms of one: “gardening” and “garden”, “swim” and “swimming”."""
    same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))
    # A doubled letter belongs to the ending: swim-ming.
    endings = (word[same:].removeprefix(one[same - 1 : same]) for word in (one, other))
    return same >= _SHORTEST and all(ending in _ENDINGS for ending in endings)


def _audience(who: Who, offer: Offer, fits: list[str], checks: list[str]) -> list[float]:
    """Whether it is meant for somebody like them; nothing to measure where it is for everybody."""
    if offer.eligibility:
        checks.append(f"It says who can come: {offer.eligibility}")
    sure, slugs = meant_for(who, [term.slug for term in offer.audiences])
    if sure is None:
        return []
    words = f"It is for {offer.audience_words(slugs)}"
    if sure == FITS:
        fits.append(words)
    else:
        checks.append(f"{words}: ask whether they fit")
    return [sure]


def _cost(
    who: Who, need_slug: str, offer: Offer, free: bool, fits: list[str], checks: list[str]
) -> list[float]:
    said = {word for goal in who.goals for word in re.findall(r"\w+", goal.casefold())}
    if not ({need_slug} | who.needs) & _SHORT_OF_MONEY and not said & _MONEY_WORDS:
        return []
    if free:
        fits.append("It costs nothing")
    elif offer.cost:
        checks.append(f"It costs: {offer.cost}")
    return [1.0 if free else 0.0 if offer.cost else 0.5]


def _access(who: Who, offer: Offer, fits: list[str], checks: list[str]) -> list[float]:
    """For each thing that they need, whether it is there: 1, or in part, or in the middle where it is not known."""
    there = {term.slug: term.name for term in offer.access}
    met: list[float] = []
    for text in who.access:
        said = text.casefold()
        words_said = set(re.findall(r"\w+", said))
        # Whoever says which language suits them has little English: that it is spoken there answers nothing.
        spoken = [f"{one} is spoken" for one in offer.languages if one.casefold() in words_said - {"english"}]
        asked = [slug for slug, words in _ASKED.items() if any(word in said for word in words)]
        answered = [there[slug] for slug in asked if slug in there] + spoken
        fits.extend(answered)
        if (not asked and not spoken) or any(slug not in there for slug in asked):
            checks.append(f"Ask about: {text.strip()}")
        known = min(1.0, len(answered) / max(1, len(asked)))
        met.append(known + NOT_KNOWN * (1 - known))
    return met
