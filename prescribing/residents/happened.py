"""What messages add to a person's timeline: what they and their team wrote to each other while a support went on."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from uuid import UUID

from sqlalchemy import Select, bindparam, or_, select
from sqlalchemy.orm import Session

from prescribing.episodes.models import Episode
from prescribing.episodes.timeline import Kind, Step
from prescribing.residents.models import PersonMessage
from prescribing.residents.rules import Voice

# The latest of one support; whoever wants older ones reads the messages themselves.
MOST = 100

_TITLES: Mapping[Voice, str] = {
    Voice.PERSON: "They wrote to us",
    Voice.TEAM: "We wrote to them here",
    Voice.PROXY: "Whoever acts for them wrote to us",
    Voice.CHANGE: "They did something online",
}


def happened(session: Session, episode_id: UUID) -> list[Step]:
    """The messages of one episode's time, in one query."""
    rows = session.scalars(_messages(), {"episode_id": episode_id})
    return [
        Step(row.at, _TITLES[row.voice], row.words or "", row.author_name or "", Kind.CONTACTS)
        for row in rows
    ]


@cache
def _messages() -> Select[PersonMessage]:
    return (
        select(PersonMessage)
        .join(Episode, Episode.person_id == PersonMessage.person_id)
        .where(
            Episode.id == bindparam("episode_id"),
            PersonMessage.at >= Episode.created_at,
            or_(Episode.closed_at.is_(None), PersonMessage.at <= Episode.closed_at),
        )
        .order_by(PersonMessage.at.desc())
        .limit(MOST)
    )
