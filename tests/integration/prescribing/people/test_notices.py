"""Whoever is written to gets it in their own form and language, by a way that is safe, and not too often."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock
from core.access.rules import Role
from core.accounts import second_factor
from core.accounts.rules import FirstStep
from core.notify.models import Message
from prescribing.episodes.models import Action, ActionOwner, Episode
from prescribing.people import notices
from prescribing.people.models import Person
from prescribing.people.notices import Notice
from prescribing.people.records import safe_contact_of, safety_text
from prescribing.people.safe_contact import Channel
from tests import build
from tests.integration.prescribing.episodes import walk
from tests.integration.prescribing.referrals.walk import messages

LINK = "https://example.org/me/messages"


def somebody(session: Session, *, texts: bool = True, needs: str = "", interpreter: str = "") -> Episode:
    episode = walk.active(session, walk.team(session))
    person = episode.person
    person.mobile, person.email = "07700 900123", "margaret@example.org"
    person.communication_needs, person.interpreter = needs, interpreter
    person.safe_contact = safety_text(replace(safe_contact_of(person), texts=texts))
    session.flush()
    return episode


def tell(session: Session, person: Person) -> Channel | None:
    return notices.tell(session, person, Notice("message-waiting", person.id, {"link": LINK}))


def rings(session: Session, episode: Episode) -> list[str]:
    found = session.scalars(select(Action).where(Action.episode_id == episode.id))
    return [one.words or "" for one in found if one.owner is ActionOwner.LINK_WORKER]


def the_message(session: Session) -> Message:
    return messages(session, "message-waiting")[-1]


def test_large_print_and_read_aloud_are_pages_and_nothing_else_is(session: Session) -> None:
    for needs, size in (("Large print", "28px"), ("Uses a screen reader", "18px")):
        assert tell(session, somebody(session, texts=False, needs=needs).person) is Channel.EMAIL
        page = the_message(session).html or ""
        assert f"font-size: {size}" in page
        assert f'<a href="{LINK}">Open our page</a>' in page
        assert LINK in (the_message(session).body or "")
    assert tell(session, somebody(session, texts=False).person) is Channel.EMAIL
    assert the_message(session).html is None


def test_easy_read_has_easy_words_one_sentence_a_line(session: Session) -> None:
    person = somebody(session, texts=False, needs="Easy read").person
    assert tell(session, person) is Channel.EMAIL
    assert "We wrote you a message.\nSign in to read it.\n" in (the_message(session).body or "")
    person.safe_contact = safety_text(replace(safe_contact_of(person), texts=True))
    assert tell(session, person) is Channel.TEXT
    assert (the_message(session).body or "").startswith("We wrote you a message. Read it here")


def test_an_interpreter_is_offered_in_their_language_and_somebody_rings(session: Session) -> None:
    episode = somebody(session, interpreter="Urdu")
    assert tell(session, episode.person) is Channel.TEXT
    assert tell(session, episode.person) is Channel.TEXT
    assert "آپ ترجمان کی درخواست کر سکتے ہیں۔" in (the_message(session).body or "")
    assert len([words for words in rings(session, episode) if "with an interpreter (Urdu)" in words]) == 1
    task = session.scalars(select(Action).where(Action.episode_id == episode.id)).one()
    assert task.due_on == clock.today()
    other = somebody(session, texts=False, needs="Large print", interpreter="Farsi")
    assert tell(session, other.person) is Channel.EMAIL
    assert '<p lang="fa" dir="rtl">' in (the_message(session).html or "")
    nobody = somebody(session, interpreter="no")
    assert tell(session, nobody.person) is Channel.TEXT
    assert rings(session, nobody) == []


def test_whoever_rings_sees_it_on_today_and_not_on_what_nobody_has_taken_up(session: Session) -> None:
    team = walk.team(session)
    taken_up = walk.active(session, team)
    with clock.at(clock.now() + timedelta(hours=1)):
        waits = walk.asked(session, team)
    waits.person_id = taken_up.person_id
    person = taken_up.person
    person.mobile, person.interpreter = "07700 900123", "Urdu"
    person.safe_contact = safety_text(replace(safe_contact_of(person), texts=True))
    session.flush()
    assert tell(session, person) is Channel.TEXT
    assert rings(session, waits) == []
    assert len(rings(session, taken_up)) == 1


def test_one_number_is_not_written_to_without_end_however_it_is_written(session: Session) -> None:
    told = []
    for number in ("07700 900123", "+44 7700 900 123") * 6:
        person = somebody(session).person
        person.mobile = number
        told.append(tell(session, person))
    assert told == [Channel.TEXT] * 10 + [None] * 2


def test_a_code_and_a_link_to_sign_in_know_their_reader_too(session: Session) -> None:
    person = somebody(session, needs="Easy read", interpreter="Polish").person
    account = build.account(session, Role.RESIDENT, place_id=person.id, mobile="07700 900123")
    second_factor.send_code(session, account, FirstStep.TYPED)
    body = messages(session, "sign-in-code")[-1].body or ""
    assert body.startswith("Your code is ")
    assert "poprosić o tłumacza" in body
