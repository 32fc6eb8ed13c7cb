"""What was worked out of episodes, kept in this process: until one of them gets a new mark, or until its time is up."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar
from uuid import UUID

from prescribing.episodes.clock_settings import clocks
from prescribing.episodes.clocks import Clocks
from prescribing.episodes.marks import Marked

T = TypeVar("T")

# Some kilobytes each: the people of a large borough, and no more than a process has room for.
MOST = 10_000


@dataclass(frozen=True)
class Lasting(Generic[T]):
    """What was worked out, and the moment (aware) before which time alone does not change it."""

    value: T
    until: datetime


@dataclass(frozen=True)
class _Entry(Generic[T]):
    mark: UUID | None
    clocks: Clocks
    at: datetime
    lasting: Lasting[T]


class Memory(Generic[T]):
    """Values by episode, worked out once and kept as long as they hold."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._kept: dict[UUID, _Entry[T]] = {}

    def of(
        self,
        episodes: Sequence[Marked],
        now: datetime,
        work_out: Callable[[Collection[UUID]], Mapping[UUID, Lasting[T]]],
    ) -> dict[UUID, T]:
        """The value of each of these episodes, by id; `work_out` is asked for those that are not kept."""
        lengths = clocks()
        found: dict[UUID, T] = {}
        missing: list[Marked] = []
        for one in episodes:
            entry = self._kept.get(one.id)
            if (
                entry is not None
                and one.kept
                and entry.mark == one.mark
                and entry.clocks is lengths
                and entry.at <= now < entry.lasting.until
            ):
                found[one.id] = entry.lasting.value
            else:
                missing.append(one)
        if missing:
            made = work_out([one.id for one in missing])
            if len(self._kept) + len(made) > self._most:
                self._kept.clear()
            for one in missing:
                if one.id in made:
                    found[one.id] = made[one.id].value
                    if one.kept:
                        self._kept[one.id] = _Entry(one.mark, lengths, now, made[one.id])
        return found
