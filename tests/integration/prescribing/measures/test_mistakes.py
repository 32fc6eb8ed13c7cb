"""Answers that were written down by mistake are marked so: they count for nothing, and it can be asked again."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.access.rules import Role
from core.audit.models import AuditEntry
from core.errors import NotFound, Refused
from prescribing.episodes.models import Episode, Goal
from prescribing.measures import mistakes, queries
from prescribing.measures.instruments import GOAL
from prescribing.measures.models import Measurement
from prescribing.measures.rules import CompletedBy, Mode, Point
from prescribing.measures.services import record_measurement
from prescribing.rights import copies
from tests import build
from tests.integration.prescribing.episodes import walk
from tests.integration.prescribing.episodes.test_pages import MakeClient, send, signed_in, words
from tests.integration.prescribing.measures.test_measures import END, START, measured, planned

WHY = "Copied from the wrong paper"


def test_wrong_answers_leave_every_picture_and_are_due_again(
    session: Session, make_client: MakeClient
) -> None:
    team = walk.team(session)
    episode = planned(session, team)
    row = measured(session, team.worker, episode, START)
    episode_id, row_id = episode.id, row.id
    session.commit()
    client = signed_in(session, make_client, team.worker)
    due_before = queries.in_brief(session, team.worker, episode_id)
    assert due_before is not None
    assert due_before.asked
    page = client.get(f"/episodes/{episode_id}?show=answers")
    where = f"/measurements/{row_id}/mistake"
    assert f'href="{where}"' in page.text
    assert "Something here is a mistake" in words(client.get(f"/episodes/{episode_id}/measures"))
    assert "Say what the mistake was" in words(send(client, where, reason=" "))
    assert send(client, where, reason=WHY).status_code == 303

    session.expire_all()
    assert queries.measures_page(session, team.worker, episode_id).histories == ()
    assert queries.taken_by_episode(session, [episode_id], "ons4") == {}
    assert queries.changes_by_episode(session, [episode_id]) == {}
    again = queries.in_brief(session, team.worker, episode_id)
    assert again is not None
    assert (again.asked, again.ask_start) == (False, True)
    assert again.due is not None
    page = client.get(f"/episodes/{episode_id}?show=answers")
    shown = " ".join(page.text.split())
    assert "<s>Personal wellbeing (ONS4), at the start</s>" in shown
    assert f"{team.worker.name} marked this as a mistake. It does not count. {WHY}" in words(page)
    assert f'href="{where}"' not in page.text
    assert "This is marked as a mistake already" in words(send(client, where, reason=WHY))
    session.expire_all()
    assert measured(session, team.worker, session.get_one(Episode, episode_id), END).point is Point.BASELINE


def test_its_author_or_a_coordinator_marks_it_and_nobody_else(session: Session) -> None:
    team = walk.team(session)
    episode = planned(session, team)
    colleague = build.actor(session, Role.LINK_WORKER, place_id=team.id)
    row = measured(session, team.worker, episode, START)
    for other in (colleague, walk.team(session).coordinator):
        with pytest.raises(NotFound):
            mistakes.mark_mistake(session, other, row.id, WHY)
    assert mistakes.mark_mistake(session, team.coordinator, row.id, WHY) == row.episode_id
    assert row.mistake is not None
    assert WHY.encode() not in (row.mistake.reason_sealed or b"")
    with pytest.raises(Refused, match="already"):
        mistakes.mark_mistake(session, team.worker, row.id, WHY)
    session.commit()
    entry = session.scalars(select(AuditEntry).order_by(AuditEntry.sequence.desc())).first()
    assert entry is not None
    assert (entry.action, entry.detail) == (
        "measurement.mistake",
        {"instrument": "ons4", "point": "baseline"},
    )
    # Whoever answered by a link wrote nothing of the team's: their link worker may say that it was not them.
    by_link = measured(session, team.worker, episode, START)
    by_link.author_id = None
    with pytest.raises(NotFound):
        mistakes.mark_mistake(session, colleague, by_link.id, WHY)
    mistakes.mark_mistake(session, team.worker, by_link.id, WHY)


@pytest.mark.parametrize("before", [{}, {"importance": 3}])
def test_a_goal_goes_back_to_what_was_said_before(session: Session, before: dict[str, float]) -> None:
    team = walk.team(session)
    episode = planned(session, team)
    goal = session.scalars(select(Goal).where(Goal.episode_id == episode.id)).one()

    def answer(answers: dict[str, float], point: Point = Point.BASELINE) -> Measurement:
        return record_measurement(
            session,
            team.worker,
            episode.id,
            GOAL.key,
            point=point,
            mode=Mode.PAPER,
            completed_by=CompletedBy.PERSON,
            answers=answers,
            goal_id=goal.id,
        )

    if before:
        answer(before)
    wrong = answer({"importance": 9, "progress": 8}, Point.REVIEW if before else Point.BASELINE)
    assert (goal.importance, goal.progress) == (9, 8)
    goal.progress = 7
    session.flush()
    mistakes.mark_mistake(session, team.worker, wrong.id, WHY)
    assert (goal.importance, goal.progress) == (before.get("importance"), 7)


def test_a_copy_gives_nobody_the_answers_of_somebody_else(session: Session) -> None:
    team = walk.team(session)
    episode = planned(session, team)
    row = measured(session, team.worker, episode, START)
    assert '"satisfaction": 4' in copies.as_json(copies.copy_for(session, episode.person_id))
    mistakes.mark_mistake(session, team.worker, row.id, WHY)
    told = copies.as_json(copies.copy_for(session, episode.person_id))
    assert '"satisfaction"' not in told
    assert "measurement_mistakes" in told
    assert WHY not in told


def test_opening_the_questions_is_a_look_and_no_asking(session: Session, make_client: MakeClient) -> None:
    team = walk.team(session)
    episode = planned(session, team)
    session.commit()
    client = signed_in(session, make_client, team.worker)
    assert client.get(f"/episodes/{episode.id}/measures/ons4").status_code == 200
    done = session.scalars(select(AuditEntry.action).order_by(AuditEntry.sequence.desc()).limit(1)).all()
    assert done == ["person.read"]
