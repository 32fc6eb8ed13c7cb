"""How much work a person is, for balancing within a team."""

from __future__ import annotations

from prescribing.episodes.load_rules import weight
from prescribing.episodes.rules import EpisodeState, Priority


def test_the_start_a_risk_and_urgency_weigh_more() -> None:
    assert weight(EpisodeState.ALLOCATED, Priority.ROUTINE, risk=False) == 3
    assert weight(EpisodeState.ACTIVE, Priority.ROUTINE, risk=False) == 2
    assert weight(EpisodeState.PAUSED, Priority.SOON, risk=False) == 1
    assert weight(EpisodeState.ACTIVE, Priority.URGENT, risk=True) == 5
    assert weight(EpisodeState.COMPLETED, Priority.URGENT, risk=True) == 0
