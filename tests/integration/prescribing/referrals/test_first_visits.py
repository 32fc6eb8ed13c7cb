"""A group is asked whether somebody came for their first visit: on the agreed day, whatever the timetable says."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from core import clock
from core.clock import LONDON
from directory.listings import services as listings
from directory.listings.models import Schedule
from prescribing.referrals import answering, attending, inbox, links
from prescribing.referrals.models import Presence, Referral
from prescribing.referrals.rules import ReferralState
from tests.integration.prescribing.episodes.test_pages import MakeClient, send
from tests.integration.prescribing.referrals import walk
from tests.integration.prescribing.referrals.test_shutting import accepted


def visit_agreed(session: Session, at: walk.Scene, on: date) -> Referral:
    """A first visit, agreed now for that day."""
    referral = accepted(session, at)
    return answering.schedule(session, at.group, referral.id, on)


def test_a_first_visit_that_no_timetable_knows_is_asked_about_on_the_day_after(
    session: Session, make_client: MakeClient
) -> None:
    at = walk.scene(session)
    session.execute(delete(Schedule).where(Schedule.service_id == at.service_id))
    visit = clock.today() + timedelta(days=3)
    referral = visit_agreed(session, at, visit)
    link = f"/answer/{links.make_link(session, referral)}"
    code = links.code_to_read_out(session, at.team.worker, referral.id)
    session.commit()
    with clock.at(datetime.combine(visit, time(21), LONDON)):
        assert inbox.for_group(session, at.group, referral.id).ask_about is None
    with clock.at(datetime.combine(visit + timedelta(days=1), time(9), LONDON)):
        assert inbox.for_group(session, at.group, referral.id).ask_about == visit
    # Whoever has no account but the link has no register to mark it in.
    client = make_client()
    assert send(client, f"{link}/open", page=link, code=code).status_code == 303
    session.expire_all()
    session.get_one(Referral, referral.id).scheduled_for = clock.today() - timedelta(days=1)
    session.commit()
    asked = send(client, f"{link}/came", page=link, presence="came")
    assert asked.status_code == 303
    session.expire_all()
    assert session.get_one(Referral, referral.id).state is ReferralState.STARTED


def test_the_first_visit_is_asked_about_before_a_later_session(session: Session) -> None:
    at = walk.scene(session)
    visit, later = clock.today() + timedelta(days=7), clock.today() + timedelta(days=14)
    referral = visit_agreed(session, at, visit)
    with clock.at(datetime.combine(later, time(21), LONDON)):
        assert inbox.for_group(session, at.group, referral.id).ask_about == visit
        attending.record_attendance(session, at.group, referral.id, visit, Presence.DID_NOT_COME)
        assert inbox.for_group(session, at.group, referral.id).ask_about == later


def test_a_first_visit_that_was_off_or_is_long_past_is_not_asked_about(session: Session) -> None:
    at = walk.scene(session)
    visit = clock.today() + timedelta(days=7)
    referral = visit_agreed(session, at, visit)
    listings.cancel_session(
        session, at.group, at.service_id, datetime.combine(visit, time(10), LONDON), "The hall is closed."
    )
    with clock.at(datetime.combine(visit + timedelta(days=1), time(9), LONDON)):
        assert inbox.for_group(session, at.group, referral.id).ask_about is None
    session.execute(delete(Schedule).where(Schedule.service_id == at.service_id))
    with clock.at(datetime.combine(visit + timedelta(days=90), time(9), LONDON)):
        assert inbox.for_group(session, at.group, referral.id).ask_about is None
