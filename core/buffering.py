"""Figures wait here, in the memory of the process that met them, until they are counted together.

A request that is only counted writes nothing. What waits is lost when a process is killed; one that is stopped counts
it first.
"""

from __future__ import annotations

import atexit
import logging
import os
import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

log = logging.getLogger(__name__)

EVERY_SECONDS = 30.0
# Under a flood the oldest go first: these are figures, not records.
MOST_WAITING = 5_000

T = TypeVar("T")


class Buffer(Generic[T]):
    """What waits, of the kind `name`. With `each`, which counts what it is given, a thread empties it now and then."""

    def __init__(self, name: str, each: Callable[[Sequence[T]], None] | None = None) -> None:
        self._name = name
        self._waiting: deque[T] = deque(maxlen=MOST_WAITING)
        self._each = each
        self._lock = threading.Lock()
        self._process = 0

    def note(self, noted: T) -> None:
        """Have one thing wait."""
        self._waiting.append(noted)
        if self._each is not None and self._process != os.getpid():
            self._start(self._each)

    def take(self) -> list[T]:
        """Everything that waits, which then waits no more."""
        taken = []
        while self._waiting:
            taken.append(self._waiting.popleft())
        return taken

    def _start(self, each: Callable[[Sequence[T]], None]) -> None:
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

        threading.Thread(target=run, name=self._name, daemon=True).start()
        atexit.register(end)

    def _empty(self, each: Callable[[Sequence[T]], None]) -> None:
        taken = self.take()
        try:
            if taken:
                each(taken)
        except Exception as error:
            log.error("figures were not counted", extra={"kind": self._name, "error": type(error).__name__})
            self._waiting.extendleft(reversed(taken))
