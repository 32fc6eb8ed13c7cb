"""The borough in which a link worker's day is measured: one full caseload, and years of support that has ended."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import count
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.orm import Session

from core import clock
from core.access.rules import Role
from core.db import Base, new_id, seal, sealed_context
from core.references.rules import new_reference
from prescribing.episodes.contacts import Outcome
from prescribing.episodes.models import (
    Action,
    ActionOwner,
    ContactAttempt,
    Episode,
    EpisodeEvent,
    Goal,
    Need,
    RequestSource,
    SupportRequest,
)
from prescribing.episodes.needs import NeedState
from prescribing.episodes.rules import CloseReason, EpisodeState
from prescribing.measures.models import Measurement
from prescribing.measures.rules import CompletedBy, Mode, Point
from prescribing.people.consent import ConsentPurpose
from prescribing.people.models import Consent, Person, RecipientKind, Team
from prescribing.people.safe_contact import Channel
from prescribing.referrals.models import Attendance, Presence, Referral, ReferralEvent, Signpost
from prescribing.referrals.rules import DeclineReason, JoinMode, ReferralState
from prescribing.residents.models import PersonMessage
from prescribing.residents.rules import Voice
from tests import build, build_directory

CASELOAD = 200

TEAMS = 40
WORKERS = 10
LISTINGS = 30
_BATCH = 2_000
_NUMBERS = count()
_NOTE = "We talked about the choir and how to get there. "
_ANSWERS = json.dumps({"satisfaction": 4, "worthwhile": 5, "happiness": 8, "anxiety": 6})
_FOLLOW_UPS = (92, 183, 366)
S = ReferralState
# What becomes of a referral, one story after the other; the days on which they came stand beside it.
_STORIES: tuple[tuple[tuple[ReferralState, ...], int], ...] = (
    ((S.REQUESTED,), 0),
    ((S.REQUESTED, S.ACCEPTED, S.SCHEDULED, S.STARTED), 3),
    ((S.REQUESTED, S.DECLINED), 0),
    ((S.REQUESTED, S.ACCEPTED, S.SCHEDULED, S.STARTED, S.COMPLETED), 6),
    ((S.REQUESTED, S.ACCEPTED), 0),
)


def fill(session: Session, size: int) -> tuple[UUID, list[UUID]]:
    """Teams, workers and episodes; gives the account of the worker with the caseload, and who is on it."""
    teams = [Team(name=f"Team {number}", ward_codes=[]) for number in range(TEAMS)]
    session.add_all(teams)
    session.commit()
    workers = [
        build.account(session, Role.LINK_WORKER, place_id=teams[0].id, name=f"Worker {number}")
        for number in range(WORKERS)
    ]
    me = workers[0].id
    services = _services(session)
    people: list[UUID] = []
    supported: list[Base] = []
    for number in range(CASELOAD):
        rows, person_id = _supported(teams[0].id, me, number, services)
        supported += rows
        people.append(person_id)
    for model in _IN_ORDER:
        session.add_all(row for row in supported if isinstance(row, model))
        session.flush()
    session.commit()
    by_team = {team.id: [one.id for one in workers] if team is teams[0] else [None] for team in teams}
    lots = random.Random(7)
    left = max(0, size - CASELOAD)
    for start in range(0, left, _BATCH):
        batch: dict[type[Base], list[dict[str, object]]] = {}
        for _number in range(min(_BATCH, left - start)):
            team_id = lots.choice(list(by_team))
            for table, values in _earlier(team_id, lots.choice(by_team[team_id]), lots):
                batch.setdefault(table, []).append(values)
        for table, found in batch.items():
            session.execute(insert(table), found)
        session.commit()
    return me, people


def _services(session: Session) -> list[tuple[UUID, UUID]]:
    """Listings to which people go, each with its group."""
    made = []
    for _number in range(LISTINGS):
        group_id = build_directory.organization(session)
        made.append((build_directory.listing(session, group_id), group_id))
    session.commit()
    return made


def _supported(
    team_id: UUID, worker_id: UUID, number: int, services: Sequence[tuple[UUID, UUID]]
) -> tuple[list[Base], UUID]:
    """Somebody with a plan, something due, a dozen contacts, and what came of it so far: most were sent somewhere."""
    began = build.days_ago(10 + number % 80)
    reference = new_reference()
    person = Person(
        team_id=team_id,
        reference=reference,
        name=f"Sam Example {number}",
        mobile="07700 900123",
        what_matters="Company, and the garden",
        no_known_risks=True,
    )
    request = SupportRequest(
        reference=reference, source=RequestSource.SELF, team_id=team_id, need_slugs=["loneliness"]
    )
    episode = Episode(
        reference=reference,
        support_request_id=request.id,
        person_id=person.id,
        team_id=team_id,
        link_worker_id=worker_id,
        state=EpisodeState.ACTIVE,
        submitted_at=began,
    )
    need = Need(
        episode_id=episode.id, person_id=person.id, slug="loneliness", state=NeedState.BEING_ADDRESSED
    )
    goal = Goal(episode_id=episode.id, need_id=need.id, words="Sing again", confidence=4)
    action = Action(
        episode_id=episode.id,
        goal_id=goal.id,
        owner=ActionOwner.LINK_WORKER,
        words="Ring the choir",
        due_on=clock.today() + timedelta(days=number % 30 - 10),
    )
    states = (EpisodeState.SUBMITTED, EpisodeState.ALLOCATED, EpisodeState.CONTACTING, EpisodeState.ACTIVE)
    moves = [
        EpisodeEvent(
            episode_id=episode.id,
            at=began + timedelta(days=at),
            author=str(worker_id),
            author_name="Asha Example",
            target=state,
        )
        for at, state in enumerate(states)
    ]
    contacts = [
        ContactAttempt(
            episode_id=episode.id,
            at=began + timedelta(days=3, hours=12 * at),
            channel=Channel.PHONE,
            outcome=Outcome.TALKED,
            author_id=worker_id,
            author_name="Asha Example",
            note=_NOTE * 3,
            recorded_at=began + timedelta(days=3, hours=12 * at),
        )
        for at in range(12)
    ]
    rows: list[Base] = [person, request, episode, need, goal, action, *moves, *contacts]
    for turn in range(number % 3):
        rows += _referred(need, worker_id, services[(number + turn) % len(services)], number + turn, began)
    if number % 4 == 0:
        service_id = services[number % len(services)][0]
        rows.append(Signpost(episode_id=episode.id, service_id=service_id, at=began, author_id=worker_id))
    if number % 20 == 0:
        rows.append(
            PersonMessage(
                person_id=person.id,
                at=clock.now(),
                voice=Voice.PERSON,
                author_name=person.name,
                words=_NOTE,
            )
        )
    asked = (Point.BASELINE, Point.REVIEW)[: 1 + number % 2]
    rows += [_asked(episode, worker_id, point, began + timedelta(days=at)) for at, point in enumerate(asked)]
    return rows, person.id


def _referred(
    need: Need, worker_id: UUID, where: tuple[UUID, UUID], number: int, began: datetime
) -> Iterator[Base]:
    """One referral with what the person agreed to, each answer, and each visit."""
    states, visits = _STORIES[number % len(_STORIES)]
    service_id, group_id = where
    agreed = [
        Consent(
            person_id=need.person_id,
            purpose=purpose,
            recipient_kind=RecipientKind.ORGANIZATION,
            recipient_id=group_id,
            fields=[],
            wording_version="1",
            how="by phone",
            given_at=began,
            recorded_by=str(worker_id),
        )
        for purpose in (ConsentPurpose.SHARE_OFFER, ConsentPurpose.SHARE_ACCEPTED)
    ]
    yield from agreed
    today = clock.today()
    referral = Referral(
        reference=new_reference(),
        episode_id=need.episode_id,
        person_id=need.person_id,
        need_id=need.id,
        service_id=service_id,
        organization_id=group_id,
        consent_id=agreed[0].id,
        state=states[-1],
        join_mode=JoinMode.REFERRAL,
        decline_reason=DeclineReason.NO_CAPACITY if S.DECLINED in states else None,
        requested_at=began,
        requested_by_id=worker_id,
        reply_by=today + timedelta(days=number % 10),
        start_by=today + timedelta(days=number % 20 - 5) if S.ACCEPTED in states else None,
        goal_words="Sing again",
        access_words="No stairs",
        agreed_contact="Ring after ten",
    )
    yield referral
    for at, state in enumerate(states):
        yield ReferralEvent(
            referral_id=referral.id,
            at=began + timedelta(days=2 * at),
            author=str(worker_id),
            author_name="Asha Example",
            source=states[at - 1] if at else None,
            target=state,
        )
    for week in range(visits):
        yield Attendance(
            referral_id=referral.id,
            service_id=service_id,
            on=today - timedelta(days=7 * week),
            presence=Presence.DID_NOT_COME if week % 3 == 2 else Presence.CAME,
            recorded_at=build.days_ago(7 * week),
            author=str(worker_id),
        )


def _asked(episode: Episode, worker_id: UUID, point: Point, at: datetime) -> Measurement:
    return Measurement(
        episode_id=episode.id,
        person_id=episode.person_id,
        instrument="ons4",
        point=point,
        mode=Mode.PHONE,
        completed_by=CompletedBy.WITH_LINK_WORKER,
        at=at,
        author_id=worker_id,
        complete=True,
        answers=_ANSWERS,
    )


# Parents before children.
_IN_ORDER: tuple[type[Base], ...] = (
    *(Person, SupportRequest, Episode, Need, Goal, Action, EpisodeEvent, ContactAttempt),
    *(Consent, Referral, ReferralEvent, Attendance, Signpost, PersonMessage, Measurement),
)


def _earlier(
    team_id: UUID, worker_id: UUID | None, lots: random.Random
) -> Iterator[tuple[type[Base], dict[str, object]]]:
    """Somebody whose support has ended, as rows to be written in bulk. Of theirs only the name can be read.

    Most finished what they planned, and were asked how things are as long after as it was time to."""
    ago, finished = lots.randrange(5, 1_500), lots.random() < 0.6
    closed = build.days_ago(ago)
    ended = EpisodeState.COMPLETED if finished else EpisodeState.WITHDRAWN
    began = closed - timedelta(days=lots.randrange(20, 200))
    person_id, request_id, episode_id = new_id(), new_id(), new_id()
    # Drawn by lot, two of so many would be alike.
    reference = f"BENCH{next(_NUMBERS):07}"
    yield (
        Person,
        {
            "id": person_id,
            "team_id": team_id,
            "reference": reference,
            "version": 1,
            "name_sealed": seal("Jo Example", sealed_context("Person", person_id, "name_sealed")),
            "no_known_risks": True,
            "flagged_for_safety": False,
        },
    )
    yield (
        SupportRequest,
        {
            "id": request_id,
            "reference": reference,
            "source": RequestSource.SELF,
            "team_id": team_id,
            "need_slugs": ["food"],
            "content_sealed": b"x" * 400,
        },
    )
    yield (
        Episode,
        {
            "id": episode_id,
            "reference": reference,
            "version": 1,
            "support_request_id": request_id,
            "person_id": person_id,
            "team_id": team_id,
            "link_worker_id": worker_id,
            "state": ended,
            "close_reason": CloseReason.GOALS_MET if finished else CloseReason.WITHDRAWN,
            "submitted_at": began,
            "closed_at": closed,
        },
    )
    for at, state in ((began, EpisodeState.SUBMITTED), (closed, ended)):
        yield (
            EpisodeEvent,
            {
                "id": new_id(),
                "episode_id": episode_id,
                "at": at,
                "author": "system",
                "target": state,
            },
        )
    for days in _FOLLOW_UPS:
        if finished and days < ago:
            yield (
                Measurement,
                {
                    "id": new_id(),
                    "episode_id": episode_id,
                    "person_id": person_id,
                    "instrument": "ons4",
                    "point": Point.FOLLOW_UP,
                    "mode": Mode.PHONE,
                    "completed_by": CompletedBy.WITH_LINK_WORKER,
                    "at": closed + timedelta(days=days),
                    "complete": True,
                    "answers_sealed": None,
                },
            )
