"""The clocks of a referral, and what it does when something happens elsewhere."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock
from core.errors import NotFound
from core.events import publish
from core.notify.models import MessageState
from directory.listings.events import ListingClosed, SessionCancelled
from prescribing.episodes import closing, contributions
from prescribing.episodes import services as episodes
from prescribing.episodes.models import Action
from prescribing.episodes.rules import CloseReason, EpisodeState
from prescribing.people import services as people
from prescribing.people.consent import ConsentPurpose
from prescribing.people.models import Consent
from prescribing.referrals import answering, inbox, jobs, ticking
from prescribing.referrals import services as moving
from prescribing.referrals.models import AnswerLink, Referral
from prescribing.referrals.rules import ReferralState
from tests import build
from tests.integration.prescribing.referrals import walk

S = ReferralState


def test_the_group_is_nudged_the_link_worker_asked_and_then_it_expires(session: Session) -> None:
    at = walk.scene(session)
    referral = walk.sent(session, at)
    days = {day: build.working_days_ahead(day) for day in (5, 6, 9, 10, 11)}
    told: dict[int, tuple[int, bool, S]] = {}
    for day, moment in days.items():
        with clock.at(moment):
            for _ in range(2):
                ticking.tick(session, referral.id)
            nudges = len(walk.messages(session, "referral-nudge"))
            told[day] = (nudges, referral.asked_on is not None, referral.state)
    assert told == {
        5: (0, False, S.REQUESTED),
        6: (1, False, S.REQUESTED),
        9: (2, True, S.REQUESTED),
        10: (2, True, S.REQUESTED),
        11: (2, True, S.EXPIRED),
    }
    assert all(link.revoked_at for link in session.scalars(select(AnswerLink)))


def test_what_is_opened_again_gives_the_group_its_days_again(session: Session) -> None:
    at = walk.scene(session)
    referral = walk.sent(session, at)
    for day in (9, 11):
        with clock.at(build.working_days_ahead(day)):
            ticking.tick(session, referral.id)
    assert referral.state is S.EXPIRED
    due = build.working_days_ahead(22).date()
    with clock.at(build.working_days_ahead(12)):
        moving.undo_close(session, at.team.coordinator, referral.id)
        assert referral.reply_by == due
        ticking.tick(session, referral.id)
    with clock.at(build.working_days_ahead(13)):
        ticking.tick(session, referral.id)
    assert (referral.state, referral.asked_on, referral.nudges_sent) == (S.REQUESTED, None, 0)
    for day in (21, 23):
        with clock.at(build.working_days_ahead(day)):
            ticking.tick(session, referral.id)
    assert referral.state is S.EXPIRED


def test_a_paused_case_is_nobodys_delay(session: Session) -> None:
    at = walk.scene(session)
    referral = walk.sent(session, at)
    episodes.move(session, at.team.worker, at.episode.id, EpisodeState.PAUSED)
    with clock.at(build.working_days_ahead(15)):
        ticking.tick(session, referral.id)
    assert (referral.state, referral.reply_by, referral.nudges_sent) == (S.REQUESTED, None, 0)


def test_the_hourly_work_promises_one_job_for_each(session: Session) -> None:
    at = walk.scene(session)
    referral = walk.sent(session, at)
    for _ in range(2):
        jobs.run_clocks(session)
        session.flush()
    jobs.tick(session, {"referral_id": str(referral.id)})
    assert referral.state is S.REQUESTED


def test_an_answer_cancels_the_reminder_that_waits(session: Session) -> None:
    at = walk.scene(session)
    referral = walk.sent(session, at)
    with clock.at(build.working_days_ahead(6)):
        ticking.tick(session, referral.id)
        [nudge] = walk.messages(session, "referral-nudge")
        answering.answer(session, at.group, referral.id, S.ACCEPTED, expected_version=referral.version)
    session.refresh(nudge)
    assert nudge.state is MessageState.CANCELLED


def test_a_consent_taken_back_shuts_the_group_out_at_once(session: Session) -> None:
    at = walk.scene(session)
    referral = walk.sent(session, at)
    assert inbox.for_group(session, at.group, referral.id).reference == referral.reference
    consent = session.scalars(select(Consent).where(Consent.purpose == ConsentPurpose.SHARE_OFFER)).one()
    people.withdraw_consent(session, at.team.worker, consent.id)
    with pytest.raises(NotFound):
        inbox.for_group(session, at.group, referral.id)
    assert all(link.revoked_at for link in session.scalars(select(AnswerLink)))
    [mail] = walk.messages(session, "referral-new")
    session.refresh(mail)
    assert mail.state is MessageState.CANCELLED
    [delete] = walk.messages(session, "referral-delete")
    assert referral.reference in (delete.body or "")
    assert "Margaret" not in (delete.body or "")
    with clock.at(build.working_days_ahead(6)):
        ticking.tick(session, referral.id)
    assert walk.messages(session, "referral-nudge") == []


def test_a_death_stops_everything(session: Session) -> None:
    at = walk.scene(session)
    referral = walk.sent(session, at)
    closing.close(session, at.team.worker, at.episode.id, EpisodeState.WITHDRAWN, reason=CloseReason.DIED)
    assert referral.state is S.WITHDRAWN
    assert all(link.revoked_at for link in session.scalars(select(AnswerLink)))
    [mail] = walk.messages(session, "referral-new")
    session.refresh(mail)
    assert mail.state is MessageState.CANCELLED


def test_a_session_that_is_off_and_a_listing_that_closes_are_somebodys_task(session: Session) -> None:
    at = walk.scene(session)
    # Whom a message may reach is told of the session without anybody's task.
    at.person.mobile, at.person.email = None, None
    referral = walk.sent(session, at)
    answering.answer(session, at.group, referral.id, S.ACCEPTED, expected_version=referral.version)
    publish(session, SessionCancelled(at.service_id, clock.today(), None, ""))
    publish(session, ListingClosed(at.service_id, at.organization_id, True))
    words = [action.words or "" for action in session.scalars(select(Action).order_by(Action.created_at))]
    assert len(words) == 2
    assert "is not on this" in words[0]
    assert "has closed" in words[1]


def test_the_team_hears_what_groups_say(session: Session) -> None:
    at = walk.scene(session)
    referral = walk.sent(session, at)
    before = contributions.gather(session, [at.episode.id])[at.episode.id]
    assert before.moving
    assert before.need_addressed == {at.need.id: True}
    assert before.news == ()
    answering.answer(session, at.group, referral.id, S.ACCEPTED, expected_version=referral.version)
    session.expire_all()
    after = contributions.gather(session, [at.episode.id])[at.episode.id]
    assert [news.text.endswith("said yes.") for news in after.news] == [True]
    assert after.feedback_lines[0].endswith("which said yes")
    assert "Margaret" not in after.news[0].text
    # What the team itself wrote down is no news to it.
    held = session.get_one(Referral, referral.id)
    answering.never_started(session, at.team.worker, held.id)
    session.expire_all()
    last = contributions.gather(session, [at.episode.id])[at.episode.id]
    assert not last.moving
    assert last.did_not_work[0].endswith("did not start")
