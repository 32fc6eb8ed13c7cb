"""Figures as a table, and what is needed to take them."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

import numpy as np

T = TypeVar("T")


# Where other programs share the machine, the processor time of the asking thread says more than the clock.
clock: Callable[[], int] = time.perf_counter_ns


def by_processor() -> None:
    """Measure processor time from here on."""
    global clock  # noqa: PLW0603 - one choice for the whole run
    clock = time.thread_time_ns


def timed(ask: Callable[[T], object], questions: Sequence[T], warm_up: int = 100) -> tuple[float, float]:
    """Milliseconds that half of the questions, and 95 of 100, take at most. The first ones do not count."""
    for question in questions[:warm_up]:
        ask(question)
    gc.collect()
    taken = []
    for question in questions[warm_up:]:
        begun = clock()
        ask(question)
        taken.append(clock() - begun)
    return _half_and_most(taken)


def timed_in_turn(
    asks: Mapping[str, Callable[[int], object]], rounds: int, warm_up: int
) -> dict[str, tuple[float, float]]:
    """As `timed`, of several that are asked one after the other in each round, given its number: what else the
    machine does while they are measured falls on all of them."""
    taken: dict[str, list[int]] = {name: [] for name in asks}
    for number in range(-warm_up, rounds):
        if number == 0:
            gc.collect()
        for name, ask in asks.items():
            begun = clock()
            ask(number)
            if number >= 0:
                taken[name].append(clock() - begun)
    return {name: _half_and_most(times) for name, times in taken.items()}


def _half_and_most(nanoseconds: Sequence[int]) -> tuple[float, float]:
    half, most = np.percentile(np.array(nanoseconds) / 1e6, [50, 95])
    return float(half), float(most)


def private_mb() -> float:
    """Memory of this process that no other shares, in MB (Linux)."""
    told = Path("/proc/self/smaps_rollup").read_text(encoding="ascii")
    lines = [
        line.split() for line in told.splitlines() if line.startswith(("Private_Clean", "Private_Dirty"))
    ]
    return sum(int(line[1]) for line in lines) / 1024


def show(title: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table; the first column is a name, the others stand to the right."""
    widths = [max(len(row[at]) for row in (head, *rows)) for at in range(len(head))]
    print(f"\n{title}")
    for row in (head, ["-" * width for width in widths], *rows):
        print(
            "  ".join(
                [row[0].ljust(widths[0])]
                + [cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)]
            )
        )
