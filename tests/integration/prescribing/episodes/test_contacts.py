"""Contacts that tell the truth: the day when they were, and those that were a mistake."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock
from core.calendar.rules import london_day, say_date
from core.errors import Invalid, NotFound, Refused
from prescribing.episodes import contact_log
from prescribing.episodes.contact_log import ContactNote
from prescribing.episodes.contacts import Outcome
from prescribing.episodes.models import ContactAttempt
from prescribing.people.safe_contact import Channel
from tests.integration.prescribing.episodes import walk
from tests.integration.prescribing.episodes.test_pages import MakeClient, send, signed_in, words

MISSED = ContactNote(Channel.PHONE, Outcome.NO_ANSWER)


def test_a_contact_is_written_down_for_the_day_when_it_was(session: Session, make_client: MakeClient) -> None:
    team = walk.team(session)
    episode = walk.allocated(session, team)
    client = signed_in(session, make_client, team.worker)
    path = f"/episodes/{episode.id}/contacts/new"
    day = clock.today() - timedelta(days=3)
    answers = {"channel": "phone", "outcome": "no-answer", "at": "10am"}
    answers |= {"on-day": str(day.day), "on-month": str(day.month), "on-year": str(day.year)}
    assert send(client, path, **answers).status_code == 303
    row = session.scalars(select(ContactAttempt)).one()
    assert london_day(row.at) == day
    shown = words(client.get(f"/episodes/{episode.id}"))
    assert f"written down on {say_date(clock.today())}" in shown

    later = clock.today() + timedelta(days=1)
    answers |= {"on-day": str(later.day), "on-month": str(later.month), "on-year": str(later.year)}
    assert "cannot be in the future" in words(send(client, path, **answers))
    answers |= {"on-year": str(later.year - 2)}
    assert "Enter a day in the last year" in words(send(client, path, **answers))
    with pytest.raises(Invalid):
        contact_log.record_contact(
            session,
            team.worker,
            episode.id,
            ContactNote(Channel.PHONE, Outcome.TALKED, at=clock.now() + timedelta(minutes=1)),
        )


def test_a_drop_in_is_written_up_for_the_day_when_it_was(session: Session, make_client: MakeClient) -> None:
    team = walk.team(session)
    episode = walk.active(session, team)
    client = signed_in(session, make_client, team.worker)
    day = clock.today() - timedelta(days=3)
    answers = {"on-day": str(day.day), "on-month": str(day.month), "on-year": str(day.year)}
    answer = send(client, "/today/together", what="Tuesday drop-in", people=str(episode.id), **answers)
    assert answer.status_code == 303
    met = select(ContactAttempt).where(ContactAttempt.channel == Channel.IN_PERSON)
    assert london_day(session.scalars(met).one().at) == day


def test_one_press_is_taken_back_and_stands_in_no_other_ones_way(
    session: Session, make_client: MakeClient
) -> None:
    team = walk.team(session)
    episode = walk.allocated(session, team)
    client = signed_in(session, make_client, team.worker)
    page = f"/episodes/{episode.id}/contacts/new"
    keys = set(re.findall(r'name="idempotency_key"[^>]*value="([^"]+)"', client.get(page).text))
    assert len(keys) >= 3, "each press has a key of its own"
    answer = send(client, f"{page}?quick=yes", page=page, channel="phone", outcome="no-answer")
    assert answer.status_code == 303
    row = session.scalars(select(ContactAttempt)).one()
    undo = f"/contacts/{row.id}/undo"
    assert send(client, undo, page=f"/episodes/{episode.id}").status_code == 303
    shown = words(client.get(f"/episodes/{episode.id}"))
    assert "Taken back" in shown
    assert "This was a mistake and does not count" in shown
    assert "Nobody has been in touch yet" in shown, "the clocks forget it"
    with pytest.raises(Refused, match="already"):
        contact_log.undo_contact(session, team.worker, row.id)


def test_a_contact_with_somebody_else_is_marked_by_its_author_and_its_words_are_gone(
    session: Session, make_client: MakeClient
) -> None:
    team, other = walk.team(session), walk.team(session)
    episode = walk.allocated(session, team)
    wrong = ContactNote(Channel.PHONE, Outcome.TALKED, note="Her brother is ill", booked_on=None)
    row = contact_log.record_contact(session, team.worker, episode.id, wrong)
    row.recorded_at = clock.now() - timedelta(hours=1)
    session.commit()
    client = signed_in(session, make_client, team.worker)
    assert "This was a mistake" in words(client.get(f"/episodes/{episode.id}"))
    path = f"/contacts/{row.id}/mistake"
    assert "Say what the mistake was" in words(send(client, path, reason=" "))
    assert send(client, path, reason="It was another Margaret").status_code == 303
    shown = words(client.get(f"/episodes/{episode.id}"))
    assert "It was another Margaret" in shown
    assert "Her brother is ill" not in shown
    assert "Nobody has been in touch yet" in shown
    with pytest.raises(Refused, match="already"):
        contact_log.mark_mistake(session, team.coordinator, row.id, "Again")
    with pytest.raises(NotFound):
        contact_log.mark_mistake(session, other.coordinator, row.id, "Not mine")
    second = contact_log.record_contact(session, team.worker, episode.id, MISSED)
    second.recorded_at = clock.now() - timedelta(minutes=11)
    session.flush()
    with pytest.raises(Refused, match="too late"):
        contact_log.undo_contact(session, team.worker, second.id)
    with pytest.raises(NotFound):
        contact_log.undo_contact(session, team.coordinator, second.id)
    with pytest.raises(Invalid):
        contact_log.mark_mistake(session, team.coordinator, second.id, " ")
