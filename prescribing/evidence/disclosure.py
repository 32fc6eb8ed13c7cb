"""Keeping figures from giving each other away. Pure.

Suppressing each figure by itself is not enough: figures that add up, or that overlap in time, can be taken from each
other. Here we work out what a careful reader could conclude, and hide more until every hidden figure could still be
several numbers. A figure hidden to protect another shows the same sign as a small one.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from core.small_numbers import BASE, SMALL, SUPPRESSED, Shown, suppress

# A hidden figure must be able to be at least so many different numbers.
CANDIDATES = 3


@dataclass(frozen=True)
class Sum:
    """Figures that add up to another; every key may be of this publication or of an earlier one."""

    total: str
    parts: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """What a reader knows: which figures add up, which never grow from one to the next, and which are public already.

    A key that is neither counted nor public is unknown to the reader, who can then conclude little from its sum.
    """

    sums: tuple[Sum, ...]
    falling: tuple[tuple[str, ...], ...] = ()
    public: Mapping[str, Shown] = field(default_factory=dict)


@dataclass(frozen=True)
class Range:
    """What a figure may be, both ends included."""

    low: float
    high: float

    @property
    def candidates(self) -> float:
        return self.high - self.low + 1


def protect(counts: Mapping[str, int], table: Table) -> dict[str, Shown]:
    """Every count as it may be shown, so that nothing hidden can be worked out.

    Where hiding one more figure is not enough, all the parts of a sum are hidden, those of nought too; failing that,
    the sum itself. Where everything beside a figure is public already, a star could say which small number it is: there
    a nought has the same star.
    """
    state = _State(counts, table)
    beyond_help: set[str] = set()
    while (exposed := state.exposed(beyond_help)) is not None:
        if not state.hide_beside(exposed):
            beyond_help.add(exposed)
    state.hide_noughts()
    return state.shown


def ranges(
    shown: Mapping[str, Shown], table: Table, *, veiled: frozenset[str] = frozenset()
) -> dict[str, Range]:
    """What a reader can conclude about every figure. `veiled` are hidden ones that may be nought or anything."""
    known: dict[str, Range] = {}
    for key, value in {**table.public, **shown}.items():
        known[key] = Range(0, math.inf) if key in veiled else _range_of(value)
    for _round in range(_ROUNDS):
        if not _narrow(known, table):
            break
    return known


_ROUNDS = 50


def _range_of(value: Shown) -> Range:
    if isinstance(value, str):
        # A reader may take any hidden figure for a small one; that is the worst case.
        return Range(1, SMALL)
    if value == 0:
        return Range(0, 0)
    return Range(max(SMALL + 1, value - BASE // 2), value + BASE // 2)


def _narrow(known: dict[str, Range], table: Table) -> bool:
    """One round of conclusions; whether there was any."""
    before = dict(known)
    for each in table.sums:
        _narrow_sum(known, each)
    for chain in table.falling:
        there = [key for key in chain if key in known]
        for above, below in pairwise(there):
            _tighten(known, below, high=known[above].high)
            _tighten(known, above, low=known[below].low)
    return known != before


def _narrow_sum(known: dict[str, Range], each: Sum) -> None:
    unknown = Range(0, math.inf)
    parts = [known.get(key, unknown) for key in each.parts]
    low, high = sum(part.low for part in parts), sum(part.high for part in parts)
    _tighten(known, each.total, low=low, high=high)
    total = known.get(each.total, unknown)
    endless = sum(1 for part in parts if math.isinf(part.high))
    for key, part in zip(each.parts, parts, strict=True):
        others_high = math.inf if endless > math.isinf(part.high) else _without(high, part, parts)
        _tighten(known, key, low=total.low - others_high, high=total.high - (low - part.low))


def _without(high: float, part: Range, parts: Sequence[Range]) -> float:
    """The most that the other parts can be."""
    if math.isinf(part.high):
        return sum(each.high for each in parts if each is not part)
    return high - part.high


def _tighten(known: dict[str, Range], key: str, low: float = 0, high: float = math.inf) -> None:
    if key not in known:
        return
    found = known[key]
    tighter = Range(max(found.low, low), min(found.high, high))
    # What cannot be has been hidden to protect something else, so that nothing follows from it.
    if tighter != found and tighter.low <= tighter.high:
        known[key] = tighter


class _State:
    """The figures while more and more of them are hidden."""

    def __init__(self, counts: Mapping[str, int], table: Table) -> None:
        self.counts = counts
        self.table = table
        self.shown: dict[str, Shown] = {key: suppress(count) for key, count in counts.items()}
        self.extra: set[str] = set()
        # For each figure, the keys that it is summed up or falls with.
        self._beside: dict[str, list[tuple[str, ...]]] = {}
        for keys in (*((each.total, *each.parts) for each in table.sums), *table.falling):
            for key in keys:
                self._beside.setdefault(key, []).append(keys)

    def exposed(self, beyond_help: set[str]) -> str | None:
        """A hidden figure that a reader could work out, if there is one."""
        known = ranges(self.shown, self.table, veiled=frozenset(self.extra))
        for key in (*self.shown, *self.table.public):
            hidden = {**self.table.public, **self.shown}[key] == SUPPRESSED
            small = hidden and key not in self.extra and key not in beyond_help
            if small and known[key].candidates < CANDIDATES:
                return key
        return None

    def hide_beside(self, exposed: str) -> bool:
        """Hide something that helps to work out `exposed`; whether there was anything."""
        sums = [each for each in self.table.sums if exposed in (each.total, *each.parts)]
        for each in sums:
            beside = [key for key in each.parts if key != exposed and self._hideable(key)]
            if beside:
                self._hide(min(beside, key=lambda key: self.counts[key]))
                return True
        for each in sums:
            if all(key in self.counts for key in each.parts) and any(
                self.shown[key] == 0 for key in each.parts
            ):
                for key in each.parts:
                    self._hide(key)
                return True
        for each in sums:
            if self._hideable(each.total):
                self._hide(each.total)
                return True
        return False

    def hide_noughts(self) -> None:
        """Hide each nought in whose place a star would be worked out, with nothing left to hide beside it."""
        for key in [key for key, value in self.shown.items() if value == 0]:
            sums = [each for each in self.table.sums if key in (each.total, *each.parts)]
            if any(self._hideable(other) for each in sums for other in (each.total, *each.parts)):
                continue
            starred = {**self.shown, key: SUPPRESSED}
            about = self._about(key, starred)
            if ranges(starred, about, veiled=frozenset(self.extra))[key].candidates < CANDIDATES:
                self._hide(key)

    def _about(self, key: str, shown: Mapping[str, Shown]) -> Table:
        """The part of the table from which anything follows for `key`. A nought says the same whatever is concluded
        elsewhere, so that nothing is passed on through it."""
        told = {**self.table.public, **shown}
        reached, ways = {key}, [key]
        while ways:
            for each in self._beside.get(ways.pop(), ()):
                fresh = {other for other in each if other not in reached and told.get(other) != 0}
                reached |= fresh
                ways += fresh
        return Table(
            tuple(each for each in self.table.sums if not reached.isdisjoint((each.total, *each.parts))),
            tuple(chain for chain in self.table.falling if not reached.isdisjoint(chain)),
            self.table.public,
        )

    def _hideable(self, key: str) -> bool:
        return self.counts.get(key, 0) > 0 and self.shown.get(key) != SUPPRESSED

    def _hide(self, key: str) -> None:
        self.shown[key] = SUPPRESSED
        self.extra.add(key)
