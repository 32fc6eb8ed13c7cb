"""A group's program reads what was sent to the group, as it was offered, and answers by the doors of its pages."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock
from core.access.rules import Actor, Place, Role
from core.accounts.models import MembershipRow
from core.audit.models import AuditEntry
from directory.stewardship.claims.models import GroupPart
from directory.stewardship.claims.rules import Part
from prescribing.episodes.models import Need
from prescribing.episodes.needs import NeedState
from prescribing.fhir.rules import May
from prescribing.people import services as people
from prescribing.people.consent import ConsentPurpose
from prescribing.people.models import Consent
from prescribing.referrals import answering, attending, services
from prescribing.referrals.models import Presence, Referral
from prescribing.referrals.rules import DeclineReason, ReferralState
from tests import build
from tests.html import HtmlClient
from tests.integration.prescribing.episodes import walk as episodes
from tests.integration.prescribing.episodes.test_pages import MakeClient, send, signed_in, words
from tests.integration.prescribing.fhir.programs import EXT, Program, etag
from tests.integration.prescribing.referrals import walk

KINDS = ("Patient", "ServiceRequest", "Task", "Consent", "Goal", "Observation", "QuestionnaireResponse")
S = ReferralState


def of_group(session: Session, client: HtmlClient, at: walk.Scene, *may: May, scope: str = "") -> Program:
    place = (Place.ORGANIZATION, at.organization_id)
    return Program(session, client, at.group, place, may=may or (May.REPLY,), scope=scope)


def offered(session: Session) -> tuple[walk.Scene, Referral]:
    at = walk.scene(session)
    sent = walk.sent(session, at)
    session.commit()
    return at, sent


def state_of(session: Session, referral: Referral) -> ReferralState:
    session.expire_all()
    return session.get_one(Referral, referral.id).state


def asks(program: Program, referral_id: UUID, wanted: str, status: int, **more: Any) -> dict[str, Any]:
    """The program reads the Task and asks for a status; `more` are other elements of it."""
    task = program.get(f"Task/{referral_id}")
    return program.put({**task, "status": wanted, **more}, etag(task), status)


def why(reason: DeclineReason) -> dict[str, Any]:
    return {"statusReason": {"coding": [{"code": reason.value}]}}


def test_a_group_reads_what_it_was_offered_and_nobody_elses(session: Session, client: HtmlClient) -> None:
    (at, sent), (_other, theirs) = offered(session), offered(session)
    program = of_group(session, client, at)
    request = program.get(f"ServiceRequest/{sent.id}")
    assert request["subject"] == {"display": "Somebody"}
    assert request["note"] == [{"text": walk.WORDS.goal}]
    known = {each["url"].removeprefix(f"{EXT}/"): each["valueString"] for each in request["extension"]}
    assert known["safe-yes"] == walk.WORDS.safe_yes
    assert known["access-needs"] == walk.WORDS.access
    task = program.get(f"Task/{sent.id}")
    assert (task["status"], task["businessStatus"]["text"]) == ("requested", "sent")
    assert "for" not in task
    assert program.ids("Task") == program.ids("ServiceRequest") == [str(sent.id)]
    assert program.ids(f"Task?identifier={sent.reference}") == [str(sent.id)]
    assert program.ids(f"Task?focus=ServiceRequest/{uuid4()}") == []
    for kind in ("Task", "ServiceRequest"):
        program.get(f"{kind}/{theirs.id}", 404)
    for kind in KINDS:
        if kind not in {"Task", "ServiceRequest"}:
            program.get(kind, 403)
            program.get(f"{kind}/{at.person.id}", 403)
    # After its yes, too: a name and a contact are on the group's own page, and nowhere else.
    asks(program, sent.id, "accepted", 200)
    said = json.dumps([program.get(f"{kind}/{sent.id}") for kind in ("Task", "ServiceRequest")])
    for hidden in (
        "Margaret",
        "07700",
        walk.WORDS.agreed_contact,
        walk.WORDS.risk_summary,
        str(at.person.id),
    ):
        assert hidden not in said
    looks = select(AuditEntry.action).where(AuditEntry.subject_id == sent.id)
    assert "fhir-group.read-servicerequest" in session.scalars(looks).all()
    task = program.get(f"Task/{sent.id}")
    program = of_group(session, client, _other)
    program.put({**task, "status": "rejected", **why(DeclineReason.UNSAFE)}, etag(task), 404)


def test_a_group_says_yes_later_and_no_with_a_coded_reason(session: Session, client: HtmlClient) -> None:
    at, sent = offered(session)
    program = of_group(session, client, at)
    task = program.get(f"Task/{sent.id}")
    assert asks(program, sent.id, "on-hold", 200)["businessStatus"]["text"] == "waitlist"
    # The version that was read is the one that is answered.
    program.put({**task, "status": "accepted"}, etag(task), 412)
    program.put({**task, "status": "accepted"}, "", 428)
    missing = asks(program, sent.id, "rejected", 422)
    assert "no-capacity" in missing["issue"][0]["diagnostics"]
    asks(program, sent.id, "rejected", 422, statusReason={"coding": [{"code": "raining"}]})
    assert state_of(session, sent) is S.WAITLISTED
    declined = asks(program, sent.id, "rejected", 200, **why(DeclineReason.UNSAFE), note=[{"text": "Stairs"}])
    assert (declined["status"], declined["businessStatus"]["text"]) == ("rejected", "unsafe")
    assert state_of(session, sent) is S.DECLINED
    event = session.get_one(Referral, sent.id).events[-1]
    assert (event.author, event.target) == ("program", S.DECLINED)
    assert "Stairs" in (event.reason or "")
    # The need is open again by itself.
    assert session.get_one(Need, at.need.id).state is NeedState.RAISED


def test_a_program_that_takes_somebody_out_of_turn_is_told_how_to_say_why(
    session: Session, client: HtmlClient
) -> None:
    at, first = offered(session)
    episode = episodes.active(session, at.team)
    need = session.scalars(select(Need).where(Need.episode_id == episode.id, Need.slug == "loneliness")).one()
    second = walk.sent(session, replace(at, episode=episode, need=need, person=episode.person))
    session.commit()
    program = of_group(session, client, at)
    for sent in (first, second):
        asks(program, sent.id, "on-hold", 200)
    (issue,) = asks(program, second.id, "accepted", 422)["issue"]
    assert "cannot-wait, place-fits, others-cannot" in issue["diagnostics"]
    asks(program, second.id, "accepted", 200, statusReason={"coding": [{"code": "place-fits"}]})
    assert state_of(session, second) is S.ACCEPTED


def reached(session: Session, at: walk.Scene, state: ReferralState) -> Referral:
    """A referral in this state."""
    sent, group, worker = walk.sent(session, at), at.group, at.team.worker
    version = sent.version
    if state in {S.ACCEPTED, S.SCHEDULED, S.STARTED, S.COMPLETED, S.NEVER_STARTED, S.STOPPED}:
        answering.answer(session, group, sent.id, S.ACCEPTED, expected_version=version)
    if state is S.WAITLISTED:
        answering.answer(session, group, sent.id, S.WAITLISTED, expected_version=version)
    if state is S.DECLINED:
        reason = DeclineReason.NO_CAPACITY
        answering.answer(session, group, sent.id, S.DECLINED, expected_version=version, reason=reason)
    if state is S.SCHEDULED:
        answering.schedule(session, group, sent.id, clock.today() + timedelta(days=7))
    visits = {S.STARTED: 1, S.STOPPED: 1, S.COMPLETED: 3}.get(state, 0)
    for weeks in range(visits):
        day = clock.today() - timedelta(days=7 * weeks)
        attending.record_attendance(session, worker, sent.id, day, Presence.CAME)
    session.flush()
    if state is S.NEVER_STARTED:
        answering.never_started(session, group, sent.id)
    if state is S.STOPPED:
        answering.stopped(session, group, sent.id)
    if state is S.WITHDRAWN:
        services.withdraw(session, worker, sent.id)
    session.commit()
    return sent


OPEN = (S.REQUESTED, S.WAITLISTED, S.ACCEPTED, S.SCHEDULED, S.STARTED)
ENDED = (S.COMPLETED, S.DECLINED, S.NEVER_STARTED, S.STOPPED, S.WITHDRAWN)


@pytest.mark.parametrize("state", OPEN)
def test_a_receiver_may_cancel_what_is_active(
    state: ReferralState, session: Session, client: HtmlClient
) -> None:
    at = walk.scene(session)
    sent = reached(session, at, state)
    assert state_of(session, sent) is state
    program = of_group(session, client, at)
    done = asks(program, sent.id, "cancelled", 200, **why(DeclineReason.NOT_SUITABLE))
    ended = S.STOPPED if state is S.STARTED else S.DECLINED
    assert done["status"] == ("failed" if state is S.STARTED else "rejected")
    assert state_of(session, sent) is ended


@pytest.mark.parametrize("state", ENDED)
def test_a_receiver_may_not_cancel_what_is_not_active(
    state: ReferralState, session: Session, client: HtmlClient
) -> None:
    at = walk.scene(session)
    sent = reached(session, at, state)
    assert state_of(session, sent) is state
    program = of_group(session, client, at)
    task = program.get(f"Task/{sent.id}")
    if task["status"] == "cancelled":
        # It is so already: asking for what is changes nothing.
        task = program.put(task, etag(task), 200)
    else:
        refusal = program.put({**task, "status": "cancelled", **why(DeclineReason.UNSAFE)}, etag(task), 409)
        assert "not active" in refusal["issue"][0]["diagnostics"]
    for wanted in {"accepted", "on-hold", "in-progress", "requested", "draft"} - {task["status"]}:
        program.put({**task, "status": wanted}, etag(task), 409)
    assert state_of(session, sent) is state


def visits(*days_ago: int) -> list[dict[str, Any]]:
    """The outputs of a Task that say on which days somebody came."""
    days = [clock.today() - timedelta(days=ago) for ago in days_ago]
    return [{"type": {"text": "visit"}, "valueDate": day.isoformat()} for day in days]


def test_a_group_says_who_came_and_who_settled_in(session: Session, client: HtmlClient) -> None:
    at = walk.scene(session)
    sent = reached(session, at, S.ACCEPTED)
    program = of_group(session, client, at)
    # The days say it: without them nobody has started, and too few are not settled in.
    assert "valueDate" in asks(program, sent.id, "in-progress", 422)["issue"][0]["diagnostics"]
    asks(program, sent.id, "completed", 409)
    for odd in ({"valueDate": "2026-03"}, {"valueDate": "2999-01-01"}, {"valueString": "yesterday"}):
        asks(program, sent.id, "in-progress", 422, output=[{"type": {"text": "visit"}, **odd}])
    assert state_of(session, sent) is S.ACCEPTED
    started = asks(program, sent.id, "in-progress", 200, output=visits(14))
    assert (started["status"], started["businessStatus"]["text"]) == ("in-progress", "started")
    asks(program, sent.id, "in-progress", 200, output=visits(14, 7))
    assert state_of(session, sent) is S.STARTED
    asks(program, sent.id, "completed", 409)
    done = asks(program, sent.id, "completed", 200, output=visits(14, 7, 0))
    assert (done["status"], done["businessStatus"]["text"]) == ("completed", "sustained")
    assert len(session.get_one(Referral, sent.id).attendances) == 3


def test_a_group_says_who_never_came(session: Session, client: HtmlClient) -> None:
    at = walk.scene(session)
    sent = reached(session, at, S.ACCEPTED)
    failed = asks(of_group(session, client, at), sent.id, "failed", 200)
    assert (failed["status"], failed["businessStatus"]["text"]) == ("failed", "dna")
    assert state_of(session, sent) is S.NEVER_STARTED


def test_consent_taken_back_shuts_it_at_once(session: Session, client: HtmlClient) -> None:
    at, sent = offered(session)
    program = of_group(session, client, at)
    task = program.get(f"Task/{sent.id}")
    agreed = session.scalars(
        select(Consent).where(
            Consent.person_id == at.person.id,
            Consent.recipient_id == at.organization_id,
            Consent.purpose == ConsentPurpose.SHARE_OFFER,
        )
    ).one()
    people.withdraw_consent(session, at.team.worker, agreed.id)
    session.commit()
    for found in program.get("ServiceRequest").get("entry", []):
        assert "note" not in found["resource"]
        assert "extension" not in found["resource"]
    said = program.put({**task, "status": "accepted"}, etag(task), 404 if not program.ids("Task") else 412)
    assert said["resourceType"] == "OperationOutcome"
    at, sent = offered(session)
    program = of_group(session, client, at)
    at.person.flagged_for_safety = True
    session.commit()
    program.get(f"Task/{sent.id}", 404)
    assert program.ids("ServiceRequest") == []


def test_what_changed_since_is_found_by_the_time_that_the_task_says(
    session: Session, client: HtmlClient
) -> None:
    at, sent = offered(session)
    program = of_group(session, client, at)
    before = program.get(f"Task/{sent.id}")
    with clock.at(clock.now() + timedelta(minutes=3)):
        after = asks(program, sent.id, "accepted", 200)
    assert int(after["meta"]["versionId"]) > int(before["meta"]["versionId"])
    since = after["meta"]["lastUpdated"].replace("+", "%2B")
    assert program.ids(f"Task?_lastUpdated=ge{since}") == [str(sent.id)]
    assert program.ids(f"Task?_lastUpdated=lt{since}") == []
    assert program.ids("Task?_lastUpdated=gt2020-01-01&_lastUpdated=lt2999-01-01") == [str(sent.id)]


def test_only_a_groups_owner_lets_its_programs_in(
    session: Session, client: HtmlClient, make_client: MakeClient
) -> None:
    at, sent = offered(session)
    owner = signed_in(session, make_client, at.group)
    assert "Programs that read for your group" in words(owner.get("/my-groups"))
    place = f"organization:{at.organization_id}"
    assert "We show it this once" in words(send(owner, "/programs", name="Our calendar", place=place))
    page = words(owner.get("/programs"))
    assert "It may only read" in page
    reads = of_group(session, client, at, scope="system/Task.read system/ServiceRequest.read")
    task = reads.get(f"Task/{sent.id}")
    reads.put({**task, "status": "accepted"}, etag(task), 403)
    helper = helping(session, at)
    helps = signed_in(session, make_client, helper)
    page = words(helps.get("/programs"))
    assert "Our calendar" not in page
    assert "Let a program in" not in page


def test_a_program_stops_with_whoever_let_it_in_until_another_owner_answers_for_it(
    session: Session, client: HtmlClient, make_client: MakeClient
) -> None:
    at, _sent = offered(session)
    program = of_group(session, client, at)
    program.get("Task")
    row = session.scalars(select(MembershipRow).where(MembershipRow.account_id == at.group.account_id)).one()
    row.ended_at = clock.now()
    session.commit()
    program.get("Task", 401)
    assert program.token(program.secret).status_code == 401
    other = build.actor(session, Role.GROUP_MEMBER, place_id=at.organization_id)
    owner = signed_in(session, make_client, other)
    assert "Whoever let it in has gone" in words(owner.get("/programs"))
    said = words(send(owner, f"/programs/{program.id}/secret", page="/programs"))
    second = said.partition("Secret ")[2].split()[0]
    assert "works for one more day" not in said
    assert program.token(second).status_code == 200
    # What the one who has gone still knows is worth nothing.
    assert program.token(program.secret).status_code == 401
    program.get("Task", 401)
    assert "Whoever let it in has gone" not in words(owner.get("/programs"))


def helping(session: Session, at: walk.Scene) -> Actor:
    """Somebody who only helps in the group."""
    helper = build.actor(session, Role.GROUP_MEMBER, place_id=at.organization_id)
    row = session.scalars(select(MembershipRow).where(MembershipRow.account_id == helper.account_id)).one()
    session.add(GroupPart(membership_id=row.id, part=Part.HELPER))
    session.commit()
    return helper
