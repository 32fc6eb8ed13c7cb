"""What a group answers, who came, and what follows: each once, and by whoever may."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock
from core.access.rules import Actor, Role
from core.audit.models import AuditEntry
from core.db import db
from core.errors import Conflict, GoldenThreadError, Invalid, NotFound, Refused
from core.events import subscribe
from directory.listings.rules import JoinMode as ListingJoinMode
from prescribing.episodes.models import Need
from prescribing.episodes.moves import Mover
from prescribing.episodes.needs import NeedState
from prescribing.referrals import answering, attending, inbox, scope, services, visits
from prescribing.referrals.events import CapacityChanged, ListingWasWrong, ReferralStarted
from prescribing.referrals.models import Attendance, Presence, Referral
from prescribing.referrals.rules import DeclineReason, ReferralState
from prescribing.referrals.visits import Mark
from prescribing.referrals.words import Agreement
from tests import build
from tests.integration.prescribing.referrals import walk

S = ReferralState


def say(session: Session, actor: Actor, referral: Referral, target: S, **more: object) -> Referral:
    return answering.answer(
        session,
        actor,
        referral.id,
        target,
        expected_version=referral.version,
        **more,  # type: ignore[arg-type]
    )


def accepted(session: Session, at: walk.Scene) -> Referral:
    return say(session, at.group, walk.sent(session, at), S.ACCEPTED)


def heard(kind: type) -> list[object]:
    """A list that fills with the events of a kind."""
    events: list[object] = []
    subscribe(kind, lambda _session, event: events.append(event))
    return events


def test_a_group_says_yes_and_a_start_is_awaited(session: Session) -> None:
    at = walk.scene(session)
    referral = accepted(session, at)
    assert referral.state is S.ACCEPTED
    assert referral.reply_by is None
    assert referral.start_by is not None
    assert referral.start_by > clock.today() + timedelta(days=20)
    assert referral.events[-1].said_by is None


def test_the_second_of_two_answers_is_told(session: Session) -> None:
    at = walk.scene(session)
    referral = walk.sent(session, at)
    old = referral.version
    say(session, at.group, referral, S.WAITLISTED)
    with pytest.raises(Conflict, match="waiting list"):
        answering.answer(session, at.group, referral.id, S.ACCEPTED, expected_version=old)


def test_two_answers_at_once_are_one(app: Flask, session: Session, before_others: Callable[[], None]) -> None:
    at = walk.scene(session)
    referral = walk.sent(session, at)
    referral_id, version, group = referral.id, referral.version, at.group
    before_others()

    def press(target: S) -> str:
        with app.app_context():
            try:
                answering.answer(db.session(), group, referral_id, target, expected_version=version)
                db.session.commit()
            except GoldenThreadError as error:
                db.session.rollback()
                return type(error).__name__
            finally:
                db.session.remove()
        return "answered"

    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(press, [S.ACCEPTED, S.WAITLISTED, S.ACCEPTED, S.WAITLISTED]))
    assert sorted(results) == ["Conflict", "Conflict", "Conflict", "answered"]
    session.expire_all()
    assert len(session.get_one(Referral, referral_id).events) == 2


def test_a_no_needs_its_reason_and_opens_the_need(session: Session) -> None:
    at = walk.scene(session)
    referral = walk.sent(session, at)
    with pytest.raises(Invalid):
        say(session, at.group, referral, S.DECLINED)
    full, wrong = heard(CapacityChanged), heard(ListingWasWrong)
    say(session, at.group, referral, S.DECLINED, reason=DeclineReason.NO_CAPACITY)
    assert full == [CapacityChanged(at.service_id, at.organization_id, True)]
    assert wrong == []
    assert session.get_one(Need, at.need.id).state is NeedState.RAISED


def test_a_wrong_listing_is_heard_of(session: Session) -> None:
    at = walk.scene(session)
    events = heard(ListingWasWrong)
    say(
        session,
        at.group,
        walk.sent(session, at),
        S.DECLINED,
        reason=DeclineReason.LISTING_WRONG,
        note="We moved to Thursdays",
    )
    assert events == [ListingWasWrong(at.service_id, at.organization_id, "We moved to Thursdays")]


def test_groups_phone_and_the_link_worker_writes_it_down(session: Session) -> None:
    at = walk.scene(session)
    referral = walk.sent(session, at)
    say(session, at.team.worker, referral, S.ACCEPTED)
    event = referral.events[-1]
    assert (event.author, event.said_by) == (str(at.team.worker.account_id), Mover.GROUP)


@pytest.mark.parametrize("role", [Role.GROUP_MEMBER, Role.LINK_WORKER, Role.EDITOR, Role.ADMINISTRATOR])
def test_nobody_else_answers_or_looks(session: Session, role: Role) -> None:
    at = walk.scene(session)
    referral = walk.sent(session, at)
    stranger = build.actor(session, role)
    with pytest.raises(NotFound):
        say(session, stranger, referral, S.ACCEPTED)
    with pytest.raises(NotFound):
        attending.record_attendance(session, stranger, referral.id, clock.today(), Presence.CAME)
    with pytest.raises(NotFound):
        inbox.for_group(session, stranger, referral.id)
    assert inbox.inbox(session, stranger).shown == ()


def test_a_link_answers_for_its_group_alone(session: Session) -> None:
    at, other = walk.scene(session), walk.scene(session)
    mine, theirs = walk.sent(session, at), walk.sent(session, other)
    holder = scope.link_actor(at.organization_id)
    say(session, holder, mine, S.ACCEPTED)
    assert mine.events[-1].author == "link"
    with pytest.raises(NotFound):
        say(session, holder, theirs, S.ACCEPTED)


def test_the_first_visit_is_agreed_and_changed(session: Session) -> None:
    at = walk.scene(session)
    referral = accepted(session, at)
    with pytest.raises(Invalid):
        answering.schedule(session, at.group, referral.id, clock.today() - timedelta(days=1))
    day = clock.today() + timedelta(days=7)
    answering.schedule(session, at.group, referral.id, day)
    assert (referral.state, referral.scheduled_for) == (S.SCHEDULED, day)
    answering.schedule(session, at.team.worker, referral.id, day + timedelta(days=7))
    assert referral.scheduled_for == day + timedelta(days=7)


def test_visits_start_and_settle(session: Session) -> None:
    at = walk.scene(session)
    referral = accepted(session, at)
    started = heard(ReferralStarted)
    for weeks in (3, 2, 1):
        day = clock.today() - timedelta(weeks=weeks)
        attending.record_attendance(session, at.group, referral.id, day, Presence.CAME)
    assert [event.target for event in referral.events[-2:]] == [S.STARTED, S.COMPLETED]
    assert started == [ReferralStarted(at.service_id, at.organization_id)]
    assert session.get_one(Need, at.need.id).state is NeedState.BEING_ADDRESSED


def test_attendance_is_only_ever_added_to(session: Session) -> None:
    at = walk.scene(session)
    referral = accepted(session, at)
    for presence in (Presence.CAME, Presence.CAME, Presence.DID_NOT_COME):
        attending.record_attendance(session, at.group, referral.id, clock.today(), presence)
    rows = session.scalars(select(Attendance).order_by(Attendance.recorded_at, Attendance.id)).all()
    assert [row.presence for row in rows] == [Presence.CAME, Presence.DID_NOT_COME]
    assert rows[1].corrects_id == rows[0].id
    assert visits.attended_days(referral) == []


def test_what_has_not_happened_is_not_recorded(session: Session) -> None:
    at = walk.scene(session)
    referral = walk.sent(session, at)
    with pytest.raises(Refused):
        attending.record_attendance(session, at.group, referral.id, clock.today(), Presence.CAME)
    say(session, at.group, referral, S.ACCEPTED)
    for day in (clock.today() + timedelta(days=1), clock.today() - timedelta(days=90)):
        with pytest.raises(Invalid):
            attending.record_attendance(session, at.group, referral.id, day, Presence.CAME)
    attending.record_attendance(session, at.group, referral.id, clock.today(), Presence.CAME)
    with pytest.raises(Refused, match="3 visits"):
        answering.settled(session, at.group, referral.id)


def test_a_whole_session_is_marked_at_once(session: Session) -> None:
    at = walk.scene(session)
    referral = accepted(session, at)
    marks = {referral.id: Mark(Presence.CAME, brought_someone=True)}
    assert attending.record_session(session, at.group, at.service_id, clock.today(), marks) == 1
    assert attending.record_session(session, at.group, at.service_id, clock.today(), marks) == 0
    other = walk.service(session, at.organization_id)
    with pytest.raises(NotFound):
        attending.record_session(session, at.group, other, clock.today(), marks)
    # A press on the one question leaves whom they brought; a correction is a new row, and keeps the old one.
    attending.record_attendance(session, at.group, referral.id, clock.today(), Presence.CAME)
    alone = {referral.id: Mark(Presence.CAME)}
    assert attending.record_session(session, at.group, at.service_id, clock.today(), alone) == 1
    absent = {referral.id: Mark(Presence.DID_NOT_COME, brought_someone=True)}
    assert attending.record_session(session, at.group, at.service_id, clock.today(), absent) == 1
    rows = sorted(referral.attendances, key=lambda row: row.recorded_at)
    assert [row.brought_someone for row in rows] == [True, False, False]
    assert [row.corrects_id for row in rows] == [None, rows[0].id, rows[1].id]


def test_the_person_may_say_that_they_went(session: Session) -> None:
    at = walk.scene(session, join_mode=ListingJoinMode.TURN_UP, sustained_after=1)
    referral = walk.sent(session, at, agreed=Agreement("", share_offer=False, share_accepted=False))
    attending.record_attendance(
        session, at.team.worker, referral.id, clock.today(), Presence.CAME, said_by=Mover.PERSON
    )
    assert referral.state is S.COMPLETED
    assert [event.said_by for event in referral.events[-2:]] == [Mover.PERSON, None]


def test_what_never_started_or_stopped_opens_the_need(session: Session) -> None:
    at = walk.scene(session)
    referral = accepted(session, at)
    answering.never_started(session, at.group, referral.id)
    assert referral.state is S.NEVER_STARTED
    assert session.get_one(Need, at.need.id).state is NeedState.RAISED
    again = accepted(session, at)
    attending.record_attendance(session, at.group, again.id, clock.today(), Presence.CAME)
    with pytest.raises(Refused):
        answering.never_started(session, at.group, again.id)
    answering.stopped(session, at.team.worker, again.id, note="Moved away")
    assert again.state is S.STOPPED
    assert session.get_one(Need, at.need.id).state is NeedState.RAISED


def test_a_withdrawal_shuts_the_group_out_and_can_be_undone(session: Session) -> None:
    at = walk.scene(session)
    referral = accepted(session, at)
    services.withdraw(session, at.team.worker, referral.id, note="Changed their mind")
    assert referral.events[-1].said_by is Mover.PERSON
    with pytest.raises(NotFound):
        inbox.for_group(session, at.group, referral.id)
    with pytest.raises(Refused):
        answering.schedule(session, at.team.worker, referral.id, clock.today())
    services.undo_close(session, at.team.worker, referral.id)
    assert (referral.state, referral.closed_at) == (S.ACCEPTED, None)
    assert session.get_one(Need, at.need.id).state is NeedState.BEING_ADDRESSED


def test_a_mistake_takes_two(session: Session) -> None:
    at = walk.scene(session)
    referral = walk.sent(session, at)
    with pytest.raises(Refused):
        services.enter_in_error(session, at.team.worker, referral.id, "Wrong person")
    services.enter_in_error(session, at.team.coordinator, referral.id, "Wrong person")
    assert referral.state is S.ENTERED_IN_ERROR
    assert session.get_one(Need, at.need.id).state is NeedState.RAISED


def test_every_move_is_audited_without_a_word_of_anybody(session: Session) -> None:
    at = walk.scene(session)
    referral = accepted(session, at)
    session.commit()
    entries = session.scalars(select(AuditEntry).where(AuditEntry.subject_id == referral.id)).all()
    assert [entry.action for entry in entries] == ["referral.requested", "referral.accepted"]
    assert "Margaret" not in " ".join(str(entry.detail) for entry in entries)
