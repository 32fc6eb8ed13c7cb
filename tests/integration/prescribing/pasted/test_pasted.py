"""An emailed referral is read, confirmed by somebody, and only then taken in."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from core.access.rules import Role
from prescribing.episodes.intake import content_of
from prescribing.episodes.models import Episode, RequestSource, SupportRequest
from prescribing.episodes.rules import EpisodeState
from prescribing.people.models import Partner, PartnerKind, Person
from tests import build
from tests.html import HtmlClient, parse
from tests.integration.prescribing.episodes import walk
from tests.integration.prescribing.episodes.test_pages import send, signed_in, words
from tests.integration.prescribing.episodes.test_thread import referrer

MakeClient = Callable[[], HtmlClient]
PATH = "/today/pasted"
EMAIL = """From: Dr Ash
Name: Margaret Example
NHS: 943 476 5919
Tel: 0161 496 0001
Reason: She is lonely.
"""


def test_an_email_is_confirmed_before_it_is_kept(session: Session, make_client: MakeClient) -> None:
    team = walk.team(session)
    session.commit()
    client = signed_in(session, make_client, team.worker)
    assert "Paste the text of the email" in words(send(client, PATH, then="read"))
    shown = send(client, PATH, text=EMAIL, then="read")
    for part in ("Margaret Example", "943 476 5919", "0161 496 0001", "She is lonely.", "Dr Ash"):
        assert part in shown.text
    assert session.scalars(select(SupportRequest)).all() == []
    typed = {
        "then": "send",
        "name": "Margaret Example",
        "nhs_number": "943 476 5919",
        "reason": "She is lonely.",
        "referrer_name": "Dr Ash",
        "sent_for": "none",
        "idempotency_key": shown.text.partition('name="idempotency_key" value="')[2].partition('"')[0],
    }
    unsafe = send(client, PATH, **typed, born="", knows_and_agrees="no")
    assert "Ask the person first" in words(unsafe)
    assert "Give one safe way" in words(unsafe)
    wrong = send(client, PATH, **(typed | {"nhs_number": "943 476 5918"}))
    assert "a digit is wrong" in words(wrong)
    done = send(client, PATH, **typed, phone="0161 496 0001", knows_and_agrees="yes")
    assert done.status_code == 303
    said = words(client.get(PATH))
    again = send(client, PATH, **typed, phone="0161 496 0001", knows_and_agrees="yes")
    assert again.status_code == 303
    [made] = session.scalars(select(SupportRequest)).all()
    assert made.source is RequestSource.SOMEONE_ELSE
    assert content_of(made).reason_referrer == "She is lonely."
    assert session.scalars(select(Episode.state)).one() is EpisodeState.SUBMITTED
    assert made.reference in said


def test_risks_and_an_interpreter_in_an_email_reach_the_record(
    session: Session, make_client: MakeClient
) -> None:
    team = walk.team(session)
    session.commit()
    client = signed_in(session, make_client, team.worker)
    email = "Risks: a dog, do not visit alone\nInterpreter: yes\nLanguage: Urdu\n" + EMAIL
    shown = send(client, PATH, text=email, then="read")
    assert "do not visit alone" in shown.text
    assert 'value="Urdu"' in shown.text
    typed = {"then": "send", "name": "Margaret Example", "phone": "0161 496 0001", "knows_and_agrees": "yes"}
    typed |= {"sent_for": "none", "risks": "a dog, do not visit alone", "interpreter": "Urdu"}
    assert send(client, PATH, **typed).status_code == 303
    person = session.scalars(select(Person)).one()
    assert (person.risks, person.interpreter) == ("a dog, do not visit alone", "Urdu")
    none = {"name": "Pat Example", "phone": "0161 496 0002", "risks": "None known.", "interpreter": "No"}
    assert send(client, PATH, **typed | none).status_code == 303
    other = session.scalars(select(Person).where(Person.id != person.id)).one()
    assert (other.risks, other.no_known_risks, other.interpreter) == (None, True, None)


def test_a_coordinator_finds_the_way_from_triage(session: Session, make_client: MakeClient) -> None:
    team = walk.team(session)
    session.commit()
    client = signed_in(session, make_client, team.coordinator)
    assert PATH in client.get("/triage").text


def test_what_a_practice_emailed_is_tied_to_the_practice(session: Session, make_client: MakeClient) -> None:
    team = walk.team(session)
    practice, other = Partner(name="Elm Surgery", kind=PartnerKind.GP_PRACTICE), referrer(session)
    session.add(practice)
    session.flush()
    practice_id = practice.id
    sender = build.actor(session, Role.REFERRER, place_id=practice_id)
    session.commit()
    client = signed_in(session, make_client, team.worker)
    shown = send(client, PATH, text=f"{EMAIL}GP practice: ELM surgery\n", then="read")
    # Whose patient somebody is does not say who wrote the email: the practice would see what it never sent.
    assert not chosen(shown, practice_id)
    assert "Not on the list" in shown.text
    typed = {"then": "send", "name": "Margaret Example", "phone": "0161 496 0001", "knows_and_agrees": "yes"}
    typed |= {"idempotency_key": str(uuid4()), "gp_practice": "Elm Surgery", "reason": "She is lonely."}
    unanswered = send(client, PATH, **typed, sent_for="")
    assert "Choose who sent it" in words(unanswered)
    assert not chosen(unanswered, practice_id)
    for part in ("Margaret Example", "0161 496 0001", "Elm Surgery", "She is lonely."):
        assert part in unanswered.text
    assert session.scalars(select(SupportRequest)).all() == []
    assert "Choose who sent it" in words(send(client, PATH, **typed))
    assert send(client, PATH, **typed, sent_for=str(practice_id)).status_code == 303
    [made] = session.scalars(select(SupportRequest)).all()
    assert (made.partner_id, made.source) == (practice_id, RequestSource.SOMEONE_ELSE)
    assert made.reference in words(signed_in(session, make_client, sender).get("/requests"))
    assert made.reference not in words(signed_in(session, make_client, other).get("/requests"))


def chosen(page: TestResponse, partner_id: UUID) -> bool:
    """Whether the organisation is the one that the page's list has chosen."""
    options = parse(page.get_data(as_text=True)).iter("option")
    return any("selected" in each.attrib for each in options if each.attrib["value"] == str(partner_id))
