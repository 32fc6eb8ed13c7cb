"""The pages of the thread, read as a browser would: asked, decided, worked on, closed."""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from core.access.rules import Actor, Role
from core.accounts.models import Account
from core.audit.models import AuditEntry
from prescribing.episodes import plan, triage
from prescribing.episodes.models import Action, ContactAttempt, Episode, Goal, Need, SupportRequest
from prescribing.people.models import Consent, Partner, Person
from tests import build
from tests.html import HtmlClient, parse
from tests.integration.prescribing.episodes import walk

MakeClient = Callable[[], HtmlClient]


def signed_in(session: Session, make_client: MakeClient, who: Actor) -> HtmlClient:
    client = make_client()
    build.sign_in(session, client, session.get_one(Account, who.account_id))
    return client


def send(client: FlaskClient, path: str, *, page: str | None = None, **values: object) -> TestResponse:
    """Send a form as the page at `page` (or `path`) has it: its token, its key, its version."""
    shown = client.get(page or path)
    assert shown.status_code == 200, shown.get_data(as_text=True)[:300]
    hidden: dict[str, str] = {}
    for form in parse(shown.get_data(as_text=True)).iter("form"):
        action = form.attrib.get("action") or (page or path)
        if action == path and form.attrib.get("method") == "post":
            hidden = {
                box.attrib["name"]: box.attrib.get("value", "")
                for box in form.iter("input")
                if box.attrib.get("type") == "hidden"
            }
            break
    assert hidden, f"no form on {page or path} leads to {path}"
    return client.post(path, data={**hidden, **values})


def words(answer: TestResponse) -> str:
    return " ".join("".join(parse(answer.get_data(as_text=True)).itertext()).split())


ASKED = {
    "who": "me",
    "name": "Margaret Example",
    "phone": "07700 900123",
    "texts": "y",
    "need_slugs": "loneliness",
}


def test_anybody_asks_and_learns_what_happens_next(session: Session, client: HtmlClient) -> None:
    walk.team(session)
    answer = send(client, "/ask", **ASKED)
    assert answer.status_code == 303
    assert answer.location == "/ask/sent"
    page = client.get("/ask/sent")
    reference = session.scalars(select(SupportRequest.reference)).one()
    assert reference in words(page)
    assert "By " in words(page)
    assert "Margaret" not in words(page)
    assert page.headers["Cache-Control"] == "no-store"


def test_asking_keeps_what_was_typed_and_says_what_to_mend(session: Session, client: HtmlClient) -> None:
    walk.team(session)
    answer = send(client, "/ask", **{**ASKED, "phone": "", "reason": "I would like company"})
    assert answer.status_code == 200
    assert "Give one safe way to get in touch" in words(answer)
    assert "I would like company" in words(answer)
    answer = send(client, "/ask", **{**ASKED, "who": "other", "name": ""})
    for mend in ("Enter a name.", "Ask the person first", "Say whom we should ring first"):
        assert mend in words(answer)
    assert session.scalar(select(func.count()).select_from(Person)) == 0


def test_sending_twice_asks_once(session: Session, client: HtmlClient) -> None:
    walk.team(session)
    key = str(uuid4())
    for _ in range(2):
        assert send(client, "/ask", **ASKED, idempotency_key=key).status_code == 303
    assert session.scalar(select(func.count()).select_from(SupportRequest)) == 1
    assert session.scalars(select(SupportRequest.reference)).one() in words(client.get("/ask/sent"))


def test_nothing_was_asked_leads_to_the_form(client: HtmlClient) -> None:
    assert client.get("/ask/sent").location == "/ask"


def test_a_coordinator_decides_in_one_press(session: Session, make_client: MakeClient) -> None:
    team = walk.team(session)
    episode = walk.asked(session, team)
    client = signed_in(session, make_client, team.coordinator)
    board = words(client.get("/triage"))
    assert "Margaret Example" in board
    assert "1 person waits" in board
    assert "Risk not asked" in board
    one = words(client.get(f"/triage/{episode.id}"))
    assert "I would like some company" in one
    answer = send(client, f"/triage/{episode.id}/allocate", page="/triage")
    assert answer.status_code == 303
    session.expire_all()
    assert session.get_one(Episode, episode.id).link_worker_id == team.worker.account_id
    assert "Nobody is waiting" in words(client.get("/triage"))


