"""A group's activity and a referral to it, for tests of what follows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock
from core.access.rules import Actor, Place, Role
from core.accounts import throttle
from core.accounts.rules import LIMITS, Guess
from core.notify.models import Message
from directory.listings.models import Organization, Schedule, Service
from directory.listings.recurrence import Frequency
from directory.listings.rules import JoinMode, ListingStatus
from prescribing.episodes.models import Episode, Need
from prescribing.people.models import Person
from prescribing.referrals import referring
from prescribing.referrals.models import Referral
from prescribing.referrals.words import Agreement, Words
from tests import build
from tests.integration.prescribing.episodes import walk as episodes
from tests.integration.prescribing.episodes.walk import Team

WORDS = Words(
    goal="Meet people and get out on Tuesdays",
    safe_yes="Gets short of breath, needs a chair",
    access="Cannot manage stairs",
    communication="Hard of hearing on the left",
    risk_summary="No risk to others",
    agreed_contact="Ring 07700 900123 in the morning",
)
YES = Agreement("by phone", share_offer=True, share_accepted=True)
HEADS_UP = Words(heads_up="Look out for her by the door, she is shy")


@dataclass(frozen=True)
class Scene:
    """A team with somebody to support, and a group that they could go to."""

    team: Team
    group: Actor
    organization_id: UUID
    service_id: UUID
    episode: Episode
    need: Need
    person: Person


def service(session: Session, organization_id: UUID, **changes: Any) -> UUID:
    """A published activity on the weekday of today, 10am to 12pm."""
    values: dict[str, Any] = {
        "name": f"Tea and Talk {build.number()}",
        "summary": "A pot of tea and good company",
        "status": ListingStatus.PUBLISHED,
        "join_mode": JoinMode.REFERRAL,
        "email": "tea@group.example",
    }
    made = Service(organization_id=organization_id, **(values | changes))
    session.add(made)
    session.flush()
    day = clock.today() - timedelta(days=28)
    session.add(
        Schedule(
            service_id=made.id,
            freq=Frequency.WEEKLY,
            dtstart=day,
            byday=_weekday(day),
            opens_at=time(10),
            closes_at=time(12),
        )
    )
    session.flush()
    return made.id


def scene(session: Session, **changes: Any) -> Scene:
    """Everything before a referral; `changes` are of the activity."""
    team = episodes.team(session)
    organization_id = build.place(session, Place.ORGANIZATION)
    session.get_one(Organization, organization_id).name = f"Group {build.number()}"
    group = build.actor(session, Role.GROUP_MEMBER, place_id=organization_id)
    service_id = service(session, organization_id, **changes)
    episode = episodes.active(session, team)
    need = session.scalars(select(Need).where(Need.episode_id == episode.id, Need.slug == "loneliness")).one()
    return Scene(team, group, organization_id, service_id, episode, need, episode.person)


def sent(session: Session, at: Scene, words: Words = WORDS, agreed: Agreement = YES, **more: Any) -> Referral:
    """The need, sent to the activity."""
    return referring.refer(session, at.team.worker, at.need.id, at.service_id, words, agreed, **more)


def messages(session: Session, template: str = "") -> list[Message]:
    """What was promised to leave, oldest first."""
    found = session.scalars(select(Message).order_by(Message.created_at, Message.id)).all()
    return [one for one in found if not template or one.template == template]


def write_often(session: Session, address: str) -> None:
    """As often as anybody may be written to in a day at a number or an email address, as it is compared."""
    for _time in range(LIMITS[Guess.TELLING].free):
        throttle.count(session, Guess.TELLING, address)
    session.commit()


def token_in(message: Message) -> str:
    """The token of the answer link in an email."""
    body = message.body or ""
    return body.partition("/answer/")[2].split()[0]


def without(words: Words, **changes: str) -> Words:
    return replace(words, **changes)


def _weekday(day: date) -> str:
    return ("MO", "TU", "WE", "TH", "FR", "SA", "SU")[day.weekday()]
