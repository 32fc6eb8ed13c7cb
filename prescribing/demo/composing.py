"""The quieter stories: made of hand-written parts by lots that fall the same way every time. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle
from random import Random

from prescribing.demo.stories import Fate, Parts, Story, Visit
from prescribing.referrals.rules import DeclineReason

# Fates of those who asked more than six weeks ago, and what came of where they were sent: how many of each.
PAST: tuple[tuple[int, Fate, tuple[str, ...]], ...] = (
    (8, Fate.UNCONTACTABLE, ()),
    (6, Fate.DECLINED, ()),
    (5, Fate.REDIRECTED, ()),
    (3, Fate.WITHDRAWN, ()),
    (1, Fate.MOVED, ("started",)),
    (1, Fate.IN_ERROR, ()),
    (27, Fate.COMPLETED, ("completed",)),
    (6, Fate.COMPLETED, ("completed", "told")),
    (6, Fate.COMPLETED, ("declined", "completed")),
    (2, Fate.COMPLETED, ("waited", "completed")),
    (6, Fate.COMPLETED, ("started",)),
    (6, Fate.COMPLETED, ("stopped",)),
    (6, Fate.COMPLETED, ("never-started",)),
    (3, Fate.COMPLETED, ("declined", "told")),
    (3, Fate.COMPLETED, ("expired", "told")),
    (2, Fate.COMPLETED, ("late-yes",)),
    (3, Fate.COMPLETED, ("withdrawn",)),
    (1, Fate.COMPLETED, ("in-error", "completed")),
    (9, Fate.COMPLETED, ("told",)),
    (4, Fate.COMPLETED, ("gap",)),
    (3, Fate.COMPLETED, ()),
)
# Those who asked lately: how many, how far, and the days between which they asked.
LATELY: tuple[tuple[int, Fate, tuple[str, ...], int, int], ...] = (
    (1, Fate.DRAFT, (), 1, 4),
    (5, Fate.ALLOCATED, (), 3, 8),
    (5, Fate.CONTACTING, (), 9, 19),
    (4, Fate.ACTIVE, ("requested",), 15, 24),
    (2, Fate.ACTIVE, ("waitlisted",), 20, 40),
    (3, Fate.ACTIVE, ("accepted",), 22, 35),
    (2, Fate.ACTIVE, ("scheduled",), 22, 35),
    (4, Fate.ACTIVE, ("started",), 34, 55),
    (2, Fate.ACTIVE, ("expired", "accepted"), 48, 60),
    (1, Fate.ACTIVE, ("gap",), 20, 30),
    (2, Fate.PAUSED, (), 30, 50),
)
# The group whose member can be signed in as has something in every part of its inbox.
INBOX: tuple[tuple[str, str, int], ...] = (
    ("c-open-larder-parcel", "requested", 16),
    ("c-open-larder-parcel", "requested", 19),
    ("c-open-larder-cook", "requested", 13),
    ("c-open-larder-parcel", "waitlisted", 26),
    ("c-open-larder-cook", "scheduled", 24),
    ("c-open-larder-parcel", "accepted", 25),
    ("c-open-larder-parcel", "started", 38),
)
YEAR = (46, 392)
PARTNERS = ("weir-lane", "weir-lane", "three-larches", "tenterfield", "tenterfield", "kirklow", "northwater")
SOURCES = ("partner",) * 6 + ("self",) * 3 + ("phone", "someone-else")
ASKERS = ("My daughter", "My son", "My neighbour", "Somebody from church", "My sister")
AGES = ((18, 29, 12), (30, 44, 22), (45, 59, 24), (60, 74, 24), (75, 92, 18))


@dataclass
class Composer:
    """Makes stories out of `parts`; each pool is walked through in a shuffled order before anything comes again."""

    parts: Parts
    lots: Random

    def __post_init__(self) -> None:
        self._pools: dict[str, Iterator[str]] = {}
        self._made = 0
        self._taken: set[str] = set()

    def all(self) -> tuple[Story, ...]:
        """All of the quieter stories."""
        made = [
            self._one(fate, outcomes, self.lots.randint(*YEAR))
            for count, fate, outcomes in PAST
            for _ in range(count)
        ]
        made += [
            self._one(fate, outcomes, self.lots.randint(first, last))
            for count, fate, outcomes, first, last in LATELY
            for _ in range(count)
        ]
        made += [self._larder(activity, outcome, days) for activity, outcome, days in INBOX]
        return tuple(made)

    def _one(
        self,
        fate: Fate,
        outcomes: Sequence[str],
        days: int,
        *,
        need: str | None = None,
        activity: str | None = None,
    ) -> Story:
        self._made += 1
        needs = self._needs(need)
        gender, name, ethnicity = self._who()
        source = self.lots.choice(SOURCES)
        tail = self._next("tails")
        after_need = self.parts.needs[needs[0]]
        before, after = self._scores()
        return Story(
            key=f"quiet-{self._made}",
            name=name,
            age=self._age(),
            gender=gender,
            ethnicity=ethnicity if self.lots.random() < 0.9 else "",
            sector=self.lots.choices(list(self.parts.sectors), list(self.parts.sectors.values()))[0],
            source=source,
            partner=self.lots.choice(PARTNERS) if source == "partner" else "",
            asker=self.lots.choice(ASKERS) if source == "someone-else" else "",
            referrer=self._next("referrers") if source == "partner" else "",
            needs=needs,
            reason=f"{self._reason(needs[0])} {tail}",
            matters=self._next("matters"),
            strengths=self._next("strengths"),
            goal=self._next_of(f"{needs[0]} goal", after_need.goals),
            steps=(("person", self._next("steps")), ("link-worker", self._next("worker_steps"))),
            notes=(self._next("notes"),),
            heads_up=self._next("heads_ups") if self.lots.random() < 0.75 else "",
            access=self._next("access_needs") if self.lots.random() < 0.15 else "",
            risks=self._next("risks") if self.lots.random() < 0.08 else "",
            fate=fate,
            days=days,
            partly=fate is Fate.COMPLETED and self.lots.random() < 0.4,
            before=before if self.lots.random() < 0.85 else (),
            after=after if self.lots.random() < 0.85 else (),
            closing=self._closing(fate),
            go=self._visits(needs, outcomes, activity),
        )

    def _larder(self, activity: str, outcome: str, days: int) -> Story:
        return self._one(Fate.ACTIVE, (outcome,), days, need="food", activity=activity)

    def _visits(
        self, needs: Sequence[str], outcomes: Sequence[str], activity: str | None
    ) -> tuple[Visit, ...]:
        pool = self.parts.needs[needs[0]].activities
        chosen = self.lots.sample(pool, min(len(outcomes), len(pool)))
        if activity is not None:
            chosen[0] = activity
        return tuple(
            Visit(
                key, outcome, self._next_of("declined", tuple(DeclineReason)) if outcome == "declined" else ""
            )
            for key, outcome in zip(chosen, outcomes, strict=False)
        )

    def _needs(self, first: str | None) -> tuple[str, ...]:
        # Loneliness and low mood lead, as they do everywhere.
        slugs = list(self.parts.needs)
        weights = [len(self.parts.needs[slug].reasons) ** 2 for slug in slugs]
        found = [first or self.lots.choices(slugs, weights)[0]]
        if self.lots.random() < 0.45:
            found.append(self.lots.choices(slugs, weights)[0])
        return tuple(dict.fromkeys(found))

    def _who(self) -> tuple[str, str, str]:
        while True:
            names = self.lots.choices(self.parts.names, [one.share for one in self.parts.names])[0]
            woman = self.lots.random() < 0.58
            name = (
                f"{self.lots.choice(names.women if woman else names.men)} {self.lots.choice(names.surnames)}"
            )
            if name not in self._taken:
                self._taken.add(name)
                return ("woman" if woman else "man"), name, names.ethnicity

    def _age(self) -> int:
        first, last, _share = self.lots.choices(AGES, [share for _, _, share in AGES])[0]
        return self.lots.randint(first, last)

    def _reason(self, slug: str) -> str:
        return self._next_of(f"{slug} reason", self.parts.needs[slug].reasons)

    def _scores(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Answers before and after: most are better by a point or two, some the same, some worse."""
        before = [min(9, max(1, round(self.lots.gauss(4.6, 1.6)))) for _ in range(3)]
        before.append(min(10, max(1, round(self.lots.gauss(6.2, 1.9)))))
        step = self.lots.choices((-1, 0, 1, 2, 3), (10, 20, 28, 28, 14))[0]
        after = [min(10, max(0, score + step + self.lots.randint(-1, 1))) for score in before[:3]]
        after.append(min(10, max(0, before[3] - step + self.lots.randint(-1, 1))))
        return tuple(before), tuple(after)

    def _closing(self, fate: Fate) -> str:
        pool = {
            Fate.COMPLETED: "closings",
            Fate.UNCONTACTABLE: "unreached",
            Fate.DECLINED: "refusals",
            Fate.REDIRECTED: "redirects",
            Fate.WITHDRAWN: "withdrawals",
            Fate.MOVED: "moves",
        }.get(fate)
        return self._next(pool) if pool else ""

    def _next(self, pool: str) -> str:
        return self._next_of(pool, self.parts.lines[pool])

    def _next_of(self, name: str, values: Sequence[str]) -> str:
        if name not in self._pools:
            self._pools[name] = cycle(self.lots.sample(values, len(values)))
        return next(self._pools[name])
