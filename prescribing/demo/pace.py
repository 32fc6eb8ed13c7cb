"""Time in the example borough: whatever happens waits for its moment, and all of it happens in order."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random

from core import clock
from core.calendar.rules import add_working_days

Happening = Iterator[datetime]


@dataclass
class Diary:
    """Runs happenings side by side in the order of their moments, none later than `end`.

    A happening yields the moment at which it goes on; what would come after `end` has not happened yet.
    """

    end: datetime
    _waiting: list[tuple[datetime, int, Happening]] = field(default_factory=list)
    _count: int = 0

    def add(self, happening: Happening) -> None:
        """Let something begin; from now on it waits for its turn."""
        moment = next(happening, None)
        if moment is not None and moment <= self.end:
            self._count += 1
            heapq.heappush(self._waiting, (moment, self._count, happening))

    def run(self) -> None:
        """Let everything happen that has happened by `end`."""
        while self._waiting:
            moment, _, happening = heapq.heappop(self._waiting)
            with clock.at(moment):
                self.add(happening)


@dataclass
class Pace:
    """A story's own time: where it stands, and the next working moments."""

    now: datetime
    lots: Random

    @property
    def day(self) -> date:
        return self.now.astimezone(clock.LONDON).date()

    def work(self, days: int) -> datetime:
        """So many working days on, in office hours; later the same day for none."""
        if days == 0:
            return self.at(self.now + timedelta(minutes=20 + self.lots.randrange(40)))
        return self.on(add_working_days(self.day, days), 9 + self.lots.randrange(7))

    def on(self, day: date, hour: int) -> datetime:
        """That day in that hour, London time; never before where the story stands."""
        moment = datetime.combine(day, time(hour, self.lots.randrange(60)), clock.LONDON)
        return self.at(max(moment, self.now + timedelta(minutes=1)))

    def at(self, moment: datetime) -> datetime:
        """That very moment."""
        self.now = moment
        return moment
