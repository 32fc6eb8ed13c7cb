"""Somebody is worried: whom to ring, the coordinator told at once, and what was done."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import create_engine, event, select, update
from sqlalchemy.orm import Session

from core import clock, statements
from core.access.rules import Role
from core.accounts.models import Account
from core.audit.models import AuditEntry
from core.db import Base, new_id
from core.errors import Refused
from core.jobs.models import Job
from core.notify.models import Message
from prescribing.concerns import jobs, queries, services
from prescribing.concerns.models import Concern
from prescribing.episodes import boards, closing, intake, plan, triage
from prescribing.episodes import services as episodes
from prescribing.episodes.models import ActionOwner
from prescribing.episodes.moves import BasedOnReason
from prescribing.episodes.plan import ActionText
from prescribing.episodes.rules import CloseReason, EpisodeState
from prescribing.episodes.today_rules import Group
from prescribing.residents import services as residents
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


def worried_about(session: Session, team: walk.Team) -> tuple[Any, Concern]:
    """Somebody with a task that is not due, about whom somebody is worried."""
    episode = walk.active(session, team)
    later = ActionText("Practise", ActionOwner.LINK_WORKER, due_on=clock.today() + timedelta(days=60))
    plan.add_action(session, team.worker, episode.id, later)
    return episode, services.raise_concern(session, team.worker, episode.person_id, SEEN)


def test_a_worry_comes_before_everything_and_cannot_be_put_off(
    session: Session, make_client: MakeClient
) -> None:
    team = walk.team(session)
    overdue = walk.active(session, team)
    late = ActionText("Ring", ActionOwner.LINK_WORKER, due_on=clock.today() - timedelta(days=9))
    plan.add_action(session, team.worker, overdue.id, late)
    episode = walk.active(session, team)
    day = clock.today() + timedelta(days=5)
    later = ActionText("Practise", ActionOwner.LINK_WORKER, due_on=clock.today() + timedelta(days=60))
    plan.add_action(session, team.worker, episode.id, later)
    episodes.put_off(session, team.worker, episode.id, day)
    assert boards.today_board(session, team.worker).counts[Group.WAITING] == 1
    concern = services.raise_concern(session, team.worker, episode.person_id, SEEN)
    board = boards.today_board(session, team.worker)
    assert [row.episode_id for row in board.first] == [episode.id, overdue.id]
    row = board.first[0]
    assert (row.press.words, row.press.values) == ("Read the worry", {"concern_id": concern.id})
    assert row.urgent
    assert not row.can_put_off
    assert "put this off" not in row.why
    with pytest.raises(Refused, match="Read the worry first"):
        episodes.put_off(session, team.worker, episode.id, day)
    session.commit()
    today = signed_in(session, make_client, team.worker).get("/today")
    assert f'href="/concerns/{concern.id}">Read the worry' in " ".join(today.text.split())
    assert "Worry" in words(today)
    services.close(session, team.coordinator, concern.id, "The police have seen her")
    assert boards.today_board(session, team.worker).counts[Group.WAITING] == 1


def test_what_they_write_after_they_were_put_off_brings_them_back(session: Session) -> None:
    team = walk.team(session)
    episode = walk.active(session, team)
    person = build.actor(session, Role.RESIDENT, place_id=episode.person_id)
    residents.write(session, person, "Before")
    with clock.at(clock.now() + timedelta(minutes=1)):
        episodes.put_off(session, team.worker, episode.id, clock.today() + timedelta(days=5))
        assert boards.today_board(session, team.worker).counts[Group.WAITING] == 1
    with clock.at(clock.now() + timedelta(minutes=2)):
        residents.write(session, person, "Is anybody coming?")
        board = boards.today_board(session, team.worker)
        assert board.counts[Group.WAITING] == 0
        [row] = [row for rows in board.parts.values() for row in rows]
    assert row.press.words == "Answer them"


def test_a_worry_is_told_again_until_somebody_takes_it_up(session: Session) -> None:
    team = walk.team(session)
    _episode, concern = worried_about(session, team)
    [job] = session.scalars(select(Job).where(Job.kind == services.CHASE))
    assert job.run_at >= concern.at + timedelta(hours=1)
    with clock.at(job.run_at):
        session.delete(job)
        jobs.chase(session, job.payload)
        [again] = session.scalars(select(Job).where(Job.kind == services.CHASE))
        assert again.run_at > job.run_at
    sent = session.scalars(select(Message).where(Message.template == "concern-waiting")).all()
    assert {one.to for one in sent} == {
        session.get_one(Account, who.account_id).email for who in (team.coordinator, team.worker)
    }
    assert all("Margaret" not in (one.body or "") and SEEN not in (one.body or "") for one in sent)
    services.take_up(session, team.coordinator, concern.id)
    session.delete(again)
    jobs.chase(session, again.payload)
    assert session.scalars(select(Job).where(Job.kind == services.CHASE)).all() == []
    assert len(session.scalars(select(Message).where(Message.template == "concern-waiting")).all()) == len(
        sent
    )


def test_once_the_coordinator_has_gone_the_administrators_hear_that_a_worry_waits(session: Session) -> None:
    team = walk.team(session)
    chief = build.actor(session, Role.ADMINISTRATOR)
    worried_about(session, team)
    [job] = session.scalars(select(Job).where(Job.kind == services.CHASE))
    session.execute(
        update(Account).where(Account.id == team.coordinator.account_id).values(disabled_at=clock.now())
    )
    with clock.at(job.run_at):
        session.delete(job)
        jobs.chase(session, job.payload)
    [alarm] = session.scalars(select(Message).where(Message.template == "concern-unheard"))
    assert alarm.to == session.get_one(Account, chief.account_id).email
    [told] = session.scalars(select(Message).where(Message.template == "concern-waiting"))
    assert told.to == session.get_one(Account, team.worker.account_id).email


def test_the_page_says_who_was_told_and_when_nobody_could_be(
    session: Session, make_client: MakeClient
) -> None:
    team = walk.team(session)
    chief = build.actor(session, Role.ADMINISTRATOR)
    episode = walk.active(session, team)
    session.commit()
    client = signed_in(session, make_client, team.worker)
    sent = send(client, "/worried", person_id=str(episode.person_id), seen=SEEN)
    assert f"An email is on its way to {team.coordinator.name}" in words(client.get(sent.location))
    session.execute(
        update(Account).where(Account.id == team.coordinator.account_id).values(disabled_at=clock.now())
    )
    session.commit()
    sent = send(client, "/worried", person_id=str(episode.person_id), seen=SEEN)
    said = words(client.get(sent.location))
    assert "no coordinator could be told" in said
    assert "0161 496 0222" in said
    [alarm] = session.scalars(select(Message).where(Message.template == "concern-unheard"))
    assert alarm.to == session.get_one(Account, chief.account_id).email


def test_a_worry_outlives_the_support_until_somebody_takes_it_up(
    session: Session, make_client: MakeClient
) -> None:
    team = walk.team(session)
    colleague = build.actor(session, Role.LINK_WORKER, place_id=team.id)
    elsewhere = walk.team(session)
    episode, concern = worried_about(session, team)
    other = walk.active(session, team)
    services.raise_concern(session, colleague, other.person_id, "Bruises")
    for one in (episode, other):
        reason = CloseReason.MOVED
        closing.close(session, team.worker, one.id, EpisodeState.WITHDRAWN, reason=reason, words="Moved away")
    board = boards.today_board(session, team.worker)
    compiled = statements._known.cache_info().misses
    boards.today_board(session, team.worker)
    assert statements._known.cache_info().misses == compiled, "every statement of Today is made once and kept"
    assert [row.press.words for row in board.first] == ["Read the worry"] * 2
    assert "The support has ended" in board.first[0].why
    assert board.people == 0
    assert [row.episode_id for row in boards.today_board(session, colleague).first] == [other.id]
    assert boards.today_board(session, colleague, whole_team=True).counts[Group.FIRST] == 2
    assert boards.today_board(session, elsewhere.worker, whole_team=True).counts[Group.FIRST] == 0
    session.commit()
    assert "Read the worry" in words(signed_in(session, make_client, team.worker).get("/today"))

    # With a support that goes on it stands there, and there alone.
    again = intake.start_again(session, team.worker, episode.id, BasedOnReason.RELAPSE, "Rang us")
    assert team.worker.account_id is not None
    triage.allocate(session, team.coordinator, again.id, team.worker.account_id)
    assert {row.episode_id for row in boards.today_board(session, team.worker).first} == {again.id, other.id}
    services.take_up(session, team.coordinator, concern.id)
    for one in session.scalars(select(Concern)):
        services.take_up(session, team.coordinator, one.id)
    left = boards.today_board(session, team.worker).first
    assert [row.episode_id for row in left] == [again.id], "what is taken up is the coordinator's"


def test_who_is_worried_about_is_found_by_the_worries_not_by_all_who_were_ever_supported() -> None:
    # On SQLite alone: it holds no figures about its tables, so that the statement must lead it.
    engine = create_engine("sqlite://")
    sent: list[tuple[str, Any]] = []
    event.listen(
        engine, "before_cursor_execute", lambda _c, _k, said, values, *_: sent.append((said, values))
    )
    tables = [Base.metadata.tables[name] for name in ("concerns", "episodes")]
    Base.metadata.create_all(engine, tables=tables)
    with Session(engine) as session:
        for account_ids in (None, [new_id()]):
            queries.in_sight(session, account_ids)
            said, values = sent[-1]
            plan = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {said}", values)
            assert "concerns" in plan.all()[0].detail
    engine.dispose()


def test_whom_it_is_about_is_told_from_others_of_the_same_name(
    session: Session, make_client: MakeClient
) -> None:
    team = walk.team(session)
    first, second = walk.active(session, team), walk.active(session, team)
    for one, name in ((first, "Margaret Sample"), (second, "Margaret Example")):
        one.person.name, one.person.preferred_name = name, "Margaret"
    session.commit()
    shown = words(signed_in(session, make_client, team.worker).get("/worried"))
    assert "Margaret (Margaret Sample)" in shown
    assert "Margaret (Margaret Example)" in shown


def test_a_worry_about_somebody_whose_support_is_over_is_written_from_their_page(
    session: Session, make_client: MakeClient
) -> None:
    team, other = walk.team(session), walk.team(session)
    episode, elsewhere = walk.active(session, team), walk.active(session, other)
    done = EpisodeState.COMPLETED
    closing.close(session, team.worker, episode.id, done, reason=CloseReason.GOALS_MET)
    session.commit()
    client = signed_in(session, make_client, team.worker)
    page = client.get(f"/worried?episode={episode.id}")
    assert f'value="{episode.person_id}" selected' in page.text
    path = f"/worried?person={episode.person_id}"
    chosen = {"person_id": str(episode.person_id), "seen": SEEN}
    assert send(client, path, page=f"/worried?episode={episode.id}", **chosen).status_code == 303
    [concern] = session.scalars(select(Concern)).all()
    assert concern.person_id == episode.person_id
    # Nobody of another team can be meant.
    assert (
        str(elsewhere.person_id)
        not in client.get(f"/worried?person={elsewhere.person_id}").text.partition("<select")[2]
    )
    told = send(client, "/worried", person_id=str(elsewhere.person_id), seen=SEEN)
    assert "There is a problem" in words(told)
    assert len(session.scalars(select(Concern)).all()) == 1
