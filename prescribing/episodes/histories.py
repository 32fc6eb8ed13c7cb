"""Stored rows of a history as the rules know them."""

from __future__ import annotations

from prescribing.episodes.contacts import Attempt
from prescribing.episodes.models import ContactAttempt, EpisodeEvent
from prescribing.episodes.moves import Event


def as_event(row: EpisodeEvent) -> Event:
    """A stored move."""
    return Event(
        at=row.at,
        author=row.author,
        source=row.source,
        target=row.target,
        reason=row.reason,
        said_by=row.said_by,
        kind=row.kind,
    )


def as_attempt(row: ContactAttempt) -> Attempt:
    """A stored contact."""
    return Attempt(row.at, row.channel, row.outcome, row.direction, row.booked_on)
