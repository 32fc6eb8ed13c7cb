"""Somebody is worried: whom to ring, the coordinator told at once, and what was done."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.access.rules import Role
from core.audit.models import AuditEntry
from core.notify.models import Message
from prescribing.concerns.models import Concern
from tests import build
from tests.integration.prescribing.episodes import walk
from tests.integration.prescribing.episodes.test_pages import MakeClient, send, signed_in, words

SEEN = "A bruise on her arm; she would not say."


@pytest.fixture
def settings_changes() -> dict[str, Any]:
    return {"safeguarding_phone": "0161 496 0222"}


def test_a_worry_is_told_at_once_and_followed_to_its_end(session: Session, make_client: MakeClient) -> None:
    team = walk.team(session)
    episode = walk.active(session, team)
    person_id, episode_id = episode.person_id, episode.id
    client = signed_in(session, make_client, team.worker)
    there = client.get(f"/episodes/{episode_id}").get_data(as_text=True)
    assert f'href="/worried?episode={episode_id}"' in there
    page = client.get(f"/worried?episode={episode_id}")
    assert f'value="{person_id}" selected' in " ".join(page.get_data(as_text=True).split())
    for expected in ("999", "0161 496 0222", team.coordinator.name):
        assert expected in words(page)
    empty = send(client, "/worried", person_id=str(person_id), told="Nobody yet")
    assert "Write down what you saw or heard" in words(empty)
    assert "Nobody yet" in words(empty)
    sent = send(client, "/worried", person_id=str(person_id), seen=SEEN)
    assert sent.status_code == 303
    concern = session.scalars(select(Concern)).one()
    assert SEEN.encode() not in (concern.seen_sealed or b"")
    message = session.scalars(select(Message).where(Message.about_id == concern.id)).one()
    assert "Margaret" not in (message.body or "") + (message.subject or "")
    where = f"/concerns/{concern.id}"
    session.rollback()
    helen = signed_in(session, make_client, team.coordinator)
    board = words(helen.get("/triage"))
    assert "Somebody is worried" in board
    assert SEEN not in board
    assert "Somebody is worried about them" in words(client.get("/today"))
    assert send(helen, f"{where}/take-up", page=where).status_code == 303
    assert "sees to it" in words(client.get(where))
    assert client.post(f"{where}/done", data={"done": "x"}).status_code in {400, 404}
    assert send(helen, f"{where}/done", page=where, done="The police have seen her").status_code == 303
    assert "The police have seen her" in words(client.get(where))
    assert "Somebody is worried" not in words(helen.get("/triage"))
    kept = set(session.scalars(select(AuditEntry.action).where(AuditEntry.subject_id == person_id)))
    assert {"concern.raise", "concern.take-up", "concern.close", "person.read"} <= kept


def test_other_staff_see_whom_to_ring_and_residents_no_link(
    session: Session, make_client: MakeClient
) -> None:
    team = walk.team(session)
    walk.active(session, team)
    editor = signed_in(session, make_client, build.actor(session, Role.EDITOR))
    page = words(editor.get("/worried"))
    assert "If it cannot wait, ring first" in page
    assert "Write it down" not in page
    assert "Margaret" not in page
    assert "Worried about someone now?" in words(editor.get("/"))
    resident = signed_in(session, make_client, build.actor(session, Role.RESIDENT))
    assert "Worried about someone now?" not in words(resident.get("/"))
