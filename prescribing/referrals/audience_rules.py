"""Whether somebody is one of those whom an activity is for. Pure; nothing here turns anybody away.

What is written down is read for plain words alone. Whether somebody is LGBT+ or has a faith is theirs to say, so it is
never read out of a text: the link worker asks.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from prescribing.referrals.matching_rules import NOT_KNOWN

FITS, FITS_NOT = 1.0, 0.0

# Terms that add nothing beside another one.
EVERYONE, ADULTS = "everyone", "adults"
_GROWN_UP = 18
_YOUNG_UNTIL = 25
# Groups for older people begin at 50, 55 or 60: between them somebody asks.
_OLD_PERHAPS, _OLD = 50, 60
_GENDERS: Mapping[str, frozenset[str]] = {
    "men": frozenset({"man", "male", "men"}),
    "women": frozenset({"woman", "female", "women"}),
}
_WORDS: Mapping[str, frozenset[str]] = {
    "families": frozenset(
        ["child", "children", "kids", "baby", "toddler", "pregnant", "grandchild", "grandchildren"]
    ),
    "parents": frozenset(["child", "children", "kids", "baby", "toddler", "pregnant"]),
    "veterans": frozenset(["veteran", "army", "navy", "raf", "regiment"]),
    "disabled-people": frozenset(["disabled", "disability", "wheelchair", "blind", "deaf", "amputee"]),
    "refugees-and-migrants": frozenset(["refugee", "refugees", "asylum"]),
}
_NEEDS: Mapping[str, str] = {"carers": "caring", "disabled-people": "long-term-condition"}
_CARES = re.compile(
    r"\b(look(s|ing)? after|car(es|ing) for|carer (for|of)|(is|am) (a|her|his|their) carer)\b"
)


@dataclass(frozen=True)
class Who:
    """What of a person decides whether an activity fits: age in whole years; access and communication needs, and an
    interpreter's language, in their own words, each apart; `goals` is what they want, and what matters to them;
    `needs` are the slugs of all their open needs; `home` says whom they care for and live with."""

    age: int | None
    access: tuple[str, ...]
    goals: tuple[str, ...] = ()
    needs: frozenset[str] = frozenset()
    gender: str = ""
    home: tuple[str, ...] = ()


def narrowing(slugs: Iterable[str]) -> tuple[str, ...]:
    """Those of an activity's audiences that not everybody belongs to; none where everybody is welcome.

    "Adults and carers" are carers who are grown up.
    """
    named = tuple(slugs)
    if EVERYONE in named:
        return ()
    return tuple(slug for slug in named if slug != ADULTS) or named


def meant_for(who: Who, slugs: Iterable[str]) -> tuple[float | None, tuple[str, ...]]:
    """How surely an activity for these audiences is meant for somebody, None where it is for everybody; and the
    audiences that they belong to, or else all of which they may be. What is for men is not for a woman who is young."""
    asked = narrowing(slugs)
    sure = {slug: belongs(who, slug) for slug in asked}
    first = [known for slug, known in sure.items() if slug in _GENDERS] or list(sure.values())
    if not first or (asked == (ADULTS,) and sure[ADULTS] != FITS_NOT):
        return None, ()
    if max(first) < FITS:
        return max(first), asked
    return FITS, tuple(slug for slug in asked if sure[slug] == FITS)


def belongs(who: Who, slug: str) -> float:
    """How surely somebody is of an audience: `FITS`, `FITS_NOT`, or `NOT_KNOWN` where nothing says so."""
    if slug in _AGES:
        lowest, perhaps, highest = _AGES[slug]
        return _by_age(who.age, lowest, perhaps, highest)
    if slug in _GENDERS:
        return _by_gender(who.gender, slug)
    if slug in _NEEDS and _NEEDS[slug] in who.needs:
        return FITS
    texts = [text.casefold() for text in (*who.home, *who.goals, *who.access)]
    if slug == "carers":
        return FITS if any(_CARES.search(text) for text in texts) else NOT_KNOWN
    said = {word for text in texts for word in re.findall(r"\w+", text)}
    return FITS if said & _WORDS.get(slug, frozenset()) else NOT_KNOWN


# By audience: from which age it is for somebody, from which perhaps, and until which.
_AGES: Mapping[str, tuple[int, int, int | None]] = {
    "children": (0, 0, _GROWN_UP - 1),
    "young-people": (0, 0, _YOUNG_UNTIL),
    ADULTS: (_GROWN_UP, _GROWN_UP, None),
    "older-people": (_OLD, _OLD_PERHAPS, None),
}


def _by_age(age: int | None, lowest: int, perhaps: int, highest: int | None) -> float:
    if age is None:
        return NOT_KNOWN
    if age < perhaps or (highest is not None and age > highest):
        return FITS_NOT
    return FITS if age >= lowest else NOT_KNOWN


def _by_gender(gender: str, slug: str) -> float:
    said = set(re.findall(r"\w+", gender.casefold()))
    if said & _GENDERS[slug]:
        return FITS
    return FITS_NOT if any(said & words for words in _GENDERS.values()) else NOT_KNOWN
