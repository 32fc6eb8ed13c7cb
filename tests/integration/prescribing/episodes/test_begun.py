"""What is typed about somebody is kept before it is sent, for whoever typed it and nobody else."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core import clock
from prescribing.drafts import services
from prescribing.drafts.models import Draft
from tests import build
from tests.integration.prescribing.episodes import walk
from tests.integration.prescribing.episodes.test_pages import MakeClient, send, signed_in, words

TYPED = "She laughed about the choir."


def test_a_note_that_was_begun_is_found_as_it_was_left(session: Session, make_client: MakeClient) -> None:
    team = walk.team(session)
    episode_id = walk.active(session, team).id
    client = signed_in(session, make_client, team.worker)
    where = f"/episodes/{episode_id}/contacts/new"
    shown = client.get(where).get_data(as_text=True)
    token = shown.split('name="csrf_token" value="')[1].split('"')[0]

    def keep(form: str, **values: str) -> int:
        return client.post(
            f"/episodes/{episode_id}/drafts/{form}", data={"csrf_token": token, **values}
        ).status_code

    assert keep("contact", note=TYPED, outcome="message-left", inbound="y") == 204
    row = session.scalars(select(Draft)).one()
    assert TYPED.encode() not in (row.content_sealed or b"")
    session.rollback()
    again = client.get(where)
    assert TYPED in words(again)
    assert "What you typed was kept" in words(again)
    assert 'value="message-left" checked' in " ".join(again.get_data(as_text=True).split())
    theirs = signed_in(session, make_client, team.coordinator)
    assert TYPED not in words(theirs.get(where))
    assert keep("nothing", note=TYPED) == 404
    assert keep("contact", note="x" * 20_001) == 400
    assert send(client, where, outcome="message-left", channel="phone", note=TYPED).status_code == 303
    assert session.scalar(select(func.count()).select_from(Draft)) == 0


def test_what_nobody_came_back_to_is_dropped(session: Session) -> None:
    team = walk.team(session)
    episode = walk.active(session, team)
    services.save(session, team.worker, episode.id, "pause", [("note", TYPED)])
    services.save(session, team.worker, episode.id, "pause", [("note", f"{TYPED} And more.")])
    services.forget_old(session)
    assert session.scalar(select(func.count()).select_from(Draft)) == 1
    with clock.at(build.days_ahead(15)):
        services.forget_old(session)
    assert session.scalar(select(func.count()).select_from(Draft)) == 0
    services.save(session, team.worker, episode.id, "pause", [("note", TYPED)])
    services.save(session, team.worker, episode.id, "pause", [("note", "")])
    assert session.scalar(select(func.count()).select_from(Draft)) == 0
