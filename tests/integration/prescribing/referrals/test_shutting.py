"""What must never reach a group, or anybody after a death: each way in, shut."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock
from core.access.rules import Actor, Membership, Place, Role
from core.calendar.rules import add_working_days
from core.clock import LONDON
from core.errors import NotFound, Refused
from core.events import subscribe
from directory.listings.models import Service
from prescribing.episodes import closing
from prescribing.episodes import services as episodes
from prescribing.episodes.models import Need
from prescribing.episodes.needs import NeedState
from prescribing.episodes.rules import CloseReason, EpisodeState
from prescribing.people import services as people
from prescribing.people.consent import ConsentPurpose
from prescribing.people.models import Consent
from prescribing.referrals import answering, attending, inbox, links, referring, services, ticking
from prescribing.referrals.events import CapacityChanged
from prescribing.referrals.models import Presence, Referral
from prescribing.referrals.rules import ReferralState
from tests import build
from tests.html import HtmlClient
from tests.integration.prescribing.referrals import walk
from tests.integration.prescribing.referrals.test_pages import enter

S = ReferralState


def accepted(session: Session, at: walk.Scene) -> Referral:
    referral = walk.sent(session, at)
    return answering.answer(session, at.group, referral.id, S.ACCEPTED, expected_version=referral.version)


def consents(session: Session, purpose: ConsentPurpose) -> list[Consent]:
    return list(session.scalars(select(Consent).where(Consent.purpose == purpose).order_by(Consent.id)))


def test_one_consent_taken_back_takes_back_each_of_its_kind(session: Session) -> None:
    at = walk.scene(session)
    first = accepted(session, at)
    other = walk.service(session, at.organization_id)
    second = referring.refer(session, at.team.worker, at.need.id, other, walk.WORDS, walk.YES)
    answering.answer(session, at.group, second.id, S.ACCEPTED, expected_version=second.version)
    given = consents(session, ConsentPurpose.SHARE_ACCEPTED)
    assert len(given) == 2
    people.withdraw_consent(session, at.team.worker, given[-1].id)
    for referral in (first, second):
        with pytest.raises(NotFound):
            inbox.for_group(session, at.group, referral.id)
    assert inbox.inbox(session, at.group).shown == ()
    assert inbox.register(session, at.group, at.service_id).people == ()
    assert all(consent.withdrawn_at for consent in given)


def test_taking_back_the_first_share_takes_back_the_second(session: Session) -> None:
    at = walk.scene(session)
    referral = accepted(session, at)
    people.withdraw_consent(session, at.team.worker, consents(session, ConsentPurpose.SHARE_OFFER)[0].id)
    with pytest.raises(NotFound):
        inbox.for_group(session, at.group, referral.id)


def test_a_listing_that_moves_to_another_group_takes_nobody_along(session: Session) -> None:
    at = walk.scene(session)
    accepted(session, at)
    heir_id = build.place(session, Place.ORGANIZATION)
    heir = build.actor(session, Role.GROUP_MEMBER, place_id=heir_id)
    session.get_one(Service, at.service_id).organization_id = heir_id
    session.flush()
    assert inbox.register(session, heir, at.service_id).people == ()


def test_a_record_flagged_for_safety_shows_to_no_group(
    session: Session, client: HtmlClient, make_client: Callable[[], HtmlClient]
) -> None:
    at = walk.scene(session)
    referral = walk.sent(session, at)
    link = f"/answer/{walk.token_in(walk.messages(session, 'referral-new')[0])}"
    answering.answer(session, at.group, referral.id, S.ACCEPTED, expected_version=referral.version)
    at.person.flagged_for_safety = True
    session.flush()
    enter(session, client, at.group.account_id)
    assert client.get(f"/referrals/{referral.id}").status_code == 404
    for page in ("/inbox", f"/activities/{at.service_id}/attendance"):
        assert referral.reference not in client.get(page).text
        assert "Margaret" not in client.get(page).text
    assert make_client().get(link).status_code == 410
    with pytest.raises(Refused):
        links.code_to_read_out(session, at.team.worker, referral.id)


def test_a_group_hears_of_somebody_flagged_by_phone_alone(session: Session) -> None:
    at = walk.scene(session)
    at.person.flagged_for_safety = True
    session.flush()
    referral = walk.sent(session, at)
    with clock.at(build.working_days_ahead(6)):
        ticking.tick(session, referral.id)
    assert walk.messages(session, "referral-new") == []
    assert walk.messages(session, "referral-nudge") == []
    answering.answer(session, at.team.worker, referral.id, S.ACCEPTED, expected_version=referral.version)
    assert referral.state is S.ACCEPTED


def test_a_link_worker_who_also_runs_a_group_still_writes_for_their_team(session: Session) -> None:
    at = walk.scene(session)
    referral = walk.sent(session, at)
    worker = at.team.worker
    elsewhere = Membership(Role.GROUP_MEMBER, organization_id=build.place(session, Place.ORGANIZATION))
    both = Actor(worker.account_id, worker.name, (*worker.memberships, elsewhere))
    answering.answer(session, both, referral.id, S.ACCEPTED, expected_version=referral.version)
    assert referral.state is S.ACCEPTED


def test_after_a_death_nothing_opens_again(session: Session) -> None:
    at = walk.scene(session)
    referral = accepted(session, at)
    places: list[object] = []
    subscribe(CapacityChanged, lambda _session, event: places.append(event))
    closing.close(session, at.team.worker, at.episode.id, EpisodeState.WITHDRAWN, reason=CloseReason.DIED)
    assert places == [CapacityChanged(at.service_id, at.organization_id, False)]
    with pytest.raises(Refused):
        services.undo_close(session, at.team.coordinator, referral.id)


def test_the_clock_of_a_start_stands_still_while_the_case_does(session: Session) -> None:
    at = walk.scene(session)
    referral = accepted(session, at)
    promised = referral.start_by
    assert promised is not None
    with clock.at(build.working_days_ahead(1)):
        episodes.move(session, at.team.worker, at.episode.id, EpisodeState.PAUSED)
    with clock.at(build.working_days_ahead(2)):
        ticking.tick(session, referral.id)
        assert str(referral.start_by) == "None"
    with clock.at(build.working_days_ahead(8)):
        episodes.resume(session, at.team.worker, at.episode.id)
    with clock.at(build.working_days_ahead(9)):
        ticking.tick(session, referral.id)
        ticking.tick(session, referral.id)
    assert referral.start_by is not None
    assert referral.start_by > promised
    assert referral.start_by <= add_working_days(promised, 8)


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        (EpisodeState.PERSON_DECLINED, CloseReason.DECLINED),
        (EpisodeState.WITHDRAWN, CloseReason.MOVED),
        (EpisodeState.NOT_APPROPRIATE, CloseReason.REDIRECTED),
    ],
)
def test_no_group_waits_for_somebody_whose_support_has_ended(
    session: Session, target: EpisodeState, reason: CloseReason
) -> None:
    at = walk.scene(session)
    referral = walk.sent(session, at)
    closing.close(session, at.team.coordinator, at.episode.id, target, reason=reason)
    assert referral.state is S.WITHDRAWN
    assert session.get_one(Need, at.need.id).state is NeedState.RAISED
    with pytest.raises(NotFound):
        inbox.for_group(session, at.group, referral.id)


def test_whoever_goes_somewhere_goes_on_when_support_ends(session: Session) -> None:
    at = walk.scene(session)
    referral = accepted(session, at)
    attending.record_attendance(session, at.group, referral.id, clock.today(), Presence.CAME)
    closing.close(
        session,
        at.team.worker,
        at.episode.id,
        EpisodeState.WITHDRAWN,
        reason=CloseReason.WITHDRAWN,
    )
    assert referral.state is S.STARTED


def test_a_mistaken_episode_takes_its_referrals_along(session: Session) -> None:
    at = walk.scene(session)
    referral = walk.sent(session, at)
    closing.enter_in_error(session, at.team.coordinator, at.episode.id, "Wrong person")
    assert referral.state is S.WITHDRAWN


def test_a_group_is_not_asked_about_sessions_before_it_said_yes(session: Session) -> None:
    at = walk.scene(session)
    evening = datetime.combine(clock.today(), time(21), LONDON)
    with clock.at(evening - timedelta(days=8)):
        referral = walk.sent(session, at)
    with clock.at(evening - timedelta(days=2)):
        answering.answer(session, at.group, referral.id, S.ACCEPTED, expected_version=referral.version)
        assert inbox.for_group(session, at.group, referral.id).ask_about is None
    with clock.at(evening):
        assert inbox.for_group(session, at.group, referral.id).ask_about == clock.today()


def test_a_group_is_asked_only_about_a_session_that_is_over(session: Session) -> None:
    at = walk.scene(session)
    today = clock.today()

    def on_the_wall(hour: int) -> datetime:
        return datetime.combine(today, time(hour), LONDON)

    with clock.at(on_the_wall(9) - timedelta(days=9)):
        referral = walk.sent(session, at)
        answering.answer(session, at.group, referral.id, S.ACCEPTED, expected_version=referral.version)
    last_week = today - timedelta(days=7)
    # The activity is today from ten to twelve. Until then the first visit of last week is asked about.
    for hour, asked in ((9, last_week), (11, last_week), (12, today)):
        with clock.at(on_the_wall(hour)):
            assert inbox.for_group(session, at.group, referral.id).ask_about == asked
    with clock.at(on_the_wall(9)):
        assert inbox.register(session, at.group, at.service_id).on == today


def test_a_yes_on_the_day_asks_nothing_about_the_session_that_was_over(session: Session) -> None:
    at = walk.scene(session)
    evening = datetime.combine(clock.today(), time(21), LONDON)
    with clock.at(evening):
        referral = walk.sent(session, at)
        answering.answer(session, at.group, referral.id, S.ACCEPTED, expected_version=referral.version)
        assert inbox.for_group(session, at.group, referral.id).ask_about is None


def test_a_yes_given_again_opens_nothing_that_it_was_not_given_for(session: Session) -> None:
    at = walk.scene(session)
    old = accepted(session, at)
    people.withdraw_consent(session, at.team.worker, consents(session, ConsentPurpose.SHARE_ACCEPTED)[0].id)
    expired = walk.service(session, at.organization_id)
    unanswered = referring.refer(session, at.team.worker, at.need.id, expired, walk.WORDS, walk.YES)
    for day in (9, 11):
        with clock.at(build.working_days_ahead(day)):
            ticking.tick(session, unanswered.id)
    people.withdraw_consent(session, at.team.worker, consents(session, ConsentPurpose.SHARE_OFFER)[-1].id)
    other = walk.service(session, at.organization_id)
    new = referring.refer(session, at.team.worker, at.need.id, other, walk.WORDS, walk.YES)
    answering.answer(session, at.group, new.id, S.ACCEPTED, expected_version=new.version)
    assert inbox.for_group(session, at.group, new.id).fields["preferred_name"] == "Margaret"
    with pytest.raises(NotFound):
        inbox.for_group(session, at.group, old.id)
    assert [one.id for one in inbox.inbox(session, at.group).shown] == [new.id]
    with pytest.raises(Refused, match="not agreed to share"):
        referring.late_yes(session, at.team.worker, unanswered.id)
