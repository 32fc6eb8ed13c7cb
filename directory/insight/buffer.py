"""Searches wait here, in the memory of the process that answered them, until they are counted together.

A request that searches writes nothing. What waits is lost when a process is
killed; one that is stopped counts it first.
"""

from __future__ import annotations

import atexit
import logging
import os
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date

from directory.insight.rules import Outcome, Trace

log = logging.getLogger(__name__)

EVERY_SECONDS = 30.0
# Under a flood the oldest go first: these are figures, not records.
MOST_WAITING = 5_000


@dataclass(frozen=True, slots=True)
class Noted:
    """One search. `asker` tells one browser from another for as long as this waits, and is never written down."""

    day: date
    asker: str = field(repr=False)
    words: str
    needs: tuple[str, ...]
    ward_code: str
    outcome: Outcome
    after: Trace | None = None


class Buffer:
    """What waits. With `each`, which counts what it is given, a thread empties it every so often."""

    def __init__(self, each: Callable[[Sequence[Noted]], None] | None = None) -> None:
        self._waiting: deque[Noted] = deque(maxlen=MOST_WAITING)
        self._each = each
        self._lock = threading.Lock()
        self._process = 0

    def note(self, noted: Noted) -> None:
        """Have a search wait."""
        self._waiting.append(noted)
        if self._each is not None and self._process != os.getpid():
            self._start(self._each)

    def take(self) -> list[Noted]:
        """Everything that waits, which then waits no more."""
        taken = []
        while self._waiting:
            taken.append(self._waiting.popleft())
        return taken

    def _start(self, each: Callable[[Sequence[Noted]], None]) -> None:
        """A thread does not live on in a process that was forked, so each process starts its own."""
        with self._lock:
            if self._process == os.getpid():
                return
            self._process = os.getpid()
        stop = threading.Event()

        def run() -> None:
            while not stop.wait(EVERY_SECONDS):
                self._empty(each)

        def end() -> None:
            stop.set()
            self._empty(each)

        threading.Thread(target=run, name="search-insight", daemon=True).start()
        atexit.register(end)

    def _empty(self, each: Callable[[Sequence[Noted]], None]) -> None:
        taken = self.take()
        try:
            if taken:
                each(taken)
        except Exception as error:
            log.error("searches were not counted", extra={"error": type(error).__name__})
            self._waiting.extendleft(reversed(taken))
