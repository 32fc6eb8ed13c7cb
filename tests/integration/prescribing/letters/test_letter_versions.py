"""Letters in the language that somebody reads: given by translators, checked, used by themselves, and missed aloud."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock
from core.access.rules import Role
from core.calendar.when_rules import When
from core.db import new_id
from prescribing.episodes import contact_log
from prescribing.episodes.contact_log import ContactNote
from prescribing.episodes.contacts import Outcome
from prescribing.episodes.models import ContactAttempt, Episode
from prescribing.letters import version_queries
from prescribing.letters.models import LetterVersion, LetterWish
from prescribing.letters.wording_rules import TEMPLATES
from prescribing.people import notices
from prescribing.people.notices import Notice
from prescribing.people.records import safe_contact_of, safety_text
from prescribing.people.safe_contact import Channel as ContactChannel
from tests import build
from tests.html import HtmlClient
from tests.integration.prescribing.episodes import walk
from tests.integration.prescribing.episodes.test_pages import send, signed_in, words
from tests.integration.prescribing.referrals.walk import messages

MakeClient = Callable[[], HtmlClient]

HOME = "/letters/languages"
# Not true Urdu: what matters is that it goes through unharmed, from right to left.
MESSAGE = "\u0633\u0644\u0627\u0645 {writer} \u067e\u0631 {phone}"
SALAAM = "\u0633\u0644\u0627\u0645"
WAITING = Notice("message-waiting", new_id(), {"link": "https://borough.example/me/messages"})
GIVEN = {"translated_by": "Borough translators", "checked_by": "Asha K", "then": "keep"}


def give(client: HtmlClient, path: str, said: str = MESSAGE, **more: str) -> str:
    answer = send(client, path, words=said, **{**GIVEN, **more})
    return "" if answer.status_code == 303 else words(answer)


def reader(session: Session, team: walk.Team, interpreter: str = "Urdu, a little English") -> Episode:
    """Somebody who reads Urdu, and may be written to by letter and text."""
    episode = walk.active(session, team)
    person = episode.person
    person.address, person.postcode, person.interpreter = "1 The Street", "BL9 0AA", interpreter
    person.safe_contact = safety_text(replace(safe_contact_of(person), letters=True))
    session.commit()
    return episode


def test_a_coordinator_enters_what_a_translator_gave(session: Session, make_client: MakeClient) -> None:
    team = walk.team(session)
    session.commit()
    client = signed_in(session, make_client, team.coordinator)
    assert "Letters in other languages" in words(client.get(HOME))
    page = client.get(HOME, query_string={"language": "ur"})
    assert words(page).count("No words yet") == 36
    path = f"{HOME}/ur/message/tried"
    assert path in page.text
    assert "{writer}" in words(client.get(path))
    assert "Put {phone} in" in give(client, path, "\u0633\u0644\u0627\u0645 {writer}")
    assert "Take out {called}" in give(client, path, f"{MESSAGE} {{called}}")
    same = give(client, path, checked_by="borough  Translators")
    assert "Somebody else must check it" in same
    assert "\u0633\u0644\u0627\u0645" in same
    seen = send(client, path, words=MESSAGE, then="look")
    assert "Alex Sample" in words(seen)
    assert 'dir="rtl"' in seen.text
    assert session.scalars(select(LetterVersion)).all() == []
    assert give(client, path) == ""
    shown = words(client.get(HOME, query_string={"language": "ur"}))
    assert "Translated by Borough translators, checked by Asha K. Entered by" in shown
    assert shown.count("In use") == 1
    assert "Urdu : 1 of 36" in words(client.get(HOME)).replace("Urdu:", "Urdu :")
    for wrong in ("xx/message/tried", "ur/poem/tried", "ur/message/poem"):
        assert client.get(f"{HOME}/{wrong}").status_code == 404
    # Somebody else was quicker: what was typed stays, and can be sent again.
    late = {"version": "0", "words": f"{MESSAGE}!"}
    answer = send(client, path, **(GIVEN | late))
    assert "Somebody else has changed this" in words(answer)
    assert f"{MESSAGE}!" in words(answer)
    assert send(client, path, **(GIVEN | late | {"version": "1"})).status_code == 303
    assert session.scalars(select(LetterVersion.words)).all() == [f"{MESSAGE}!"]
    assert send(client, path, then="stop").status_code == 303
    assert session.scalars(select(LetterVersion.words)).all() == []


def test_whoever_reads_a_language_is_written_to_in_it(session: Session, make_client: MakeClient) -> None:
    team = walk.team(session)
    episode = reader(session, team)
    coordinator = signed_in(session, make_client, team.coordinator)
    give(coordinator, f"{HOME}/ur/message/tried")
    client = signed_in(session, make_client, team.worker)
    path = f"/episodes/{episode.id}/letters/tried"
    page = client.get(f"{path}?by=text")
    shown = words(page)
    assert "These are the Urdu words. Translated by Borough translators, checked by Asha K." in shown
    assert "What it says in English Hello. We have tried to reach you." in shown
    assert 'lang="ur"' in page.text
    said = page.text.partition("<textarea")[2].partition(">")[2].partition("</textarea>")[0].strip()
    assert said.startswith("\u0633\u0644\u0627\u0645 \u2068Asha Example\u2069")
    # The reader has the same surname, which no text may hold.
    said = said.replace(" Example", "")
    assert send(client, path, page=f"{path}?by=text", words=said, then="send").status_code == 303
    [text] = messages(session, "letter")
    assert (text.body or "").startswith(said)
    [contact] = session.scalars(select(ContactAttempt).where(ContactAttempt.outcome == "sent"))
    assert (contact.note or "").startswith("We tried to reach you, in Urdu\n\n\u0633\u0644\u0627\u0645")
    assert session.scalars(select(LetterWish)).all() == []
    english = client.get(f"{path}?by=text&in=en")
    assert "Hello. We have tried to reach you." in words(english)
    assert "Write it in Urdu" in words(english)


def test_what_is_missing_is_said_counted_and_asked_for(session: Session, make_client: MakeClient) -> None:
    team = walk.team(session)
    episode = reader(session, team)
    worker = signed_in(session, make_client, team.worker)
    path = f"/episodes/{episode.id}/letters/goodbye"
    page = f"{path}?by=letter"
    assert "There is no Urdu version of this letter." in words(worker.get(page))
    for _twice in range(2):
        assert send(worker, f"{path}/ask", page=page).status_code == 303
    assert send(worker, path, page=page, words="Goodbye.", then="send").status_code == 303
    client = signed_in(session, make_client, team.coordinator)
    assert "1 letter is asked for in another language" in words(client.get("/triage"))
    shown = words(client.get(HOME))
    assert "Urdu: Goodbye for now Letter. Sent in English 1 time. Asked for 2 times." in shown
    gone = "{called}\n\n{phone}\n\n{writer}"
    assert give(client, f"{HOME}/ur/letter/goodbye", gone) == ""
    assert "Missing" not in words(client.get(HOME))
    assert "asked for in another language" not in words(client.get("/triage"))


def test_nobody_is_told_of_a_language_that_they_do_not_need(
    session: Session, make_client: MakeClient
) -> None:
    team = walk.team(session)
    episode = reader(session, team, "English only")
    client = signed_in(session, make_client, team.worker)
    path = f"/episodes/{episode.id}/letters/tried"
    assert "version of this" not in words(client.get(f"{path}?by=letter"))
    other = reader(session, team)
    token = client.get(f"{path}?by=letter").text.partition('name="csrf_token" value="')[2].partition('"')[0]
    asked = {"csrf_token": token, "by": "letter"}
    assert client.post(f"{path}/ask", data=asked).status_code == 404
    assert client.post(f"/episodes/{other.id}/letters/poem/ask", data=asked).status_code == 404
    stranger = signed_in(session, make_client, build.actor(session, Role.EDITOR))
    assert stranger.get(HOME).status_code == 404


def test_a_version_of_words_that_have_changed_says_so(session: Session, make_client: MakeClient) -> None:
    team = walk.team(session)
    episode = reader(session, team)
    client = signed_in(session, make_client, team.coordinator)
    give(client, f"{HOME}/ur/message/appointment", "{appointment} {writer} {phone}")
    session.scalars(select(LetterVersion)).one().english = "Hello. We met on {appointment}. {writer} {phone}"
    session.commit()
    assert "The English has changed" in words(client.get(HOME, query_string={"language": "ur"}))
    assert "Ask your translator to look again" in words(client.get(f"{HOME}/ur/message/appointment"))
    worker = signed_in(session, make_client, team.worker)
    shown = words(worker.get(f"/episodes/{episode.id}/letters/appointment?by=text"))
    assert "The English has changed since they were made." in shown
    assert "What it says in English Hello. We met on [the day and the time]." in shown
    assert "in English." not in shown
    on = When(clock.today() + timedelta(days=7), today=clock.today())
    booked = ContactNote(ContactChannel.PHONE, Outcome.BOOKED, booked_on=on.day)
    contact_log.record_contact(session, team.worker, episode.id, booked)
    session.commit()
    again = words(worker.get(f"/episodes/{episode.id}/letters/appointment?by=text&in=ur"))
    assert f"\u2068{on.said_in('ur')}\u2069" in again
    assert f"We met on {on}." in again


def test_what_goes_out_by_itself_goes_in_their_language_too(
    session: Session, make_client: MakeClient
) -> None:
    team = walk.team(session)
    episode = reader(session, team)
    person = episode.person
    person.safe_contact, person.email = (
        safety_text(replace(safe_contact_of(person), texts=False)),
        "post@person.example",
    )
    person.mobile = None
    person.communication_needs = "Large print"
    session.commit()
    client = signed_in(session, make_client, team.coordinator)
    path, subject = f"{HOME}/ur/message/message-waiting", f"{HOME}/ur/subject/message-waiting"
    assert "You have a new message. Sign in to read it: {link} Or ring {phone}." in words(client.get(path))
    missing = give(client, path, f"{SALAAM} {{phone}}")
    assert "Put {link} in: the web address that they open goes there." in missing
    assert "Take the web address out" in give(client, path, f"{SALAAM} https://a.example {{link}} {{phone}}")
    notices.tell(session, person, WAITING)
    [first] = messages(session, "message-waiting")
    assert first.subject == "You have a new message"
    assert "Sign in to read it" in (first.body or "")
    assert {(row.medium.value, row.missing) for row in session.scalars(select(LetterWish))} == {
        ("message", 1),
        ("subject", 1),
    }
    assert "Urdu: A message waits for them" in words(client.get(HOME)), "what is missed is said"

    assert give(client, path, f"{SALAAM} {{link}} {{phone}}") == ""
    assert give(client, subject, SALAAM) == ""
    assert session.scalars(select(LetterWish)).all() == []
    notices.tell(session, person, WAITING)
    second = messages(session, "message-waiting")[-1]
    assert second.subject == SALAAM
    assert (second.body or "").startswith(f"{SALAAM} https://borough.example/me/messages \u2068")
    assert "Sign in to read it" not in (second.body or "")
    assert f'lang="ur" dir="rtl">{SALAAM}</h1>' in (second.html or "")


def test_words_that_ask_for_what_a_message_lacks_stay_home(session: Session, make_client: MakeClient) -> None:
    team = walk.team(session)
    episode = reader(session, team)
    person = episode.person
    client = signed_in(session, make_client, team.coordinator)
    assert give(client, f"{HOME}/ur/message/message-waiting", f"{SALAAM} {{link}} {{phone}}") == ""
    session.scalars(select(LetterVersion)).one().words = f"{SALAAM} {{code}}"
    session.commit()
    notices.tell(session, person, WAITING)
    assert "Sign in to read it" in (messages(session, "message-waiting")[-1].body or "")


def test_each_template_can_be_put_into_other_languages(session: Session, make_client: MakeClient) -> None:
    team = walk.team(session)
    session.commit()
    client = signed_in(session, make_client, team.coordinator)
    for medium, kind in sorted(TEMPLATES):
        path = f"{HOME}/ur/{medium.value}/{kind.value}"
        source = version_queries.source(kind, medium)
        assert source, path
        assert give(client, path, f"{source} {SALAAM}") == "", path
    assert client.get(f"{HOME}/ur/letter/message-waiting").status_code == 404
    assert client.get(f"{HOME}/ur/subject/tried").status_code == 404
