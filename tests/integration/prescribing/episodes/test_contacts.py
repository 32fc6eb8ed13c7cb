"""Contacts that tell the truth: the day when they were, and those that were a mistake."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock, events
from core.calendar.rules import london_day, say_date
from core.errors import Invalid, NotFound, Refused
from core.notify.models import Message, MessageState
from prescribing.episodes import closing, contact_log, plan, services
from prescribing.episodes.cases import case_of
from prescribing.episodes.causes import Cause, Failing
from prescribing.episodes.contact_log import ContactNote
from prescribing.episodes.contacts import Direction, Outcome
from prescribing.episodes.models import Action, ContactAttempt, Episode
from prescribing.episodes.plan import GoalText
from prescribing.episodes.rules import EpisodeState
from prescribing.episodes.situations import standings
from prescribing.failures import queries as failures
from prescribing.failures.rules import about_contact
from prescribing.letters import services as letters
from prescribing.letters.rules import Kind as LetterKind
from prescribing.people.events import ToldInWriting
from prescribing.people.safe_contact import Channel
from prescribing.referrals import answering, attending
from prescribing.referrals.models import Presence
from prescribing.referrals.rules import ReferralState
from tests import build
from tests.integration.prescribing.episodes import walk
from tests.integration.prescribing.episodes.test_pages import MakeClient, send, signed_in, words
from tests.integration.prescribing.episodes.test_thread import state_of
from tests.integration.prescribing.referrals import walk as referrals

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


def put_off_until(episode: Episode) -> date | None:
    return episode.snoozed_until


def test_a_mistake_that_began_the_support_begins_nothing(session: Session, make_client: MakeClient) -> None:
    team = walk.team(session)
    episode = walk.allocated(session, team)
    with clock.at(build.days_ago(3)):
        given = plan.add_need(session, team.worker, episode.id, "housing")
    row = contact_log.record_contact(session, team.worker, episode.id, walk.TALKED)
    assert state_of(episode) == EpisodeState.ACTIVE
    session.commit()
    client = signed_in(session, make_client, team.worker)
    assert send(client, f"/contacts/{row.id}/mistake", reason="It was another Margaret").status_code == 303
    page = words(client.get(f"/episodes/{episode.id}"))
    assert "Their support stands again at “given to a link worker”" in page
    assert "Nobody has been in touch yet" in page
    session.expire_all()
    assert state_of(episode) == EpisodeState.ALLOCATED
    assert closing.draft_feedback(session, episode).codes == (), "no support began"
    assert given.episode_id == episode.id
    # The right one begins it as ever.
    contact_log.record_contact(session, team.worker, episode.id, walk.TALKED)
    assert state_of(episode) == EpisodeState.ACTIVE
    assert closing.draft_feedback(session, episode).codes


def test_the_clock_of_the_first_try_goes_on_from_where_it_ran(session: Session) -> None:
    team = walk.team(session)
    with clock.at(build.days_ago(10)):
        episode = walk.allocated(session, team)
        due = standings(session, [case_of(episode)])[episode.id].due
    row = contact_log.record_contact(session, team.worker, episode.id, MISSED)
    contact_log.undo_contact(session, team.worker, row.id)
    assert state_of(episode) == EpisodeState.ALLOCATED
    assert due is not None
    now = standings(session, [case_of(episode)])[episode.id].due
    assert now is not None
    assert (now.kind, now.on) == (due.kind, due.on)


def test_what_else_has_happened_since_is_left_as_it_is(session: Session) -> None:
    team = walk.team(session)
    episode = walk.allocated(session, team)
    first = contact_log.record_contact(session, team.worker, episode.id, MISSED)
    contact_log.record_contact(session, team.worker, episode.id, MISSED)
    undone = contact_log.mark_mistake(session, team.worker, first.id, "Not rung")
    assert state_of(episode) == EpisodeState.CONTACTING
    assert "still stands at" in undone.stays[0]
    third = contact_log.record_contact(session, team.worker, episode.id, walk.TALKED)
    services.move(session, team.worker, episode.id, EpisodeState.PAUSED)
    undone = contact_log.mark_mistake(session, team.worker, third.id, "Not them")
    assert state_of(episode) == EpisodeState.PAUSED
    assert "Something else was decided since" in undone.stays[0]


def test_a_support_that_has_gone_on_since_is_not_taken_for_one_that_never_began(session: Session) -> None:
    team = walk.team(session)
    episode = walk.allocated(session, team)
    row = contact_log.record_contact(session, team.worker, episode.id, walk.TALKED)
    plan.add_goal(session, team.worker, episode.id, GoalText(words="Walk by the canal again"))
    undone = contact_log.mark_mistake(session, team.worker, row.id, "It was a text, not a call")
    assert state_of(episode) == EpisodeState.ACTIVE
    assert "More has happened since" in undone.stays[0]

    at = referrals.scene(session)
    talked = session.scalars(select(ContactAttempt).where(ContactAttempt.episode_id == at.episode.id)).one()
    referral = referrals.sent(session, at)
    answering.answer(
        session, at.group, referral.id, ReferralState.ACCEPTED, expected_version=referral.version
    )
    attending.record_attendance(session, at.group, referral.id, clock.today(), Presence.CAME)
    assert referral.state is ReferralState.STARTED, "nothing hangs"
    contact_log.mark_mistake(session, at.team.worker, talked.id, "It was a text, not a call")
    assert state_of(at.episode) == EpisodeState.ACTIVE


def test_a_day_that_they_were_put_off_to_stands_again(session: Session) -> None:
    team = walk.team(session)
    episode = walk.active(session, team)
    until = clock.today() + timedelta(days=5)
    services.put_off(session, team.worker, episode.id, until)
    row = contact_log.record_contact(session, team.worker, episode.id, MISSED)
    assert put_off_until(episode) is None
    assert contact_log.undo_contact(session, team.worker, row.id).undone
    assert put_off_until(episode) == until
    services.move(session, team.worker, episode.id, EpisodeState.PAUSED, look_again_on=until)
    row = contact_log.record_contact(session, team.worker, episode.id, walk.TALKED)
    contact_log.undo_contact(session, team.worker, row.id)
    assert state_of(episode) == EpisodeState.PAUSED
    assert put_off_until(episode) == until
    services.resume(session, team.worker, episode.id)
    assert state_of(episode) == EpisodeState.ACTIVE


def test_a_message_that_has_not_left_goes_with_the_contact_and_one_that_has_does_not(
    session: Session,
) -> None:
    team = walk.team(session)
    episode = walk.active(session, team)
    episode.person.interpreter = "Somali"
    session.flush()

    def latest() -> ContactAttempt:
        letters.write(session, team.worker, episode.id, LetterKind.TRIED, Channel.TEXT, "Please ring us.")
        return session.scalars(
            select(ContactAttempt).order_by(ContactAttempt.id.desc())
        ).first() or pytest.fail("no contact")

    message = select(Message).where(Message.template == "letter").order_by(Message.id.desc())
    undone = contact_log.undo_contact(session, team.worker, latest().id)
    assert undone.undone == ["The message had not left, and is not sent."]
    assert session.scalars(message).one().state is MessageState.CANCELLED
    assert not session.scalars(select(Action)).all(), "nobody is asked to ring about what was never sent"
    row = latest()
    for one in session.scalars(message).all():
        one.state = MessageState.SENT
    session.flush()
    undone = contact_log.undo_contact(session, team.worker, row.id)
    assert undone.stays == ["The message has left already, so they may ask about it."]
    assert len(session.scalars(select(Action)).all()) == 1


@pytest.mark.parametrize("mistaken", [0, 1])
def test_who_needs_an_interpreter_is_still_rung_while_one_of_two_messages_goes_out(
    session: Session, mistaken: int
) -> None:
    team = walk.team(session)
    episode = walk.active(session, team)
    episode.person.interpreter = "Somali"
    session.flush()
    for kind in (LetterKind.TRIED, LetterKind.GOODBYE):
        letters.write(session, team.worker, episode.id, kind, Channel.TEXT, "Please ring us.")
    written = select(ContactAttempt.id).where(ContactAttempt.outcome == Outcome.SENT)
    both = session.scalars(written.order_by(ContactAttempt.id)).all()
    contact_log.undo_contact(session, team.worker, both[mistaken])
    task = session.scalars(select(Action)).one()
    assert "with an interpreter (Somali)" in (task.words or "")
    contact_log.undo_contact(session, team.worker, both[1 - mistaken])
    assert not session.scalars(select(Action)).all(), "the last of them takes it with it"


def test_a_task_that_a_notice_brought_too_does_not_go_with_letters(session: Session) -> None:
    team = walk.team(session)
    episode = walk.active(session, team)
    episode.person.interpreter = "Somali"
    session.flush()
    letters.write(session, team.worker, episode.id, LetterKind.TRIED, Channel.TEXT, "Please ring us.")
    events.publish(session, ToldInWriting(episode.person_id))
    letters.write(session, team.worker, episode.id, LetterKind.GOODBYE, Channel.TEXT, "Please ring us.")
    for row in session.scalars(select(ContactAttempt).where(ContactAttempt.outcome == Outcome.SENT)).all():
        contact_log.undo_contact(session, team.worker, row.id)
    assert len(session.scalars(select(Action)).all()) == 1


def test_a_contact_takes_only_its_own_message_with_it(session: Session) -> None:
    team = walk.team(session)
    episode = walk.active(session, team)
    session.flush()
    with clock.at(clock.now()):
        letters.write(session, team.worker, episode.id, LetterKind.TRIED, Channel.TEXT, "Please ring us.")
        by_hand = contact_log.record_contact(
            session, team.worker, episode.id, ContactNote(Channel.TEXT, Outcome.SENT)
        )
        undone = contact_log.undo_contact(session, team.worker, by_hand.id)
    assert (undone.undone, undone.stays) == ([], [])
    written = session.scalars(select(Message).where(Message.template == "letter")).one()
    assert written.state is MessageState.QUEUED, "it is another contact's"


def test_a_move_that_a_contact_did_not_lead_to_stays(session: Session) -> None:
    team = walk.team(session)
    with clock.at(clock.now()):
        episode = walk.allocated(session, team)
        row = contact_log.record_contact(
            session, team.worker, episode.id, ContactNote(Channel.PHONE, Outcome.TALKED)
        )
        services.move(session, team.worker, episode.id, EpisodeState.ACTIVE)
        undone = contact_log.undo_contact(session, team.worker, row.id)
    assert state_of(episode) == EpisodeState.ACTIVE, "the link worker said so, not the contact"
    assert "Something else was decided since" in undone.stays[0]


def test_what_a_mistake_was_caused_by_is_no_failure(session: Session) -> None:
    team = walk.team(session)
    episode = walk.active(session, team)
    asked = ContactNote(
        Channel.PHONE, Outcome.TALKED, Direction.INBOUND, failing=Failing(Cause.LATE, "Is anybody coming?")
    )
    row = contact_log.record_contact(session, team.worker, episode.id, asked)
    assert failures.marked_as(session, about_contact(row.id)) is not None
    contact_log.mark_mistake(session, team.worker, row.id, "Another Margaret")
    assert failures.marked_as(session, about_contact(row.id)) is None
