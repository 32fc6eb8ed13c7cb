"""What the features above hear of people's own side. Subscribers run inside the publisher's transaction."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True)
class HelpTaken:
    """A group takes somebody in who meets newcomers; `called` is what they like to be called."""

    offer_id: UUID
    organization_id: UUID
    called: str


@dataclass(frozen=True)
class HelpOver:
    """Whoever met newcomers does so no more, or may not be known there any more."""

    buddy_id: UUID
