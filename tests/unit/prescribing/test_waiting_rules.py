"""First come, first served, or a fair reason."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from core.errors import Invalid
from prescribing.referrals.waiting_rules import FAIR_WORDS, FairReason, check_turn, in_line

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def test_whoever_was_put_on_the_list_first_is_first() -> None:
    waiting = [("late", NOON), ("early", NOON - timedelta(days=3)), ("between", NOON - timedelta(hours=1))]
    assert in_line(waiting) == ("early", "between", "late")


def test_the_first_in_line_needs_no_reason() -> None:
    assert check_turn(1, None) is None
    assert check_turn(1, FairReason.CANNOT_WAIT) is None


@pytest.mark.parametrize("reason", FairReason)
def test_a_fair_reason_is_kept_in_words(reason: FairReason) -> None:
    assert FAIR_WORDS[reason] in (check_turn(2, reason) or "")


def test_nobody_is_taken_before_others_without_a_reason() -> None:
    with pytest.raises(Invalid, match="waited longer"):
        check_turn(2, None)
