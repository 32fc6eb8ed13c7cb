"""Answers by a link, on paper and by goal; licensed measures; and when to ask next."""

from __future__ import annotations

import json
import re
from datetime import date, datetime, time, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock
from core.access.rules import Role
from core.errors import Invalid, NotFound, Refused
from core.notify.models import Message
from prescribing.episodes import plan
from prescribing.episodes.models import Episode, Goal
from prescribing.measures import licences, links, queries
from prescribing.measures.models import Measurement
from prescribing.measures.rules import CompletedBy, Mode, NotToday, Point
from prescribing.measures.services import record_measurement
from prescribing.people.safe_contact import Channel
from prescribing.rights.looks import looks_at
from tests import build
from tests.integration.prescribing.episodes import walk
from tests.integration.prescribing.episodes.walk import Team
from tests.integration.prescribing.measures.test_measures import (
    START,
    TOGETHER,
    MakeClient,
    held,
    planned,
    send,
    signed_in,
    words,
)


def with_email(session: Session, team: Team) -> Episode:
    episode = planned(session, team)
    episode.person.email, episode.person.mobile = "sam@example.com", None
    session.flush()
    return episode


def sent_link(session: Session) -> str:
    message = session.scalars(select(Message).where(Message.template == "questions")).all()[-1]
    found = re.search(r"/questions/\S+", message.body or "")
    assert found is not None
    return found[0]


def test_a_person_answers_on_their_own_phone_once(session: Session, make_client: MakeClient) -> None:
    team = walk.team(session)
    episode = with_email(session, team)
    client = signed_in(session, make_client, team.worker)
    ask = f"/episodes/{episode.id}/measures/ons4"
    assert send(client, ask, f"{ask}/send", point="baseline").status_code == 303
    link, stranger = sent_link(session), make_client()
    name = episode.person.name or ""
    page = words(stranger.get(link))
    assert "Overall, how happy did you feel yesterday?" in page
    assert name not in page
    answer = send(stranger, link, link, **{"answer-happiness": "8", "answer-anxiety": "skip"})
    assert "Thank you" in words(stranger.get(answer.location))
    kept = session.scalars(select(Measurement)).one()
    assert (kept.mode, kept.completed_by, kept.author_id, kept.complete) == (
        Mode.ONLINE,
        CompletedBy.PERSON,
        None,
        False,
    )
    assert json.loads(kept.answers or "") == {"happiness": 8}
    gone = stranger.get(link)
    assert gone.status_code == 410
    assert "no longer works" in words(gone)
    assert "Online, they filled it in themselves" in words(client.get(f"/episodes/{episode.id}/measures"))


def test_no_message_is_offered_where_none_is_safe(session: Session, make_client: MakeClient) -> None:
    team = walk.team(session)
    episode = with_email(session, team)
    client = signed_in(session, make_client, team.worker)
    ask = f"/episodes/{episode.id}/measures/ons4"
    assert "They get an email with a link" in words(client.get(ask))
    before = held(client, ask, f"{ask}/send")
    episode.person.email = None
    session.commit()
    shown = words(client.get(ask))
    assert "is safe, so these questions are not sent" in shown
    assert "Send the questions" not in shown
    # Pressed on a page from before: it is said, and not as something that was done.
    refused = client.post(f"{ask}/send", data=before, follow_redirects=True)
    assert "Please note" in words(refused)
    assert "No message to this person is safe" in words(refused)


def test_not_today_by_the_link_too(session: Session, make_client: MakeClient) -> None:
    team = walk.team(session)
    episode = with_email(session, team)
    assert links.send(session, team.worker, episode.id, "ons4", Point.BASELINE) is Channel.EMAIL
    session.commit()
    link, stranger = sent_link(session), make_client()
    nothing_said = send(stranger, link, f"{link}/not-today")
    assert "There is a problem Choose why not today" in words(nothing_said)
    assert "I do not want to" in words(nothing_said)
    assert "They did not want to" not in words(nothing_said)
    assert send(stranger, link, f"{link}/not-today", reason="upset").status_code == 303
    assert session.scalars(select(Measurement)).one().not_today_reason == "upset"


