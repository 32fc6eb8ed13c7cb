"""When a failed job is tried again, and when it is given up."""

from __future__ import annotations

from datetime import datetime, timedelta

MOST_ATTEMPTS = 8
HOLD = timedelta(minutes=5)


def next_try(attempts: int, now: datetime) -> datetime | None:
    """When to try again after `attempts` failures: 10 seconds, then doubling to at most an hour; none when given up."""
    if attempts >= MOST_ATTEMPTS:
        return None
    return now + min(timedelta(seconds=10 * 2 ** (attempts - 1)), timedelta(hours=1))
