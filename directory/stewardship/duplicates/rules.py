"""Whether two entries are one: what speaks for it and what against, and which pairs are worth comparing at all.

Comparing every entry with every other would take hours; entries are compared only where they share a key (a charity
number, a telephone, a website, a name, a place with a word of the name), so the work grows with the number of entries.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from uuid import UUID

from rapidfuzz import fuzz

LIKELY = 0.55
MOST_IN_BLOCK = 40
COMMON_SHARE = 0.01
FEWEST_FOR_COMMON = 20

# Words that many names hold whatever they are about. Others join them where the borough's own names repeat them.
_COMMON = (
    "a an and at bury by centre charity church cic class club community for friends group in ltd limited local of on"
    " project service services session sessions society support the to trust weekly with"
)
COMMON = frozenset(_COMMON.split())
SHARED_HOSTS = frozenset(
    {
        "eventbrite.co.uk",
        "facebook.com",
        "instagram.com",
        "linktr.ee",
        "m.facebook.com",
        "meetup.com",
        "x.com",
    }
)


@dataclass(frozen=True, slots=True)
class Entry:
    """What two entries are compared by. `group` is the id of an activity's group, None for a group itself; `times` says
    the timetable in a few letters; `websites` are host and path, `emails` whole addresses, all in small letters."""

    id: UUID
    name: str
    group: UUID | None = None
    group_name: str = ""
    charity_number: str = ""
    postcodes: frozenset[str] = frozenset()
    phones: frozenset[str] = frozenset()
    websites: frozenset[str] = frozenset()
    emails: frozenset[str] = frozenset()
    times: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that speaks for two entries being one (`points` above nought) or against it."""

    words: str
    points: float


@dataclass(frozen=True, slots=True)
class Likeness:
    """How like one two entries are, from 0 to 1, and why."""

    score: float
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """Two entries that are likely one; `first` is the smaller id."""

    first: UUID
    second: UUID
    likeness: Likeness


def words_of(name: str) -> tuple[str, ...]:
    """The words of a name in small letters, without signs and possessives."""
    plain = re.sub(r"['’]s?\b", "", name.casefold())
    return tuple(re.findall(r"[^\W_]+", plain))


def common_words(names: Iterable[str]) -> frozenset[str]:
    """The words that tell names apart badly: everywhere's own, and those that one name in a hundred here holds."""
    counts: Counter[str] = Counter()
    number = 0
    for name in names:
        number += 1
        counts.update(set(words_of(name)))
    often = max(FEWEST_FOR_COMMON, number * COMMON_SHARE)
    return COMMON | {word for word, count in counts.items() if count >= often}


def telling_words(name: str, common: Collection[str]) -> tuple[str, ...]:
    """The words of a name that tell it apart; all of them where none does."""
    words = words_of(name)
    return tuple(word for word in words if word not in common) or words


def keys_of(entry: Entry, common: Collection[str]) -> Iterator[str]:
    """What an entry shares with those that it is compared with."""
    words = telling_words(entry.name, common)
    if entry.charity_number:
        yield f"charity {entry.charity_number}"
    for kind, values in (("phone", entry.phones), ("web", entry.websites), ("email", entry.emails)):
        for value in sorted(values):
            yield f"{kind} {value}"
            if words:
                yield f"{kind} {value} {min(words)}"
    if words:
        yield f"name {' '.join(sorted(set(words)))}"
        yield f"start {''.join(sorted(set(words)))[:9]}"
        for postcode in sorted(entry.postcodes):
            for word in sorted(set(words)):
                yield f"place {postcode} {word[:4]}"
    if entry.group is not None:
        yield f"group {entry.group}"


def pairs_to_compare(entries: Sequence[Entry], common: Collection[str]) -> Iterator[tuple[Entry, Entry]]:
    """Each pair that shares a key, once. A key that too many share, such as a switchboard's number, says nothing."""
    blocks: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        for key in set(keys_of(entry, common)):
            blocks[key].append(entry)
    seen: set[tuple[UUID, UUID]] = set()
    for key in sorted(blocks):
        block = blocks[key]
        if len(block) > MOST_IN_BLOCK:
            continue
        for one, other in combinations(sorted(block, key=lambda entry: entry.id), 2):
            if (one.id, other.id) not in seen:
                seen.add((one.id, other.id))
                yield one, other


def find(entries: Sequence[Entry]) -> list[Found]:
    """All pairs that are likely one, the likeliest first."""
    common = common_words(entry.name for entry in entries)
    found = []
    for one, other in pairs_to_compare(entries, common):
        likeness = judge(one, other, common)
        if likeness.score >= LIKELY:
            found.append(Found(one.id, other.id, likeness))
    return sorted(found, key=lambda pair: (-pair.likeness.score, pair.first, pair.second))


