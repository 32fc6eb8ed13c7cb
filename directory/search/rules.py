"""What somebody asks the search, within bounds, and what may be given up so that nobody leaves with nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from core.errors import Invalid
from core.geography.rules import KM_PER_MILE
from directory.listings.recurrence import Weekday
from directory.search.synonyms import meanings
from directory.search.words import SOFT, pair, stem_of, telling_words

LONGEST = 200
MOST_WORDS = 12
SHORTEST_PREFIX = 3
MOST_MEANINGS = 8
PAGE_SIZE = 10
LARGEST_PAGE = 10_000
SMALLEST_RADIUS_KM, LARGEST_RADIUS_KM = 0.1, 100.0
LONGEST_PLACE = 60
LONGEST_HEADING = 70

# Offered on pages, in miles; the address carries kilometres.
RADII_MILES = (1, 2, 5, 10)


class Sort(StrEnum):
    BEST = "best"
    NEAREST = "nearest"


class Relaxed(StrEnum):
    """What had to be given up to find anything."""

    DAY = "day"
    RADIUS = "radius"
    NEED = "need"
    WORDS = "words"


@dataclass(frozen=True, slots=True)
class Criteria:
    """One search. `needs` are slugs; `place` is what was typed; None in `sort` leaves the order to us."""

    q: str = ""
    place: str = ""
    radius_km: float | None = None
    needs: tuple[str, ...] = ()
    day: Weekday | None = None
    sort: Sort | None = None
    page: int = 1

    @property
    def is_blank(self) -> bool:
        """Whether nothing at all was asked."""
        return not (self.q.strip() or self.place.strip() or self.needs or self.day)

    def order(self, *, has_place: bool) -> Sort:
        """Nearest first where we know a place to measure from, unless they chose; else the best match."""
        if not has_place:
            return Sort.BEST
        return self.sort or Sort.NEAREST

    def without(self, given_up: Sequence[Relaxed]) -> Criteria:
        """The same search with these given up. Words stay: fewer of them are asked for, not none."""
        return replace(
            self,
            day=None if Relaxed.DAY in given_up else self.day,
            radius_km=None if Relaxed.RADIUS in given_up else self.radius_km,
            needs=() if Relaxed.NEED in given_up else self.needs,
        )


# --- reading an address -------------------------------------------------------------------------------------


def readable(text: str, longest: int) -> str:
    """At most `longest` characters that can be shown: what cannot be seen becomes a space."""
    return "".join(letter if letter.isprintable() else " " for letter in text[:longest])


def read_radius(text: str) -> float | None:
    """Kilometres; None for an empty text. Raises `Invalid`."""
    if not text.strip():
        return None
    mend = Invalid(
        f"The distance must be a number of kilometres from {SMALLEST_RADIUS_KM:g} to {LARGEST_RADIUS_KM:g}.",
        "radius_km",
    )
    try:
        radius = float(text)
    except ValueError:
        raise mend from None
    if not SMALLEST_RADIUS_KM <= radius <= LARGEST_RADIUS_KM:
        raise mend
    return radius


def read_day(text: str) -> Weekday | None:
    """A day as MO to SU or by its English name; None for an empty text. Raises `Invalid`."""
    word = text.strip().upper()
    if not word:
        return None
    for day in Weekday:
        if word in (day.value, day.name):
            return day
    raise Invalid("The day must be one of MO, TU, WE, TH, FR, SA or SU.", "day")


def read_sort(text: str) -> Sort | None:
    """An order; None for an empty text. Raises `Invalid`."""
    word = text.strip().lower()
    if not word:
        return None
    if word not in tuple(Sort):
        raise Invalid("The order must be best or nearest.", "sort")
    return Sort(word)


def read_page(text: str) -> int:
    """A page number from 1; an empty text is 1. Raises `Invalid`."""
    word = text.strip()
    if not word:
        return 1
    if not (word.isascii() and word.isdigit() and len(word) <= 5 and 1 <= int(word) <= LARGEST_PAGE):
        raise Invalid(f"The page must be a whole number from 1 to {LARGEST_PAGE:,}.", "page")
    return int(word)


def read_needs(texts: Sequence[str], known: Mapping[str, str]) -> tuple[str, ...]:
    """Slugs of needs, each once; a merged one gives the one that took it in. Raises `Invalid` for an unknown one.

    `known` maps every slug that there is to the slug in use.
    """
    slugs = [text.strip().lower() for text in texts if text.strip()]
    for slug in slugs:
        if slug not in known:
            shown = readable(slug, 40) + "…" * (len(slug) > 40)
            raise Invalid(f"We do not know the need {shown}. Choose one from the list.", "need")
    return tuple(dict.fromkeys(known[slug] for slug in slugs))


def read_place(text: str) -> str:
    """What was typed as a place, on one line. Raises `Invalid` for more than a place name can be."""
    place = " ".join(readable(text, LONGEST_PLACE + 1).split())
    if len(place) > LONGEST_PLACE:
        raise Invalid("That is too long for a postcode or a town. Enter one like BL9 0AA.", "postcode")
    return place


# --- understanding words ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Asked:
    """One thing that was asked for: a word or a pair of words as typed, and the tokens that answer it.

    `tokens` gives each its worth from 0 to 1. A soft one counts and is not required. `parts` are the two things
    that a pair falls apart into when nothing answers it whole.
    """

    label: str
    tokens: Mapping[str, float]
    soft: bool = False
    parts: tuple[Asked, ...] = ()


@dataclass(frozen=True, slots=True)
class Words:
    """What the words of a search ask for. `cut` says that some were left out for being too many."""

    asked: tuple[Asked, ...]
    cut: bool = False
    unusable: bool = False

    @property
    def required(self) -> tuple[int, ...]:
        """Positions in `asked` that an answer should meet; soft ones only where there is nothing else."""
        hard = tuple(index for index, one in enumerate(self.asked) if not one.soft)
        return hard or tuple(range(len(self.asked)))


def understand(q: str) -> Words:
    """What `q` asks for, within bounds whatever it holds: 200 characters, 12 words, 8 other meanings each."""
    text = q[:LONGEST]
    typed = telling_words(text)
    kept = typed[:MOST_WORDS]
    asked: list[Asked] = []
    place = 0
    while place < len(kept):
        one = _word(kept[place])
        phrase = _phrase(kept[place], kept[place + 1]) if place + 1 < len(kept) else None
        if phrase is not None:
            asked.append(phrase)
            place += 2
            continue
        asked.append(one)
        place += 1
    once = tuple({one.label: one for one in asked}.values())
    return Words(
        once,
        cut=len(q) > LONGEST or len(typed) > MOST_WORDS,
        unusable=bool(q.strip()) and not once,
    )


def _word(word: str) -> Asked:
    token = stem_of(word)
    return Asked(word, {token: 1.0} | _others(token), soft=word in SOFT)


def _phrase(one: str, other: str) -> Asked | None:
    """Two words that together mean something known; nothing otherwise."""
    token = pair(stem_of(one), stem_of(other))
    others = _others(token)
    if not others:
        return None
    return Asked(f"{one} {other}", {token: 1.0} | others, parts=(_word(one), _word(other)))


def _others(token: str) -> dict[str, float]:
    meaning = meanings().get(token)
    return dict(list(meaning.tokens.items())[:MOST_MEANINGS]) if meaning else {}


# Stems, as `stem_of` gives them.
_DANGER = frozenset(
    {"suicid", "overdos", "abus", "rape", "violent", "violenc", "beaten", "strangl", "threaten"}
)
_DANGER_TEXTS = (
    "self harm",
    "selfharm",
    "end my life",
    "end it all",
    "want to die",
    "hurt myself",
    "hurting me",
)


def sounds_urgent(q: str) -> bool:
    """Whether the words may come from somebody in danger, so that help at once is shown before any list."""
    plain = " ".join(q[:LONGEST].casefold().replace("-", " ").split())
    if any(text in plain for text in _DANGER_TEXTS):
        return True
    return any(stem_of(word) in _DANGER for word in telling_words(q[:LONGEST]))


# --- what is given up, and what is said about it --------------------------------------------------------------


def ways_to_relax(criteria: Criteria, *, words: int) -> tuple[tuple[Relaxed, ...], ...]:
    """What to give up when nothing is found, the smallest loss first: each thing alone, then more and more.

    `words` counts the things that the words ask for; fewer of them can be asked only where there are several.
    """
    open_to = [
        what
        for what, holds in (
            (Relaxed.DAY, criteria.day is not None),
            (Relaxed.RADIUS, criteria.radius_km is not None),
            (Relaxed.NEED, bool(criteria.needs)),
            (Relaxed.WORDS, words > 1),
        )
        if holds
    ]
    alone = [(what,) for what in open_to]
    together = [tuple(open_to[:count]) for count in range(2, len(open_to) + 1)]
    return tuple(alone + together)


def say_search(criteria: Criteria, need_names: Mapping[str, str], place: str) -> str:
    """What was asked, as a heading: "“debt” near BL9 0", "Food, on a Tuesday". `place` is a place's label."""
    words = " ".join(readable(criteria.q, LONGEST).split())
    if len(words) > LONGEST_HEADING:
        words = words[: LONGEST_HEADING - 1].rstrip() + "…"
    names = " and ".join(need_names.get(slug, slug) for slug in criteria.needs)
    what = " in ".join(part for part in (f"“{words}”" if words else "", names) if part)
    heading = what or "All groups and activities"
    if place:
        heading += f" {place}" if place.startswith("near ") else f" near {place}"
    return heading if criteria.day is None else f"{heading}, on a {criteria.day.label}"


