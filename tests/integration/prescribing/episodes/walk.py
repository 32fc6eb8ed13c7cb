"""A team, its people and a request, for tests of the thread."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from core.access.rules import PUBLIC, Actor, Place, Role
from prescribing.episodes import contact_log, intake, triage
from prescribing.episodes.contacts import Outcome
from prescribing.episodes.content import RequestContent
from prescribing.episodes.models import Episode, RequestSource
from prescribing.people.safe_contact import Channel
from tests import build

CONTENT = RequestContent(
    name="Margaret Example",
    phone="0161 496 0001",
    mobile="07700 900123",
    texts=True,
    voicemail=False,
    times="mornings",
    need_slugs=("loneliness", "food"),
    reason_person="I would like some company",
)
TALKED = contact_log.ContactNote(Channel.PHONE, Outcome.TALKED, starts_support=True)


@dataclass(frozen=True)
class Team:
    id: UUID
    coordinator: Actor
    worker: Actor


def team(session: Session) -> Team:
    team_id = build.place(session, Place.TEAM)
    return Team(
        id=team_id,
        coordinator=build.actor(session, Role.COORDINATOR, place_id=team_id),
        worker=build.actor(session, Role.LINK_WORKER, place_id=team_id),
    )


def asked(session: Session, team: Team, **changes: Any) -> Episode:
    """A request of the person's own, submitted."""
    _request, episode = intake.submit_request(
        session,
        PUBLIC,
        replace(CONTENT, **changes),
        RequestSource.SELF,
        team_id=team.id,
    )
    return episode


def allocated(session: Session, team: Team) -> Episode:
    assert team.worker.account_id is not None
    return triage.allocate(session, team.coordinator, asked(session, team).id, team.worker.account_id)


def active(session: Session, team: Team) -> Episode:
    episode = allocated(session, team)
    contact_log.record_contact(session, team.worker, episode.id, TALKED)
    return episode