def test_a_coordinator_asks_or_sends_elsewhere(session: Session, make_client: MakeClient) -> None:
    team = walk.team(session)
    first, second = walk.asked(session, team), walk.asked(session, team)
    client = signed_in(session, make_client, team.coordinator)
    path = f"/triage/{first.id}/ask"
    assert "Write down what you need to know" in words(
        send(client, path, page=f"/triage/{first.id}", note="")
    )
    assert send(client, path, page=f"/triage/{first.id}", note="Which street?").status_code == 303
    assert "Which street?" in words(client.get(f"/triage/{first.id}"))
    urgent = f"/triage/{first.id}/priority"
    assert send(client, urgent, page=f"/triage/{first.id}", priority="urgent").status_code == 303
    path = f"/triage/{second.id}/redirect"
    assert send(client, path, page=f"/triage/{second.id}", words="Sent to the council").status_code == 303
    session.expire_all()
    assert str(session.get_one(Episode, second.id).state) == "not-appropriate"
    assert "Urgent" in words(client.get("/triage"))


def test_the_person_is_reached_planned_with_and_closed(session: Session, make_client: MakeClient) -> None:
    team = walk.team(session)
    episode = walk.allocated(session, team)
    client = signed_in(session, make_client, team.worker)
    assert "Get in touch" in words(client.get("/today"))
    base = f"/episodes/{episode.id}"
    contact = words(client.get(f"{base}/contacts/new"))
    assert "Do not leave a voicemail." in contact
    assert "Choose what came of it" in words(send(client, f"{base}/contacts/new", channel="phone"))
    answer = send(
        client,
        f"{base}/contacts/new",
        channel="phone",
        outcome="talked",
        starts_support="y",
        note="She is glad",
    )
    assert answer.status_code == 303
    assert send(client, f"{base}/needs/new", slug="purpose", words="I miss my choir").status_code == 303
    need_id = session.scalars(select(Need.id).where(Need.slug == "purpose")).one()
    assert (
        send(
            client, f"{base}/goals/new", words="Sing again", need_id=str(need_id), importance="9"
        ).status_code
        == 303
    )
    goal_id = session.scalars(select(Goal.id)).one()
    assert send(client, f"/goals/{goal_id}", words="Sing every week", need_id=str(need_id)).status_code == 303
    assert send(client, f"{base}/actions/new", words="Ring the choir", owner="link-worker",
                goal_id=str(goal_id)).status_code == 303  # fmt: skip
    page = words(client.get(base))
    for expected in (
        "I miss my choir",
        "Sing every week",
        "Ring the choir",
        "She is glad",
        "Being supported",
    ):
        assert expected in page
    action_id = session.scalars(select(Action.id)).one()
    assert send(client, f"/actions/{action_id}/done", page=base).status_code == 303
    assert send(client, f"/needs/{need_id}/met", page=base).status_code == 303
    answer = send(client, f"{base}/pause", note="In hospital", **{
        "look_again_on-day": "1", "look_again_on-month": "3", "look_again_on-year": "2099"})  # fmt: skip
    assert answer.status_code == 303
    assert send(client, f"{base}/resume", page=base).status_code == 303
    ending = {"ending": "completed|goals-met", "goals": str(goal_id), "words": "A good ending"}
    assert send(client, f"{base}/close", **ending).status_code == 303
    assert "A good ending" in words(client.get(base))
    assert send(client, f"{base}/undo-close", page=base).status_code == 303
    assert "Opened again: " in words(client.get(base))
    assert session.scalar(select(func.count()).select_from(ContactAttempt)) == 1


def test_every_look_at_a_person_is_recorded(session: Session, make_client: MakeClient) -> None:
    team = walk.team(session)
    episode = walk.allocated(session, team)
    client = signed_in(session, make_client, team.worker)

    def looks() -> int:
        found = select(func.count()).where(
            AuditEntry.action == "person.read", AuditEntry.subject_id == episode.person_id
        )
        return session.scalar(found) or 0

    paths = [
        f"/people/{episode.person_id}",
        f"/episodes/{episode.id}",
        f"/episodes/{episode.id}/contacts/new",
    ]
    paths += [f"/people/{episode.person_id}/contact/edit", f"/episodes/{episode.id}/close"]
    for number, path in enumerate(paths, start=1):
        assert client.get(path).status_code == 200
        assert looks() == number, path


