"""What stands first among activities that could help, and that nobody is shut out by numbers."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prescribing.referrals import matching_rules as rules
from prescribing.referrals.matching_rules import Candidate, History, Room, rank, score, start_rate

NEW = History()


@st.composite
def histories(draw: st.DrawFn) -> History:
    referred = draw(st.integers(0, 500))
    return History(draw(st.integers(0, referred)), referred)


candidates = st.builds(
    Candidate,
    what=st.integers(),
    suits=st.floats(0, 1),
    km=st.none() | st.floats(0, 50),
    room=st.sampled_from(Room),
    history=histories(),
    fresh_days=st.none() | st.integers(0, 3000),
    stopped=st.booleans(),
)
PLAIN = Candidate("plain", 0.5, 1.0, Room.NOT_KNOWN, NEW, 10)


@given(histories())
def test_a_rate_lies_between_the_floor_and_one(history: History) -> None:
    assert rules.LOWEST_RATE <= start_rate(history) < 1


@given(histories())
def test_few_people_move_a_rate_little(history: History) -> None:
    """Towards what was seen, and never past it; the more were referred, the closer."""
    rate, most = start_rate(history), history.referred / (history.referred + 6)
    assert abs(rate - rules.PRIOR_RATE) <= most + 1e-9
    if history.referred:
        seen = max(rules.LOWEST_RATE, history.started / history.referred)
        assert min(seen, rules.PRIOR_RATE) - 1e-9 <= rate <= max(seen, rules.PRIOR_RATE) + 1e-9


@given(histories())
def test_one_more_start_never_harms(history: History) -> None:
    assert start_rate(History(history.started + 1, history.referred + 1)) >= start_rate(history)


def test_a_new_group_counts_as_one_in_two() -> None:
    assert start_rate(NEW) == 0.5
    assert start_rate(History(0, 1)) == pytest.approx(3 / 7)
    assert start_rate(History(0, 500)) == rules.LOWEST_RATE
    with pytest.raises(ValueError, match="no more can start"):
        History(2, 1)


@given(candidates, histories())
def test_what_happened_before_shuts_nobody_out(one: Candidate[int], history: History) -> None:
    """Whatever was seen of others, a new group that suits better by a fifth stands before them."""
    better, other = replace(one, suits=1.0, history=NEW), replace(one, suits=0.8, history=history)
    assert score(better) > score(other)


@given(candidates)
def test_a_score_is_a_share(one: Candidate[int]) -> None:
    assert 0 <= score(one) <= 1


@given(st.lists(candidates, max_size=12))
def test_everybody_is_ranked_and_what_takes_nobody_stands_last(given_in: list[Candidate[int]]) -> None:
    numbered = [replace(one, what=number) for number, one in enumerate(given_in)]
    ranked = [numbered[number] for number in rank(numbered)]
    assert sorted(one.what for one in ranked) == list(range(len(numbered)))
    assert [one.stopped for one in ranked] == sorted(one.stopped for one in ranked)
    for first, second in pairwise(ranked):
        assert first.stopped != second.stopped or score(first) >= score(second)


@pytest.mark.parametrize(
    "better",
    [
        replace(PLAIN, suits=0.6),
        replace(PLAIN, km=0.5),
        replace(PLAIN, room=Room.FREE),
        replace(PLAIN, history=History(3, 3)),
    ],
)
def test_each_thing_counts(better: Candidate[str]) -> None:
    better = replace(better, what="better")
    assert rank([PLAIN, better]) == ["better", "plain"]
    worse = replace(PLAIN, what="worse", room=Room.FULL, fresh_days=None, km=None)
    assert rank([worse, PLAIN]) == ["plain", "worse"]
    assert rank([replace(better, stopped=True), worse]) == ["worse", "better"]


def test_among_equals_the_order_stays() -> None:
    assert rank([PLAIN, replace(PLAIN, what="twin")]) == ["plain", "twin"]


def test_what_is_worth_saying_is_said() -> None:
    assert rules.say_history(History(4, 4)) == ("", "")
    assert rules.say_history(History(5, 10)) == ("", "")
    assert rules.say_history(History(6, 10))[0] == "6 of 10 people who were referred really started"
    assert rules.say_history(History(0, 5))[1].startswith("0 of 5 people")
    assert rules.say_freshness(180) == ""
    assert rules.say_freshness(400) == "Nobody has confirmed this entry for 13 months: ring first"


def test_days_are_counted_from_the_last_word() -> None:
    now = datetime(2026, 3, 3, 12, tzinfo=UTC)
    assert rules.days_since(None, now) is None
    assert rules.days_since(now - timedelta(days=2, hours=3), now) == 2
    assert rules.days_since(now + timedelta(days=1), now) == 0
