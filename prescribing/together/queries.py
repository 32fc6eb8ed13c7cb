"""Whom a link worker may have met at a group or a drop-in: their own people, those of a colleague for whom they stand
in, and anybody else of the team by name."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import or_, select, true
from sqlalchemy.orm import Session, joinedload

from core.access.rules import Actor
from prescribing.episodes import contributions
from prescribing.episodes.models import Episode
from prescribing.episodes.queries import account_names
from prescribing.episodes.rules import CASELOAD
from prescribing.episodes.scope import of_team
from prescribing.people.choosing import lines_to_choose
from prescribing.people.rules import is_called
from prescribing.together.rules import Names


@dataclass(frozen=True)
class OwnPerson:
    """Somebody who is with a link worker: what they are called on a page, and by what they are found."""

    called: str
    names: Names


def people(
    session: Session, actor: Actor, *, looked_for: str = "", ticked: Collection[UUID] = ()
) -> dict[UUID, OwnPerson]:
    """The people whom a link worker may have met, by their episode, in the order of what they are called: those who are
    with them or with whom they stand in for, whoever of the team is `ticked`, and whoever is called what is looked for.
    """
    mine = {actor.account_id, *contributions.covered_by(session, actor)}
    near = or_(Episode.link_worker_id.in_(mine), Episode.id.in_(ticked))
    rows = session.scalars(
        select(Episode)
        .where(of_team(actor), Episode.state.in_(CASELOAD), true() if looked_for.strip() else near)
        .options(joinedload(Episode.person))
    ).all()
    found = [
        row for row in rows if row.link_worker_id in mine or row.id in ticked or _is_meant(row, looked_for)
    ]
    lines = lines_to_choose(row.person for row in found)
    others = {row.link_worker_id for row in found if row.link_worker_id not in {None, actor.account_id}}
    workers = account_names(session, others)
    people = {
        row.id: OwnPerson(
            _called(lines[row.person_id].called, row, workers),
            Names(
                f"{row.person.name or ''} {row.person.preferred_name or ''}",
                (row.person.reference, row.reference),
            ),
        )
        for row in found
    }
    return dict(sorted(people.items(), key=lambda each: (each[1].called.casefold(), each[0])))


def _called(called: str, row: Episode, workers: Mapping[UUID, str]) -> str:
    """What somebody is called, and with whom they are where that is a colleague."""
    with_whom = workers.get(row.link_worker_id, "") if row.link_worker_id is not None else ""
    return f"{called}, with {with_whom}" if with_whom else called


def _is_meant(row: Episode, words: str) -> bool:
    names = f"{row.person.name or ''} {row.person.preferred_name or ''}"
    return is_called(words, names, (row.person.reference, row.reference))