def test_the_record_is_changed_part_by_part(session: Session, make_client: MakeClient) -> None:
    team = walk.team(session)
    episode = walk.allocated(session, team)
    client = signed_in(session, make_client, team.worker)
    base = f"/people/{episode.person_id}"
    page = words(client.get(base))
    assert "nobody has asked yet" in page
    assert send(client, f"{base}/risks/edit", risk="none").status_code == 303
    assert "no known risks" in words(client.get(base))
    assert "Say what the risks are" in words(send(client, f"{base}/risks/edit", risk="some", risks=""))
    assert send(client, f"{base}/access/edit", access_needs="Step-free").status_code == 303
    assert (
        send(client, f"{base}/matters/edit", what_matters="My choir", strengths="Singing").status_code == 303
    )
    values = {"name": "Margaret Example", "preferred_name": "Maggie", "nhs_number": "943 476 5919"}
    assert send(client, f"{base}/about/edit", **values, **{
        "born-day": "27", "born-month": "3", "born-year": "1948"}).status_code == 303  # fmt: skip
    answer = send(client, f"{base}/contact/edit", mobile="07700 900123", voicemail="y", may_answer="named-people",
                  named="Anne", times="mornings")  # fmt: skip
    assert answer.status_code == 303
    page = words(client.get(base))
    for expected in ("Maggie", "My choir", "Step-free", "943 476 5919", "You may also speak to Anne."):
        assert expected in page
    assert "a digit is wrong" in words(
        send(client, f"{base}/about/edit", **{**values, "nhs_number": "9434765918"})
    )
    assert client.get(f"{base}/nothing/edit").status_code == 404


def test_two_who_change_one_record_are_both_kept(session: Session, make_client: MakeClient) -> None:
    team = walk.team(session)
    episode = walk.allocated(session, team)
    one, two = (signed_in(session, make_client, who) for who in (team.worker, team.coordinator))
    path = f"/people/{episode.person_id}/matters/edit"
    stale = session.get_one(Person, episode.person_id).version
    assert send(one, path, what_matters="My choir").status_code == 303
    answer = send(two, path, what_matters="My garden", version=str(stale))
    assert answer.status_code == 409
    assert "My choir" in words(answer)
    assert "My garden" in words(answer)


def test_a_consent_is_taken_back(session: Session, make_client: MakeClient) -> None:
    team = walk.team(session)
    episode = walk.allocated(session, team)
    client = signed_in(session, make_client, team.worker)
    consent_id = session.scalars(select(Consent.id).where(Consent.person_id == episode.person_id)).one()
    base = f"/people/{episode.person_id}"
    assert send(client, f"/consents/{consent_id}/withdraw").status_code == 303
    assert "Taken back" in words(client.get(base))


def test_a_mistake_is_marked(session: Session, make_client: MakeClient) -> None:
    team = walk.team(session)
    episode = walk.asked(session, team)
    client = signed_in(session, make_client, team.coordinator)
    assert send(client, f"/episodes/{episode.id}/mistake", reason="Sent twice").status_code == 303
    assert "Entered in error" in words(client.get(f"/episodes/{episode.id}"))


REFERRED = {
    "name": "Sam Example",
    "phone": "0161 496 0002",
    "consent": "by phone",
    "share_feedback": "y",
    "risk": "none",
    "reason_referrer": "Often alone",
    "then": "send",
}


def test_a_partner_refers_answers_and_hears_back(session: Session, make_client: MakeClient) -> None:
    team, who = walk.team(session), build.actor(session, Role.REFERRER)
    partner = session.get_one(Partner, next(iter(who.partner_ids())))
    partner.email = "practice@example.org"
    session.commit()
    practice, office = (signed_in(session, make_client, each) for each in (who, team.coordinator))
    missing = {key: value for key, value in REFERRED.items() if key != "risk"}
    assert "no known risks" in words(send(practice, "/requests/new", **missing))
    answer = send(practice, "/requests/new", **REFERRED)
    assert answer.status_code == 303
    path = str(answer.location)
    assert "Received" in words(practice.get(path))
    episode = session.scalars(select(Episode)).one()
    send(office, f"/triage/{episode.id}/ask", page=f"/triage/{episode.id}", note="Is Sam at home?")
    assert "Is Sam at home?" in words(practice.get(path))
    assert send(practice, f"{path}/more", page=path, words="Yes, always").status_code == 303
    session.expire_all()
    assert team.worker.account_id is not None
    triage.allocate(session, team.coordinator, episode.id, team.worker.account_id)
    session.commit()
    worker = signed_in(session, make_client, team.worker)
    base = f"/episodes/{episode.id}"
    send(worker, f"{base}/contacts/new", channel="phone", outcome="talked", starts_support="y")
    answer = send(worker, f"{base}/close", ending="completed|partly-met")
    assert answer.location == f"{base}/feedback"
    assert "None" in words(worker.get(f"{base}/feedback"))
    assert send(worker, f"{base}/feedback", words="Sam has a friend now").status_code == 303
    page = words(practice.get(path))
    assert "Sam has a friend now" in page
    assert "871731000000106" in page
    assert "Read what came of it" in words(practice.get("/requests"))


