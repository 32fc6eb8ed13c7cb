"""Which days can be covered, and by whom."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest

from core.errors import Invalid
from prescribing.caseloads.rules import check_cover, say_away

TODAY = date(2026, 3, 3)
ASHA, TOM = UUID(int=1), UUID(int=2)


@pytest.mark.parametrize(
    ("first", "last", "stand_in", "words"),
    [
        (0, 5, ASHA, "somebody else"),
        (5, 4, TOM, "before the first"),
        (-9, -1, TOM, "past"),
        (0, 400, TOM, "more than a year"),
    ],
)
def test_what_cannot_be_covered_says_why(first: int, last: int, stand_in: UUID, words: str) -> None:
    days = (TODAY + timedelta(days=first), TODAY + timedelta(days=last))
    with pytest.raises(Invalid, match=words):
        check_cover(*days, TODAY, away_id=ASHA, stand_in_id=stand_in)


def test_leave_may_have_begun_already() -> None:
    check_cover(TODAY - timedelta(days=2), TODAY, TODAY, away_id=ASHA, stand_in_id=TOM)
    assert say_away(date(2026, 3, 6), TODAY) == "away until Friday 6 March"
