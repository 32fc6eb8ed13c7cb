"""A request for support that is saved, found again and sent: nothing is lost, and nobody else opens it."""

from __future__ import annotations

import re
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core import clock
from core.access.rules import Role
from core.notify.models import Message
from prescribing.episodes.models import Episode, RequestSource, SupportRequest
from prescribing.people.models import Person
from prescribing.residents import drafts
from prescribing.residents.models import AskDraft
from tests import build
from tests.html import HtmlClient
from tests.integration.prescribing.episodes import walk
from tests.integration.prescribing.episodes.test_pages import ASKED, MakeClient, send, signed_in, words

CODE = re.compile(r"Code (\d{3} \d{3})")


def rows(session: Session, table: type[AskDraft | SupportRequest]) -> int:
    return session.scalar(select(func.count()).select_from(table)) or 0


def test_a_form_is_saved_found_again_and_sent(session: Session, make_client: MakeClient) -> None:
    walk.team(session)
    library, home = make_client(), make_client()
    typed = {**ASKED, "name": "", "reason": "Since the bus stopped I am stuck", "email": "not finished@"}
    assert send(library, "/ask", **typed, then="save").location == "/ask/saved"
    page = library.get("/ask/saved")
    told = words(page)
    draft = session.scalars(select(AskDraft)).one()
    assert draft.reference in told
    assert page.headers["Cache-Control"] == "no-store"
    found = CODE.search(told)
    assert found
    assert rows(session, SupportRequest) == 0
    assert "stuck" not in words(library.get("/ask")), "a shared computer forgets what was saved"

    sent = session.scalars(select(Message)).one()
    assert (sent.template, sent.channel) == ("ask-saved", "text")
    assert "support" not in (sent.body or "").lower()
    assert "stuck" not in (sent.body or "")

    wrong = send(home, "/ask/return", reference=draft.reference, code="000000")
    assert "do not open a saved form" in words(wrong)
    opened = send(home, "/ask/return", reference=draft.reference.lower().replace("-", " "), code=found[1])
    assert opened.location == "/ask"
    form = home.get("/ask")
    assert "This is what you saved" in words(form)
    for kept in ("Since the bus stopped I am stuck", "not finished@", "07700 900123"):
        assert kept in form.get_data(as_text=True)
    assert form.headers["Cache-Control"] == "no-store"
    assert "Enter a name." in words(send(home, "/ask", **{**typed, "email": ""}))
    assert rows(session, AskDraft) == 1
    assert send(home, "/ask", **{**typed, "name": "Sam Example", "email": ""}).location == "/ask/sent"
    assert rows(session, AskDraft) == 0
    assert session.scalars(select(SupportRequest)).one().reference in words(home.get("/ask/sent"))


def test_the_link_opens_by_a_press_and_not_for_ever(session: Session, make_client: MakeClient) -> None:
    walk.team(session)
    client = make_client()
    send(client, "/ask", **ASKED, then="save")
    body = session.scalars(select(Message)).one().body or ""
    path = body.partition("http://localhost")[2].split()[0]
    assert "Margaret" not in words(client.get(path)), "looking at the link opens nothing"
    assert send(client, path).location == "/ask"
    assert "Margaret Example" in client.get("/ask").get_data(as_text=True)
    with clock.at(build.days_ahead(15)):
        assert client.get(path).status_code == 404
        drafts.forget_old(session)
        session.commit()
    assert rows(session, AskDraft) == 0
    assert client.get("/ask").status_code == 200


def test_what_was_saved_can_be_thrown_away_and_is_guarded_from_guesses(
    session: Session, make_client: MakeClient
) -> None:
    client, guesser = make_client(), make_client()
    assert "nothing to save yet" in words(send(client, "/ask", who="me", then="save"))
    kept = drafts.keep(session, build.actor(session, Role.EDITOR), {"name": "Sam Example"})
    for _ in range(5):
        send(guesser, "/ask/return", reference=kept.reference, code="111111")
    page = guesser.get("/ask/return").get_data(as_text=True)
    token = page.partition('name="csrf_token" value="')[2].partition('"')[0]
    values = {"csrf_token": token, "reference": kept.reference, "code": kept.code}
    assert guesser.post("/ask/return", data=values).status_code == 429
    with clock.at(clock.now() + timedelta(hours=2)):
        assert guesser.post("/ask/return", data=values).location == "/ask"
        assert send(guesser, "/ask/forget", page="/ask").location == "/ask"
        assert rows(session, AskDraft) == 0


