"""The timeline of everything: messages, worries and handovers stand there too, once, in the support they belong to."""

from __future__ import annotations

from sqlalchemy.orm import Session

from core.access.rules import Role
from prescribing.caseloads import services as caseloads
from prescribing.concerns import services as concerns
from prescribing.episodes.timeline import everything
from prescribing.residents import services as residents
from tests import build
from tests.integration.prescribing.episodes import walk
from tests.integration.prescribing.episodes.test_pages import MakeClient, signed_in, words


def test_messages_worries_and_handovers_stand_in_the_timeline(
    session: Session, make_client: MakeClient
) -> None:
    team = walk.team(session)
    episode, other = walk.active(session, team), walk.active(session, team)
    person = build.actor(session, Role.RESIDENT, place_id=episode.person_id)
    residents.write(session, person, "Is anybody coming?")
    raised = concerns.raise_concern(session, team.worker, episode.person_id, "A bruise on her arm")
    concerns.take_up(session, team.coordinator, raised.id)
    concerns.close(session, team.coordinator, raised.id, "Talked with her sister")
    second = build.actor(session, Role.LINK_WORKER, place_id=team.id)
    assert second.account_id is not None
    caseloads.hand_over(
        session, team.coordinator, [episode.id], second.account_id, "She likes to be rung early"
    )
    session.commit()
    steps = {step.title: step for step in everything(session, episode.id)}
    assert steps["They wrote to us"].text == "Is anybody coming?"
    assert steps["Somebody was worried about them"].text == "", "what was seen stands on its own page"
    assert {"A coordinator took the worry up", "The worry was closed, with what was done"} <= steps.keys()
    assert steps["Handed over to another link worker"].text == "She likes to be rung early"
    assert not any("worry" in step.title or "worried" in step.title for step in everything(session, other.id))
    page = signed_in(session, make_client, second).get(f"/episodes/{episode.id}?show=support")
    assert f'href="/concerns/{raised.id}">Read it' in " ".join(page.text.split())
    assert "Somebody was worried about them" in words(page)
