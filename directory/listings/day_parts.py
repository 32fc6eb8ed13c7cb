"""Which mornings, afternoons and evenings of the week hold real sessions."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import time, timedelta

from directory.listings.recurrence import Occurrence, Weekday

# Six weeks: every monthly session falls at least once into five, and what was read is good for some days more.
LOOK_AHEAD = timedelta(weeks=6)

MORNING, AFTERNOON, EVENING = "morning", "afternoon", "evening"
MIDDAY, FIVE = time(12), time(17)


def day_parts(sessions: Iterable[Occurrence]) -> frozenset[str]:
    """Words such as "WE-afternoon" for every part of a day in which one of the sessions is on, in London time.

    A session without an end counts where it starts. One that goes on past midnight counts on its first day only.
    """
    return frozenset(
        f"{Weekday.of(session.start).value}-{part}" for session in sessions for part in _parts(session)
    )


def _parts(session: Occurrence) -> list[str]:
    start, end = session.start.time(), session.finish.time()
    if session.finish.date() > session.start.date():
        end = time.max
    parts = ((MORNING, time.min, MIDDAY), (AFTERNOON, MIDDAY, FIVE), (EVENING, FIVE, time.max))
    return [name for name, first, last in parts if first <= start < last or start < first < end]
