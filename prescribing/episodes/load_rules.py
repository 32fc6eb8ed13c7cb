"""How much work a person is for their link worker: by stage, risk and urgency. Pure.

The weights are ours, for balancing within one team; they say nothing about a person.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from prescribing.episodes.rules import EpisodeState, Priority

# The start is the most work: reaching somebody, listening, agreeing a plan.
STAGE_POINTS: Mapping[EpisodeState, int] = MappingProxyType(
    {
        EpisodeState.ALLOCATED: 3,
        EpisodeState.CONTACTING: 3,
        EpisodeState.ACTIVE: 2,
        EpisodeState.PAUSED: 1,
    }
)
RISK_POINTS = 2
URGENT_POINTS = 1


def weight(state: EpisodeState, priority: Priority, *, risk: bool) -> int:
    """The points of one person; 0 for whoever is with no link worker."""
    points = STAGE_POINTS.get(state, 0)
    if points == 0:
        return 0
    return points + (RISK_POINTS if risk else 0) + (URGENT_POINTS if priority is Priority.URGENT else 0)
