"""A death that was recorded by mistake: the one way back, for a coordinator with whoever wrote it down."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Session

from core import clock
from core.access.rules import Actor, Role
from core.audit import services as audit
from core.errors import Refused
from prescribing.episodes import moves
from prescribing.episodes.histories import as_event
from prescribing.episodes.models import Episode
from prescribing.episodes.rules import CloseReason, EpisodeState
from prescribing.episodes.scope import episodes_for_update
from prescribing.episodes.services import write_event
from prescribing.people.queries import person_for_update
from prescribing.people.services import author_of


def undo_death(session: Session, actor: Actor, person_id: UUID, reason: str) -> tuple[Episode, ...]:
    """Open again what the death closed, each as it stood before. Messages and referrals that were stopped stay so.

    Raises `NotFound` outside the team, `Refused` unless a coordinator, who did not write the death down, agrees, and
    `Invalid` without a reason.
    """
    person = person_for_update(session, actor, person_id)
    if person.died_at is None:
        raise Refused("No death is written down.")
    closed = episodes_for_update(
        session,
        Episode.person_id == person_id,
        Episode.state == EpisodeState.WITHDRAWN,
        Episode.close_reason == CloseReason.DIED,
    )
    for episode in closed:
        event = moves.undo_death(
            as_event(episode.events[-1]),
            agreed_by=author_of(actor),
            agreed_by_coordinator=episode.team_id in actor.team_ids(Role.COORDINATOR),
            at=clock.now(),
            reason=reason,
        )
        episode.close_reason, episode.closed_at = None, None
        write_event(session, actor, episode, event)
    person.died_at = None
    session.flush()
    audit.record(session, actor, "person.not-died", "person", person.id)
    return tuple(closed)
