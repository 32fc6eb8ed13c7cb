"""A coordinator sees each load, hands people over with a note, and arranges cover for leave."""

from __future__ import annotations

import re
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock
from core.access.rules import Role
from core.audit.models import AuditEntry
from core.calendar.rules import say_day
from prescribing.caseloads import queries
from prescribing.caseloads.models import Cover
from prescribing.episodes import closing, plan, services
from prescribing.episodes.models import ActionOwner, Episode
from prescribing.episodes.rules import CloseReason, EpisodeState
from prescribing.people.models import Person
from tests import build
from tests.integration.prescribing.episodes import walk
from tests.integration.prescribing.episodes.test_pages import MakeClient, send, signed_in, words


def test_loads_are_seen_and_people_handed_over_with_a_note(session: Session, make_client: MakeClient) -> None:
    team = walk.team(session)
    settled, risky = walk.active(session, team), walk.allocated(session, team)
    risky.person.risks = "Falls"
    other = build.account(session, Role.LINK_WORKER, place_id=team.id, name="Tom Example")
    session.commit()
    client = signed_in(session, make_client, team.coordinator)
    board = words(client.get("/caseloads"))
    assert "2 people, 1 at risk" in board
    assert "Load 7" in board
    where = f"/caseloads/{team.worker.account_id}"
    page = words(client.get(where))
    assert page.index("load 5") < page.index("load 2")
    over = f"{where}/hand-over"
    refused = send(client, over, page=where, people=str(risky.id), to_id=str(other.id))
    assert "Write what your colleague needs to know" in words(refused)
    assert f'value="{risky.id}" checked' in " ".join(refused.get_data(as_text=True).split())
    both = {
        "people": [str(risky.id), str(settled.id)],
        "to_id": str(other.id),
        "note": "Ring in the mornings",
    }
    assert send(client, over, page=where, **both).status_code == 303
    session.expire_all()
    assert {session.get_one(Episode, each.id).link_worker_id for each in (risky, settled)} == {other.id}
    theirs = signed_in(session, make_client, build.actor_of(other))
    today = words(theirs.get("/today"))
    assert "Handed over by" in today
    assert "Ring in the mornings" not in today
    assert "Ring in the mornings" in words(theirs.get(f"/episodes/{risky.id}/handed-over"))


def test_whoever_is_handed_over_is_told_from_others_of_the_same_name(
    session: Session, make_client: MakeClient
) -> None:
    team = walk.team(session)
    older, younger = walk.active(session, team), walk.active(session, team)
    older.person.date_of_birth, younger.person.date_of_birth = "1941-05-03", "1958-11-30"
    build.account(session, Role.LINK_WORKER, place_id=team.id, name="Tom Example")
    session.commit()
    client = signed_in(session, make_client, team.coordinator)
    where = f"/caseloads/{team.worker.account_id}"
    page = words(client.get(where))
    called = older.person.preferred_name or older.person.name
    assert f"{called} (born 3 May 1941)" in page
    assert f"{called} (born 30 November 1958)" in page
    # What is wrong stands beside the box as well.
    nobody = send(client, f"{where}/hand-over", page=where, note="Ring in the mornings")
    beside = r'id="people-error">.*?Choose at least one person'
    assert re.search(beside, nobody.get_data(as_text=True), re.DOTALL)


def test_whoever_was_handed_over_meanwhile_is_not_handed_over_again(
    session: Session, make_client: MakeClient
) -> None:
    team = walk.team(session)
    one, two = walk.active(session, team), walk.active(session, team)
    other = build.account(session, Role.LINK_WORKER, place_id=team.id, name="Tom Example")
    session.commit()
    client = signed_in(session, make_client, team.coordinator)
    where = f"/caseloads/{team.worker.account_id}"
    chosen = {"people": [str(one.id), str(two.id)], "to_id": str(other.id), "note": "Ring in the mornings"}
    assert (
        send(client, f"{where}/hand-over", page=where, **chosen | {"people": str(one.id)}).status_code == 303
    )
    told = send(client, f"{where}/hand-over", page=where, **chosen)
    assert "What you chose is not there any more. Choose an answer: Whom do you hand over?" in words(told)
    assert "Ring in the mornings" in told.get_data(as_text=True)
    assert session.scalars(select(Episode.link_worker_id).where(Episode.id == two.id)).one() != other.id


def test_as_many_are_overdue_here_as_on_today(session: Session, make_client: MakeClient) -> None:
    team = walk.team(session)
    finished, put_off = walk.active(session, team), walk.active(session, team)
    done = EpisodeState.COMPLETED
    closing.close(session, team.worker, finished.id, done, reason=CloseReason.GOALS_MET)
    with clock.at(build.days_ahead(110)):
        until = clock.today() + timedelta(days=3)
        services.put_off(session, team.worker, put_off.id, until)
        worker = signed_in(session, make_client, team.worker)
        assert "1 overdue" in words(worker.get("/today"))
        coordinator = signed_in(session, make_client, team.coordinator)
        assert "1 overdue" in words(coordinator.get("/caseloads"))


def test_whoever_stands_in_has_the_people_for_those_days_and_is_seen_to(
    session: Session, make_client: MakeClient
) -> None:
    team = walk.team(session)
    walk.active(session, team)
    other = build.account(session, Role.LINK_WORKER, place_id=team.id, name="Tom Example")
    client = signed_in(session, make_client, team.coordinator)
    where = f"/caseloads/{team.worker.account_id}"
    first, last = clock.today(), clock.today() + timedelta(days=4)

    def days(one: object, two: object) -> dict[str, str]:
        return {
            f"{name}-{part}": str(getattr(day, part))
            for name, day in (("first_day", one), ("last_day", two))
            for part in ("day", "month", "year")
        }

    wrong = send(client, f"{where}/cover", page=where, stand_in_id=str(other.id), **days(last, first))
    assert "The last day must not be before the first" in words(wrong)
    sent = send(client, f"{where}/cover", page=where, stand_in_id=str(other.id), **days(first, last))
    assert sent.status_code == 303
    theirs = signed_in(session, make_client, build.actor_of(other))
    assert f"away until {say_day(last, first)}. Their people are here too." in words(theirs.get("/today"))
    assert "You stand in for" not in words(signed_in(session, make_client, team.worker).get("/today"))
    assert f"Away until {say_day(last, first)}" in words(client.get("/caseloads"))
    seen = select(AuditEntry.detail).where(
        AuditEntry.action == "caseload.read", AuditEntry.account_id == other.id
    )
    assert session.scalars(seen).all()[-1]["covering"] == 1
    cover_id = session.scalars(select(Cover.id)).one()
    session.rollback()
    assert send(client, f"/covers/{cover_id}/end", page=where).status_code == 303
    assert "Nobody is with you yet" in words(theirs.get("/today"))


def test_of_equal_work_whoever_is_longest_overdue_comes_first(session: Session) -> None:
    team = walk.team(session)
    for name, days in (("Ann Example", 60), ("Bea Example", -60), ("Cas Example", -30)):
        episode = walk.active(session, team)
        session.get_one(Person, episode.person_id).name = name
        due = clock.today() + timedelta(days=days)
        text = plan.ActionText("Ring", ActionOwner.LINK_WORKER, due_on=due)
        plan.add_action(session, team.worker, episode.id, text)
    session.commit()
    assert team.worker.account_id is not None
    found = queries.caseload(session, team.coordinator, team.worker.account_id)
    assert [one.person.called for one in found.people] == ["Bea Example", "Cas Example", "Ann Example"]
