"""Writing to somebody: only in a way that is safe, in words that give nothing away, and kept as a contact."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from prescribing.episodes import services
from prescribing.episodes.models import ContactAttempt, Episode
from prescribing.people.records import safe_contact_of, safety_text
from prescribing.people.rules import normalise_phone
from prescribing.people.safe_contact import Channel
from tests.html import HtmlClient
from tests.integration.prescribing.episodes import walk
from tests.integration.prescribing.episodes.test_pages import send, signed_in, words
from tests.integration.prescribing.referrals.walk import messages, write_often

MakeClient = Callable[[], HtmlClient]


def written(session: Session, episode: Episode) -> list[ContactAttempt]:
    found = select(ContactAttempt).where(
        ContactAttempt.episode_id == episode.id, ContactAttempt.outcome == "sent"
    )
    return list(session.scalars(found))


def test_a_text_is_filled_in_sent_and_kept(session: Session, make_client: MakeClient) -> None:
    team = walk.team(session)
    episode = walk.active(session, team)
    session.commit()
    client = signed_in(session, make_client, team.worker)
    path = f"/episodes/{episode.id}/letters"
    assert path in client.get(f"/episodes/{episode.id}").text
    assert "by=text" in client.get(path).text
    assert "by=letter" not in client.get(path).text
    one = f"{path}/tried"
    assert "We have tried to reach you" in words(client.get(one, query_string={"by": "text"}))
    # Nothing is sent while it is only looked at, nor when it tells too much.
    page = f"{one}?by=text"
    seen = send(client, one, page=page, then="look", words="Please ring the team.")
    assert "Please ring the team." in words(seen)
    told = send(client, one, page=page, then="send", words="Margaret, it is about your loneliness.")
    assert "Take out “Margaret”" in words(told)
    assert "it is about your loneliness" in words(told)
    assert written(session, episode) == []
    assert send(client, one, page=page, then="send", words="Please ring the team.").status_code == 303
    [text] = messages(session, "letter")
    assert text.body == "Please ring the team."
    [contact] = written(session, episode)
    assert contact.channel is Channel.TEXT
    assert "Please ring the team." in (contact.note or "")
    assert "We tried to reach you" in words(client.get(f"/episodes/{episode.id}"))


def test_nobody_is_written_to_once_their_support_is_over(session: Session, make_client: MakeClient) -> None:
    team = walk.team(session)
    episode = walk.active(session, team)
    session.commit()
    client = signed_in(session, make_client, team.worker)
    person, path = f"/episodes/{episode.id}", f"/episodes/{episode.id}/letters"
    page = f"{path}/tried?by=text"
    hidden = dict(
        re.findall(r'name="(csrf_token|idempotency_key)"[^>]*value="([^"]+)"', client.get(page).text)
    )
    # They take their support back while the words are still being mended in another window.
    services.end_by_person(session, team.worker, episode.person_id)
    session.commit()
    asked = {"by": "text", "then": "send", "words": "Please ring the team."}
    told = client.post(f"{path}/tried", data=hidden | asked)
    assert "Nothing was sent. Their support is over. Start again first, if they want that." in words(told)
    assert "Please ring the team." in told.text
    assert written(session, episode) == []
    assert path not in client.get(person).text
    assert client.get(page).status_code == 303
    chosen = words(client.get(path))
    assert "Their support is over. Start again first" in chosen
    assert "They stopped their support. Do not get in touch" in chosen
    assert "You may send" not in chosen


def test_a_text_is_counted_as_a_text_while_it_is_typed(session: Session, make_client: MakeClient) -> None:
    team = walk.team(session)
    episode = walk.active(session, team)
    session.commit()
    client = signed_in(session, make_client, team.worker)
    path = f"/episodes/{episode.id}/letters/tried"
    assert 'data-maxlength="459"' in client.get(f"{path}?by=text").text
    told = send(client, path, page=f"{path}?by=text", then="look", words="Please ring. " * 40)
    assert "459" in words(told)
    assert "Please ring. Please ring." in told.text
    told = send(client, path, page=f"{path}?by=text", then="look", words="اتصل بنا. " * 30)
    assert "can be 201 letters long. This is 299. Make it shorter." in words(told)
    assert 'data-maxlength="201"' in told.text
    assert "اتصل بنا. اتصل" in told.text
    assert written(session, episode) == []


def test_a_text_that_was_begun_is_found_as_it_was_left(session: Session, make_client: MakeClient) -> None:
    team = walk.team(session)
    episode = walk.active(session, team)
    session.commit()
    client = signed_in(session, make_client, team.worker)
    page = f"/episodes/{episode.id}/letters/tried?by=text"
    shown = client.get(page).text
    keep = f"/episodes/{episode.id}/drafts/letter-tried-text"
    assert keep in shown
    token = shown.split('name="csrf_token" value="')[1].split('"')[0]
    typed = {"csrf_token": token, "words": "Ring us about Friday.", "by": "text"}
    assert client.post(keep, data=typed).status_code == 204
    assert "Ring us about Friday." in words(client.get(page))
    assert "Ring us about Friday." not in words(client.get(page.replace("tried", "goodbye")))
    path = page.partition("?")[0]
    assert send(client, path, page=page, then="send", words="Ring us about Friday.").status_code == 303
    assert "Ring us about Friday." not in words(client.get(page))


def test_an_email_goes_once(session: Session, make_client: MakeClient) -> None:
    team = walk.team(session)
    episode = walk.active(session, team)
    episode.person.email = "margaret@post.example"
    session.commit()
    client = signed_in(session, make_client, team.worker)
    one = f"/episodes/{episode.id}/letters/goodbye"
    form = {"by": "email", "form": "plain", "words": "You can come back.", "then": "send"}
    form["idempotency_key"] = "0b9d4bcb-4a4f-4a52-9a2c-0d7b65ad4b10"
    for _twice in range(2):
        assert (
            client.post(one, data=form | {"csrf_token": token(client, f"{one}?by=email")}).status_code == 303
        )
    [email] = messages(session, "letter")
    assert "You can come back." in (email.body or "")
    assert len(written(session, episode)) == 1
    episode.person.email = "not an address"
    session.commit()
    answer = send(client, one, page=f"{one}?by=email", then="send", words="You can come back.")
    assert "Enter an email address" in words(answer)
    assert len(written(session, episode)) == 1


def test_a_letter_is_in_the_form_that_they_need(session: Session, make_client: MakeClient) -> None:
    team = walk.team(session)
    episode = walk.active(session, team)
    person = episode.person
    person.address, person.postcode = "1 The Street", "BL9 0AA"
    person.safe_contact = None
    session.commit()
    client = signed_in(session, make_client, team.worker)
    assert "No way of writing is safe" in words(client.get(f"/episodes/{episode.id}/letters"))
    one = f"/episodes/{episode.id}/letters/goodbye"
    assert client.get(one, query_string={"by": "letter"}).status_code == 303
    assert client.get(f"/episodes/{episode.id}/letters/poem").status_code == 404
    contact = replace(safe_contact_of(person), letters=True)
    person.safe_contact, person.communication_needs, person.interpreter = (
        safety_text(contact),
        "Easy read",
        "Urdu",
    )
    session.commit()
    shown = client.get(one, query_string={"by": "letter"})
    assert "gt-copy--easy" in shown.text
    assert "They need an interpreter: Urdu" in words(shown)
    assert "BL9 0AA" in words(shown)
    large = send(client, one, page=f"{one}?by=letter", then="look", form="large", words="Goodbye.")
    assert "gt-copy--large" in large.text
    assert send(client, one, page=f"{one}?by=letter", form="large", words="Goodbye.").status_code == 303
    assert messages(session, "letter") == []
    assert [contact.channel for contact in written(session, episode)] == [Channel.LETTER]
    person.flagged_for_safety = True
    session.commit()
    refused = client.post(
        one,
        data={
            "by": "text",
            "words": "Goodbye.",
            "idempotency_key": str(uuid4()),
            "csrf_token": token(client, f"/episodes/{episode.id}/close"),
        },
    )
    assert "That way is not safe" in words(refused)


def test_words_that_cannot_go_out_any_more_today_stay_in_their_box(
    session: Session, make_client: MakeClient
) -> None:
    team = walk.team(session)
    episode = walk.active(session, team)
    write_often(session, normalise_phone(episode.person.mobile or ""))
    client = signed_in(session, make_client, team.worker)
    one = f"/episodes/{episode.id}/letters/tried"
    answer = send(client, one, page=f"{one}?by=text", then="send", words="Please ring the team by noon.")
    assert answer.status_code == 200
    assert "They were written to often today already." in words(answer)
    assert "Please ring the team by noon." in words(answer)
    assert (messages(session, "letter"), written(session, episode)) == ([], [])


def token(client: HtmlClient, page: str) -> str:
    return client.get(page).text.partition('name="csrf_token" value="')[2].partition('"')[0]
