"""What no program would send is refused in words, whoever sends it; and every state is told so that it reads back."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.access.rules import SYSTEM, Place, Role
from prescribing.episodes.models import Episode
from prescribing.episodes.moves import FhirStatus
from prescribing.episodes.rules import CLOSE_REASONS, EpisodeState
from prescribing.fhir.capability import ABLE
from prescribing.fhir.rules import episode_state, referral_state
from prescribing.referrals import services
from prescribing.referrals.models import Referral
from prescribing.referrals.rules import DeclineReason, ReferralState
from tests import build
from tests.html import HtmlClient
from tests.integration.prescribing.fhir.programs import R4, Program, etag, read
from tests.integration.prescribing.referrals import walk

UGLY = (
    "",
    "\x00",
    "a\x00b|\x00",
    "\udcff",
    "9" * 5_000,
    "-1",
    "0",
    "²",
    "' OR 1=1 --",
    "ge9999-12-31T23:59:59.999999Z",
)
BY = ("_id", "identifier", "patient", "focus", "_lastUpdated", "_count", "_offset", "_format", "name", "\x00")


def programs(session: Session, client: FlaskClient, at: walk.Scene) -> list[Program]:
    """One of a partner, one of the team and one of the group."""
    admin = build.actor(session, Role.ADMINISTRATOR)
    return [
        Program(session, client, admin, (Place.PARTNER, build.place(session, Place.PARTNER))),
        Program(session, client, at.team.coordinator, (Place.TEAM, at.team.id)),
        Program(session, client, at.group, (Place.ORGANIZATION, at.organization_id)),
    ]


def sent(session: Session) -> tuple[walk.Scene, Referral]:
    at = walk.scene(session)
    referral = walk.sent(session, at)
    session.commit()
    return at, referral


def test_no_search_breaks(session: Session, client: HtmlClient) -> None:
    at, _referral = sent(session)
    for number, program in enumerate(programs(session, client, at)):
        for turn, kind in enumerate(ABLE):
            # Each kind gets another part of all that could be sent, so that together they get all of it.
            pairs = [(name, value) for name in BY for value in UGLY]
            for name, value in pairs[(number + 3 * turn) % 8 :: 8]:
                asked = f"{quote(name)}={quote(value.encode('utf-8', 'surrogateescape'))}"
                answer = client.get(f"{R4}/{kind}?{asked}", headers=program.bearer)
                assert answer.status_code in {200, 400, 403}, (kind, asked[:80])
                read(answer, answer.status_code)
            name = quote(UGLY[turn + 1][:40].encode("utf-8", "surrogateescape"))
            answer = client.get(f"{R4}/{kind}/{name}", headers=program.bearer)
            assert answer.status_code in {403, 404}


def test_no_answer_of_a_group_breaks(session: Session, client: HtmlClient) -> None:
    at, referral = sent(session)
    program = programs(session, client, at)[2]
    task = program.get(f"Task/{referral.id}")
    visit = {"type": {"text": "visit"}}
    odd: list[dict[str, Any]] = [
        {"status": "rejected", "statusReason": {"coding": [{}]}},
        {"status": "rejected", "statusReason": {"coding": [{"code": "x" * 5_000}], "text": "\u202e"}},
        {"status": "rejected", "businessStatus": {"text": "no reason"}},
        {"status": "in-progress", "output": [{**visit, "valueDate": "2026"}]},
        {"status": "in-progress", "output": [{**visit, "valueDate": "0001-01-01"}]},
        {"status": "in-progress", "output": [{**visit, "valueString": "2026-03-03"}] * 100},
        {
            "status": "in-progress",
            "output": [{"type": {"coding": [{"code": "visit"}]}, "valueBoolean": True}],
        },
        {"status": "completed", "note": [{"text": "x" * 9_000}]},
        {"status": "failed"},
        {"status": "draft"},
        {"status": "no-such-status"},
        {"status": "accepted", "for": {"reference": "Patient/x"}, "note": "not a list"},
    ]
    for change in odd:
        answer = client.put(
            f"{R4}/Task/{task['id']}",
            data=json.dumps({**task, **change}),
            headers={**program.bearer, "If-Match": etag(task)},
            content_type="application/fhir+json",
        )
        assert answer.status_code in {400, 409, 422}, change
        read(answer, answer.status_code)
    for tag in ('W/"x"', "*", '"' + "9" * 30 + '"', 'W/"99999999999999999999"'):
        program.put({**task, "status": "accepted"}, tag, 412 if tag.startswith('W/"9') else 428)
    session.expire_all()
    assert session.get_one(Referral, referral.id).state is ReferralState.REQUESTED


def said(program: Program, task_id: object, request_id: object) -> FhirStatus:
    """How a Task and what it is about are told to stand."""
    task, request = program.get(f"Task/{task_id}"), program.get(f"ServiceRequest/{request_id}")
    return FhirStatus(request["status"], task["status"], task.get("businessStatus", {}).get("text"))


def test_every_state_of_an_episode_reads_back(session: Session, client: HtmlClient) -> None:
    at, _referral = sent(session)
    program = programs(session, client, at)[1]
    episode = session.scalars(select(Episode).where(Episode.id == at.episode.id)).one()
    # A draft is its sender's alone.
    for state in set(EpisodeState) - {EpisodeState.DRAFT}:
        for reason in CLOSE_REASONS.get(state, (None,)):
            episode.state, episode.close_reason = state, reason
            session.commit()
            told = said(program, episode.id, episode.support_request_id)
            assert episode_state(told) == (state, reason)


def test_every_state_of_a_referral_reads_back_to_the_team_and_the_group(
    session: Session, client: HtmlClient
) -> None:
    at, referral = sent(session)
    _partner, team, group = programs(session, client, at)
    # The waiting list has an order that is made of its events: it is walked to where a group answers.
    for state in set(ReferralState) - {ReferralState.WAITLISTED}:
        for reason in DeclineReason if state is ReferralState.DECLINED else (None,):
            referral.state, referral.decline_reason = state, reason
            referral.closed_at = referral.requested_at
            session.commit()
            for program in (team, group):
                assert referral_state(said(program, referral.id, referral.id)) == (state, reason)


def test_what_the_clock_ended_is_not_cancelled(session: Session, client: HtmlClient) -> None:
    at, referral = sent(session)
    program = programs(session, client, at)[2]
    services.shift(session, SYSTEM, referral, ReferralState.EXPIRED)
    session.commit()
    task = program.get(f"Task/{referral.id}")
    assert (task["status"], task["businessStatus"]["text"]) == ("cancelled", "no-reply")
    program.put({**task, "status": "accepted"}, etag(task), 409)
