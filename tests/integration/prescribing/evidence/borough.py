"""A small borough in which every count is known: 33 requests in the first quarter of 2026.

| asked on    | people | how                | where  | what came of it                                             |
|-------------|--------|--------------------|--------|-------------------------------------------------------------|
| 12 January  | 20     | their GP practice  | Mill   | kept going at a group, finished on 2 March, measured twice   |
| 9 February  | 10     | themselves         | Brook  | referred, the group had no room; still supported             |
| 2 March     | 3      | by phone           | -      | could not be reached                                         |

Also one draft, one request entered in error, and one of April.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from core.access.rules import Actor, Role
from core.geography.models import Origin, Ward
from core.references.rules import new_reference
from directory.listings.models import Service
from prescribing.episodes.contacts import Outcome
from prescribing.episodes.models import (
    ContactAttempt,
    Episode,
    EpisodeEvent,
    Need,
    RequestSource,
    SupportRequest,
)
from prescribing.episodes.moves import MoveKind
from prescribing.episodes.needs import NeedState
from prescribing.episodes.rules import CloseReason, EpisodeState
from prescribing.measures.models import Measurement
from prescribing.measures.rules import CompletedBy, Mode, Point
from prescribing.people.models import Person
from prescribing.people.safe_contact import Channel
from prescribing.referrals.models import Referral, ReferralEvent
from prescribing.referrals.rules import DeclineReason, JoinMode, ReferralState
from tests import build, build_directory, build_prescribing

MILL, BROOK = "E05000001", "E05000002"
E, R = EpisodeState, ReferralState
MAY = datetime(2026, 5, 4, 9, tzinfo=UTC)
START = {"satisfaction": 3, "worthwhile": 5, "happiness": 8, "anxiety": 6}


def day(month: int, of_month: int) -> datetime:
    return datetime(2026, month, of_month, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Borough:
    """What cases are made in."""

    team_id: UUID
    partner_id: UUID
    service_id: UUID
    organization_id: UUID
    worker: Actor
    commissioner: Actor


def borough(session: Session) -> Borough:
    """The wards, a team, a practice and a group, without any requests."""
    for code, name, fifth in ((MILL, "Mill", 1), (BROOK, "Brook", 3)):
        session.add(
            Ward(
                code=code,
                name=name,
                name_key=name.lower(),
                edition=2024,
                origin=Origin.FACTS,
                deprivation_quintile=fifth,
            )
        )
    team_id = build_prescribing.team(session)
    service_id = build_directory.listing(session)
    return Borough(
        team_id=team_id,
        partner_id=build_prescribing.partner(session),
        service_id=service_id,
        organization_id=session.get_one(Service, service_id).organization_id,
        worker=build.actor(session, Role.LINK_WORKER, place_id=team_id),
        commissioner=build.actor(session, Role.COMMISSIONER),
    )


def small_borough(session: Session) -> Borough:
    """The borough of the table above."""
    made = borough(session)
    for number in range(20):
        episode = kept_going(session, made)
        measured(session, made, episode, START, Point.BASELINE, day(1, 14))
        end = {"satisfaction": 7 if number < 10 else 6, "worthwhile": 5, "happiness": 4, "anxiety": 2}
        measured(session, made, episode, end, Point.EXIT, day(3, 2))
    for _number in range(10):
        turned_away(session, made)
    for _number in range(3):
        not_reached(session, made)
    request(session, made, [(E.DRAFT, day(1, 12))])
    request(session, made, [*_asked(day(1, 12)), (E.ENTERED_IN_ERROR, day(1, 13))])
    request(session, made, _asked(day(4, 1)))
    session.commit()
    return made


def kept_going(session: Session, at: Borough) -> Episode:
    moves = [*_asked(day(1, 12)), (E.ACTIVE, day(1, 14)), (E.COMPLETED, day(3, 2))]
    episode = request(
        session,
        at,
        moves,
        source=RequestSource.PARTNER,
        ward=MILL,
        band="65 to 74",
        reason=CloseReason.GOALS_MET,
    )
    talked(session, at, episode, day(1, 14))
    referred(
        session,
        at,
        episode,
        [
            (R.REQUESTED, day(1, 19)),
            (R.ACCEPTED, day(1, 21)),
            (R.STARTED, day(1, 26)),
            (R.COMPLETED, day(2, 9)),
        ],
    )
    return episode


def turned_away(session: Session, at: Borough) -> Episode:
    moves = [*_asked(day(2, 9)), (E.ACTIVE, day(2, 11))]
    episode = request(session, at, moves, ward=BROOK, band="25 to 34")
    talked(session, at, episode, day(2, 11))
    referred(
        session, at, episode, [(R.REQUESTED, day(2, 16)), (R.DECLINED, day(2, 18))], DeclineReason.NO_CAPACITY
    )
    return episode


def not_reached(session: Session, at: Borough) -> Episode:
    moves = [*_asked(day(3, 2)), (E.UNCONTACTABLE, day(3, 30))]
    return request(session, at, moves, source=RequestSource.PHONE, reason=CloseReason.NO_CONTACT)


def request(
    session: Session,
    at: Borough,
    moves: Sequence[tuple[EpisodeState, datetime]],
    *,
    source: RequestSource = RequestSource.SELF,
    ward: str | None = None,
    band: str | None = None,
    reason: CloseReason | None = None,
) -> Episode:
    """One request with its history."""
    person = Person(
        team_id=at.team_id, reference=new_reference(), name="Sam Example", ward_code=ward, age_band=band
    )
    asked = SupportRequest(
        reference=new_reference(),
        source=source,
        partner_id=at.partner_id if source is RequestSource.PARTNER else None,
        team_id=at.team_id,
        need_slugs=[],
    )
    session.add_all([person, asked])
    session.flush()
    submitted = next((moment for state, moment in moves if state is E.SUBMITTED), None)
    episode = Episode(
        reference=new_reference(),
        support_request_id=asked.id,
        person_id=person.id,
        team_id=at.team_id,
        state=moves[-1][0],
        close_reason=reason,
        submitted_at=submitted,
        closed_at=moves[-1][1] if reason else None,
    )
    session.add(episode)
    session.flush()
    before: EpisodeState | None = None
    for state, moment in moves:
        kind = MoveKind.ENTERED_IN_ERROR if state is E.ENTERED_IN_ERROR else MoveKind.MOVE
        session.add(
            EpisodeEvent(
                episode_id=episode.id,
                at=moment,
                author="system",
                author_name="Test",
                source=before,
                target=state,
                kind=kind,
            )
        )
        before = state
    session.flush()
    return episode


def talked(session: Session, at: Borough, episode: Episode, moment: datetime) -> None:
    session.add(
        ContactAttempt(
            episode_id=episode.id,
            at=moment,
            channel=Channel.PHONE,
            outcome=Outcome.TALKED,
            author_id=at.worker.account_id,
            author_name="Test",
            recorded_at=moment,
        )
    )


def referred(
    session: Session,
    at: Borough,
    episode: Episode,
    moves: Sequence[tuple[ReferralState, datetime]],
    declined: DeclineReason | None = None,
) -> None:
    need = Need(
        episode_id=episode.id, person_id=episode.person_id, slug="loneliness", state=NeedState.BEING_ADDRESSED
    )
    session.add(need)
    session.flush()
    referral = Referral(
        reference=new_reference(),
        episode_id=episode.id,
        person_id=episode.person_id,
        need_id=need.id,
        service_id=at.service_id,
        organization_id=at.organization_id,
        state=moves[-1][0],
        join_mode=JoinMode.REFERRAL,
        decline_reason=declined,
        requested_at=moves[0][1],
        requested_by_id=at.worker.account_id,
    )
    session.add(referral)
    session.flush()
    before: ReferralState | None = None
    for state, moment in moves:
        session.add(
            ReferralEvent(
                referral_id=referral.id,
                at=moment,
                author="system",
                author_name="Test",
                source=before,
                target=state,
            )
        )
        before = state


def measured(
    session: Session, at: Borough, episode: Episode, answers: dict[str, int], point: Point, moment: datetime
) -> None:
    session.add(
        Measurement(
            episode_id=episode.id,
            person_id=episode.person_id,
            instrument="ons4",
            point=point,
            mode=Mode.PHONE,
            completed_by=CompletedBy.WITH_LINK_WORKER,
            at=moment,
            author_id=at.worker.account_id,
            complete=True,
            answers=json.dumps(answers),
        )
    )


def _asked(moment: datetime) -> list[tuple[EpisodeState, datetime]]:
    return [(E.DRAFT, moment), (E.SUBMITTED, moment)]
