"""Two who decide about the same episode at once: the second is told, and loses nothing that was typed."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from prescribing.episodes import triage
from prescribing.episodes.models import Episode
from prescribing.episodes.rules import Priority
from tests.integration.prescribing.episodes import walk
from tests.integration.prescribing.episodes.test_pages import MakeClient, send, signed_in, words

TYPED = "She is staying with her sister in Leeds."
PAUSE = {"note": TYPED, "look_again_on-day": "1", "look_again_on-month": "3", "look_again_on-year": "2099"}
CLOSE = {"ending": "withdrawn|withdrawn", "words": TYPED}


@pytest.mark.parametrize(
    ("path", "page", "values", "worked_on"),
    [
        ("/episodes/{id}/pause", "/episodes/{id}/pause", PAUSE, True),
        ("/episodes/{id}/close", "/episodes/{id}/close", CLOSE, True),
        ("/triage/{id}/ask", "/triage/{id}", {"note": TYPED}, False),
        ("/triage/{id}/redirect", "/triage/{id}", {"words": TYPED}, False),
        ("/episodes/{id}/mistake", "/episodes/{id}/mistake", {"reason": TYPED}, False),
    ],
)
def test_whoever_comes_second_keeps_what_was_typed_and_may_send_it_again(
    path: str, page: str, values: dict[str, str], worked_on: bool, session: Session, make_client: MakeClient
) -> None:
    team = walk.team(session)
    episode = walk.active(session, team) if worked_on else walk.asked(session, team)
    episode_id, state, stale = episode.id, episode.state, episode.version
    client = signed_in(session, make_client, team.coordinator)
    triage.set_priority(session, team.coordinator, episode_id, Priority.URGENT)
    where, shown = path.format(id=episode_id), page.format(id=episode_id)
    answer = send(client, where, page=shown, **values, version=str(stale))
    assert answer.status_code == 200
    assert "Somebody else has changed this" in words(answer)
    assert TYPED in words(answer)
    assert session.get_one(Episode, episode_id).state is state
    session.rollback()
    assert f'name="version" value="{stale + 1}"' in answer.get_data(as_text=True)
    assert send(client, where, page=shown, **values).status_code == 303
