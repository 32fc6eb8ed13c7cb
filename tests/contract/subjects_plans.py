"""Copies of plans, for the access matrix."""

from __future__ import annotations

from tests.contract.subjects import Cell, Subject, subject
from tests.contract.subjects_episodes import active, by_episode, created


@subject("plans.copy", "plans.give")
def _copy(cell: Cell) -> Subject:
    return by_episode(active(cell), **created(way="hand", form="large"))
