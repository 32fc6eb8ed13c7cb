"""A team's program reads those whom the team supports by their consent, as the link worker's tier has it."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from core import clock
from core.access.rules import Place, Role
from core.accounts.models import Account
from core.audit.models import AuditEntry
from prescribing.episodes import closing, contact_log, plan
from prescribing.episodes.contacts import Outcome
from prescribing.episodes.models import Goal
from prescribing.episodes.rules import CloseReason, EpisodeState
from prescribing.fhir import team_reading
from prescribing.fhir.rules import MOST_A_MINUTE, May
from prescribing.measures import mistakes
from prescribing.measures.instruments import SWEMWBS
from prescribing.measures.licences import attest
from prescribing.measures.models import Measurement
from prescribing.measures.rules import CompletedBy, Mode, NotToday, Point
from prescribing.measures.services import record_measurement
from prescribing.people import services as people
from prescribing.people.consent import ConsentPurpose
from prescribing.people.models import Consent
from prescribing.people.safe_contact import Channel
from prescribing.rights.looks import looks_at
from tests import build
from tests.html import HtmlClient, parse
from tests.integration.prescribing.episodes import walk as episodes
from tests.integration.prescribing.episodes.test_pages import MakeClient, send, signed_in, words
from tests.integration.prescribing.fhir.programs import R4, Program, etag, read
from tests.integration.prescribing.referrals import walk

KINDS = ("Patient", "ServiceRequest", "Task", "Consent", "Goal", "Observation", "QuestionnaireResponse")
NO_ANSWER = contact_log.ContactNote(Channel.PHONE, Outcome.NO_ANSWER)
ONS4 = {"satisfaction": 4, "worthwhile": 5, "happiness": 8, "anxiety": 6}


def of_team(session: Session, client: HtmlClient, team: episodes.Team, *may: May, scope: str = "") -> Program:
    return Program(session, client, team.coordinator, (Place.TEAM, team.id), may=may or None, scope=scope)


def measured(session: Session, at: walk.Scene, key: str, answers: dict[str, Any], **more: Any) -> Measurement:
    return record_measurement(
        session,
        at.team.worker,
        at.episode.id,
        key,
        point=Point.BASELINE,
        mode=Mode.PHONE,
        completed_by=CompletedBy.PERSON,
        answers=answers,
        **more,
    )


def told(session: Session) -> walk.Scene:
    """Somebody who is supported: with a goal, answers and a need that was sent onward."""
    at = walk.scene(session)
    goal = plan.GoalText("Sing again", need_id=at.need.id, importance=9)
    plan.add_goal(session, at.team.worker, at.episode.id, goal)
    measured(session, at, "ons4", ONS4)
    walk.sent(session, at)
    session.commit()
    return at


def test_a_team_reads_all_seven_resources_of_whom_it_supports(session: Session, client: HtmlClient) -> None:
    at, other = told(session), told(session)
    program = of_team(session, client, at.team)
    patient = f"Patient/{at.person.id}"
    counts = {"ServiceRequest": 2, "Task": 2, "Consent": 3}
    for kind in KINDS:
        found = program.get(f"{kind}?patient={patient}" if kind != "Patient" else kind)
        assert found["total"] == counts.get(kind, 1), kind
        for each in [entry["resource"] for entry in found["entry"]]:
            assert program.get(f"{kind}/{each['id']}") == each
            assert str(other.person.id) not in json.dumps(each)
            subject = each.get("subject", each.get("patient", each.get("for")))
            assert subject is None or subject["reference"] == patient
        assert program.ids(f"{kind}?_id={found['entry'][0]['resource']['id']}")
        for span, every in (("ge2020-01-01", True), ("lt2999-01-01", True), ("lt2020-01-01", False)):
            assert program.get(f"{kind}?_lastUpdated={span}")["total"] == (found["total"] if every else 0), (
                kind
            )
        theirs = of_team(session, client, other.team)
        theirs.get(f"{kind}/{found['entry'][0]['resource']['id']}", 404)
    person = program.get(patient)
    assert person["name"][0]["text"] == "Margaret Example"
    assert "Do not leave a voicemail" in json.dumps(person)
    goal = program.get("Goal")["entry"][0]["resource"]
    assert goal["description"]["text"] == "Sing again"
    assert goal["extension"][0]["valueInteger"] == 9
    assert program.ids(f"Task?identifier={at.episode.reference}") == [str(at.episode.id)]
    sent_on = program.get("Task")["entry"][0]["resource"]
    assert sent_on["partOf"] == [{"reference": f"Task/{at.episode.id}"}]
    program.get("Patient?identifier=https://fhir.nhs.uk/Id/nhs-number|9434765919", 400)


def test_what_goes_while_a_page_is_made_is_left_out(
    session: Session, client: HtmlClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = told(session)
    program = of_team(session, client, at.team)
    monkeypatch.setattr(team_reading, "_onward", lambda *_: {})
    assert program.ids("Task") == [str(at.episode.id)]


def test_answers_are_told_with_their_questions_where_the_words_are_ours(
    session: Session, client: HtmlClient
) -> None:
    at = told(session)
    program = of_team(session, client, at.team)
    response = program.get("QuestionnaireResponse")["entry"][0]["resource"]
    assert response["status"] == "completed"
    assert response["item"][0]["text"].startswith("Overall, how satisfied")
    assert [item["answer"][0]["valueInteger"] for item in response["item"]] == [4, 5, 8, 6]
    assert response["source"] == response["subject"]
    seen = program.get("Observation")["entry"][0]["resource"]
    assert seen["derivedFrom"] == [{"reference": f"QuestionnaireResponse/{response['id']}"}]

    # A part-set is told as one, and has no total; nobody answered anything who said "not today".
    measured(session, at, "ucla3", {}, not_today_reason=NotToday.UPSET)
    measured(session, at, "ucla3", {"companionship": 2, "isolated": None})
    session.commit()
    part = program.get("QuestionnaireResponse")["entry"][0]["resource"]
    assert (part["status"], len(part["item"])) == ("stopped", 1)
    assert part["item"][0]["answer"] == [{"valueCoding": {"code": "2", "display": "some of the time"}}]
    assert program.get("QuestionnaireResponse")["total"] == 2
    part = program.get("Observation")["entry"][0]["resource"]
    assert "valueQuantity" not in part


def test_answers_that_were_a_mistake_are_told_as_one_and_hold_nothing(
    session: Session, client: HtmlClient
) -> None:
    at = told(session)
    program = of_team(session, client, at.team)
    later = clock.now() + timedelta(minutes=5)
    since = f"_lastUpdated=ge{(later - timedelta(minutes=1)).isoformat().replace('+00:00', 'Z')}"
    assert program.get(f"Observation?{since}")["total"] == 0
    row = session.scalars(select(Measurement)).one()
    with clock.at(later):
        mistakes.mark_mistake(session, at.team.worker, row.id, "Somebody else's paper")
    session.commit()
    seen = program.get(f"Observation?{since}")["entry"][0]["resource"]
    assert seen["status"] == "entered-in-error"
    assert not {"valueQuantity", "component"} & set(seen)
    response = program.get("QuestionnaireResponse")["entry"][0]["resource"]
    assert (response["status"], response.get("item")) == ("entered-in-error", None)
    assert "Somebody else" not in json.dumps([seen, response])


def test_a_licensed_measure_is_told_in_its_words_only_by_whoever_holds_them(
    session: Session, client: HtmlClient
) -> None:
    at = told(session)
    admin = build.actor(session, Role.ADMINISTRATOR)
    attest(session, admin, SWEMWBS.key, holder="Us", number="1", wording=[])
    measured(session, at, SWEMWBS.key, {item.key: 3 for item in SWEMWBS.items})
    session.commit()
    program = of_team(session, client, at.team)
    # The score is the person's; the questions are not ours to give.
    score = program.get("Observation")["entry"][0]["resource"]
    assert score["code"]["coding"][0]["code"] == SWEMWBS.key
    assert "derivedFrom" not in score
    assert program.get("QuestionnaireResponse")["total"] == 1
    program.get(f"QuestionnaireResponse/{score['id']}", 404)
    spoken = [f"Question {number}" for number, _item in enumerate(SWEMWBS.items)]
    attest(session, admin, SWEMWBS.key, holder="Us", number="1", wording=spoken)
    session.commit()
    assert [each["text"] for each in program.get(f"QuestionnaireResponse/{score['id']}")["item"]] == spoken


def test_no_consent_and_a_flag_for_safety_shut_it_at_once(session: Session, client: HtmlClient) -> None:
    at = told(session)
    program = of_team(session, client, at.team)
    of_them = f"Task/{at.episode.id}"
    program.get(of_them)
    at.person.flagged_for_safety = True
    session.commit()
    for kind in KINDS:
        assert program.get(kind)["total"] == 0, kind
    program.get(of_them, 404)
    at.person.flagged_for_safety = False
    session.commit()
    program.get(of_them)
    agreed = session.scalars(
        select(Consent).where(Consent.person_id == at.person.id, Consent.purpose == ConsentPurpose.SUPPORT)
    ).one()
    people.withdraw_consent(session, at.team.worker, agreed.id)
    session.commit()
    for kind in KINDS:
        assert program.get(kind)["total"] == 0, kind
    for path in (of_them, f"Patient/{at.person.id}", f"Goal/{session.scalars(select(Goal.id)).first()}"):
        program.get(path, 404)


def test_every_look_is_written_down_for_the_person_to_see(
    session: Session, client: HtmlClient, make_client: MakeClient
) -> None:
    at = told(session)
    program = of_team(session, client, at.team)
    program.get("Patient")
    program.get("Goal")
    program.get("QuestionnaireResponse")
    program.get(f"Task/{at.episode.id}")
    program.get("Patient?patient=x", 400)
    looks = session.scalars(select(AuditEntry.action).where(AuditEntry.action.like("fhir-team.%"))).all()
    assert sorted(looks) == [
        "fhir-team.read-task",
        "fhir-team.search-goal",
        "fhir-team.search-patient",
        "fhir-team.search-questionnaireresponse",
    ]
    resident = build.actor(session, Role.RESIDENT, place_id=at.person.id)
    said = "A computer of your team looked at your record"
    assert said in words(signed_in(session, make_client, resident).get("/me/privacy"))
    shown = looks_at(session, resident, at.person.id, most=100).lines
    assert [(each.who, each.is_look) for each in shown if each.what == said] == [
        ("A computer program", True)
    ] * 4


def test_a_program_is_let_do_only_what_it_needs(session: Session, client: HtmlClient) -> None:
    at = told(session)
    program = of_team(session, client, at.team, May.GOALS)
    assert program.get("Goal")["total"] == 1
    for kind in KINDS:
        program.get(kind, 200 if kind == "Goal" else 403)
    program.post({}, 403)
    read(client.put(f"{R4}/Task/{at.episode.id}", data="{}", headers=program.bearer), 403)
    wide = of_team(session, client, at.team, scope="system/Task.read")
    wide.get("Task")
    wide.get("Patient", 403)
    assert wide.token(wide.secret, scope="system/Task.write").get_json()["error"] == "invalid_scope"


def test_whatever_can_be_seen_of_a_task_raises_its_version(session: Session, client: HtmlClient) -> None:
    team = episodes.team(session)
    episode = episodes.allocated(session, team)
    session.commit()
    program = of_team(session, client, team)
    path = f"Task/{episode.id}"
    seen = program.get(path)

    def raised(before: dict[str, Any]) -> dict[str, Any]:
        after = program.get(path)
        assert int(after["meta"]["versionId"]) > int(before["meta"]["versionId"])
        assert after["meta"]["lastUpdated"] > before["meta"]["lastUpdated"]
        start = after["meta"]["lastUpdated"].replace("+", "%2B")
        assert program.ids(f"Task?_lastUpdated=ge{start}") == [str(episode.id)]
        assert program.ids(f"Task?_lastUpdated=lt{start}") == []
        return after

    for number in (1, 2):
        with clock.at(clock.now() + timedelta(minutes=number)):
            contact_log.record_contact(session, team.worker, episode.id, NO_ANSWER)
            session.commit()
            seen = raised(seen)
            assert seen["businessStatus"]["text"] == f"attempt-{number}"
            answer = client.get(f"{R4}/{path}", headers=program.bearer)
            assert answer.headers["ETag"] == etag(seen)
    with clock.at(clock.now() + timedelta(minutes=4)):
        contact_log.record_contact(session, team.worker, episode.id, episodes.TALKED)
        session.commit()
        seen = raised(seen)
    with clock.at(clock.now() + timedelta(minutes=5)):
        closing.close(session, team.worker, episode.id, EpisodeState.COMPLETED, reason=CloseReason.GOALS_MET)
        session.commit()
        assert raised(seen)["status"] == "completed"


def test_pressed_twice_for_a_new_secret_the_one_in_use_goes_on(
    session: Session, client: HtmlClient, make_client: MakeClient
) -> None:
    at = told(session)
    desk = signed_in(session, make_client, at.team.coordinator)
    program = of_team(session, client, at.team)
    path, first = f"/programs/{program.id}/secret", program.secret
    assert f'name="ending" value="{first[-4:]}"' in desk.get("/programs").get_data(as_text=True)
    second = words(send(desk, path, page="/programs", ending=first[-4:])).partition("Secret ")[2].split()[0]
    again = send(desk, path, page="/programs", ending=first[-4:])
    assert again.status_code == 409
    assert "It has a new secret already" in words(again)
    assert program.token(first).status_code == 200
    assert program.token(second).status_code == 200


def test_a_coordinator_lets_programs_in_gives_new_secrets_and_shuts_them_out(
    session: Session, client: HtmlClient, make_client: MakeClient
) -> None:
    at = told(session)
    desk = signed_in(session, make_client, at.team.coordinator)
    place = f"team:{at.team.id}"
    page = words(desk.get("/programs"))
    assert "No program is let in yet" in page
    assert "Send referrals" not in page
    form = {"name": "Dashboard", "place": place}
    assert "Choose at least one thing" in words(send(desk, "/programs", **form))
    elsewhere = form | {"place": f"team:{told(session).team.id}"}
    assert "Choose an answer" in words(send(desk, "/programs", **elsewhere, may="goals"))
    made = send(desk, "/programs", **form, may="goals")
    assert "We show it this once" in words(made)
    program = of_team(session, client, at.team)
    first = program.secret
    turned = send(desk, f"/programs/{program.id}/secret", page="/programs")
    said = words(turned)
    assert "works for one more day" in said
    second = said.partition("Secret ")[2].split()[0]
    assert program.token(first).status_code == 200
    assert program.token(second).status_code == 200
    program.get("Task")
    with clock.at(clock.now() + timedelta(hours=25)):
        assert program.token(first).status_code == 401
        assert program.token(second).status_code == 200
    # Another team's coordinator neither sees it nor turns it; whoever runs the service can shut it out, and reads none.
    strange = signed_in(session, make_client, episodes.team(session).coordinator)
    assert "Dashboard" not in words(strange.get("/programs"))
    token = _token(strange.get("/programs"))
    for act in ("secret", "revoke"):
        path = f"/programs/{program.id}/{act}"
        assert strange.post(path, data={"csrf_token": token}).status_code == 404
    admin = signed_in(session, make_client, build.actor(session, Role.ADMINISTRATOR))
    page = words(admin.get("/programs"))
    assert "Dashboard" in page
    assert "Make a new secret" not in page
    send(admin, f"/programs/{program.id}/revoke", page="/programs")
    program.get("Task", 401)
    assert program.token(second).status_code == 401
    acts = session.scalars(
        select(AuditEntry.action).where(AuditEntry.subject_id == program.id).order_by(AuditEntry.sequence)
    ).all()
    assert [act for act in acts if act.startswith("fhir-client")] == [
        "fhir-client.issue",
        "fhir-client.rotate",
        "fhir-client.revoke",
    ]


def test_a_teams_program_stops_when_whoever_let_it_in_has_no_account(
    session: Session, client: HtmlClient
) -> None:
    at = told(session)
    program = of_team(session, client, at.team)
    program.get("Task")
    session.get_one(Account, at.team.coordinator.account_id).disabled_at = clock.now()
    session.commit()
    program.get("Task", 401)


def test_a_program_that_asks_too_often_waits(session: Session, client: HtmlClient) -> None:
    at = told(session)
    program = of_team(session, client, at.team, May.GOALS)
    with clock.at(clock.now()):
        for _time in range(MOST_A_MINUTE):
            client.get(f"{R4}/Patient", headers=program.bearer)
        answer = client.get(f"{R4}/Goal", headers=program.bearer)
        read(answer, 429)
        assert int(answer.headers["Retry-After"]) <= 61
    with clock.at(clock.now() + timedelta(minutes=2)):
        program.get("Goal")


def test_pages_follow_one_another_and_ask_the_database_no_more_for_more(
    session: Session, client: HtmlClient
) -> None:
    at = told(session)
    program = of_team(session, client, at.team)
    for kind in ("ServiceRequest", "Task"):
        first = program.get(f"{kind}?_count=1")
        links = {one["relation"]: one["url"].partition(f"{R4}/")[2] for one in first["link"]}
        assert (len(first["entry"]), first["total"]) == (1, 2)
        second = program.get(links["next"])
        assert [one["relation"] for one in second["link"]] == ["self"]
        assert first["entry"][0]["resource"]["id"] != second["entry"][0]["resource"]["id"]

    def asked(kind: str) -> int:
        said: list[str] = []

        def more(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
            # A line is written for everybody who is shown, one writer at a time.
            if statement.startswith("SELECT") and "audit" not in statement and "advisory" not in statement:
                said.append(statement)

        event.listen(session.get_bind(), "before_cursor_execute", more)
        program.get(kind)
        event.remove(session.get_bind(), "before_cursor_execute", more)
        return len(said)

    few = {kind: asked(kind) for kind in KINDS}
    for _ in range(3):
        other = episodes.active(session, at.team)
        plan.add_goal(session, at.team.worker, other.id, plan.GoalText("Walk"))
    session.commit()
    assert {kind: asked(kind) for kind in KINDS} == few


def _token(page: TestResponse) -> str:
    boxes = parse(page.get_data(as_text=True)).iter("input")
    return next(box.attrib["value"] for box in boxes if box.attrib.get("name") == "csrf_token")