def test_nothing_is_sent_nor_opened_where_it_is_not_safe(session: Session) -> None:
    team, other = walk.team(session), walk.team(session)
    episode = planned(session, team)
    episode.person.email = episode.person.mobile = None
    with pytest.raises(Refused, match="Ask them when you talk"):
        links.send(session, team.worker, episode.id, "ons4", Point.BASELINE)
    episode.person.email = "sam@example.com"
    with pytest.raises(NotFound):
        links.send(session, other.worker, episode.id, "ons4", Point.BASELINE)
    with pytest.raises(NotFound):
        links.send(session, team.worker, episode.id, "goal", Point.BASELINE)
    links.send(session, team.worker, episode.id, "ons4", Point.BASELINE)
    token = sent_link(session).rsplit("/", 1)[-1]
    assert links.opened(session, token).point is Point.BASELINE
    with clock.at(clock.now() + links.LINK_LIFE), pytest.raises(NotFound):
        links.opened(session, token)
    episode.person.flagged_for_safety = True
    with pytest.raises(NotFound):
        links.opened(session, token)


def test_a_resident_answers_from_their_own_pages(session: Session) -> None:
    team = walk.team(session)
    episode = planned(session, team)
    me = build.actor(session, Role.RESIDENT, place_id=episode.person_id)
    token = links.for_myself(session, me, episode.person_id, "ons4")
    links.answer(session, token, START)
    told = queries.own_histories(session, me, episode.person_id)
    assert told[0].sets[0].values[0] == ("Life satisfaction", "4 (low)")
    officer = build.actor(session, Role.DATA_PROTECTION_OFFICER)
    for reader, is_own in ((me, True), (officer, False)):
        (kept,) = (
            line
            for line in looks_at(session, reader, episode.person_id).lines
            if line.what == "Wrote down how things are for you"
        )
        assert (kept.who, kept.is_own) == ("The person, by their own link", is_own), "no group wrote it"
    other = planned(session, team)
    with pytest.raises(NotFound):
        links.for_myself(session, me, other.person_id, "ons4")
    with pytest.raises(NotFound):
        queries.own_histories(session, me, other.person_id)
    episode.person.flagged_for_safety = True
    session.flush()
    assert queries.own_histories(session, me, episode.person_id) == ()
    assert links.own_point(session, me, episode.person_id, "ons4") is None


def test_nobody_is_offered_questions_on_the_day_they_answered(
    session: Session, make_client: MakeClient
) -> None:
    team = walk.team(session)
    episode = planned(session, team)
    me = build.actor(session, Role.RESIDENT, place_id=episode.person_id)
    client = signed_in(session, make_client, me)
    assert "four short questions" in words(client.get("/me"))
    for day, answers, why_not in ((0, START, None), (1, {}, NotToday.NOT_ABLE)):
        with clock.at(build.days_ahead(day)):
            assert links.offered_to_oneself(session, me, episode.person_id, "ons4")
            token = links.for_myself(session, me, episode.person_id, "ons4")
            links.answer(session, token, answers, why_not)
            assert not links.offered_to_oneself(session, me, episode.person_id, "ons4")
        session.commit()
        assert "four short questions" not in words(client.get("/me"))
    again = links.for_myself(session, me, episode.person_id, "ons4")
    assert links.opened(session, again).point is Point.REVIEW, "who presses on an older page may still answer"


