"""What was worked out of episodes, kept in this process: until one of them gets a new mark, or until its time is up."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Generic, NamedTuple, TypeVar
from uuid import UUID

from core.db import Ids
from prescribing.episodes.clock_settings import clocks
from prescribing.episodes.clocks import Clocks
from prescribing.episodes.marks import Marked, id_in

T = TypeVar("T")

# Some kilobytes each: the people of a large borough, and no more than a process has room for.
MOST = 10_000


class Lasting(NamedTuple, Generic[T]):
    """What was worked out, and the moment (aware) before which time alone does not change it."""

    value: T
    until: datetime


class _Entry(NamedTuple, Generic[T]):
    """`at` and `until` are of one zone, in which they compare at no cost."""

    mark: UUID | str
    clocks: Clocks
    at: datetime
    until: datetime
    value: T


class Memory(Generic[T]):
    """Values by episode, worked out once and kept as long as they hold."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._kept: dict[UUID | str, _Entry[T]] = {}

    def of(
        self,
        episodes: Sequence[Marked],
        now: datetime,
        work_out: Callable[[Ids], Mapping[UUID, Lasting[T]]],
    ) -> list[T]:
        """The value of each of these episodes, in their order; `work_out` is asked for those that are not kept. One
        that it does not know, since its record has just been deleted, is left out."""
        lengths, at = clocks(), now.astimezone(UTC)
        found: dict[UUID | str, T] = {}
        missing: list[Marked] = []
        for one in episodes:
            key, mark = one
            entry = self._kept.get(key)
            if (
                entry is not None
                and entry.mark == mark
                and entry.clocks is lengths
                and entry.at <= at < entry.until
            ):
                found[key] = entry.value
            else:
                missing.append(one)
        if missing:
            ids = Ids(tuple(map(id_in, missing)))
            made = work_out(ids)
            if len(self._kept) + len(made) > self._most:
                self._kept.clear()
            for (key, mark), episode_id in zip(missing, ids, strict=True):
                if (lasting := made.get(episode_id)) is None:
                    continue
                value, until = lasting
                found[key] = value
                if mark is not None:
                    self._kept[key] = _Entry(mark, lengths, at, until.astimezone(UTC), value)
        return [found[key] for key, _mark in episodes if key in found]