def test_a_draft_waits_for_its_sender(session: Session, make_client: MakeClient) -> None:
    walk.team(session)
    client = signed_in(session, make_client, build.actor(session, Role.REFERRER))
    answer = send(client, "/requests/new", name="Sam Example", then="draft")
    assert answer.status_code == 303
    path = str(answer.location)
    assert "This is a draft" in words(client.get(path))
    assert send(client, f"{path}/draft", **REFERRED).status_code == 303
    assert "Received" in words(client.get(path))
    assert client.get(f"{path}/draft").status_code == 404


def test_a_resident_sees_their_own_support(session: Session, make_client: MakeClient) -> None:
    team = walk.team(session)
    episode = walk.active(session, team)
    plan.add_goal(session, team.worker, episode.id, plan.GoalText("Sing again", progress=4))
    client = signed_in(session, make_client, build.actor(session, Role.RESIDENT, place_id=episode.person_id))
    page = words(client.get("/me"))
    assert "Your link worker is supporting you" in page
    assert "Sing again" in page
    stranger = signed_in(session, make_client, build.actor(session, Role.RESIDENT))
    assert "nothing to show" in words(stranger.get("/me"))


@pytest.mark.parametrize("path", ["/today", "/triage"])
def test_a_working_list_asks_the_database_no_more_for_more_people(
    path: str, session: Session, make_client: MakeClient
) -> None:
    team = walk.team(session)
    client = signed_in(session, make_client, team.coordinator)

    def asked() -> int:
        count = 0

        def more(*_arguments: object) -> None:
            nonlocal count
            count += 1

        event.listen(session.get_bind(), "before_cursor_execute", more)
        client.get(f"{path}?who=team")
        event.remove(session.get_bind(), "before_cursor_execute", more)
        return count

    for _ in range(2):
        walk.active(session, team)
        walk.asked(session, team)
    few = asked()
    for _ in range(4):
        walk.active(session, team)
        walk.asked(session, team)
    assert asked() == few


def test_support_starts_again_as_a_new_episode_linked_to_the_old(
    session: Session, make_client: MakeClient
) -> None:
    team = walk.team(session)
    episode = walk.active(session, team)
    client = signed_in(session, make_client, team.worker)
    base = f"/episodes/{episode.id}"
    early = send(client, f"{base}/again", reason="relapse", words="I feel low again")
    assert "once it has closed" in words(early)
    send(client, f"{base}/close", ending="completed|goals-met")
    answer = send(client, f"{base}/again", reason="relapse", words="I feel low again")
    assert answer.status_code == 303
    assert "I feel low again" in words(client.get(str(answer.location)))
    new = session.scalars(select(Episode).where(Episode.based_on_id == episode.id)).one()
    assert (new.person_id, str(new.state)) == (episode.person_id, "submitted")


def test_one_of_the_team_writes_down_a_call(session: Session, make_client: MakeClient) -> None:
    team = walk.team(session)
    client = signed_in(session, make_client, team.worker)
    assert send(client, "/ask", **ASKED).status_code == 303
    assert str(session.scalars(select(SupportRequest.source)).one()) == "phone"


def test_a_step_says_how_sure_they_are_and_who_somebody_else_is(
    session: Session, make_client: MakeClient
) -> None:
    team = walk.team(session)
    episode = walk.active(session, team)
    client = signed_in(session, make_client, team.worker)
    path = f"/episodes/{episode.id}/actions/new"
    theirs = {"words": "Ring the choir", "owner": "person", "confidence": "7", "who": "nobody"}
    assert send(client, path, **theirs).status_code == 303
    others = {"words": "Drive her there", "owner": "someone-else", "confidence": "7", "who": "Her daughter"}
    assert send(client, path, **others).status_code == 303
    page = words(client.get(f"/episodes/{episode.id}"))
    assert "Ring the choir" in page
    assert "nobody: Ring the choir" not in page
    assert page.count("Sure they can do it: 7") == 1
    assert "Her daughter: Drive her there" in page
