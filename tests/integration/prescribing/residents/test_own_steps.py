"""A break from one's own support, coming back, and saying whether one went."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock
from prescribing.episodes import services as episodes
from prescribing.episodes.models import Action, Episode
from prescribing.episodes.moves import Mover
from prescribing.episodes.rules import EpisodeState
from prescribing.referrals import answering, attending
from prescribing.referrals.models import Attendance, Presence, Referral
from prescribing.referrals.rules import ReferralState
from tests.integration.prescribing.episodes.test_pages import MakeClient, send, signed_in, words
from tests.integration.prescribing.referrals import walk
from tests.integration.prescribing.residents.test_joining import token
from tests.integration.prescribing.residents.test_own_plan import at_home


def typed(day: date, name: str) -> dict[str, str]:
    return {f"{name}-day": str(day.day), f"{name}-month": str(day.month), f"{name}-year": str(day.year)}


def state_of(session: Session, at: walk.Scene) -> EpisodeState:
    session.expire_all()
    return session.get_one(Episode, at.episode.id).state


def accepted(session: Session, at: walk.Scene) -> Referral:
    made = walk.sent(session, at)
    return answering.answer(session, at.group, made.id, ReferralState.ACCEPTED, expected_version=made.version)


def test_a_break_holds_the_support_until_they_are_back(session: Session, make_client: MakeClient) -> None:
    at = walk.scene(session)
    client, team = at_home(session, make_client, at), signed_in(session, make_client, at.team.worker)
    assert "Take a break from my support" in words(client.get("/me"))
    for wrong in (clock.today(), clock.today() + timedelta(days=200)):
        page = words(send(client, "/me/pause", words="Too much now", **typed(wrong, "until")))
        assert "Choose a day" in page
        assert "Too much now" in page
    until = clock.today() + timedelta(days=20)
    assert send(client, "/me/pause", words="Too much now", **typed(until, "until")).location == "/me"
    assert state_of(session, at) is EpisodeState.PAUSED
    held = session.get_one(Episode, at.episode.id)
    assert (held.snoozed_until, held.events[-1].reason) == (until, "Too much now")
    page = words(client.get("/me"))
    assert "Your support is paused" in page
    assert "We ask you again on" in page
    assert "Take a break" not in page
    assert "They wrote to you" in words(team.get("/today"))
    assert "Too much now" in words(team.get(f"/people/{at.person.id}/messages"))
    assert "nothing to put on hold" in words(send(client, "/me/pause", **typed(until, "until")))

    assert send(client, "/me/back", page="/me").location == "/me"
    assert state_of(session, at) is EpisodeState.ACTIVE
    assert session.get_one(Episode, at.episode.id).snoozed_until is None
    stale = client.post("/me/back", data={"csrf_token": token(client)})
    assert stale.location == "/me"
    assert words(team.get(f"/people/{at.person.id}/messages")).count("I am back") == 1
    assert "Your link worker is supporting you" in words(client.get("/me"))


def test_a_break_that_the_team_decided_on_is_theirs_to_end(session: Session, make_client: MakeClient) -> None:
    at = walk.scene(session)
    episodes.move(session, at.team.worker, at.episode.id, EpisodeState.PAUSED, note="In hospital")
    client = at_home(session, make_client, at)
    answer = send(client, "/me/back", page="/me")
    assert "hears that you are ready" in words(client.get(answer.location))
    assert state_of(session, at) is EpisodeState.PAUSED
    team = signed_in(session, make_client, at.team.worker)
    assert "I am back" in words(team.get(f"/people/{at.person.id}/messages"))


def test_the_first_visit_by_their_own_word_starts_it_and_the_group_settles_it(
    session: Session, make_client: MakeClient
) -> None:
    at = walk.scene(session)
    made = accepted(session, at)
    client = at_home(session, make_client, at)
    path = f"/me/referrals/{made.id}/went"
    assert path in client.get("/me").text
    ahead = clock.today() + timedelta(days=1)
    assert "has not happened yet" in words(send(client, path, went="yes", **typed(ahead, "on")))
    assert "Enter the day on which you went" in words(
        send(client, path, went="yes", **{"on-day": "", "on-month": "", "on-year": ""})
    )
    days = [clock.today() - timedelta(days=7 * weeks) for weeks in (3, 2, 1, 0)]
    for day in days[:3]:
        assert send(client, path, went="yes", **typed(day, "on")).location == "/me"
    session.expire_all()
    started = session.get_one(Referral, made.id)
    assert started.state is ReferralState.STARTED, "whether they settled in is not theirs to write down"
    assert [event.said_by for event in started.events if event.target is ReferralState.STARTED] == [
        Mover.PERSON
    ]
    assert "You went 3 times" in words(client.get("/me"))
    assert "I went to" in words(
        signed_in(session, make_client, at.team.worker).get(f"/people/{at.person.id}/messages")
    )
    # The group says the same of a day: it is known already. The next day that it writes down settles them.
    attending.record_attendance(session, at.group, made.id, days[0], Presence.CAME)
    assert len(session.scalars(select(Attendance)).all()) == 3
    attending.record_attendance(session, at.group, made.id, days[3], Presence.CAME)
    session.commit()
    assert session.get_one(Referral, made.id).state is ReferralState.COMPLETED


def test_what_the_group_wrote_down_first_stands(session: Session, make_client: MakeClient) -> None:
    at = walk.scene(session)
    made = accepted(session, at)
    attending.record_attendance(session, at.group, made.id, clock.today(), Presence.DID_NOT_COME)
    client = at_home(session, make_client, at)
    path = f"/me/referrals/{made.id}/went"
    answer = send(client, path, went="yes", **typed(clock.today(), "on"))
    assert "written down already" in words(client.get(answer.location))
    assert [row.presence for row in session.scalars(select(Attendance))] == [Presence.DID_NOT_COME]


def test_whoever_has_not_been_is_asked_what_would_help(session: Session, make_client: MakeClient) -> None:
    at = walk.scene(session)
    made = accepted(session, at)
    client = at_home(session, make_client, at)
    path = f"/me/referrals/{made.id}/went"
    assert "Choose whether you have been" in words(send(client, path))
    assert send(client, path, went="no", words="No bus").location == "/me"
    session.expire_all()
    assert session.get_one(Referral, made.id).state is ReferralState.ACCEPTED
    task = session.scalars(select(Action).where(Action.episode_id == at.episode.id)).all()[-1]
    assert (task.words or "").startswith("Ask what would help them to go to Tea and Talk")
    team = signed_in(session, make_client, at.team.worker)
    assert "No bus" in words(team.get(f"/people/{at.person.id}/messages"))

    asked = walk.scene(session)
    waits = walk.sent(session, asked)
    session.commit()
    other = at_home(session, make_client, asked)
    assert "You do not go there now" in words(other.get(f"/me/referrals/{waits.id}/went"))
    assert other.get(path).status_code == 404
