"""When the team is told again of a worry that nobody has taken up. Pure."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from core.calendar.rules import LONDON, add_working_days, is_working_day, london

# When somebody is at work to read it, in London.
OPENS, SHUTS = time(9), time(17)


def an_hour_at_work_after(moment: datetime) -> datetime:
    """When an hour of working time has passed since `moment` (aware): of working days, from nine to five. In UTC."""
    here = london(moment)
    day, left = here.date(), timedelta(hours=1)
    if is_working_day(day) and here.time() < SHUTS:
        start = max(here, datetime.combine(day, OPENS, LONDON))
        shuts = datetime.combine(day, SHUTS, LONDON)
        if start + left <= shuts:
            return (start + left).astimezone(UTC)
        left -= shuts - start
    opens = datetime.combine(add_working_days(day, 1), OPENS, LONDON)
    return (opens + left).astimezone(UTC)