def judge(one: Entry, other: Entry, common: frozenset[str] = COMMON) -> Likeness:
    """How like one two entries are."""
    reasons = [_name(one, other, common)]
    reasons += _numbers(one, other)
    if one.group is not None and one.group == other.group and reasons[0].points >= 0.5:
        reasons.append(Reason("One group uses the name twice", 0.15))
    if one.group is None or one.group != other.group:
        # Activities of one group share its telephone and website as a matter of course.
        reasons += _contacts(one, other)
    reasons += _place_and_times(one, other)
    score = min(1.0, max(0.0, sum(reason.points for reason in reasons)))
    return Likeness(round(score, 3), tuple(sorted(reasons, key=lambda reason: -reason.points)))


def _name(one: Entry, other: Entry, common: frozenset[str]) -> Reason:
    telling = [_telling(entry.name, common) for entry in (one, other)]
    if not all(telling):
        return Reason("A name is missing", 0.0)
    alike = fuzz.token_sort_ratio(*telling) / 100
    whole = fuzz.token_set_ratio(*telling) / 100
    if alike >= 0.95:
        return Reason("The names say the same", 0.5)
    if alike >= 0.82 and _words_shared(*telling) >= 0.8:
        return Reason("The names are nearly the same", 0.4)
    if whole >= 0.95 and min(len(text.split()) for text in telling) > 1:
        return Reason("One name holds the other", 0.3)
    if alike >= 0.65:
        return Reason("The names are alike", 0.15)
    return Reason("The names are different", -0.3)


def _words_shared(one: str, other: str) -> float:
    """How much of the words two names share, each but for a slip of the pen; letters alone would find a club for deaf
    people and one for games in the same corner alike."""
    left, rest = one.split(), other.split()
    total = len(left) + len(rest)
    shared = 0
    for word in left:
        best = max(rest, key=lambda each: fuzz.ratio(word, each), default="")
        if fuzz.ratio(word, best) >= 75:
            rest.remove(best)
            shared += 2
    return shared / total


@lru_cache(maxsize=65_536)
def _telling(name: str, common: frozenset[str]) -> str:
    return " ".join(telling_words(name, common))


def _numbers(one: Entry, other: Entry) -> Iterator[Reason]:
    if one.charity_number and other.charity_number:
        if one.charity_number == other.charity_number:
            yield Reason("The same charity number", 0.6)
        else:
            yield Reason("Two different charity numbers", -0.6)


def _contacts(one: Entry, other: Entry) -> Iterator[Reason]:
    if one.phones & other.phones:
        yield Reason("The same phone number", 0.25)
    if one.websites & other.websites:
        yield Reason("The same website", 0.2)
    if one.emails & other.emails:
        yield Reason("The same email address", 0.2)
    if one.group_name and other.group_name and _alike(one.group_name, other.group_name):
        yield Reason("The groups' names are nearly the same", 0.15)


def _alike(name: str, other: str) -> bool:
    return fuzz.token_sort_ratio(_telling(name, COMMON), _telling(other, COMMON)) >= 82


def _place_and_times(one: Entry, other: Entry) -> Iterator[Reason]:
    if one.postcodes and other.postcodes:
        if one.postcodes & other.postcodes:
            yield Reason("The same postcode", 0.2)
        elif not {_area(code) for code in one.postcodes} & {_area(code) for code in other.postcodes}:
            yield Reason("In different parts of the borough", -0.2)
    if one.times and other.times:
        if one.times & other.times:
            yield Reason("At the same time", 0.15)
        else:
            yield Reason("At different times", -0.2)


def _area(postcode: str) -> str:
    return postcode.partition(" ")[0]


def website_key(link: str) -> str:
    """Host and path of a link for comparing; empty for a host that everybody shares, without a page of one's own."""
    plain = re.sub(r"^[a-z]+://", "", link.strip().casefold()).removeprefix("www.").rstrip("/")
    plain = plain.partition("?")[0].partition("#")[0].rstrip("/")
    return "" if plain in SHARED_HOSTS else plain


def as_json(likeness: Likeness) -> list[dict[str, object]]:
    """The reasons as they are kept."""
    return [{"words": reason.words, "points": reason.points} for reason in likeness.reasons]


def from_json(reasons: Iterable[Mapping[str, object]]) -> tuple[Reason, ...]:
    """Kept reasons again."""
    return tuple(Reason(str(one["words"]), float(str(one["points"]))) for one in reasons)