def say_relaxed(relaxed: Sequence[Relaxed], criteria: Criteria, need_names: Mapping[str, str]) -> str:
    """One sentence that tells what was asked in vain and what is shown instead; empty when nothing was given up."""
    if not relaxed:
        return ""
    lacking = []
    instead = []
    if Relaxed.WORDS in relaxed:
        lacking.append("with all of your words")
        instead.append("some of your words")
    if Relaxed.NEED in relaxed:
        names = " and ".join(need_names.get(slug, slug) for slug in criteria.needs)
        lacking.append(f"under “{names}”")
        instead.append("any kind of help")
    if Relaxed.DAY in relaxed and criteria.day is not None:
        lacking.append(f"on a {criteria.day.label}")
        instead.append("any day")
    if Relaxed.RADIUS in relaxed and criteria.radius_km is not None:
        lacking.append(f"within {say_radius(criteria.radius_km)}")
        instead.append("further away")
    return f"We found nothing {_listed(lacking)}. Here is what there is for {_listed(instead)}."


def say_radius(km: float) -> str:
    """A radius in miles, in words: "1 mile", "2.5 miles"."""
    miles = round(km / KM_PER_MILE, 1)
    return "1 mile" if miles == 1 else f"{miles:g} miles"


def radius_of(miles: int) -> str:
    """A radius of whole miles as the address carries it: kilometres, to one decimal place."""
    return f"{miles * KM_PER_MILE:.1f}"


def _listed(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
