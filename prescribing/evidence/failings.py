"""How many people met a failure, how it showed, why, and what it cost. Pure; people are counted, not things.

One person can meet several failures, so that kinds and causes do not add up.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from core.small_numbers import SUPPRESSED, Shown
from prescribing.episodes.causes import Cause
from prescribing.failures.rules import Kind

FAILED_KEY = "failure/any"
TIMED_KEY = "failure/timed"
CAUSES: tuple[Cause | None, ...] = (*Cause, None)
# What failures cost is told in steps of so many minutes.
MINUTES_STEP = 30


@dataclass(frozen=True)
class Failed:
    """One thing that was caused by a failure, as somebody marked it; `minutes` is what it cost, None where not said."""

    kind: Kind
    cause: Cause | None
    minutes: int | None = None


def kind_key(kind: Kind) -> str:
    return f"failure/kind/{kind.value}"


def cause_key(cause: Cause | None) -> str:
    return f"failure/cause/{cause.value if cause is not None else 'not-said'}"


def count_failures(people: Sequence[Sequence[Failed]]) -> dict[str, int]:
    """What each of `people` met, as counts of people by key. Not fit to be shown."""
    counts = {
        FAILED_KEY: sum(1 for met in people if met),
        TIMED_KEY: sum(1 for met in people if any(each.minutes is not None for each in met)),
    }
    for kind in Kind:
        counts[kind_key(kind)] = sum(1 for met in people if any(each.kind is kind for each in met))
    for cause in CAUSES:
        counts[cause_key(cause)] = sum(1 for met in people if any(each.cause is cause for each in met))
    return counts


def falling_failures() -> Iterator[tuple[str, ...]]:
    """Which counts never grow from one to the next."""
    for key in (TIMED_KEY, *map(kind_key, Kind), *map(cause_key, CAUSES)):
        yield FAILED_KEY, key


def cost(people: Sequence[Sequence[Failed]], figures: Mapping[str, Shown]) -> Shown:
    """Minutes that failures cost altogether, as far as written down; hidden where it is known of so few people."""
    if figures[TIMED_KEY] == SUPPRESSED:
        return SUPPRESSED
    total = sum(each.minutes or 0 for met in people for each in met)
    return (total + MINUTES_STEP // 2) // MINUTES_STEP * MINUTES_STEP
