"""What was written down by mistake has a way back; what happens often is one press."""

from __future__ import annotations

import re
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock
from prescribing.episodes import closing, plan, services
from prescribing.episodes.models import ContactAttempt, Episode
from prescribing.episodes.moves import BasedOnReason
from prescribing.episodes.rules import CloseReason, EpisodeState
from prescribing.people.models import Person
from tests.html import HtmlClient
from tests.integration.prescribing.episodes import walk
from tests.integration.prescribing.episodes.test_pages import MakeClient, send, signed_in, words

OVER = "Their support is over. Start again first, if they want that."


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


def test_a_page_from_before_the_support_was_stopped_says_so_and_keeps_what_was_typed(
    session: Session, make_client: MakeClient
) -> None:
    team = walk.team(session)
    episode = walk.active(session, team)
    goal = plan.add_goal(session, team.worker, episode.id, plan.GoalText("Company on Sundays"))
    session.commit()
    client = signed_in(session, make_client, team.worker)
    where = f"/episodes/{episode.id}"
    assert f"/goals/{goal.id}" in client.get(where).text
    day = clock.today() + timedelta(days=7)
    paths = {
        f"{where}/close": {"ending": "closed-completed|met", "words": "She sings again."},
        f"{where}/pause": {
            "note": "She is in hospital.",
            **{f"look_again_on-{part}": getattr(day, part) for part in ("day", "month", "year")},
        },
        f"{where}/goals/new": {"words": "She wants to sing."},
        f"/goals/{goal.id}": {"words": "She wants to sing again."},
        f"{where}/put-off": {f"until-{part}": getattr(day, part) for part in ("day", "month", "year")},
    }
    opened = {path: hidden(client, path) for path in paths}
    services.end_by_person(session, team.worker, episode.person_id)
    session.commit()
    for path, typed in paths.items():
        shown = words(client.post(path, data=opened[path] | typed))
        assert str(typed.get("words", typed.get("note", ""))) in shown, path
        if not path.endswith("close"):
            assert OVER in shown, path
            assert "Somebody else" not in shown, path
    session.expire_all()
    assert session.get_one(Episode, episode.id).state is EpisodeState.PERSON_DECLINED
    assert "This is closed already" in words(client.get(f"{where}/close"))
    for path, question in (
        (f"{where}/pause", "Why is it paused?"),
        (f"{where}/put-off", "Another day"),
        (f"{where}/needs/new", "What is it about?"),
        (f"{where}/goals/new", "What do they want"),
        (f"{where}/actions/new", "What is to be done?"),
        (f"/goals/{goal.id}", "What do they want"),
    ):
        asked = words(client.get(path))
        assert OVER in asked, path
        assert question not in asked, path
    assert "Company on Sundays" in words(client.get(f"/goals/{goal.id}"))
    assert f"/goals/{goal.id}" not in client.get(where).text


def test_support_starts_again_once_however_many_pages_ask_for_it(
    session: Session, make_client: MakeClient
) -> None:
    team = walk.team(session)
    episode = walk.active(session, team)
    services.end_by_person(session, team.worker, episode.person_id)
    session.commit()
    client = signed_in(session, make_client, team.worker)
    where = f"/episodes/{episode.id}/again"
    assert where in client.get(f"/episodes/{episode.id}").text
    first, second = hidden(client, where), hidden(client, where)
    typed = {"reason": BasedOnReason.RELAPSE.value, "words": "I am lonely again."}
    assert client.post(where, data=first | typed).status_code == 303
    told = client.post(where, data=second | typed)
    assert "They have support that is open already" in words(told)
    assert "I am lonely again." in told.text
    assert len(session.scalars(select(Episode.id).where(Episode.based_on_id == episode.id)).all()) == 1
    assert where not in client.get(f"/episodes/{episode.id}").text


def hidden(client: HtmlClient, path: str) -> dict[str, str]:
    """What the form on a page carries that nobody sees."""
    names = "csrf_token|idempotency_key|version"
    return dict(re.findall(rf'name="({names})"[^>]*value="([^"]*)"', client.get(path).text))
