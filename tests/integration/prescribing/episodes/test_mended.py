"""What was written down by mistake has a way back; what happens often is one press."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from prescribing.episodes import closing
from prescribing.episodes.models import ContactAttempt, Episode
from prescribing.episodes.rules import CloseReason, EpisodeState
from prescribing.people.models import Person
from tests.integration.prescribing.episodes import walk
from tests.integration.prescribing.episodes.test_pages import MakeClient, send, signed_in, words


def test_a_death_recorded_by_mistake_is_taken_back_by_a_coordinator_and_nobody_alone(
    session: Session, make_client: MakeClient
) -> None:
    team = walk.team(session)
    episode, other = walk.active(session, team), walk.active(session, team)
    for one, who in ((episode, team.worker), (other, team.coordinator)):
        closing.close(session, who, one.id, EpisodeState.WITHDRAWN, reason=CloseReason.DIED)
    session.commit()
    helen = signed_in(session, make_client, team.coordinator)
    own = f"/people/{other.person_id}/not-died"
    assert "must agree that this was a mistake" in words(send(helen, own, reason="Wrong Margaret"))
    where = f"/people/{episode.person_id}/not-died"
    assert "This was written down by mistake" in words(helen.get(f"/people/{episode.person_id}"))
    assert "Say what the mistake was" in words(send(helen, where, reason=" "))
    assert send(helen, where, reason="It was her neighbour").status_code == 303
    session.expire_all()
    assert session.get_one(Episode, episode.id).state is EpisodeState.ACTIVE
    assert session.get_one(Episode, episode.id).close_reason is None
    assert session.get_one(Person, episode.person_id).died_at is None
    session.rollback()
    assert helen.get(where).status_code == 404


def test_a_try_is_written_down_in_one_press_by_safe_ways_only(
    session: Session, make_client: MakeClient
) -> None:
    team = walk.team(session)
    episode_id = walk.allocated(session, team).id
    client = signed_in(session, make_client, team.worker)
    where = f"/episodes/{episode_id}/contacts/new"
    page = words(client.get(where))
    assert "Rang, no answer" in page
    assert "Sent a text" in page
    assert "Left a voicemail" not in page
    assert send(client, f"{where}?quick=yes", page=where, channel="text", outcome="sent").status_code == 303
    attempt = session.scalars(select(ContactAttempt)).one()
    assert (attempt.channel.value, attempt.outcome.value) == ("text", "sent")
