"""A link worker's list of today: everybody in one part, what is put off, and what is ticked off from it."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import event, select
from sqlalchemy.orm import Session

from core import clock
from core.audit.models import AuditEntry
from core.calendar.rules import next_working_day
from core.db import Base
from core.references.rules import new_reference
from prescribing.episodes import boards, contact_log, finding, plan, services
from prescribing.episodes.contacts import Outcome
from prescribing.episodes.models import (
    Action,
    ActionOwner,
    Episode,
    EpisodeEvent,
    RequestSource,
    SupportRequest,
)
from prescribing.episodes.rules import EpisodeState
from prescribing.episodes.today_rules import Group
from prescribing.people.models import Person
from prescribing.people.safe_contact import Channel
from tests import build
from tests.integration.prescribing.episodes import walk
from tests.integration.prescribing.episodes.test_pages import MakeClient, send, signed_in, words


def task(session: Session, team: walk.Team, *, days: int) -> Action:
    """Somebody with one thing to do, due so many days from now."""
    text = plan.ActionText(
        "Ring the choir", ActionOwner.LINK_WORKER, due_on=clock.today() + timedelta(days=days)
    )
    return plan.add_action(session, team.worker, walk.active(session, team).id, text)


def given(team: walk.Team) -> list[Base]:
    """The rows of somebody who was given to the worker just now; written at once, for many."""
    reference = new_reference()
    person = Person(team_id=team.id, reference=reference, name="Sam Example")
    request = SupportRequest(reference=reference, source=RequestSource.SELF, team_id=team.id, need_slugs=[])
    episode = Episode(
        reference=reference,
        support_request_id=request.id,
        person_id=person.id,
        team_id=team.id,
        link_worker_id=team.worker.account_id,
        state=EpisodeState.ALLOCATED,
    )
    happened = EpisodeEvent(
        episode_id=episode.id,
        at=clock.now(),
        author="system",
        author_name="The system",
        target=EpisodeState.ALLOCATED,
    )
    return [person, request, episode, happened]


def test_each_stands_in_one_part_with_one_press(session: Session) -> None:
    team = walk.team(session)
    with clock.at(build.days_ago(45)):
        silent = task(session, team, days=90)
    overdue, later = task(session, team, days=-7), task(session, team, days=60)
    paused, booked = walk.active(session, team), walk.active(session, team)
    services.move(session, team.worker, paused.id, EpisodeState.PAUSED, note="In hospital")
    talk = contact_log.ContactNote(Channel.PHONE, Outcome.BOOKED, booked_on=clock.today())
    contact_log.record_contact(session, team.worker, booked.id, talk)
    board = boards.today_board(session, team.worker)
    found = {row.episode_id: (row.group, row.press.words) for rows in board.parts.values() for row in rows}
    assert found == {
        overdue.episode_id: (Group.FIRST, "Done"),
        booked.id: (Group.FIRST, "Write down how it went"),
        silent.episode_id: (Group.QUIET, "Get in touch"),
        later.episode_id: (Group.REST, "Done"),
        paused.id: (Group.WAITING, "Look at it again"),
    }
    assert (board.late, board.people) == (1, 5)
    assert "Nothing has happened since" in board.parts[Group.QUIET][0].why


def test_whoever_was_quiet_for_longest_comes_first_of_the_quiet(session: Session) -> None:
    team = walk.team(session)
    quiet = []
    for days_ago, due in ((45, 50), (60, 70), (50, 90)):
        with clock.at(build.days_ago(days_ago)):
            quiet.append(task(session, team, days=due + days_ago).episode_id)
    board = boards.today_board(session, team.worker)
    found = [row.episode_id for row in board.parts[Group.QUIET]]
    assert found == [quiet[1], quiet[2], quiet[0]]


def test_whoever_is_at_risk_is_put_off_for_a_week_at_most_and_the_page_says_so(
    session: Session, make_client: MakeClient
) -> None:
    team = walk.team(session)
    episode = walk.active(session, team)
    client = signed_in(session, make_client, team.worker)
    where = f"/episodes/{episode.id}/put-off"
    assert "Within 28 days." in words(client.get(where))
    episode.person.safeguarding = "The council knows"
    session.commit()
    assert "Within 7 days, because there is a known risk." in words(client.get(where))
    until = clock.today() + timedelta(days=8)
    day = {f"until-{part}": str(getattr(until, part)) for part in ("day", "month", "year")}
    assert "There is a known risk" in words(send(client, where, **day))


def test_put_off_until_a_day_then_done_from_the_list(session: Session, make_client: MakeClient) -> None:
    team = walk.team(session)
    action = task(session, team, days=0)
    episode_id, action_id = action.episode_id, action.id
    client = signed_in(session, make_client, team.worker)
    where = f"/episodes/{episode_id}/put-off"
    past = {"until-day": "1", "until-month": "3", "until-year": "2020"}
    refused = send(client, where, **past)
    assert "Choose a day after today" in words(refused)
    assert 'value="2020"' in refused.get_data(as_text=True)
    until = next_working_day(clock.today() + timedelta(days=3))
    day = {"until-day": str(until.day), "until-month": str(until.month), "until-year": str(until.year)}
    assert send(client, where, **day).status_code == 303
    assert "Waiting on others (1)" in words(client.get("/today"))
    with clock.at(build.days_ahead(9)):
        later = signed_in(session, make_client, team.worker)
        assert "Needs you now (1)" in words(later.get("/today?who=team&show=first"))
    done = send(client, f"/actions/{action_id}/done", page="/today")
    assert (done.status_code, done.headers["Location"]) == (303, "/today")
    undone = send(client, f"/actions/{action_id}/not-done", page="/today")
    assert (undone.status_code, undone.headers["Location"]) == (303, "/today")
    session.expire_all()
    assert session.get_one(Action, action_id).done_at is None
    kept = select(AuditEntry.action).where(AuditEntry.subject_id == episode_id)
    assert "episode.put-off" in set(session.scalars(kept))


def test_two_hundred_people_ask_the_database_no_more_than_ten(
    session: Session, make_client: MakeClient
) -> None:
    team = walk.team(session)
    client = signed_in(session, make_client, team.worker)
    counts: list[int] = []

    def more(*_arguments: object) -> None:
        counts[-1] += 1

    for people in (10, 190):
        session.add_all(row for _ in range(people) for row in given(team))
        session.commit()
        counts.append(0)
        event.listen(session.get_bind(), "before_cursor_execute", more)
        shown = words(client.get("/today"))
        event.remove(session.get_bind(), "before_cursor_execute", more)
        assert "Everybody else (10)" in shown or "See all 200" in shown
    assert counts[0] == counts[1]


def test_somebody_is_found_by_name_and_the_address_names_nobody(
    session: Session, make_client: MakeClient
) -> None:
    team, other = walk.team(session), walk.team(session)
    mine, theirs = walk.active(session, team), walk.active(session, other)
    for episode, name, called in ((mine, "Zoë O’Hara", "Zo"), (theirs, "Zoë Marsh", "")):
        person = session.get_one(Person, episode.person_id)
        person.name, person.preferred_name = name, called
    session.commit()
    client = signed_in(session, make_client, team.worker)
    for typed in ("zoe", "ohara", "ZO", session.get_one(Person, mine.person_id).reference):
        answer = send(client, "/today/find", page="/today", words=typed)
        assert answer.status_code == 303
        assert answer.headers["Location"].endswith(f"/people/{mine.person_id}")
    assert "Your team is not supporting anybody" in words(
        send(client, "/today/find", page="/today", words="Marsh")
    )
    assert "Type a name or a reference" in words(send(client, "/today/find", page="/today", words=""))


def test_several_who_may_be_meant_are_shown_the_readers_own_first(
    session: Session, make_client: MakeClient
) -> None:
    team = walk.team(session)
    for _number in range(finding.MOST_SHOWN + 1):
        session.add_all(given(team))
    session.flush()
    for number, person in enumerate(session.scalars(select(Person))):
        person.preferred_name = f"Sam {number}"
    away = next(row for row in session.scalars(select(Episode)) if row.link_worker_id)
    away.link_worker_id = None
    session.commit()
    client = signed_in(session, make_client, team.worker)
    page = words(send(client, "/today/find", page="/today", words="sam example"))
    assert f"The first {finding.MOST_SHOWN} of {finding.MOST_SHOWN + 1}." in page
    unallotted = session.get_one(Person, away.person_id).preferred_name
    assert unallotted
    assert f"{unallotted} " not in page
    looks = session.scalars(
        select(AuditEntry).where(AuditEntry.action == "caseload.read").order_by(AuditEntry.sequence)
    ).all()
    assert looks[-1].detail == {"count": finding.MOST_SHOWN}


def test_two_people_of_one_name_do_not_look_the_same_where_they_are_listed(
    session: Session, make_client: MakeClient
) -> None:
    team = walk.team(session)
    born = {date(1941, 5, 3): "born 3 May 1941", date(1958, 11, 30): "born 30 November 1958"}
    for day in born:
        walk.active(session, team).person.date_of_birth = day.isoformat()
    walk.active(session, team).person.name = "Sam Example"
    session.commit()
    client = signed_in(session, make_client, team.worker)
    today = words(client.get("/today"))
    found = words(send(client, "/today/find", page="/today", words="Example"))
    for shown in (today, found):
        assert all(f"Margaret Example ({said})" in shown for said in born.values())
        assert "Sam Example" in shown
        assert "Sam Example (" not in shown
