"""A partner's program asks by FHIR: it proves itself, refers, reads what its partner may read, and no more."""

from __future__ import annotations

import json
from datetime import date, timedelta
from io import BytesIO
from typing import Any
from uuid import uuid4

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core import clock
from core.access.rules import Role
from core.audit.models import AuditEntry
from prescribing.episodes import added, closing, contact_log, triage
from prescribing.episodes.contacts import Outcome
from prescribing.episodes.models import Episode, RequestSource
from prescribing.episodes.rules import CloseReason, EpisodeState
from prescribing.people.models import Person
from prescribing.people.safe_contact import Channel
from tests import build
from tests.html import HtmlClient
from tests.integration.prescribing.episodes import walk
from tests.integration.prescribing.episodes.test_pages import MakeClient, send, signed_in, words
from tests.integration.prescribing.episodes.test_thread import refer, referrer
from tests.integration.prescribing.fhir.programs import EXT, R4, of_partner, read

NO_ANSWER = contact_log.ContactNote(Channel.PHONE, Outcome.NO_ANSWER)
NEED = {"system": "http://localhost/fhir/CodeSystem/needs", "code": "loneliness"}
SENT: dict[str, Any] = {
    "resourceType": "ServiceRequest",
    "identifier": [{"system": "urn:practice", "value": "r-1"}],
    "status": "active",
    "intent": "order",
    "contained": [
        {
            "resourceType": "Patient",
            "id": "p",
            "identifier": [{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": "9434765919"}],
            "name": [{"given": ["Margaret"], "family": "Hall"}],
            "telecom": [{"system": "phone", "value": "0161 496 0001"}],
            "birthDate": "1948-03-27",
        }
    ],
    "subject": {"reference": "#p"},
    "requester": {"display": "Dr Example"},
    "reasonCode": [
        {"text": "Often alone"},
        {"coding": [NEED]},
    ],
    "extension": [
        {"url": f"{EXT}/no-known-risks", "valueBoolean": True},
        {"url": f"{EXT}/consent-given", "valueString": "by phone"},
        {"url": f"{EXT}/share-feedback", "valueBoolean": True},
    ],
}


def test_a_program_proves_itself_and_is_shut_out_at_once(
    session: Session, client: HtmlClient, make_client: MakeClient
) -> None:
    walk.team(session)
    who = referrer(session)
    assert read(client.get(f"{R4}/metadata"), 200)["fhirVersion"] == "4.0.1"
    for bearer in ({}, {"Authorization": "Bearer nothing"}, {"Authorization": "Basic bm8="}):
        answer = client.get(f"{R4}/Task", headers=bearer)
        read(answer, 401)
        assert "Bearer" in answer.headers["WWW-Authenticate"]
    admin = signed_in(session, make_client, build.actor(session, Role.ADMINISTRATOR))
    place = f"partner:{next(iter(who.partner_ids()))}"
    assert "Enter a name" in words(send(admin, "/programs", place=place))
    made = send(admin, "/programs", name="Surgery system", place=place, may="send")
    assert "We show it this once" in words(made)
    assert "http://localhost/fhir/R4" in words(made)
    assert "Surgery system" in words(admin.get("/programs"))
    program = of_partner(session, client, who)
    assert program.secret not in words(admin.get("/programs"))
    assert program.token("wrong").status_code == 401
    assert program.token(program.secret, scope="system/everything").get_json()["error"] == "invalid_scope"
    assert program.token(program.secret, grant_type="password").status_code == 400
    assert read(client.get("/fhir/token"), 405)["issue"], "a program has no use for a page"
    assert program.get("Task")["total"] == 0
    with clock.at(clock.now() + timedelta(minutes=11)):
        program.get("Task", 401)
    only_reads = of_partner(session, client, who, scope="system/*.read")
    only_reads.post(SENT, 403)
    send(admin, f"/programs/{program.id}/revoke", page="/programs")
    program.get("Task", 401)
    assert program.token(program.secret).status_code == 401
    assert [only_reads.token("guess").status_code for _ in range(6)] == [401] * 5 + [429]


def test_a_program_refers_once_and_is_told_of_somebody_it_sent(session: Session, client: HtmlClient) -> None:
    walk.team(session)
    program = of_partner(session, client, referrer(session))
    made = program.post(SENT, 201)
    assert made["status"] == "active"
    again = program.post(SENT, 200)
    assert again["id"] == made["id"]
    episode = session.scalars(select(Episode)).one()
    assert episode.support_request.source is RequestSource.PARTNER
    assert episode.support_request.need_slugs == ["loneliness"]
    assert (episode.person.name, episode.person.nhs_number) == ("Margaret Hall", "9434765919")

    other = {**SENT, "identifier": [{"value": "r-2"}]}
    twice = program.post(other, 409)
    assert twice["issue"][0]["code"] == "duplicate"
    assert f"Patient/{made['id']}" in twice["issue"][0]["diagnostics"]
    linked = {**other, "subject": {"reference": f"Patient/{made['id']}"}, "contained": []}
    del linked["contained"]
    program.post(linked, 201)
    apart = {**SENT, "identifier": [{"value": "r-3"}]}
    apart["extension"] = [*SENT["extension"], {"url": f"{EXT}/somebody-else", "valueBoolean": True}]
    program.post(apart, 201)
    session.expire_all()
    assert session.scalar(select(func.count()).select_from(Person)) == 2
    written = select(func.count()).where(AuditEntry.action == "fhir.create")
    assert session.scalar(written) == 3


def test_what_somebody_needs_goes_with_them_and_is_read_as_it_was_sent(
    session: Session, client: HtmlClient
) -> None:
    walk.team(session)
    program = of_partner(session, client, referrer(session))
    needs = {"communication-needs": "Large print", "interpreter": "Urdu", "access-needs": "No stairs"}
    said = [{"url": f"{EXT}/{name}", "valueString": text} for name, text in needs.items()]
    made = program.post({**SENT, "contained": [{**SENT["contained"][0], "extension": said}]}, 201)
    person = session.scalars(select(Person)).one()
    assert {name: getattr(person, name.replace("-", "_")) for name in needs} == needs
    assert program.get(f"Patient/{made['id']}")["extension"] == said
    # Whoever is sent again keeps what was said of them.
    linked = {name: each for name, each in SENT.items() if name != "contained"}
    linked |= {"identifier": [{"value": "r-2"}], "subject": {"reference": f"Patient/{made['id']}"}}
    again = program.post(linked, 201)
    assert program.get(f"Patient/{again['id']}")["extension"] == said


BAD: list[tuple[object, int]] = [
    (b"\xff", 400),
    ("[" * 100_000, 400),
    ("[]", 400),
    ("null", 400),
    ('{"resourceType": "ServiceRequest", "status": NaN}', 400),
    ({**SENT, "resourceType": "Task"}, 400),
    ({**SENT, "status": 7}, 400),
    ({**SENT, "nonsense": 1}, 400),
    ({**SENT, "subject": None}, 400),
    ({**SENT, "_status": {"extension": [{"url": "urn:x", "valueString": "y"}]}, "status": ""}, 400),
    ({**{name: each for name, each in SENT.items() if name != "status"}, "_status": {"id": "x"}}, 400),
    ({**SENT, "requester": {"display": "a\x00b"}}, 400),
    ({**SENT, "requester": {"display": "\ud800"}}, 400),
    ({**SENT, "status": "completed"}, 422),
    ({**SENT, "subject": {"reference": "#q"}}, 422),
    ({**SENT, "subject": {"reference": f"Patient/{uuid4()}"}}, 422),
    ({**SENT, "extension": []}, 422),
    ({**SENT, "requester": {"display": "x" * 5_000}}, 422),
    ({**SENT, "contained": [{"resourceType": "Patient", "id": "p"}]}, 422),
    (
        {**SENT, "contained": [{**SENT["contained"][0], "identifier": [
            {"system": "https://fhir.nhs.uk/Id/nhs-number", "value": "9434765918"}]}]},
        422,
    ),
    ({**SENT, "contained": [{**SENT["contained"][0], "birthDate": "2999-01-01"}]}, 422),
    ({**SENT, "contained": [{**SENT["contained"][0], "birthDate": "1948-03"}]}, 422),
    ({**SENT, "note": [{"text": "x" * 300_000}]}, 413),
]  # fmt: skip


def test_what_cannot_be_taken_is_said_and_nothing_is_kept(session: Session, client: HtmlClient) -> None:
    walk.team(session)
    program = of_partner(session, client, referrer(session))
    for body, status in BAD:
        said = program.post(body, status)
        assert all(issue["diagnostics"] for issue in said["issue"]), body
    answer = client.post(f"{R4}/ServiceRequest", data="{}", headers=program.bearer, content_type="text/plain")
    read(answer, 415)
    for path in (
        "Task?status:not=x",
        "Task?_lastUpdated=yesterday",
        "Task?_lastUpdated=ge1",
        "Task?_lastUpdated=ge0001-01-01T00:00:00%2B14:00",
        "Task?_lastUpdated=ge9999-12-31T23:59:59-14:00",
        "Task?_offset=-1",
    ):
        program.get(path, 400)
    for path in ("Task/nobody", f"Task/{uuid4()}", f"Observation/{uuid4()}-1-before", f"Consent/{uuid4()}"):
        assert "no such resource" in program.get(path, 404)["issue"][0]["diagnostics"], "no page is meant"
    program.get("Medication", 404)
    for kind in ("Goal", "QuestionnaireResponse"):
        assert program.get(kind)["total"] == 0
    assert session.scalar(select(func.count()).select_from(Episode)) == 0


def test_what_would_change_the_meaning_is_refused_and_never_passed_over(
    session: Session, client: HtmlClient
) -> None:
    walk.team(session)
    program = of_partner(session, client, referrer(session))
    person, said = SENT["contained"][0], SENT["extension"]
    flagged = f"{EXT}/flagged-for-safety"
    for body, why in (
        ({**SENT, "doNotPerform": True}, "should not be"),
        ({**SENT, "priority": "urgent"}, "ring us"),
        ({**SENT, "modifierExtension": [{"url": "urn:other", "valueBoolean": True}]}, "what this changes"),
        ({**SENT, "extension": [*said, {"url": flagged, "valueString": "yes"}]}, "holds a valueBoolean"),
        ({**SENT, "extension": [*said, {"url": f"{EXT}/flagged", "valueBoolean": True}]}, "We know: consent"),
        ({**SENT, "contained": [{**person, "deceasedBoolean": True}]}, "has died"),
        ({**SENT, "extension": [*said[:1], {**said[1], "valueString": "verbal"}]}, "face to face; by phone"),
        ({**SENT, "reasonCode": [{"coding": [{**NEED, "code": "golf"}]}]}, "The codes are: "),
    ):
        issues = program.post(body, 422)["issue"]
        assert [why in issue["diagnostics"] for issue in issues] == [True], issues
    assert session.scalar(select(func.count()).select_from(Episode)) == 0
    numbers = [{"system": "phone", "use": "old", "value": "0161 496 0009"}, *person["telecom"]]
    program.post({**SENT, "contained": [{**person, "telecom": numbers}]}, 201)
    assert session.scalars(select(Person)).one().phone == "0161 496 0001"


def test_a_resource_is_of_r4_and_not_too_long_in_pieces_either(session: Session, client: HtmlClient) -> None:
    walk.team(session)
    program = of_partner(session, client, referrer(session))
    for version, status in (("4.0", 201), ("3.0", 415)):
        answer = client.post(
            f"{R4}/ServiceRequest",
            data=json.dumps(SENT),
            headers=program.bearer,
            content_type=f"application/fhir+json; fhirVersion={version}",
        )
        read(answer, status)
    for length in (300_000, 30_000_000):
        pieces = BytesIO(json.dumps({**SENT, "note": [{"text": "x" * length}]}).encode())
        answer = client.post(
            f"{R4}/ServiceRequest",
            input_stream=pieces,
            headers=program.bearer,
            content_type="application/fhir+json",
            environ_overrides={"wsgi.input_terminated": True},
        )
        assert "too long" in read(answer, 413)["issue"][0]["diagnostics"]


def test_a_program_reads_its_partners_tier_and_no_more(session: Session, client: HtmlClient) -> None:
    team, who, other = walk.team(session), referrer(session), referrer(session)
    episode = refer(session, team, who, name="Margaret Hall", born=date(1948, 3, 27))
    strange = refer(session, team, other, name="Not Ours")
    quiet = refer(session, team, who, name="Quiet Example", share_feedback=False)
    episode_id, request_id = episode.id, episode.support_request_id
    program = of_partner(session, client, who)
    for path in (f"ServiceRequest/{strange.support_request_id}", f"Task/{strange.id}"):
        program.get(path, 404)
    for kind in ("ServiceRequest", "Task", "Patient"):
        found = program.get(kind)
        assert found["total"] == 2
        assert "Not Ours" not in json.dumps(found)
    assert program.get(f"Task?patient=Patient/{request_id}")["total"] == 1
    assert program.get(f"Task?identifier={episode.reference}")["total"] == 1
    assert program.get(f"ServiceRequest?_id={request_id}")["total"] == 1
    assert program.get("Task?_lastUpdated=ge2999-01-01")["total"] == 0
    assert program.get("Task?_lastUpdated=ge0001-01-01")["total"] == 2
    assert program.get("Task?patient=Patient/nobody")["total"] == 0
    assert program.get("Consent?_lastUpdated=lt2999-01-01")["total"] == 1
    given = program.get(f"Consent?patient=Patient/{request_id}")
    assert given["total"] == 1
    assert program.get(f"Consent/{given['entry'][0]['resource']['id']}")["status"] == "active"

    assert team.worker.account_id is not None
    for one in (episode, quiet):
        triage.allocate(session, team.coordinator, one.id, team.worker.account_id)
        for _ in range(2):
            contact_log.record_contact(session, team.worker, one.id, NO_ANSWER)
    session.commit()
    assert program.get(f"Task/{episode_id}")["businessStatus"]["text"] == "attempt-2"
    tried = program.get(f"Task/{quiet.id}")
    assert (tried["status"], "businessStatus" in tried) == ("in-progress", False)
    for one in (episode, quiet):
        contact_log.record_contact(session, team.worker, one.id, walk.TALKED)
        closing.close(session, team.worker, one.id, EpisodeState.COMPLETED, reason=CloseReason.GOALS_MET)
    closing.send_feedback(session, team.worker, episode_id, "She sings again")
    session.commit()
    done = program.get(f"Task/{episode_id}")
    assert (done["status"], done["businessStatus"]["text"]) == ("completed", "goals-met")
    assert "She sings again" in json.dumps(done)
    coded = program.get(f"ServiceRequest/{request_id}")
    assert coded["code"]["coding"][0]["code"] == "871731000000106"
    hushed = program.get(f"Task/{quiet.id}")
    assert hushed["status"] == "completed"
    assert "businessStatus" not in hushed
    assert "output" not in hushed
    looks = select(func.count()).where(
        AuditEntry.action == "fhir.read-task", AuditEntry.subject_id == episode_id
    )
    assert session.scalar(looks) == 2


def test_the_next_page_is_of_the_same_search(session: Session, client: HtmlClient) -> None:
    team, who = walk.team(session), referrer(session)
    for name in ("Margaret Hall", "Bo Example", "Ada Example"):
        refer(session, team, who, name=name)
    program = of_partner(session, client, who)
    found = program.get("Task?_lastUpdated=ge2020-01-01&_count=2")
    links = {one["relation"]: one["url"].partition(f"{R4}/")[2] for one in found["link"]}
    assert (len(found["entry"]), found["total"]) == (2, 3)
    assert links["self"] == "Task?_lastUpdated=ge2020-01-01&_count=2"
    assert links["next"] == "Task?_lastUpdated=ge2020-01-01&_count=2&_offset=2"
    last = program.get(links["next"])
    assert (len(last["entry"]), [one["relation"] for one in last["link"]]) == (1, ["self"])


def test_a_program_sends_its_draft_by_the_version_that_it_read(session: Session, client: HtmlClient) -> None:
    walk.team(session)
    who = referrer(session)
    program = of_partner(session, client, who)
    made = program.post({**SENT, "status": "draft"}, 201)
    assert made["status"] == "draft"
    found = program.get(f"Task?focus=ServiceRequest/{made['id']}")["entry"][0]["resource"]
    answer = client.get(f"{R4}/Task/{found['id']}", headers=program.bearer)
    etag = answer.headers["ETag"]
    task = read(answer, 200)
    assert task["status"] == "draft"
    program.put({**task, "status": "requested"}, "", 428)
    program.put({**task, "status": "requested"}, 'W/"999"', 412)
    program.put({**task, "status": "accepted"}, etag, 409)
    sent = program.put({**task, "status": "requested"}, etag, 200)
    assert (sent["status"], sent["businessStatus"]["text"]) == ("requested", "received")
    etag = f'W/"{sent["meta"]["versionId"]}"'
    program.put({**sent, "status": "cancelled"}, etag, 409)
    assert program.put(sent, etag, 200)["status"] == "requested"
    read(client.put(f"{R4}/Patient/{uuid4()}", headers=program.bearer), 405)
    assert session.scalars(select(Episode.state)).one() == EpisodeState.SUBMITTED


def test_metadata_lists_exactly_what_works(session: Session, client: HtmlClient) -> None:
    team, who = walk.team(session), referrer(session)
    refer(session, team, who, name="Margaret Hall", born=date(1948, 3, 27))
    program = of_partner(session, client, who)
    given = {"date": "ge2020-01-01", "token": str(uuid4()), "reference": f"Patient/{uuid4()}"}
    stated = read(client.get(f"{R4}/metadata"), 200)["rest"][0]["resource"]
    every = {
        name: param["type"] for kind in stated for param in kind["searchParam"] for name in [param["name"]]
    }
    methods = {"create": "post", "update": "put"}
    for kind in stated:
        name, able = kind["type"], {one["code"] for one in kind["interaction"]}
        listed = {param["name"] for param in kind["searchParam"]}
        for param, of in every.items():
            program.get(f"{name}?{param}={given[of]}", 200 if param in listed else 400)
        found = [one["resource"] for one in program.get(name).get("entry", [])]
        assert bool(found) <= ("read" in able)
        for one in found:
            again = client.get(f"{R4}/{name}/{one['id']}", headers=program.bearer)
            assert ("ETag" in again.headers) is (kind["versioning"] != "no-version")
            assert read(again, 200) == one
        for code, method in methods.items():
            path = f"{R4}/{name}" if code == "create" else f"{R4}/{name}/{uuid4()}"
            answer = getattr(client, method)(
                path, data="{}", headers=program.bearer, content_type="application/fhir+json"
            )
            assert (answer.status_code == 405) is (code not in able), (name, code)


def test_a_request_that_was_added_to_a_support_tells_how_that_stands_and_when_it_changed(
    session: Session, client: HtmlClient
) -> None:
    team, who = walk.team(session), referrer(session)
    alike = {"name": "Margaret Hall", "born": date(1948, 3, 27)}
    support = refer(session, team, referrer(session), **alike)
    assert team.worker.account_id is not None
    triage.allocate(session, team.coordinator, support.id, team.worker.account_id)
    contact_log.record_contact(session, team.worker, support.id, walk.TALKED)
    sent = refer(session, team, who, **alike)
    session.commit()
    program = of_partner(session, client, who)
    before = program.get(f"Task/{sent.id}")
    assert before["status"] == "requested"
    added.add(session, team.coordinator, sent.id, support.id)
    session.commit()
    joined = program.get(f"Task/{sent.id}")
    assert (joined["status"], joined["businessStatus"]["text"]) == ("in-progress", "supporting")
    with clock.at(clock.now() + timedelta(minutes=5)):
        closing.close(session, team.worker, support.id, EpisodeState.COMPLETED, reason=CloseReason.GOALS_MET)
        session.commit()
        done = program.get(f"Task/{sent.id}")
        assert done["status"] == "completed"
        assert int(done["meta"]["versionId"]) > int(joined["meta"]["versionId"])
        since = done["meta"]["lastUpdated"].replace("+", "%2B")
        assert program.ids(f"Task?_lastUpdated=ge{since}") == [str(sent.id)]
        assert program.ids(f"Task?_lastUpdated=lt{since}") == []
