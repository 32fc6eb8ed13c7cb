"""Support that is finished leaves nothing hanging: what is open is asked about, and what goes on is seen."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock
from core.errors import Invalid
from prescribing.episodes import boards, closing, plan
from prescribing.episodes.closing import NOTHING_SAID, LastWord
from prescribing.episodes.models import Episode, Goal, Need
from prescribing.episodes.needs import NeedState
from prescribing.episodes.plan import GoalText
from prescribing.episodes.rules import CloseReason, EpisodeState
from prescribing.episodes.today_rules import Group
from prescribing.referrals import answering, attending, referring
from prescribing.referrals.models import Presence, Referral
from prescribing.referrals.rules import DeclineReason, ReferralState
from tests import build
from tests.integration.prescribing.episodes.test_pages import MakeClient, send, signed_in, words
from tests.integration.prescribing.referrals import walk

MET, PARTLY = CloseReason.GOALS_MET, CloseReason.PARTLY_MET


def finish(session: Session, at: walk.Scene, reason: CloseReason, last: LastWord = NOTHING_SAID) -> None:
    """The support ends well."""
    closing.close(session, at.team.worker, at.episode.id, EpisodeState.COMPLETED, reason=reason, last=last)


def test_the_page_asks_about_what_is_open_and_keeps_what_they_say(
    session: Session, make_client: MakeClient
) -> None:
    at = walk.scene(session)
    plan.add_goal(session, at.team.worker, at.episode.id, GoalText("Sing again"))
    going, unwanted = walk.sent(session, at), walk.service(session, at.organization_id)
    other = referring.refer(session, at.team.worker, at.need.id, unwanted, walk.WORDS, walk.YES)
    needs = {need.slug: need.id for need in session.scalars(select(Need))}
    goal_id = session.scalars(select(Goal.id)).one()
    session.commit()
    client = signed_in(session, make_client, at.team.worker)
    path = f"/episodes/{at.episode.id}/close"
    page = words(client.get(path))
    for asked in (
        "Still open",
        "Sing again",
        "Food",
        "Tea and Talk",
        "no longer want help with",
        "taken back",
    ):
        assert asked in page
    refused = send(client, path, ending="completed|goals-met", words="Sings on Fridays")
    assert "No goal is marked as met" in words(refused)
    assert "Sings on Fridays" in refused.text
    twice = [str(needs["food"])]
    both = send(client, path, ending="completed|partly-met", needs_met=twice, needs_dropped=twice)
    assert "Tick it once" in words(both)
    done = send(
        client,
        path,
        ending="completed|goals-met",
        goals=[str(goal_id)],
        needs_dropped=[str(needs["food"])],
        take_back=[str(other.id)],
    )
    assert done.status_code == 303
    session.expire_all()
    assert session.get_one(Goal, goal_id).met_at is not None
    assert session.get_one(Need, needs["food"]).state is NeedState.DROPPED
    assert session.get_one(Need, needs["loneliness"]).state is NeedState.BEING_ADDRESSED
    assert session.get_one(Referral, other.id).state is ReferralState.WITHDRAWN
    assert session.get_one(Referral, going.id).state is ReferralState.REQUESTED
    person = words(client.get(f"/episodes/{at.episode.id}"))
    assert "They say that it is met" in person, "the need that goes on can still be met"
    assert (
        send(client, f"/needs/{needs['loneliness']}/met", page=f"/episodes/{at.episode.id}").status_code
        == 303
    )


def test_what_goes_on_stays_on_today_until_it_starts(session: Session) -> None:
    at = walk.scene(session)
    referral = walk.sent(session, at)
    answering.answer(
        session, at.team.worker, referral.id, ReferralState.ACCEPTED, expected_version=referral.version
    )
    finish(session, at, PARTLY)
    board = boards.today_board(session, at.team.worker)
    [row] = board.parts[Group.WAITING]
    assert row.why.startswith("The support is finished. A group said yes.")
    assert row.press.values == {"referral_id": referral.id}
    assert board.people == 0, "nobody's caseload"
    attending.record_attendance(session, at.team.worker, referral.id, clock.today(), Presence.CAME)
    assert sum(boards.today_board(session, at.team.worker).counts.values()) == 0


def test_a_no_after_the_end_reaches_the_link_worker(session: Session) -> None:
    at = walk.scene(session)
    referral = walk.sent(session, at)
    finish(session, at, PARTLY)
    with clock.at(clock.now() + timedelta(hours=1)):
        answering.answer(
            session,
            at.group,
            referral.id,
            ReferralState.DECLINED,
            expected_version=referral.version,
            reason=DeclineReason.NO_CAPACITY,
        )
        [row] = boards.today_board(session, at.team.worker).parts[Group.ANSWERS]
        assert row.press.words == "See what came of it"
    with clock.at(build.days_ahead(16)):
        assert sum(boards.today_board(session, at.team.worker).counts.values()) == 0


def test_how_long_a_no_is_news_goes_by_when_somebody_looks(session: Session) -> None:
    at = walk.scene(session)
    referral = walk.sent(session, at)
    finish(session, at, PARTLY)
    # The statement that finds who is on Today is made once in a process, by whoever looks first.
    boards._board.cache_clear()
    with clock.at(build.days_ahead(60)):
        boards.today_board(session, at.team.worker)
    with clock.at(clock.now() + timedelta(hours=1)):
        answering.answer(
            session,
            at.group,
            referral.id,
            ReferralState.DECLINED,
            expected_version=referral.version,
            reason=DeclineReason.NO_CAPACITY,
        )
        assert boards.today_board(session, at.team.worker).counts[Group.ANSWERS] == 1


def test_goals_are_met_only_where_one_is(session: Session) -> None:
    at = walk.scene(session)
    goal = plan.add_goal(session, at.team.worker, at.episode.id, GoalText("Sing again"))
    with pytest.raises(Invalid, match="No goal is marked as met"):
        finish(session, at, MET)
    finish(session, at, MET, LastWord(goals_met=[goal.id]))
    assert session.get_one(Episode, at.episode.id).close_reason is MET
