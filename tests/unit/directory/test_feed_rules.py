"""When a feed is asked, when an import waits for a person, and when a notice is tried again."""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Refused
from directory.exchange import feed_rules
from directory.exchange.feed_rules import DeliveryState, FeedKind, RunState

NOW = datetime(2026, 3, 3, 12, tzinfo=UTC)


def test_every_state_has_words_and_every_end_is_an_end() -> None:
    assert all(one.label for kind in (FeedKind, RunState, DeliveryState) for one in kind)
    assert set(feed_rules.MOVES) == set(RunState)
    assert not feed_rules.MOVES[RunState.DONE]
    assert not feed_rules.MOVES[RunState.DROPPED]


def test_what_was_not_taken_in_is_kept_for_days_and_what_goes_on_is_kept() -> None:
    assert set(feed_rules.DAYS_KEPT) == feed_rules.ENDS
    kept = {state: feed_rules.days_kept(state) for state in (None, *RunState)}
    assert kept[RunState.DROPPED] == kept[None] == 1
    assert kept[RunState.FAILED] == 7
    assert kept[RunState.DONE] == 30
    assert kept[RunState.READY] is kept[RunState.STOPPED] is None


@pytest.mark.parametrize("before", list(RunState))
@pytest.mark.parametrize("after", list(RunState))
def test_only_the_moves_of_the_table_are_made(before: RunState, after: RunState) -> None:
    if after in feed_rules.MOVES[before]:
        assert feed_rules.move(before, after) is after
    else:
        with pytest.raises(Refused, match=before.label.lower()):
            feed_rules.move(before, after)


@given(hours=st.integers(1, 24 * 30), failures=st.integers(0, 1000))
def test_a_feed_that_fails_is_asked_less_but_never_sooner_or_later_than_its_bounds(
    hours: int, failures: int
) -> None:
    wait = feed_rules.next_pull(hours, failures, NOW) - NOW
    assert timedelta(hours=hours) <= wait <= max(timedelta(hours=hours), feed_rules.LONGEST_WAIT)
    assert wait <= feed_rules.next_pull(hours, failures + 1, NOW) - NOW


def test_an_import_that_loses_much_or_rejects_most_needs_a_look() -> None:
    assert feed_rules.needs_a_look(100, 5, 100, 4) == ""
    assert feed_rules.needs_a_look(100, 0, 100, 25) == ""
    assert "26 of the 100" in feed_rules.needs_a_look(74, 0, 100, 26)
    assert feed_rules.needs_a_look(1, 4, 5, 4) == ""
    assert "More of its records" in feed_rules.needs_a_look(5, 6, 0, 0)


def test_a_notice_is_tried_eight_times_over_some_days() -> None:
    waits = [feed_rules.next_try(attempts, NOW) for attempts in range(1, 9)]
    assert waits[0] == NOW + timedelta(minutes=1)
    assert waits[1] == NOW + timedelta(minutes=4)
    assert waits[-1] is None
    known = [one - NOW for one in waits if one is not None]
    assert known == sorted(known)
    assert max(known) == timedelta(days=1)


def test_a_signature_covers_the_time_and_the_body() -> None:
    signed = hmac.new(b"secret", b"1700000000.{}", hashlib.sha256).hexdigest()
    assert feed_rules.signature("secret", 1_700_000_000, b"{}") == signed
    assert feed_rules.signature("secret", 1_700_000_001, b"{}") != signed


def test_keys_of_sources_are_plain_and_of_their_own() -> None:
    assert feed_rules.source_key("Weaving & Groups!", frozenset()) == "weaving-groups"
    assert feed_rules.source_key("Weaving groups", frozenset({"weaving-groups"})) == "weaving-groups-2"
    taken = frozenset({"weaving-groups", "weaving-groups-2"})
    assert feed_rules.source_key("Weaving groups", taken) == "weaving-groups-3"
    assert feed_rules.source_key("织布", frozenset()) == "source"
    assert len(feed_rules.source_key("x" * 300, frozenset())) <= 80
