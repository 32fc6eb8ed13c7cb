"""Whether a group is full, as it last said."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from directory.listings.room_rules import BELIEVED_FOR, full_since

TODAY = date(2026, 11, 20)
LONG_AGO = TODAY - BELIEVED_FOR - timedelta(days=1)


@pytest.mark.parametrize(
    ("full", "said_on", "since"),
    [
        (None, None, None),
        (False, TODAY, None),
        (True, None, None),
        (True, TODAY, TODAY),
        (True, TODAY - BELIEVED_FOR, TODAY - BELIEVED_FOR),
        (True, LONG_AGO, None),
    ],
)
def test_what_a_group_said_is_believed_for_eight_weeks(
    full: bool | None, said_on: date | None, since: date | None
) -> None:
    assert full_since(full, said_on, TODAY) == since