def test_nothing_is_sent_to_somebody_for_whom_another_asks(session: Session, client: HtmlClient) -> None:
    send(client, "/ask", **{**ASKED, "who": "other"}, then="save")
    assert rows(session, AskDraft) == 1
    assert session.scalars(select(Message)).all() == []


def test_nobody_can_fill_a_strangers_phone_or_mailbox(session: Session, client: HtmlClient) -> None:
    walk.team(session)
    by_email = {**ASKED, "phone": "", "texts": "", "emails": "y"}
    for number in ("07700 900123", "07700900123", "+44 7700 900123", "07700 900 123"):
        assert send(client, "/ask", **{**ASKED, "phone": number}).location == "/ask/sent"
    for email in ("sam@example.com", "Sam@example.com", "SAM@example.com", "sam@EXAMPLE.com"):
        assert send(client, "/ask", **{**by_email, "email": email}).location == "/ask/sent"
    assert rows(session, SupportRequest) == 8, "every request is kept"
    ways = [message.channel.value for message in session.scalars(select(Message))]
    assert (ways.count("text"), ways.count("email")) == (3, 3)
    send(client, "/ask", **{**ASKED, "phone": "0 7700 900123"}, then="save")
    assert rows(session, AskDraft) == 1
    assert len(session.scalars(select(Message)).all()) == 6, "nor by saving"


def test_whoever_is_not_safe_at_home_says_so_at_the_front_door(session: Session, client: HtmlClient) -> None:
    walk.team(session)
    unsafe = {**ASKED, "flagged_for_safety": "y"}
    assert send(client, "/ask", **unsafe, then="save").location == "/ask/saved"
    assert send(client, "/ask", **unsafe).location == "/ask/sent"
    assert session.scalars(select(Person)).one().flagged_for_safety
    assert session.scalars(select(Message)).all() == []


def test_whoever_asks_for_another_language_is_offered_an_interpreter_from_the_first_message(
    session: Session, client: HtmlClient
) -> None:
    walk.team(session)
    needs = {"communication_needs": "In Urdu please", "access_needs": "An interpreter for Punjabi or Urdu"}
    assert send(client, "/ask", **{**ASKED, **needs}).location == "/ask/sent"
    assert session.scalars(select(Person)).one().interpreter == "Urdu, Punjabi"
    told = session.scalars(select(Message)).one().body or ""
    assert "\u062a\u0631\u062c\u0645\u0627\u0646" in told, "the word for an interpreter, in Urdu"
    learns = {"access_needs": "I learn Spanish on Tuesdays"}
    assert send(client, "/ask", **{**ASKED, "phone": "07700 900456"} | learns).location == "/ask/sent"
    later = session.scalars(select(Person).order_by(Person.created_at.desc()).limit(1)).one()
    assert later.interpreter is None, "what they like to do is no need of theirs"


def test_under_16s_ask_with_a_grown_up_who_is_rung_first(session: Session, client: HtmlClient) -> None:
    walk.team(session)
    young = {**ASKED, "age_group": "under 16"}
    told = words(send(client, "/ask", **young))
    assert "ask a parent or somebody who looks after you" in told
    for way_out in ("If that is not safe, do not", "Childline", "0800 1111"):
        assert way_out in told, "a child who is not safe at home is not sent home"
    for_them = {
        **young,
        "who": "other",
        "knows_and_agrees": "yes",
        "asker_name": "Jo",
        "asker_phone": "0161 496 0002",
    }
    assert "We ring a grown-up first" in words(send(client, "/ask", **for_them, whom_to_ring="the person"))
    unknown = {**for_them, "asker_phone": ""}
    assert "Give your own phone number" in words(
        send(client, "/ask", **unknown, whom_to_ring="whoever asked")
    )
    assert send(client, "/ask", **for_them, whom_to_ring="whoever asked").location == "/ask/sent"
    assert "with the person you chose" in words(client.get("/ask/sent"))


def test_one_of_the_team_asks_for_somebody_on_the_phone(session: Session, make_client: MakeClient) -> None:
    team = walk.team(session)
    client = signed_in(session, make_client, team.worker)
    assert "Read the questions out" in words(client.get("/ask"))
    assert send(client, "/ask", **ASKED, communication_needs="Large print").location == "/ask/sent"
    assert "Read the reference out" in words(client.get("/ask/sent"))
    episode = session.scalars(select(Episode)).one()
    assert episode.support_request.source is RequestSource.PHONE
    assert episode.person.communication_needs == "Large print"
