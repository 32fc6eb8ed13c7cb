"""The rule of the one way back from a death."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from core.errors import Invalid, Refused
from prescribing.episodes.moves import Event, MoveKind, undo_death
from prescribing.episodes.rules import EpisodeState

NOW = datetime(2026, 3, 3, 12, tzinfo=UTC)
DIED = Event(NOW, "worker", EpisodeState.ACTIVE, EpisodeState.WITHDRAWN, "died")


def back(
    closing: Event = DIED, agreed_by: str = "helen", *, coordinator: bool = True, why: str = "No"
) -> Event:
    return undo_death(closing, agreed_by=agreed_by, agreed_by_coordinator=coordinator, at=NOW, reason=why)


def test_somebody_else_agrees_and_it_stands_as_before() -> None:
    event = back()
    assert (event.source, event.target) == (EpisodeState.WITHDRAWN, EpisodeState.ACTIVE)
    assert event.kind is MoveKind.UNDO_CLOSE


def test_nobody_takes_it_back_alone_or_without_a_word() -> None:
    for agreed_by, coordinator in (("worker", True), ("helen", False)):
        with pytest.raises(Refused, match="must agree"):
            back(agreed_by=agreed_by, coordinator=coordinator)
    with pytest.raises(Refused, match="no closing"):
        back(Event(NOW, "worker", None, EpisodeState.DRAFT))
    with pytest.raises(Refused, match="no closing"):
        back(Event(NOW, "w", EpisodeState.ACTIVE, EpisodeState.PAUSED, kind=MoveKind.UNDO_CLOSE))
    with pytest.raises(Invalid, match="mistake"):
        back(why=" ")
