"""How somebody is doing: asked when there is a plan, kept in part, told in words, never seen by another team."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from core import clock
from core.access.rules import Actor, Role
from core.accounts.models import Account
from core.audit.models import AuditEntry
from core.calendar.rules import say_day
from core.errors import Invalid, NotFound, Refused
from prescribing.episodes import closing, contributions, plan
from prescribing.episodes.models import Episode
from prescribing.episodes.rules import CloseReason, EpisodeState
from prescribing.measures import queries
from prescribing.measures.models import Measurement
from prescribing.measures.rules import Answers, CompletedBy, Mode, NotToday, Point
from prescribing.measures.services import record_measurement
from tests import build
from tests.html import HtmlClient, parse
from tests.integration.prescribing.episodes import walk
from tests.integration.prescribing.episodes.walk import Team

MakeClient = Callable[[], HtmlClient]
START = {"satisfaction": 4, "worthwhile": 5, "happiness": 8, "anxiety": 6}
END = {"satisfaction": 7, "worthwhile": 5, "happiness": 6, "anxiety": 2}
TOGETHER = {"mode": "in-person", "completed_by": "with-link-worker"}


def planned(session: Session, team: Team) -> Episode:
    episode = walk.active(session, team)
    plan.add_goal(session, team.worker, episode.id, plan.GoalText("some company"))
    return episode


def measured(
    session: Session, who: Actor, episode: Episode, answers: Answers, point: Point = Point.BASELINE
) -> Measurement:
    return record_measurement(
        session,
        who,
        episode.id,
        "ons4",
        point=point,
        mode=Mode.PHONE,
        completed_by=CompletedBy.WITH_LINK_WORKER,
        answers=answers,
    )


def test_the_answers_are_kept_encrypted_and_audited_without_them(session: Session) -> None:
    team = walk.team(session)
    kept = measured(session, team.worker, planned(session, team), START)
    assert (kept.complete, kept.point, kept.author_id) == (True, Point.BASELINE, team.worker.account_id)
    assert json.loads(kept.answers or "") == START
    assert b"satisfaction" not in (kept.answers_sealed or b"")
    session.commit()
    entry = session.scalars(select(AuditEntry).order_by(AuditEntry.sequence.desc())).first()
    assert entry is not None
    assert entry.detail == {"instrument": "ons4", "point": "baseline", "answered": True}


def test_a_part_set_is_kept_and_marked(session: Session) -> None:
    team = walk.team(session)
    episode = planned(session, team)
    kept = measured(session, team.worker, episode, {"satisfaction": 4, "anxiety": None})
    assert not kept.complete
    page = queries.measures_page(session, team.worker, episode.id)
    told = page.histories[0].sets[0]
    assert told.completeness == "1 of 4 questions answered. The rest is not guessed."
    assert told.values == (("Life satisfaction", "4 (low)"),)


def test_not_at_a_first_contact_nor_before_there_is_a_plan(session: Session) -> None:
    team = walk.team(session)
    with pytest.raises(Refused, match="first contact"):
        measured(session, team.worker, walk.allocated(session, team), START)
    with pytest.raises(Refused, match="a goal together"):
        measured(session, team.worker, walk.active(session, team), START)


def test_not_today_is_always_an_answer(session: Session) -> None:
    team = walk.team(session)
    episode = planned(session, team)
    kept = record_measurement(
        session,
        team.worker,
        episode.id,
        "ons4",
        point=Point.BASELINE,
        mode=Mode.IN_PERSON,
        completed_by=CompletedBy.PERSON,
        answers={},
        not_today_reason=NotToday.UPSET,
    )
    assert (kept.complete, kept.answers) == (False, None)
    # Another day it can still be the start.
    assert measured(session, team.worker, episode, START).point is Point.BASELINE


def test_what_cannot_be_kept_says_why(session: Session) -> None:
    team = walk.team(session)
    episode = planned(session, team)
    with pytest.raises(Invalid, match="at least one question"):
        measured(session, team.worker, episode, dict.fromkeys(START))
    with pytest.raises(Invalid, match="Anxiety: choose a number from 0 to 10"):
        measured(session, team.worker, episode, {"anxiety": 11})
    with pytest.raises(NotFound):
        record_measurement(
            session,
            team.worker,
            episode.id,
            "swemwbs",
            point=Point.BASELINE,
            mode=Mode.PHONE,
            completed_by=CompletedBy.PERSON,
            answers={},
        )


def test_another_team_sees_and_writes_nothing(session: Session) -> None:
    team, other = walk.team(session), walk.team(session)
    episode = planned(session, team)
    measured(session, team.worker, episode, START)
    with pytest.raises(NotFound):
        queries.measures_page(session, other.worker, episode.id)
    with pytest.raises(NotFound):
        measured(session, other.worker, episode, END, Point.REVIEW)
    assert queries.in_brief(session, other.worker, episode.id) is None


def test_the_change_is_told_question_by_question_and_to_the_referrer(session: Session) -> None:
    team = walk.team(session)
    episode = planned(session, team)
    measured(session, team.worker, episode, START)
    with clock.at(build.days_ahead(60)):
        measured(session, team.worker, episode, END, Point.EXIT)
    told = queries.measures_page(session, team.worker, episode.id).histories[0]
    assert told.total is None
    assert [change.words for change in told.changes] == [
        "Life satisfaction went up by 3, from 4 (low) to 7 (high)",
        "Feeling worthwhile stayed at 5 (medium)",
        "Happiness went down by 2, from 8 (high) to 6 (medium)",
        "Anxiety went down by 4, from 6 (high) to 2 (low)",
    ]
    known = contributions.gather(session, [episode.id])[episode.id]
    assert next((score.label, score.before, score.after) for score in known.scores) == (
        "Life satisfaction",
        "4 (low)",
        "7 (high)",
    )
    assert known.followed_up_on is None


def test_the_day_of_the_last_follow_up_is_known(session: Session) -> None:
    team = walk.team(session)
    episode = planned(session, team)
    measured(session, team.worker, episode, START)
    closing.close(session, team.worker, episode.id, EpisodeState.COMPLETED, reason=CloseReason.PARTLY_MET)
    measured(session, team.worker, episode, END, Point.EXIT)
    with clock.at(build.days_ahead(91)):
        measured(session, team.worker, episode, END, Point.FOLLOW_UP)
    with clock.at(build.days_ahead(92)):
        measured(session, team.worker, episode, {"anxiety": 3}, Point.FOLLOW_UP)
        last = clock.today()
    assert contributions.gather(session, [episode.id])[episode.id].followed_up_on == last


# --- pages ----------------------------------------------------------------------------------------------------


def signed_in(session: Session, make_client: MakeClient, who: Actor) -> HtmlClient:
    client = make_client()
    build.sign_in(session, client, session.get_one(Account, who.account_id))
    return client


def send(client: FlaskClient, page: str, path: str, **values: str) -> TestResponse:
    """Send the form of `page` that leads to `path`, with everything that it holds and `values`."""
    return client.post(path, data={**held(client, page, path), **values})


def held(client: FlaskClient, page: str, path: str) -> dict[str, str]:
    """Everything that the form of `page` holds that leads to `path`."""
    hidden: dict[str, str] = {}
    for form in parse(client.get(page).get_data(as_text=True)).iter("form"):
        if form.attrib.get("method") == "post" and (form.attrib.get("action") or page) == path:
            hidden = {
                box.attrib["name"]: box.attrib.get("value", "")
                for box in form.iter("input")
                if box.attrib.get("type") == "hidden" or "checked" in box.attrib
            }
    assert hidden, f"no form on {page} leads to {path}"
    return hidden


def words(answer: TestResponse) -> str:
    return " ".join("".join(parse(answer.get_data(as_text=True)).itertext()).split())


def test_asking_on_a_phone_and_seeing_the_change(session: Session, make_client: MakeClient) -> None:
    team = walk.team(session)
    episode = planned(session, team)
    client = signed_in(session, make_client, team.worker)
    asking, all_of_them = f"/episodes/{episode.id}/measures/ons4", f"/episodes/{episode.id}/measures"
    shown = client.get(asking)
    assert "Overall, how satisfied are you with your life nowadays?" in words(shown)
    assert shown.get_data(as_text=True).count('value="10"') == 4
    answers = {f"answer-{key}": str(value) for key, value in START.items()}
    assert send(client, asking, asking, **answers, **TOGETHER).location == all_of_them
    assert "Life satisfaction 4 (low)" in words(client.get(all_of_them))
    closing_page = client.get(f"{asking}?closing=yes").get_data(as_text=True)
    chosen = [box.attrib["value"] for box in parse(closing_page).iter("input") if "checked" in box.attrib]
    assert "exit" in chosen
    later = {f"answer-{key}": str(value) for key, value in END.items()}
    assert send(client, asking, asking, point="exit", **later).status_code == 303
    page = client.get(all_of_them)
    assert "Life satisfaction went up by 3, from 4 (low) to 7 (high). Better." in words(page)
    assert "Happiness went down by 2, from 8 (high) to 6 (medium). Worse." in words(page)
    assert "Every time it was asked" in words(page)
    strip = client.get(f"/people/{episode.person_id}")
    assert "Anxiety went down by 4, from 6 (high) to 2 (low). Better." in words(strip)


def test_one_press_keeps_one_answer_set(session: Session, make_client: MakeClient) -> None:
    team = walk.team(session)
    episode = planned(session, team)
    client = signed_in(session, make_client, team.worker)
    asking = f"/episodes/{episode.id}/measures/ons4"
    hidden = {
        box.attrib["name"]: box.attrib["value"]
        for box in parse(client.get(asking).get_data(as_text=True)).iter("input")
        if box.attrib.get("name") in {"csrf_token", "idempotency_key"}
    }
    sent = {
        **hidden,
        "point": "baseline",
        "mode": "phone",
        "completed_by": "person",
        "answer-anxiety": "3",
        **{f"answer-{key}": "skip" for key in START if key != "anxiety"},
    }
    assert [client.post(asking, data=sent).status_code for _again in range(2)] == [303, 303]
    assert session.scalar(select(func.count()).select_from(Measurement)) == 1


def test_nothing_answered_is_said_and_nothing_is_lost(session: Session, make_client: MakeClient) -> None:
    team = walk.team(session)
    client = signed_in(session, make_client, team.worker)
    asking = f"/episodes/{planned(session, team).id}/measures/ons4"
    answer = send(client, asking, asking, **TOGETHER)
    assert answer.status_code == 200
    assert "Answer at least one question." in words(answer)
    answer = send(client, asking, asking, **{"answer-anxiety": "99", "answer-happiness": "8"}, **TOGETHER)
    assert "There is a problem" in words(answer)


def chosen(client: FlaskClient, page: str) -> set[str]:
    """What is chosen already on that page."""
    shown = client.get(page)
    assert shown.status_code == 200
    boxes = parse(shown.get_data(as_text=True)).iter("input")
    return {box.attrib["name"] for box in boxes if "checked" in box.attrib}


def test_nobody_has_said_how_it_was_asked_before_somebody_does(
    session: Session, make_client: MakeClient
) -> None:
    team = walk.team(session)
    episode = planned(session, team)
    client = signed_in(session, make_client, team.worker)
    asking, lonely = (f"/episodes/{episode.id}/measures/{key}" for key in ("ons4", "ucla3"))
    assert not {"mode", "completed_by"} & chosen(client, asking)
    answer = send(client, asking, asking, **{"answer-anxiety": "3"})
    assert "Choose how you asked" in words(answer)
    assert "Choose who answered" in words(answer)
    by_phone = {"answer-anxiety": "3", "mode": "phone", "completed_by": "person"}
    assert send(client, asking, asking, **by_phone).status_code == 303
    # What is asked next in the same talk was asked in the same way; another day's was not, nor another worker's.
    assert {"mode", "completed_by"} <= chosen(client, lonely)
    with clock.at(build.days_ahead(1)):
        assert not {"mode", "completed_by"} & chosen(signed_in(session, make_client, team.worker), lonely)
    colleague = build.actor(session, Role.LINK_WORKER, place_id=team.id)
    assert not {"mode", "completed_by"} & chosen(signed_in(session, make_client, colleague), lonely)


def test_not_today_in_two_presses(session: Session, make_client: MakeClient) -> None:
    team = walk.team(session)
    episode = planned(session, team)
    client = signed_in(session, make_client, team.worker)
    asking = f"/episodes/{episode.id}/measures/ons4"
    later = f"{asking}/not-today"
    assert "Why not today" in words(send(client, asking, later))
    assert send(client, asking, later, reason="no-time").status_code == 303
    assert "Not today: there was no time" in words(client.get(f"/episodes/{episode.id}/measures"))


def test_before_there_is_a_plan_the_page_says_when(session: Session, make_client: MakeClient) -> None:
    team = walk.team(session)
    episode = walk.active(session, team)
    client = signed_in(session, make_client, team.worker)
    page = client.get(f"/episodes/{episode.id}/measures/ons4")
    assert "Write down a goal together" in words(page)
    assert client.get(f"/episodes/{episode.id}/measures/swemwbs").status_code == 404


def test_closing_reminds_to_ask_once_more(session: Session, make_client: MakeClient) -> None:
    team = walk.team(session)
    episode = planned(session, team)
    client = signed_in(session, make_client, team.worker)
    close = f"/episodes/{episode.id}/close"
    assert "ask once more how they are" in words(client.get(close))
    measured(session, team.worker, episode, END, Point.EXIT)
    assert "ask once more how they are" not in words(client.get(close))


def test_two_sets_of_one_day_do_not_go_from_that_day_to_that_day(
    session: Session, make_client: MakeClient
) -> None:
    team = walk.team(session)
    with clock.at(datetime(2026, 3, 3, 10, tzinfo=UTC)):
        episode = planned(session, team)
        measured(session, team.worker, episode, START)
    with clock.at(datetime(2026, 3, 3, 15, tzinfo=UTC)):
        measured(session, team.worker, episode, END, Point.EXIT)
    client = signed_in(session, make_client, team.worker)
    page = words(client.get(f"/episodes/{episode.id}/measures"))
    assert "From Tuesday" not in page
    day = say_day(date(2026, 3, 3), clock.today())
    assert f"Twice on {day}: at the start and at the end." in page