def test_paper_is_kept_by_its_own_day(session: Session) -> None:
    team = walk.team(session)
    with clock.at(build.days_ago(9)):
        episode = planned(session, team)
    day = clock.today() - timedelta(days=3)
    kept = record_measurement(
        session,
        team.worker,
        episode.id,
        "ons4",
        point=Point.BASELINE,
        mode=Mode.PAPER,
        completed_by=CompletedBy.PERSON,
        answers=START,
        on=day,
    )
    assert kept.at.date() == day
    assert kept.typed_in_at is not None
    with pytest.raises(Invalid, match="in the future"):
        record_measurement(
            session,
            team.worker,
            episode.id,
            "ons4",
            point=Point.REVIEW,
            mode=Mode.PAPER,
            completed_by=CompletedBy.PERSON,
            answers=START,
            on=clock.today() + timedelta(days=1),
        )


def test_a_goal_has_its_own_history(session: Session, make_client: MakeClient) -> None:
    team = walk.team(session)
    episode = planned(session, team)
    first = session.scalars(select(Goal)).one()
    second = plan.add_goal(session, team.worker, episode.id, plan.GoalText("walk to the shops"))
    client = signed_in(session, make_client, team.worker)
    asking = f"/episodes/{episode.id}/measures/goal?goal={first.id}"
    assert "some company" in words(client.get(asking))
    for point, confidence in (("baseline", "3"), ("review", "7")):
        values = {"answer-confidence": confidence, "answer-progress": "2", **TOGETHER}
        assert send(client, asking, asking, point=point, **values).status_code == 303
    page = words(client.get(f"/episodes/{episode.id}/measures"))
    assert "Goal: some company" in page
    assert "Confidence went up by 4, from 3 to 7. Better." in page
    session.expire_all()
    assert (first.confidence, first.progress, second.confidence) == (7, 2, None)
    stranger = planned(session, team)
    assert client.get(f"/episodes/{stranger.id}/measures/goal?goal={first.id}").status_code == 404
    assert client.get(f"/episodes/{episode.id}/measures/goal").status_code == 404
    assert client.get(f"/episodes/{episode.id}/measures/goal?goal=x").status_code == 404


def test_a_licensed_measure_waits_for_an_operators_word(session: Session, make_client: MakeClient) -> None:
    team, operator = walk.team(session), build.actor(session, Role.ADMINISTRATOR)
    episode = planned(session, team)
    office, client = signed_in(session, make_client, operator), signed_in(session, make_client, team.worker)
    page, asking = "/measure-licences", f"/episodes/{episode.id}/measures/swemwbs"
    assert client.get(asking).status_code == 404
    assert client.get(page).status_code == 404
    given = {"instrument": "swemwbs", "holder": "Bramley Council", "number": "7", "agreed": "y"}
    said = words(send(office, page, page, **{**given, "wording": "one\ntwo"}))
    assert "SWEMWBS) has 7 questions" in said
    lines = "\n".join(f"Made-up statement {number}" for number in range(7))
    spoken = {**given, "wording": lines}
    assert "has 5 answers to each question" in words(send(office, page, page, **spoken, answer_words="no"))
    assert "has 7 questions" in words(send(office, page, page, **given, answer_words="no\nyes"))
    scores = {**given, "instrument": "pam", "wording": "One number"}
    assert "no answers to choose from" in words(send(office, page, page, **scores, answer_words="no"))
    said = "\n".join(f"made-up answer {number}" for number in range(1, 6))
    assert send(office, page, page, **spoken, answer_words=said).status_code == 303
    shown = words(client.get(asking))
    assert "Made-up statement 3" in shown
    assert "Made-up answer 5" in shown
    assert send(office, page, page, **spoken).status_code == 303
    assert "Made-up answer" not in words(client.get(asking))
    everything = {f"answer-item-{number}": "3" for number in range(1, 8)}
    assert send(client, asking, asking, point="baseline", **everything, **TOGETHER).status_code == 303
    part = {**everything, "answer-item-1": "skip"}
    assert send(client, asking, asking, point="review", **part).status_code == 303
    assert "6 of 7 questions answered. The rest is not guessed." in words(
        client.get(f"/episodes/{episode.id}/measures")
    )
    licence = licences.licences(session, operator)[0]
    assert send(office, page, f"{page}/{licence.id}/end").status_code == 303
    assert client.get(asking).status_code == 404


