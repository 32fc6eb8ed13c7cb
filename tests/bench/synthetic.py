"""Listings and questions made up for measuring: seeded, so that every run measures the same.

Words follow Zipf's law as in texts that people write: a few everywhere, most of them rare. Their letters are made up.
Places lie in halls, several listings to a hall. Questions are asked in words of a listing, as people do who look for
something that there is; none is asked twice.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import numpy as np

from directory.listings.cards import Term
from directory.listings.documents import SearchDocument
from directory.listings.recurrence import Weekday
from directory.listings.rules import DeliveryMode, JoinMode

MIDDLE = (53.59, -2.29)
NEEDS = tuple(Term(f"need-{number}", f"Need {number}") for number in range(16))
AUDIENCES = tuple(Term(f"for-{number}", f"Audience {number}") for number in range(12))
ACCESS = tuple(Term(f"access-{number}", f"Feature {number}") for number in range(10))
LANGUAGES = ("english", "urdu", "polish", "bengali", "arabic", "bsl")
_DAYS = tuple(Weekday)
_PARTS = ("morning", "afternoon", "evening")
_NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)
_ONSETS = ("b", "br", "c", "d", "f", "g", "h", "k", "l", "m", "n", "p", "r", "s", "st", "t", "tr", "v", "w")
_VOWELS = ("a", "e", "i", "o", "u", "ea", "oo")
_ENDS = ("", "n", "r", "l", "t", "ck", "m", "sh")


@dataclass(frozen=True, slots=True)
class Question:
    """One search. `need` and `how` narrow it where they are given; with `radius_km` it is answered nearest first."""

    q: str
    need: str = ""
    how: str = ""
    near: tuple[float, float] | None = None
    radius_km: float | None = None


class Maker:
    """Makes `size` listings, and questions about them."""

    def __init__(self, size: int, seed: int = 20261122) -> None:
        self.size = size
        self._random = random.Random(seed)
        self._numbers = np.random.default_rng(seed)
        self.words = self._vocabulary(12_000 + size // 4)
        ranks = np.arange(1, len(self.words) + 1)
        weights = 1 / (ranks + 2.7) ** 1.05
        self._chances = np.cumsum(weights / weights.sum())
        self._halls = [self._spot() for _ in range(max(20, size // 5))]
        self._groups = [" ".join(self._texts(3)) for _ in range(max(20, size // 4))]

    def _vocabulary(self, size: int) -> list[str]:
        choose = self._random.choice
        words: dict[str, None] = {}
        while len(words) < size:
            syllables = self._random.choice((1, 2, 2, 3))
            word = "".join(choose(_ONSETS) + choose(_VOWELS) for _ in range(syllables)) + choose(_ENDS)
            if len(word) > 2:
                words[word] = None
        return list(words)

    def _texts(self, count: int) -> list[str]:
        picked = np.searchsorted(self._chances, self._numbers.random(count))
        return [self.words[at] for at in picked.tolist()]

    def _spot(self) -> tuple[float, float]:
        return MIDDLE[0] + self._random.gauss(0, 0.05), MIDDLE[1] + self._random.gauss(0, 0.08)

    def documents(self) -> Iterator[SearchDocument]:
        """The listings, in order."""
        for number in range(self.size):
            yield self._document(number)

    def _document(self, number: int) -> SearchDocument:
        pick = self._random
        name, summary = self._texts(pick.randint(2, 5)), self._texts(pick.randint(8, 16))
        description = self._texts(pick.randint(30, 110))
        days = tuple(pick.sample(_DAYS, pick.choice((0, 1, 1, 1, 2))))
        delivery = pick.choices(
            tuple(DeliveryMode), (80, *(20 / (len(DeliveryMode) - 1),) * (len(DeliveryMode) - 1))
        )[0]
        start = 29_694_240 + pick.randrange(7 * 96) * 15
        youngest = pick.choice((None, None, 5, 11, 18, 50, 65))
        return SearchDocument(
            id=UUID(int=(0x0190_0000_0000 + number << 80) | 7 << 76 | 2 << 62 | pick.getrandbits(62)),
            is_public=True,
            name=" ".join(name),
            summary=" ".join(summary),
            description=" ".join(description),
            group_id=UUID(int=number + 1),
            group=pick.choice(self._groups),
            needs=tuple(pick.sample(NEEDS, pick.choice((1, 1, 2, 3)))),
            audiences=tuple(pick.sample(AUDIENCES, pick.choice((0, 1, 1, 2)))),
            access=tuple(pick.sample(ACCESS, pick.choice((0, 1, 2, 4)))),
            place_words=("Hall", f"{pick.choice(self.words[:400])} street", "Bury"),
            postcodes=("BL9 0AA",),
            ward_codes=(),
            points=(pick.choice(self._halls),),
            weekdays=days,
            day_parts=frozenset(f"{day.value}-{pick.choice(_PARTS)}" for day in days),
            sessions=((start, start + 120),) if days else (),
            delivery=delivery,
            anywhere=delivery is not DeliveryMode.IN_PERSON,
            join_mode=pick.choice(tuple(JoinMode)),
            is_free=pick.random() < 0.6,
            price=pick.choice((0, 0, 0, 200, 350, 800)),
            minimum_age=youngest,
            maximum_age=None,
            languages=tuple(pick.sample(LANGUAGES, pick.choice((0, 0, 1, 2)))),
            accepting_referrals=True,
            confirmed_at=_NOW,
            updated_at=_NOW,
            freshness=1.0,
        )

    def questions(self, documents: Sequence[SearchDocument], kind: str, count: int) -> list[Question]:
        """`count` questions of a kind (words, filters, radius), no two alike."""
        pick = random.Random(f"{kind} {self.size}")
        told: dict[str, Question] = {}
        while len(told) < count:
            listing = pick.choice(documents)
            words = [*listing.name.split(), *listing.summary.split(), *listing.description.split()[:20]]
            q = " ".join(pick.sample(words, min(len(words), pick.choice((1, 2, 2, 2, 3, 3, 4)))))
            if kind == "filters":
                question = Question(q, pick.choice(NEEDS).slug, DeliveryMode.IN_PERSON.value)
            elif kind == "radius":
                question = Question(q, near=self._spot(), radius_km=pick.choice((1.6, 3.2, 8.0)))
            else:
                question = Question(q)
            told[q] = question
        return list(told.values())
