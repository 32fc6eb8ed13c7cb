"""A session is off, and on again: who is expected hears it, safely and once, or is rung."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta

from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock
from core.calendar.rules import say_day
from core.calendar.when_rules import When
from core.events import publish
from core.notify.events import AddressRefused
from core.notify.models import Channel, Message, MessageState
from core.notify.rules import Format
from core.notify.services import send_email
from directory.listings import rescheduling
from directory.listings import services as listings
from directory.listings.models import Service
from prescribing.episodes import contributions, plan
from prescribing.episodes.models import Action, ActionOwner
from prescribing.letters.models import LetterVersion
from prescribing.letters.wording_rules import Medium, Wording
from prescribing.people import services as people
from prescribing.people.records import safe_contact_of, safety_text
from prescribing.plans import services as plans
from prescribing.plans.rules import Way
from prescribing.referrals import answering, attending, queries
from prescribing.referrals import services as moving
from prescribing.referrals.models import Presence, Referral, SessionNotice
from prescribing.referrals.rules import ReferralState
from prescribing.residents import services as residents
from tests.integration.prescribing.referrals import walk
from tests.integration.prescribing.referrals.walk import Scene

S = ReferralState
SOON = timedelta(days=7)


def coming(session: Session, at: Scene, **reach: str | bool) -> Referral:
    """Somebody to whom the group said yes. `reach`: mobile, email, texts, flagged."""
    referral = walk.sent(session, at)
    answering.answer(session, at.group, referral.id, S.ACCEPTED, expected_version=referral.version)
    at.person.mobile = str(reach.get("mobile", "07700 900123"))
    at.person.email = str(reach.get("email", ""))
    at.person.safe_contact = safety_text(
        replace(safe_contact_of(at.person), texts=bool(reach.get("texts", True)))
    )
    at.person.flagged_for_safety = bool(reach.get("flagged", False))
    session.flush()
    return referral


def call_off(session: Session, at: Scene, on: date | None = None) -> None:
    listings.cancel_session(session, at.group, at.service_id, _at(on), "The hall is closed.")


def put_back(session: Session, at: Scene, on: date | None = None) -> None:
    listings.restore_session(session, at.group, at.service_id, _at(on))


def _at(on: date | None) -> datetime:
    return datetime.combine(on or clock.today() + SOON, time(10), clock.LONDON)


def told(session: Session) -> list[Message]:
    return [one for one in walk.messages(session) if one.template.startswith("session-")]


def leaves(session: Session) -> None:
    """Everything that waits is sent."""
    for message in walk.messages(session):
        message.state = MessageState.SENT
    session.flush()


def tasks(session: Session) -> list[Action]:
    return list(session.scalars(select(Action).order_by(Action.created_at, Action.id)))


def test_somebody_who_takes_texts_is_told_by_one_that_names_nothing(session: Session) -> None:
    at = walk.scene(session)
    referral = coming(session, at)
    call_off(session, at)
    [text] = told(session)
    body = text.body or ""
    assert (text.channel, text.to) == (Channel.TEXT, "+447700900123")
    assert "10am to 12pm is off" in body
    listing = session.get_one(Service, at.service_id)
    assert not [
        word
        for word in (listing.name, listing.organization.name, "Margaret", "lonel", "hall")
        if word in body
    ]
    assert tasks(session) == []
    session.expire_all()
    [said] = queries.detail(session, at.team.worker, referral.id).told
    assert said.endswith("is off. They were told by text.")
    news = contributions.gather(session, [at.episode.id])[at.episode.id].news
    assert any(one.text.endswith("They were told by text.") for one in news)


def test_an_email_where_no_text_is_safe_and_a_call_where_nothing_is(session: Session) -> None:
    by_email, by_ringing = walk.scene(session), walk.scene(session)
    coming(session, by_email, texts=False, email="margaret@example.org")
    referral = coming(session, by_ringing, texts=False)
    call_off(session, by_email)
    call_off(session, by_ringing)
    [mail] = told(session)
    assert (mail.channel, mail.to) == (Channel.EMAIL, "margaret@example.org")
    assert "Tea and Talk" not in f"{mail.subject}{mail.body}"
    [task] = tasks(session)
    assert (task.words or "").startswith("Ring them: Tea and Talk")
    assert task.due_on == clock.today()
    session.expire_all()
    assert queries.detail(session, by_ringing.team.worker, referral.id).told[0].endswith("Ring them.")


def test_nothing_is_ever_sent_to_somebody_flagged_for_safety(session: Session) -> None:
    at = walk.scene(session)
    coming(session, at, email="margaret@example.org", flagged=True)
    call_off(session, at)
    put_back(session, at)
    call_off(session, at)
    assert told(session) == []
    assert len(tasks(session)) == 1


def test_a_flag_takes_back_what_waits_about_sessions_plans_and_the_way_in(session: Session) -> None:
    at = walk.scene(session)
    coming(session, at, texts=False, email="margaret@example.org")
    call_off(session, at)
    residents.let_in(session, at.team.worker, at.person.id, understands=False)
    with current_app.test_request_context():
        plans.give(session, at.team.worker, at.episode.id, Way.EMAIL, Format.PLAIN)
    waiting = {one.template for one in walk.messages(session) if one.state is MessageState.QUEUED}
    assert {"session-off", "invitation", "plan-ready"} <= waiting
    people.flag_for_safety(session, at.team.worker, at.person)
    left = {
        one.template
        for one in walk.messages(session)
        if one.state is MessageState.QUEUED and one.to == "margaret@example.org"
    }
    assert left == set()
    assert [one.words for one in tasks(session) if "is not on this" in (one.words or "")]
    # The link worker hears of it once, until it is done.
    people.silence(session, at.person)
    send_email(
        session, to="m@example.org", template="message-waiting", context={"link": "x"}, about_id=at.person.id
    )
    people.silence(session, at.person)
    (ring,) = [one for one in tasks(session) if "was taken back" in (one.words or "")]
    assert (ring.owner, ring.due_on) == (ActionOwner.LINK_WORKER, clock.today())


def test_a_flag_where_nothing_waits_gives_no_task(session: Session) -> None:
    at = walk.scene(session)
    people.silence(session, at.person)
    already = len(tasks(session))
    for one in tasks(session):
        one.done_at = clock.now()
    people.flag_for_safety(session, at.team.worker, at.person)
    assert len(tasks(session)) == already


def test_a_number_written_down_wrong_keeps_no_group_from_calling_off(session: Session) -> None:
    at = walk.scene(session)
    coming(session, at, mobile="ask her son")
    call_off(session, at)
    assert told(session) == []
    assert len(tasks(session)) == 1


def test_put_back_before_the_message_left_nobody_hears_of_either(session: Session) -> None:
    at = walk.scene(session)
    referral = coming(session, at)
    call_off(session, at)
    put_back(session, at)
    assert [one.state for one in told(session)] == [MessageState.CANCELLED]
    session.expire_all()
    assert queries.detail(session, at.team.worker, referral.id).told == ()
    call_off(session, at)
    assert [one.state for one in told(session)] == [MessageState.CANCELLED, MessageState.QUEUED]


def test_put_back_after_they_heard_they_hear_that_too(session: Session) -> None:
    at = walk.scene(session)
    referral = coming(session, at)
    call_off(session, at)
    leaves(session)
    put_back(session, at)
    assert [one.template for one in told(session)] == ["session-off", "session-on"]
    session.expire_all()
    assert queries.detail(session, at.team.worker, referral.id).told == (
        f"The session on {_day()} is on after all. They were told by text.",
    )
    # Off again before that left: what they believe is true again.
    call_off(session, at)
    assert [one.state for one in told(session)] == [MessageState.SENT, MessageState.CANCELLED]


def move(session: Session, at: Scene, days: int = 1) -> None:
    there = clock.today() + SOON + timedelta(days=days)
    rescheduling.move_session(session, at.group, at.service_id, _at(None), there, opens_at=time(14))


def test_a_session_that_moves_tells_whoever_is_expected_when_it_is_now(session: Session) -> None:
    at, rings = walk.scene(session), walk.scene(session)
    referral = coming(session, at)
    coming(session, rings, texts=False)
    move(session, at)
    move(session, rings)
    [text] = told(session)
    there = say_day(clock.today() + SOON + timedelta(days=1), clock.today())
    assert text.template == "session-moved"
    assert f"has moved. It is now {there}, 2pm." in (text.body or "")
    [task] = tasks(session)
    assert f"has moved. It is now {there}, 2pm." in (task.words or "")
    session.expire_all()
    [said] = queries.detail(session, at.team.worker, referral.id).told
    assert said.endswith(f"has moved. It is now {there}, 2pm. They were told by text.")


def test_whoever_reads_another_language_is_told_the_day_in_its_words(session: Session) -> None:
    at = walk.scene(session)
    coming(session, at)
    at.person.interpreter = "Polish"
    given = {"translated_by": "A", "checked_by": "B", "entered_by": "C", "entered_at": clock.now()}
    for kind, words in (
        (Wording.SESSION_OFF, "Odwołane: {when}. {phone}"),
        (Wording.SESSION_MOVED, "{when} -> {now}"),
    ):
        session.add(
            LetterVersion(
                language="pl", medium=Medium.MESSAGE, kind=kind, words=words, english=words, **given
            )
        )
    session.flush()
    call_off(session, at)
    leaves(session)
    was = When(clock.today() + SOON, today=clock.today()).said_in("pl")
    assert f"Odwołane: {was}, 10:00–12:00. " in (told(session)[-1].body or "")
    put_back(session, at)
    move(session, at)
    now = When(clock.today() + SOON + timedelta(days=1), time(14), today=clock.today()).said_in("pl")
    assert f"-> {now}" in (told(session)[-1].body or "")


def test_whoever_heard_that_it_is_off_hears_that_it_moved_and_then_that_it_is_on(session: Session) -> None:
    at = walk.scene(session)
    coming(session, at)
    call_off(session, at)
    leaves(session)
    put_back(session, at)
    move(session, at)
    assert [(one.template, one.state) for one in told(session)] == [
        ("session-off", MessageState.SENT),
        ("session-on", MessageState.CANCELLED),
        ("session-moved", MessageState.QUEUED),
    ]
    leaves(session)
    put_back(session, at)
    call_off(session, at)
    assert [one.template for one in told(session) if one.state is MessageState.QUEUED] == ["session-off"]
    # What they believe is true again before the word left: nothing is sent.
    put_back(session, at)
    move(session, at)
    assert [one for one in told(session) if one.state is MessageState.QUEUED] == []


def test_a_call_that_was_made_is_followed_by_another_and_one_that_was_not_by_none(session: Session) -> None:
    at = walk.scene(session)
    coming(session, at, texts=False)
    call_off(session, at)
    put_back(session, at)
    assert tasks(session) == []
    call_off(session, at)
    [task] = tasks(session)
    plan.finish_action(session, at.team.worker, task.id)
    put_back(session, at)
    [_rung, again] = tasks(session)
    assert "is on after all" in (again.words or "")


def test_a_note_put_in_other_words_tells_nobody_again(session: Session) -> None:
    at = walk.scene(session)
    coming(session, at)
    call_off(session, at)
    row = session.get_one(Service, at.service_id)
    session.refresh(row)
    day = (clock.today() + SOON).isoformat()
    listings.submit_change(
        session,
        at.group,
        at.service_id,
        {"exceptions": [{"on": day, "session": "10:00", "note": "The boiler broke."}]},
        row.version,
    )
    assert len(told(session)) == 1


def test_only_whoever_is_expected_that_day_is_told(session: Session) -> None:
    waits, later, ended = walk.scene(session), walk.scene(session), walk.scene(session)
    walk.sent(session, waits)
    other_day = coming(session, later)
    answering.schedule(session, later.group, other_day.id, clock.today() + SOON * 2)
    over = coming(session, ended)
    moving.withdraw(session, ended.team.worker, over.id)
    for at in (waits, later, ended):
        call_off(session, at)
    assert told(session) == []
    assert tasks(session) == []
    call_off(session, later, clock.today() + SOON * 2)
    assert len(told(session)) == 1


def test_whoever_goes_there_every_week_is_told(session: Session) -> None:
    at = walk.scene(session)
    referral = coming(session, at)
    attending.record_attendance(session, at.group, referral.id, clock.today(), Presence.CAME)
    attending.record_attendance(session, at.group, referral.id, clock.today() - SOON, Presence.CAME)
    assert referral.state is S.STARTED
    call_off(session, at)
    assert len(told(session)) == 1


def test_what_ends_takes_back_what_has_not_left(session: Session) -> None:
    at = walk.scene(session)
    referral = coming(session, at)
    call_off(session, at)
    moving.withdraw(session, at.team.worker, referral.id)
    put_back(session, at)
    assert [one.state for one in told(session)] == [MessageState.CANCELLED]
    [notice] = session.scalars(select(SessionNotice))
    assert (notice.stands, notice.way) == ("on", None)


def test_an_email_that_nobody_reads_becomes_a_call(session: Session) -> None:
    at = walk.scene(session)
    coming(session, at, texts=False, email="margaret@example.org")
    call_off(session, at)
    leaves(session)
    publish(session, AddressRefused("somebody@example.org"))
    assert tasks(session) == []
    publish(session, AddressRefused("margaret@example.org"))
    assert len(tasks(session)) == 1


def test_a_session_that_is_over_is_nobodys_business(session: Session) -> None:
    at = walk.scene(session)
    coming(session, at)
    yesterweek = clock.today() - SOON
    call_off(session, at, yesterweek)
    put_back(session, at, yesterweek)
    assert told(session) == []


def _day() -> str:
    return say_day(clock.today() + SOON, clock.today())
