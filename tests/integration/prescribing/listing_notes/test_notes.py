"""What a team knows of a listing stays with that team."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from prescribing.listing_notes.models import ListingNote
from tests import build_directory
from tests.integration.prescribing.episodes import walk
from tests.integration.prescribing.episodes.test_pages import MakeClient, send, signed_in, words

NOTE = "Ring Dave, not the office."


def test_a_note_is_for_one_team_until_it_is_taken_down(session: Session, make_client: MakeClient) -> None:
    team, other = walk.team(session), walk.team(session)
    service_id = build_directory.listing(session)
    client, stranger = (signed_in(session, make_client, who) for who in (team.worker, other.worker))
    where = f"/activities/{service_id}/team-notes"
    assert "Write down what your team should know" in words(send(client, where, words=" "))
    assert send(client, where, words=NOTE).status_code == 303
    assert NOTE in words(client.get(where))
    for page in (where, f"/activities/{service_id}"):
        assert NOTE not in words(stranger.get(page))
    assert NOTE not in words(client.get(f"/activities/{service_id}"))
    note_id = session.scalars(select(ListingNote.id)).one()
    session.rollback()
    assert send(client, f"/team-notes/{note_id}/take-down", page=where).status_code == 303
    assert NOTE not in words(client.get(where))
    assert client.get("/activities/00000000-0000-7000-8000-000000000000/team-notes").status_code == 404