STATEMENTS = [f"Made-up statement {number}" for number in range(7)]
EVERYTHING: dict[str, float | None] = {f"item-{number}": 3 for number in range(1, 8)}


def test_answers_stand_beside_the_words_that_were_asked(session: Session, make_client: MakeClient) -> None:
    team, operator = walk.team(session), build.actor(session, Role.ADMINISTRATOR)

    def attest(days: int, wording: list[str], answers: tuple[str, ...] = ()) -> None:
        with clock.at(build.days_ago(days)):
            licences.attest(
                session,
                operator,
                "swemwbs",
                holder="Bramley Council",
                number="7",
                wording=wording,
                answers=answers,
            )

    def answer(days: int, point: Point, answers: dict[str, float | None], on: date | None = None) -> None:
        with clock.at(build.days_ago(days)):
            record_measurement(
                session,
                team.worker,
                episode.id,
                "swemwbs",
                point=point,
                mode=Mode.PAPER if on else Mode.PHONE,
                completed_by=CompletedBy.PERSON if on else CompletedBy.WITH_LINK_WORKER,
                answers=answers,
                on=on,
            )

    with clock.at(build.days_ago(40)):
        episode = planned(session, team)
    attest(39, STATEMENTS, tuple(f"answer {number}" for number in range(1, 6)))
    answer(38, Point.BASELINE, EVERYTHING)
    client = signed_in(session, make_client, team.worker)
    page = f"/episodes/{episode.id}/measures"
    only = words(client.get(page))
    assert "Statement 1 (Made-up statement 0) “answer 3” Statement 2" in only
    total = "Mental wellbeing 19.25"
    assert total in only
    assert "No line parts well from unwell. One total by itself says nothing of change." in only
    assert total in words(client.get(f"/episodes/{episode.id}"))
    attest(30, [])
    answer(29, Point.REVIEW, EVERYTHING | {"item-1": 4})
    assert "we no longer hold one that lets us show them" in words(client.get(page))
    attest(20, ["A newer statement", *STATEMENTS[1:]])
    # Copied from a paper of the days before the words were here.
    answer(19, Point.REVIEW, {"item-1": 5, "item-2": 4}, on=clock.today() - timedelta(days=25))
    mixed = words(client.get(page))
    assert "Statement 1 (Made-up statement 0) “answer 3” Statement 2" in mixed
    assert "Statement 1 4 Statement 2 3" in mixed
    assert "Statement 1 (A newer statement) 5 Statement 2" in mixed
    assert "Where only numbers stand, the words of the questions were not here when they were asked." in mixed
    held = licences.licences(session, operator)[0]
    licences.end(session, operator, held.id)
    session.commit()
    ended = words(client.get(page))
    assert "ade-up statement" not in ended
    assert "Statement 1 3 Statement 2 3" in ended
    assert "we no longer hold one that lets us show them" in ended


def test_one_set_has_its_total_with_what_it_can_mean(session: Session, make_client: MakeClient) -> None:
    team = walk.team(session)
    episode = planned(session, team)
    me = build.actor(session, Role.RESIDENT, place_id=episode.person_id)
    client = signed_in(session, make_client, team.worker)
    page, asking = f"/episodes/{episode.id}/measures", f"/episodes/{episode.id}/measures/ucla3"
    answers = {"answer-companionship": "2", "answer-left-out": "3"}
    assert send(client, asking, asking, point="baseline", **answers, **TOGETHER).status_code == 303
    assert "Loneliness 5" not in words(client.get(page))
    whole = {**answers, "answer-isolated": "1"}
    assert send(client, asking, asking, point="review", **whole, **TOGETHER).status_code == 303
    said = "By convention 6 or more counts as lonely: that is no diagnosis. One total by itself says nothing of change."
    shown = words(client.get(page))
    assert "Loneliness 6 (lonely)" in shown
    assert said in shown
    assert "Loneliness 6 (lonely), part way. One total" in words(client.get(f"/episodes/{episode.id}"))
    own = signed_in(session, make_client, me)
    assert said in words(own.get("/me"))


