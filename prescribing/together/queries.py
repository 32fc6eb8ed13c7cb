"""Whom a link worker may have met at a group or a drop-in: the people of their own caseload."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from core.access.rules import Actor
from prescribing.episodes.models import Episode
from prescribing.episodes.rules import CASELOAD
from prescribing.episodes.scope import of_team
from prescribing.people.queries import as_line
from prescribing.together.rules import Names


@dataclass(frozen=True)
class OwnPerson:
    """Somebody who is with a link worker: what they are called on a page, and by what they are found."""

    called: str
    names: Names


def own_people(session: Session, actor: Actor) -> dict[UUID, OwnPerson]:
    """The people who are with this link worker now, by their episode, in the order of what they are called."""
    rows = session.scalars(
        select(Episode)
        .where(of_team(actor), Episode.link_worker_id == actor.account_id, Episode.state.in_(CASELOAD))
        .options(joinedload(Episode.person))
    )
    people = {
        row.id: OwnPerson(
            as_line(row.person).called,
            Names(
                f"{row.person.name or ''} {row.person.preferred_name or ''}",
                (row.person.reference, row.reference),
            ),
        )
        for row in rows
    }
    return dict(sorted(people.items(), key=lambda each: (each[1].called.casefold(), each[0])))
