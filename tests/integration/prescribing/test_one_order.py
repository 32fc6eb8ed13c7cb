"""Two at once who need the same rows wait for each other in one order: nobody is refused for having been second."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from core.access.rules import Role
from core.db import Base, db
from core.errors import GoldenThreadError
from core.notify.models import Message
from prescribing.episodes import closing, plan
from prescribing.episodes.causes import Cause, Failing
from prescribing.episodes.models import ActionOwner, ContactAttempt, Episode, Need
from prescribing.episodes.needs import NeedState
from prescribing.episodes.plan import ActionText, GoalText
from prescribing.episodes.rules import CloseReason, EpisodeState
from prescribing.failures import services as failures
from prescribing.failures.rules import Kind
from prescribing.failures.services import Told
from prescribing.measures import links as measure_links
from prescribing.measures.queries import taken_in
from prescribing.measures.rules import CompletedBy, Mode, Point
from prescribing.measures.services import record_measurement
from prescribing.people import services as people
from prescribing.people.consent import ConsentPurpose
from prescribing.people.models import Consent
from prescribing.referrals import answering, referring
from prescribing.referrals.models import Referral
from prescribing.referrals.rules import ReferralState
from prescribing.residents import helping, joining, own_steps
from prescribing.residents import services as residents
from prescribing.residents.rules import MOST_ASKED, HelpKind, HelpNo
from tests import build
from tests.integration.prescribing.episodes import walk as contacts
from tests.integration.prescribing.referrals import walk

pytestmark = pytest.mark.databases("postgresql")

# Far longer than any of it takes: whoever waits as long waits for ever.
LONGEST = 10.0

Deed = Callable[[Session], object]


class Together:
    """Two who each do one thing, in transactions of their own, while a row that both come to is held before them."""

    def __init__(self, app: Flask, session: Session) -> None:
        self.app, self.session = app, session

    def do(self, held: type[Base], row_id: UUID, first: Deed, second: Deed) -> list[str]:
        """What became of each: "done", or the name of what it was refused with. `first` stands before `second` in the
        line for the row that is held."""
        self.session.commit()
        self.session.execute(select(held).where(held.__table__.c.id == row_id).with_for_update())
        with ThreadPoolExecutor(2) as pool:
            try:
                one = pool.submit(self._press, first)
                self._wait_for(1)
                other = pool.submit(self._press, second)
                self._wait_for(2)
            finally:
                self.session.rollback()
            return [one.result(LONGEST), other.result(LONGEST)]

    def _press(self, deed: Deed) -> str:
        with self.app.app_context():
            session = db.session()
            # The server breaks a circle before anybody has waited this long for one row.
            session.execute(text("SET LOCAL lock_timeout = '8s'"))
            try:
                deed(session)
                session.commit()
            except Exception as error:
                session.rollback()
                if isinstance(error, GoldenThreadError):
                    return type(error).__name__
                return f"{type(error).__name__}: {error}"
            finally:
                db.session.remove()
        return "done"

    def _wait_for(self, many: int) -> None:
        """Until so many wait for a row."""
        waiting = text(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        until = time.monotonic() + LONGEST
        while True:
            # Else the server says the same throughout a transaction.
            self.session.execute(text("SELECT pg_stat_clear_snapshot()"))
            if (self.session.scalar(waiting) or 0) >= many:
                return
            assert time.monotonic() < until, f"fewer than {many} wait"
            time.sleep(0.02)


@pytest.fixture
def together(app: Flask, session: Session) -> Together:
    return Together(app, session)


def went_through(results: list[str]) -> bool:
    """Whether neither was refused."""
    return results == ["done", "done"]


def test_a_need_is_closed_while_something_is_added_to_its_goal(session: Session, together: Together) -> None:
    at = walk.scene(session)
    episode_id, need_id, worker = at.episode.id, at.need.id, at.team.worker
    goal_id = plan.add_goal(session, worker, episode_id, GoalText("Get out more", need_id=need_id)).id
    task = ActionText("Look for a lift", ActionOwner.LINK_WORKER, goal_id=goal_id)
    assert went_through(
        together.do(
            Episode,
            episode_id,
            lambda own: plan.add_action(own, worker, episode_id, task),
            lambda own: plan.close_need(own, worker, need_id, NeedState.MET),
        )
    )
    assert session.get_one(Need, need_id).state is NeedState.MET


def test_a_group_answers_while_the_support_ends(session: Session, together: Together) -> None:
    at = walk.scene(session)
    referral = walk.sent(session, at)
    episode_id, referral_id, version, worker = at.episode.id, referral.id, referral.version, at.team.worker
    assert went_through(
        together.do(
            Referral,
            referral_id,
            lambda own: answering.answer(
                own, at.group, referral_id, ReferralState.ACCEPTED, expected_version=version
            ),
            lambda own: closing.close(own, worker, episode_id, EpisodeState.PERSON_DECLINED),
        )
    )
    assert session.get_one(Referral, referral_id).state is ReferralState.WITHDRAWN


def test_somebody_says_that_they_have_not_been_while_their_support_ends(
    session: Session, together: Together
) -> None:
    at = walk.scene(session)
    referral = walk.sent(session, at)
    answering.answer(
        session, at.group, referral.id, ReferralState.ACCEPTED, expected_version=referral.version
    )
    episode_id, referral_id, worker = at.episode.id, referral.id, at.team.worker
    person = build.actor(session, Role.RESIDENT, place_id=at.person.id)
    assert together.do(
        Episode,
        episode_id,
        lambda own: closing.close(own, worker, episode_id, EpisodeState.PERSON_DECLINED),
        lambda own: own_steps.not_been(own, person, referral_id, "The bus did not come"),
    ) == ["done", "Refused"]


def test_a_death_is_written_down_while_the_person_stops_their_support(
    session: Session, together: Together
) -> None:
    at = walk.scene(session)
    episode_id, person_id, worker = at.episode.id, at.person.id, at.team.worker
    person = build.actor(session, Role.RESIDENT, place_id=person_id)
    results = together.do(
        Episode,
        episode_id,
        lambda own: closing.close(
            own, worker, episode_id, EpisodeState.WITHDRAWN, reason=CloseReason.DIED, said_by=None
        ),
        lambda own: residents.stop_support(own, person),
    )
    assert results == ["done", "Refused"]


def test_somebody_is_referred_while_they_stop_their_support(session: Session, together: Together) -> None:
    at = walk.scene(session)
    episode_id, need_id, worker = at.episode.id, at.need.id, at.team.worker
    person = build.actor(session, Role.RESIDENT, place_id=at.person.id)
    assert went_through(
        together.do(
            Episode,
            episode_id,
            lambda own: referring.refer(own, worker, need_id, at.service_id, walk.WORDS, walk.YES),
            lambda own: residents.stop_support(own, person),
        )
    )
    assert session.scalars(select(Referral.state)).all() == [ReferralState.WITHDRAWN]


def test_questions_are_sent_again_while_the_first_are_answered(session: Session, together: Together) -> None:
    team = contacts.team(session)
    episode = contacts.active(session, team)
    plan.add_goal(session, team.worker, episode.id, GoalText("Get out more"))
    measure_links.send(session, team.worker, episode.id, "ons4", Point.BASELINE)
    body = session.scalars(select(Message).where(Message.template == "questions")).one().body or ""
    token = body.partition("/questions/")[2].split()[0]
    episode_id, worker = episode.id, team.worker
    assert together.do(
        Episode,
        episode_id,
        lambda own: measure_links.send(own, worker, episode_id, "ons4", Point.BASELINE),
        lambda own: measure_links.answer(own, token, {"happiness": 8}),
    ) == ["done", "NotFound"]


def test_what_the_page_read_before_the_wait_is_not_decided_by(session: Session, together: Together) -> None:
    team = contacts.team(session)
    episode_id = contacts.active(session, team).id
    plan.add_goal(session, team.worker, episode_id, GoalText("Get out more"))

    def answer(own: Session) -> None:
        # As the page does, to know at which points it may be asked.
        assert taken_in(own, episode_id, "ons4") == ()
        record_measurement(
            own,
            team.worker,
            episode_id,
            "ons4",
            point=Point.BASELINE,
            mode=Mode.IN_PERSON,
            completed_by=CompletedBy.PERSON,
            answers={"happiness": 8},
        )

    assert together.do(Episode, episode_id, answer, answer) == ["done", "Refused"]


def test_two_say_more_of_one_failure(session: Session, together: Together) -> None:
    team = contacts.team(session)
    episode = contacts.active(session, team)
    episode_id, worker = episode.id, team.worker
    contact_id = session.scalars(select(ContactAttempt.id)).one()
    about = f"contact:{contact_id}"
    mark_id = failures.decide(session, worker, episode_id, about, confirmed=True).id
    failing = Failing(Cause.NO_ANSWER, "Nobody rang back")
    assert went_through(
        together.do(
            Episode,
            episode_id,
            lambda own: failures.decide(own, worker, episode_id, about, confirmed=True, failing=failing),
            lambda own: failures.say_more(
                own, worker, mark_id, Told(Kind.OTHER, Cause.NO_ANSWER, "Twice", 5)
            ),
        )
    )


def test_a_consent_is_taken_back_while_a_group_answers(session: Session, together: Together) -> None:
    at = walk.scene(session)
    referral = walk.sent(session, at)
    referral_id, version, worker = referral.id, referral.version, at.team.worker
    consent_id = session.scalars(
        select(Consent.id).where(Consent.purpose == ConsentPurpose.SHARE_OFFER)
    ).one()
    results = together.do(
        Referral,
        referral_id,
        lambda own: answering.answer(
            own, at.group, referral_id, ReferralState.ACCEPTED, expected_version=version
        ),
        lambda own: people.withdraw_consent(own, worker, consent_id),
    )
    assert went_through(results)


def test_a_group_says_no_to_a_helper_whose_death_is_written_down(
    session: Session, together: Together
) -> None:
    at = walk.scene(session)
    person = build.actor(session, Role.RESIDENT, place_id=at.person.id)
    offer_id = residents.offer_help(session, person, HelpKind.BUDDY, "I know the way", may_count=True)
    helping.put_to_group(session, at.team.worker, at.person.id, offer_id, at.service_id, "by phone")
    episode_id, worker = at.episode.id, at.team.worker
    results = together.do(
        Episode,
        episode_id,
        lambda own: closing.close(own, worker, episode_id, EpisodeState.WITHDRAWN, reason=CloseReason.DIED),
        lambda own: helping.answer(own, at.group, offer_id, yes=False, why=HelpNo.ENOUGH),
    )
    assert results == ["done", "NotFound"]


def test_whoever_asks_several_groups_at_once_asks_no_more_than_they_may(
    session: Session, together: Together
) -> None:
    at = walk.scene(session)
    episode_id, person = at.episode.id, build.actor(session, Role.RESIDENT, place_id=at.person.id)
    for _each in range(MOST_ASKED - 1):
        elsewhere = replace(at, service_id=walk.service(session, at.organization_id))
        walk.sent(session, elsewhere).by_person = True
    other = session.scalars(select(Need.id).where(Need.slug == "food")).one()
    asked = [(at.need.id, at.service_id), (other, walk.service(session, at.organization_id))]

    def ask(need_id: UUID, service_id: UUID) -> Deed:
        return lambda own: joining.join(
            own, person, service_id, need_id, walk.WORDS, walk.YES, knows_it_is_full=False
        )

    assert together.do(Episode, episode_id, *(ask(*each) for each in asked)) == ["done", "Refused"]
    open_asks = select(func.count()).where(Referral.by_person, Referral.state == ReferralState.REQUESTED)
    assert session.scalar(open_asks) == MOST_ASKED
