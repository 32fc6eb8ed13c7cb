"""What episodes tell other features, inside the same transaction."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from core.access.rules import Actor
from prescribing.episodes.causes import Failing


@dataclass(frozen=True)
class ContactCameOfFailure:
    """A contact was written down that happened because something failed; `actor` wrote it down."""

    actor: Actor
    episode_id: UUID
    contact_id: UUID
    failing: Failing


@dataclass(frozen=True)
class ContactWasMistake:
    """A contact was written down by mistake, and counts for nothing; `actor` says so."""

    actor: Actor
    episode_id: UUID
    contact_id: UUID
