"""What a team knows of a listing stays with that team."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from prescribing.listing_notes.models import ListingNote
from tests import build_directory
from tests.integration.prescribing.episodes import walk
from tests.integration.prescribing.episodes.test_pages import MakeClient, send, signed_in, words
from tests.integration.prescribing.referrals import walk as referrals

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
    listing = words(client.get(f"/activities/{service_id}"))
    assert NOTE not in listing
    assert "Your team’s notes (1)" in listing
    note_id = session.scalars(select(ListingNote.id)).one()
    session.rollback()
    assert send(client, f"/team-notes/{note_id}/take-down", page=where).status_code == 303
    assert NOTE not in words(client.get(where))
    assert client.get("/activities/00000000-0000-7000-8000-000000000000/team-notes").status_code == 404


def test_the_way_to_a_note_stands_where_its_listing_is_looked_at(
    session: Session, make_client: MakeClient
) -> None:
    at = referrals.scene(session)
    referral = referrals.sent(session, at)
    client = signed_in(session, make_client, at.team.worker)
    listing, referral_page = f"/activities/{referral.service_id}", f"/referrals/{referral.id}"
    assert f'href="{listing}/team-notes"' in client.get(listing).text
    assert f'href="{listing}/team-notes"' in client.get(referral_page).text
    assert f'href="{listing}"' in client.get(referral_page).text
    send(client, f"{listing}/team-notes", words=NOTE)
    assert NOTE in words(client.get(referral_page))
    assert "team-notes" not in make_client().get(listing).text
