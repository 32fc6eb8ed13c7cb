"""Whom a link worker may have met at a group or a drop-in: the people of their own caseload."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from core.access.rules import Actor
from prescribing.episodes.models import Episode
from prescribing.episodes.rules import CASELOAD
from prescribing.episodes.scope import of_team
from prescribing.people.queries import PersonLine, as_line


def own_people(session: Session, actor: Actor) -> dict[UUID, PersonLine]:
    """The people who are with this link worker now, by their episode, in the order of what they are called."""
    rows = session.scalars(
        select(Episode)
        .where(of_team(actor), Episode.link_worker_id == actor.account_id, Episode.state.in_(CASELOAD))
        .options(joinedload(Episode.person))
    )
    lines = {row.id: as_line(row.person) for row in rows}
    return dict(sorted(lines.items(), key=lambda each: (each[1].called.casefold(), each[0])))