def test_scores_of_a_licensed_measure_are_typed_in(session: Session, make_client: MakeClient) -> None:
    team = walk.team(session)
    episode = planned(session, team)
    operator = build.actor(session, Role.ADMINISTRATOR)
    licences.attest(session, operator, "eq-5d", holder="Bramley Council", number="8", wording=[])
    client = signed_in(session, make_client, team.worker)
    asking = f"/episodes/{episode.id}/measures/eq-5d"
    asked = words(client.get(asking))
    assert "Copy the scores from the form" in asked
    assert "Read each question out" not in asked
    assert "must be a number from -1 to 1" in words(
        send(client, asking, asking, **{"answer-index": "1.5", "answer-scale": "60"})
    )
    assert "up to 3 decimals" in words(send(client, asking, asking, **{"answer-index": "0.12345"}))
    first = {"answer-index": "0.723", "answer-scale": "60", **TOGETHER}
    assert send(client, asking, asking, **first).status_code == 303
    later = {"answer-index": "0.800", "answer-scale": "70"}
    assert send(client, asking, asking, point="review", **later).status_code == 303
    page = words(client.get(f"/episodes/{episode.id}/measures"))
    assert "Index value went up by 0.077, from 0.723 to 0.8. Better." in page


def test_the_page_says_when_to_ask_next(session: Session) -> None:
    team = walk.team(session)
    episode = planned(session, team)
    now = queries.in_brief(session, team.worker, episode.id)
    assert now is not None
    assert now.due_now
    record_measurement(
        session,
        team.worker,
        episode.id,
        "ons4",
        point=Point.BASELINE,
        mode=Mode.PHONE,
        completed_by=CompletedBy.WITH_LINK_WORKER,
        answers=START,
    )
    later = queries.measures_page(session, team.worker, episode.id).due
    assert later is not None
    assert later.on == clock.today() + timedelta(weeks=12)


def test_every_measure_that_was_begun_is_due_again(session: Session, make_client: MakeClient) -> None:
    team = walk.team(session)
    began = clock.today() - timedelta(weeks=13)
    with clock.at(datetime.combine(began, time(12), clock.LONDON)):
        episode = planned(session, team)
        goal = plan.add_goal(session, team.worker, episode.id, plan.GoalText("Walk to the shop"))
        for key, answers, goal_id in (
            ("ons-loneliness", {"lonely": 2.0}, None),
            ("goal", {"importance": 8.0, "confidence": 3.0, "progress": 1.0}, goal.id),
        ):
            record_measurement(
                session,
                team.worker,
                episode.id,
                key,
                point=Point.BASELINE,
                mode=Mode.PHONE,
                completed_by=CompletedBy.PERSON,
                answers=answers,
                goal_id=goal_id,
            )
    page = queries.measures_page(session, team.worker, episode.id)
    again = began + timedelta(weeks=12)
    assert {each.key: each.due and each.due.on for each in page.others} == {
        "ons-loneliness": again,
        "ucla3": None,
    }
    due = {each.goal_id: (each.due.point, each.due.on) for each in page.goals if each.due}
    assert due[goal.id] == (Point.REVIEW, again)
    # A goal about which nothing was asked yet is to be asked about now.
    assert {point for goal_id, (point, _on) in due.items() if goal_id != goal.id} == {Point.BASELINE}
    brief = queries.in_brief(session, team.worker, episode.id)
    assert brief is not None
    assert brief.also_due == ("How often you feel lonely",)
    session.commit()
    client = signed_in(session, make_client, team.worker)
    assert words(client.get(f"/episodes/{episode.id}/measures")).count("It is time to ask.") >= 3
    assert "It is time to ask again: How often you feel lonely" in words(
        client.get(f"/people/{episode.person_id}")
    )
