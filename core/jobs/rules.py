"""When a failed job is tried again, and when it is given up."""

from __future__ import annotations

from datetime import datetime, timedelta

MOST_ATTEMPTS = 8
HOLD = timedelta(minutes=5)
KEEP_DONE = timedelta(days=14)

BEAT = timedelta(seconds=15)
SILENT = timedelta(minutes=2)
FORGET_WORKER = timedelta(days=1)


def next_try(attempts: int, now: datetime) -> datetime | None:
    """When to try again after `attempts` failures: 10 seconds, then doubling to at most an hour; none when given up."""
    if attempts >= MOST_ATTEMPTS:
        return None
    return now + min(timedelta(seconds=10 * 2 ** (attempts - 1)), timedelta(hours=1))


def is_alive(seen_at: datetime | None, now: datetime) -> bool:
    """Whether a worker that was last seen at `seen_at` still counts as running."""
    return seen_at is not None and now - seen_at < SILENT
