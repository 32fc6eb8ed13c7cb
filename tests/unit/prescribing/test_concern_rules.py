"""When a team is told again of a worry: after an hour of working time, never at night and never not at all."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from core.calendar.rules import LONDON
from prescribing.concerns.rules import an_hour_at_work_after


@pytest.mark.parametrize(
    ("raised", "again"),
    [
        # A Tuesday morning, and one before anybody is at work.
        (datetime(2026, 3, 3, 10, 20), datetime(2026, 3, 3, 11, 20)),
        (datetime(2026, 3, 3, 6, 0), datetime(2026, 3, 3, 10, 0)),
        (datetime(2026, 3, 3, 16, 0), datetime(2026, 3, 3, 17, 0)),
        # Half of the hour today, half tomorrow; after work; over a weekend; over Easter and the change of the clocks.
        (datetime(2026, 3, 3, 16, 30), datetime(2026, 3, 4, 9, 30)),
        (datetime(2026, 3, 3, 22, 15), datetime(2026, 3, 4, 10, 0)),
        (datetime(2026, 3, 7, 11, 0), datetime(2026, 3, 9, 10, 0)),
        (datetime(2026, 4, 2, 16, 45), datetime(2026, 4, 7, 9, 45)),
        (datetime(2026, 3, 27, 18, 0), datetime(2026, 3, 30, 10, 0)),
    ],
)
def test_an_hour_of_working_time(raised: datetime, again: datetime) -> None:
    moment = raised.replace(tzinfo=LONDON).astimezone(UTC)
    assert an_hour_at_work_after(moment) == again.replace(tzinfo=LONDON)
    assert an_hour_at_work_after(moment).tzinfo is UTC
