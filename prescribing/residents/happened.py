"""What messages add to a person's timeline: what they and their team wrote to each other while a support went on."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Select, bindparam, or_, select
from sqlalchemy.orm import Session

from core.db import at_most, read
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
    return [
        Step(
            at,
            _TITLES[voice],
            PersonMessage.words.read(PersonMessage, message_id, words) or "",
            PersonMessage.author_name.read(PersonMessage, message_id, author_name) or "",
            Kind.CONTACTS,
        )
        for message_id, at, voice, words, author_name in read(session, _messages(), episode_id=episode_id)
    ]


@cache
def _messages() -> Select[*tuple[Any, ...]]:
    return (
        select(
            PersonMessage.id,
            PersonMessage.at,
            PersonMessage.voice,
            PersonMessage.words_sealed,
            PersonMessage.author_name_sealed,
        )
        .join(Episode, Episode.person_id == PersonMessage.person_id)
        .where(
            Episode.id == bindparam("episode_id"),
            PersonMessage.at >= Episode.created_at,
            or_(Episode.closed_at.is_(None), PersonMessage.at <= Episode.closed_at),
        )
        .order_by(PersonMessage.at.desc())
        .limit(at_most(MOST))
    )
