"""Whatever is typed is kept before it is sent: for whoever typed it, and as part of the record of whomever it names."""

from __future__ import annotations

import re
from html import unescape

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core import clock
from core.access.rules import SYSTEM, Role
from prescribing.concerns import services as concerns
from prescribing.drafts import services as drafts
from prescribing.drafts.models import Draft
from prescribing.drafts.rules import About
from prescribing.episodes import closing, contact_log, plan, triage
from prescribing.episodes.models import Episode
from prescribing.episodes.rules import CloseReason, EpisodeState
from prescribing.people.models import Person
from prescribing.people.services import PersonChange, update_person
from prescribing.rights import copies, record, services
from prescribing.rights.rules import RequestKind
from tests import build
from tests.html import HtmlClient
from tests.integration.prescribing.episodes import walk
from tests.integration.prescribing.episodes.test_pages import MakeClient, send, signed_in, words
from tests.integration.prescribing.episodes.test_thread import refer, referrer
from tests.integration.prescribing.referrals import walk as referrals
from tests.integration.prescribing.residents.test_acting import BO, bo
from tests.integration.prescribing.rights import walk as rights

TYPED = "She laughed about the choir."


def keep(client: HtmlClient, page: str, path: str, which: str = "", /, **values: object) -> None:
    """What the script of a page sends while somebody types into its form that is sent to `path`; `which` stands in the
    address where several of its forms are sent there."""
    shown = client.get(page).text
    token = shown.partition('name="csrf_token" value="')[2].partition('"')[0]
    places = [unescape(place) for place in re.findall(r'data-save="([^"]*)"', shown)]
    where = next(each for each in places if each.startswith(path.partition("?")[0]) and which in each)
    assert client.post(where, data={"csrf_token": token, **values}).status_code == 204


def typed_words(page: str) -> str:
    """What stands in the boxes of several lines."""
    return " ".join(re.findall(r"<textarea[^>]*>([^<]*)<", page))


def kept(session: Session) -> int:
    session.expire_all()
    return session.scalar(select(func.count()).select_from(Draft)) or 0


def people_of(session: Session, team: walk.Team, *names: str) -> list[Episode]:
    made = [walk.allocated(session, team) for _name in names]
    for episode, name in zip(made, names, strict=True):
        episode.person.preferred_name = name
    session.commit()
    return made


def test_a_drop_in_is_found_as_it_was_left(session: Session, make_client: MakeClient) -> None:
    team = walk.team(session)
    ann, bob, cleo, dora = people_of(session, team, "Ann", "Bob", "Cleo", "Dora")
    colleague = build.actor(session, Role.LINK_WORKER, place_id=team.id)
    cleo.link_worker_id = dora.link_worker_id = colleague.account_id
    session.commit()
    client, page = signed_in(session, make_client, team.worker), "/today/together"
    typed = {
        "what": "Drop-in",
        "people": [str(ann.id), str(cleo.id), "nobody"],
        f"note_{ann.id.hex}": TYPED,
        f"note_{bob.id.hex}": "Looked in",
        f"note_{dora.id.hex}": "Waved",
        "on-day": "3",
        "words": "cleo",
    }
    keep(client, page, page, **typed)
    assert {row.episode_id for row in session.scalars(select(Draft))} == {
        None,
        ann.id,
        bob.id,
        cleo.id,
        dora.id,
    }
    assert not any(TYPED.encode() in (row.content_sealed or b"") for row in session.scalars(select(Draft)))
    again = client.get(page)
    shown = " ".join(again.text.split())
    for ticked in (ann, cleo):
        assert f'value="{ticked.id}" checked' in shown
    assert f'value="{bob.id}" checked' not in shown
    assert all(text in shown for text in ("Drop-in", TYPED, "Looked in", "Waved", "You began this"))
    assert "You began this" not in words(signed_in(session, make_client, colleague).get(page))

    # What is about somebody is their record's: it goes with it, and the others' words stay.
    assert len(record.rows_of(session, ann.person_id)["drafts"]) == 1
    assert send(client, page, what="Drop-in", people=[str(ann.id)]).status_code == 303
    assert kept(session) == 0


def test_what_is_looked_for_keeps_a_colleagues_person_who_has_a_note(
    session: Session, make_client: MakeClient
) -> None:
    team = walk.team(session)
    _mine, theirs = people_of(session, team, "Ann", "Cleo")
    theirs.link_worker_id = build.actor(session, Role.LINK_WORKER, place_id=team.id).account_id
    session.commit()
    client = signed_in(session, make_client, team.worker)
    note = {f"note_{theirs.id.hex}": TYPED}
    assert TYPED in send(client, "/today/together", then="find", words="ann", **note).text


def test_a_worry_is_kept_for_whomever_it_is_about(session: Session, make_client: MakeClient) -> None:
    team = walk.team(session)
    ann, bob = people_of(session, team, "Ann", "Bob")
    client = signed_in(session, make_client, team.worker)
    about_ann, about_bob = (f"/worried?person={one.person_id}" for one in (ann, bob))
    keep(client, "/worried", "/worried", seen="A bruise")
    keep(client, about_ann, about_ann, seen=TYPED, person_id=str(ann.person_id))
    keep(client, about_bob, about_bob, seen="Thin", person_id="no number")
    owners = {row.person_id for row in session.scalars(select(Draft))}
    assert owners == {None, ann.person_id}
    assert "A bruise" in client.get("/worried").text
    again = client.get(about_ann)
    assert TYPED in again.text
    assert f'value="{ann.person_id}" selected' in " ".join(again.text.split())
    assert "Thin" in client.get(about_bob).text
    assert (
        send(client, about_ann, page=about_ann, person_id=str(ann.person_id), seen=TYPED).status_code == 303
    )
    assert kept(session) == 2
    ann_left = session.get_one(Person, ann.person_id)
    drafts.keep(session, team.worker, "worry", {})
    ann_left.died_at = clock.now()
    session.commit()
    assert TYPED not in client.get(about_ann).text


def test_a_worry_that_is_begun_is_in_no_copy_before_it_is_decided(session: Session) -> None:
    at = rights.scene(session)
    before = copies.concerns(session, at.person.id)
    about = About(person_id=at.person.id)
    drafts.keep(session, at.worker, "worry", {about: [("seen", TYPED)]})
    drafts.keep(session, at.worker, f"message-{at.person.id.hex}", {about: [("words", "Hello")]})
    assert copies.concerns(session, at.person.id) == before + 1
    own = copies.as_json(services.own_copy(session, at.resident, at.person.id))
    assert "worry" not in own
    assert f"message-{at.person.id.hex}" in own


def test_what_is_begun_about_somebody_is_read_like_any_passage_and_then_goes_out(session: Session) -> None:
    at = rights.scene(session)
    worry = About(person_id=at.person.id)
    drafts.keep(session, at.worker, f"message-{at.person.id.hex}", {worry: [("words", TYPED)]})
    drafts.save(
        session, at.worker, at.at.episode.id, "contact", [("note", "Bo [[shouts]] again"), ("how", "phone")]
    )
    asked = rights.proved(session, at, RequestKind.ACCESS)
    begun = [
        one for one in copies.unread(session, at.person.id, asked) if one.part == copies.PART_WORDS["drafts"]
    ]
    assert sorted(one.text for one in begun) == ["Note: Bo [[shouts]] again\nHow: phone", f"Words: {TYPED}"]
    for one in copies.unread(session, at.person.id, asked):
        services.review(session, at.officer, asked, one.id, one.text)
    assert not copies.unread(session, at.person.id, asked)
    whole = copies.as_json(copies.copy_for(session, at.person.id, asked))
    assert f"Words: {TYPED}" in whole
    assert "shouts" not in whole


def test_a_part_of_a_record_is_kept_and_nobody_is_written_over(
    session: Session, make_client: MakeClient
) -> None:
    team = walk.team(session)
    (ann,) = people_of(session, team, "Ann")
    client, page = signed_in(session, make_client, team.worker), f"/people/{ann.person_id}/matters/edit"
    version = str(ann.person.version)
    keep(client, page, page, what_matters=TYPED, version=version)
    again = client.get(page)
    assert TYPED in again.text
    assert "Somebody changed this" not in words(again)
    change = PersonChange(texts={"what_matters": "Her garden"})
    update_person(session, SYSTEM, ann.person_id, change, expected_version=ann.person.version)
    session.commit()
    stands = client.get(page)
    assert TYPED in stands.text
    assert "It says now: What matters to them, in their own words? Her garden" in words(stands)
    assert send(client, page, what_matters=TYPED).status_code == 303
    assert session.get_one(Person, ann.person_id).what_matters == TYPED
    assert kept(session) == 0
    keep(client, page, page, what_matters=" ", version=version)
    assert kept(session) == 0
    flag = f"/people/{ann.person_id}/contact/edit"
    keep(client, flag, flag, may_answer="anyone", version="1")
    assert "Who may be told that we rang? Only the person" in words(client.get(flag))
    assert "We may send texts Yes" in words(client.get(flag))


def test_a_handover_is_kept_for_each_who_is_ticked(session: Session, make_client: MakeClient) -> None:
    team = walk.team(session)
    ann, bob = people_of(session, team, "Ann", "Bob")
    other = build.actor(session, Role.LINK_WORKER, place_id=team.id)
    session.commit()
    client = signed_in(session, make_client, team.coordinator)
    page = f"/caseloads/{team.worker.account_id}"
    over = f"{page}/hand-over"
    keep(client, page, over, note=TYPED)
    assert [row.episode_id for row in session.scalars(select(Draft))] == [None]
    keep(client, page, over, note=TYPED, to_id=str(other.account_id), people=[str(ann.id), str(bob.id)])
    assert kept(session) == 2
    again = client.get(page)
    shown = " ".join(again.text.split())
    assert f'value="{ann.id}" checked' in shown
    assert f'value="{other.account_id}" checked' in shown
    assert shown.count(TYPED) == 1
    both = {"people": [str(ann.id), str(bob.id)], "to_id": str(other.account_id)}
    assert send(client, over, page=page, note=TYPED, **both).status_code == 303
    assert kept(session) == 0
    keep(
        client,
        f"/caseloads/{other.account_id}",
        f"/caseloads/{other.account_id}/hand-over",
        people=str(ann.id),
    )
    session.get_one(Episode, ann.id).link_worker_id = team.worker.account_id
    session.commit()
    assert "You began this" not in words(client.get(f"/caseloads/{other.account_id}"))


@pytest.mark.parametrize("who", ["resident", "worker", "daughter"])
def test_a_message_is_kept_until_it_is_sent(session: Session, make_client: MakeClient, who: str) -> None:
    at = rights.scene(session)
    session.commit()
    home = signed_in(session, make_client, at.resident)
    page = post = "/me/messages"
    client = home
    if who == "worker":
        client, page = signed_in(session, make_client, at.worker), f"/people/{at.person.id}/messages"
        post = page
    elif who == "daughter":
        assert send(home, "/me/others", **BO, may_message="y").status_code == 303

        client, page = signed_in(session, make_client, bo(session)), f"/for/{at.person.id}"
        post = f"{page}/messages"
    keep(client, page, post, words=TYPED)
    assert TYPED in client.get(page).text
    if who != "resident":
        assert TYPED not in home.get("/me/messages").text
    assert session.scalars(select(Draft)).one().person_id == at.person.id
    assert send(client, post, page=page, words=TYPED).status_code == 303
    assert kept(session) == 0


def test_what_was_begun_can_be_thrown_away_and_goes_after_a_week(
    session: Session, make_client: MakeClient
) -> None:
    team = walk.team(session)
    (ann,) = people_of(session, team, "Ann")
    client, page = signed_in(session, make_client, team.worker), "/today/together"
    keep(client, page, page, what=TYPED)
    assert "Throw away what I began" in words(client.get(page))
    assert send(client, f"{page}?draft=drop", page=page).status_code == 303
    assert TYPED not in client.get(page).text
    keep(client, page, page, what=TYPED, people=str(ann.id))
    drafts.save(session, team.worker, ann.id, "contact", [("note", TYPED)])
    drafts.save(session, team.worker, ann.id, "letter-tried-text", [("words", TYPED)])
    session.commit()
    with clock.at(build.days_ahead(8)):
        drafts.forget_old(session)
    assert {row.form for row in session.scalars(select(Draft))} == {"contact", "letter-tried-text"}
    with clock.at(build.days_ahead(15)):
        drafts.forget_old(session)
    assert kept(session) == 0


def test_what_a_group_would_be_told_is_kept_and_agreed_anew(
    session: Session, make_client: MakeClient
) -> None:
    at = referrals.scene(session)
    at.person.access_needs = "Step-free"
    session.commit()
    client = signed_in(session, make_client, at.team.worker)
    page = f"/episodes/{at.episode.id}/needs/{at.need.id}/refer/{at.service_id}"
    first = typed_words(client.get(page).text)
    assert "Step-free" in first
    place = f"/episodes/{at.episode.id}/drafts/refer-{at.service_id.hex}"
    keep(client, page, place, goal=TYPED, access="", share_offer="y", how="by phone")
    again = client.get(page).text
    assert TYPED in typed_words(again)
    assert "Step-free" not in typed_words(again)
    shown = " ".join(again.split())
    assert 'name="share_offer" type="checkbox" value="y" checked' not in shown
    agreed = {
        "goal": TYPED,
        "agreed_contact": "By text",
        "share_offer": "y",
        "share_accepted": "y",
        "how": "by phone",
    }
    assert send(client, page, **agreed).status_code == 303
    assert kept(session) == 0


def test_what_a_referrer_is_told_is_kept(session: Session, make_client: MakeClient) -> None:
    team = walk.team(session)
    episode = refer(session, team, referrer(session))
    assert team.worker.account_id is not None
    triage.allocate(session, team.coordinator, episode.id, team.worker.account_id)
    contact_log.record_contact(session, team.worker, episode.id, walk.TALKED)
    done = EpisodeState.COMPLETED
    closing.close(session, team.worker, episode.id, done, reason=CloseReason.GOALS_MET)
    session.commit()
    client, page = signed_in(session, make_client, team.worker), f"/episodes/{episode.id}/feedback"
    keep(client, page, f"/episodes/{episode.id}/drafts/feedback", words=TYPED)
    assert TYPED in client.get(page).text
    assert send(client, page, words=TYPED).status_code == 303
    assert kept(session) == 0


def test_answers_off_paper_are_found_as_they_were_left(session: Session, make_client: MakeClient) -> None:
    team = walk.team(session)
    episode = walk.active(session, team)
    goal = plan.add_goal(session, team.worker, episode.id, plan.GoalText("some company"))
    other = plan.add_goal(session, team.worker, episode.id, plan.GoalText("a walk"))
    session.commit()
    client, page = signed_in(session, make_client, team.worker), f"/episodes/{episode.id}/measures/ons4"
    place = f"/episodes/{episode.id}/drafts/measure-"
    day = clock.today()
    paper = {"answer-happiness": "7", "mode": "paper", "on-day": str(day.day), "on-month": str(day.month)}
    keep(client, page, place, **paper, point="follow-up")
    again = client.get(page)
    shown = " ".join(again.text.split())
    assert "You began this" in words(again)
    assert 'name="answer-happiness" value="7" checked' in shown
    assert 'value="paper" checked' in shown
    assert f'name="on-day" type="text" value="{day.day}"' in shown
    # When it is asked is what may be asked now, whatever stood there.
    assert 'name="point" value="baseline"' in shown
    theirs = f"/episodes/{episode.id}/measures/goal?goal={goal.id}"
    keep(client, theirs, place, mode="phone")
    assert "You began this" not in words(client.get(f"/episodes/{episode.id}/measures/goal?goal={other.id}"))
    assert "You began this" in words(client.get(theirs))
    sent = send(
        client, page, **paper, **{"on-year": str(day.year), "completed_by": "person", "point": "baseline"}
    )
    assert sent.status_code == 303
    assert kept(session) == 1
    assert (
        send(
            client,
            f"/episodes/{episode.id}/measures/goal/not-today?goal={goal.id}",
            page=theirs,
            point="baseline",
            reason="upset",
        ).status_code
        == 303
    )
    assert kept(session) == 0


def test_what_was_done_about_a_worry_is_kept_and_is_no_second_worry(
    session: Session, make_client: MakeClient
) -> None:
    at = rights.scene(session)
    concern = concerns.raise_concern(session, at.worker, at.person.id, "A bruise", "")
    session.commit()
    client, page = signed_in(session, make_client, at.at.team.coordinator), f"/concerns/{concern.id}"
    keep(client, page, f"{page}/done", done=TYPED)
    assert TYPED in client.get(page).text
    assert TYPED not in signed_in(session, make_client, at.worker).get(page).text
    assert copies.concerns(session, at.person.id) == 1
    assert "drafts" not in copies.as_json(services.own_copy(session, at.resident, at.person.id))
    assert send(client, f"{page}/done", page=page, done=TYPED).status_code == 303
    assert kept(session) == 0


def test_what_somebody_asks_about_their_record_and_why_they_stop_is_kept(
    session: Session, make_client: MakeClient
) -> None:
    at = rights.scene(session)
    session.commit()
    client = signed_in(session, make_client, at.resident)
    keep(client, "/me/privacy", "/me/privacy", kind="correction", words=TYPED)
    again = client.get("/me/privacy").text
    assert TYPED in typed_words(again)
    assert 'value="correction" checked' in " ".join(again.split())
    assert send(client, "/me/privacy", kind="correction", words=TYPED).status_code == 303
    assert kept(session) == 0
    keep(client, "/me/stop", "/me/stop", sure="y", words=TYPED)
    again = client.get("/me/stop").text
    assert TYPED in typed_words(again)
    assert " checked" not in again
    assert TYPED not in signed_in(session, make_client, at.worker).get(f"/people/{at.person.id}").text
    assert send(client, "/me/stop", words=TYPED, sure="y").status_code == 303
    assert kept(session) == 0


def test_what_an_officer_begins_is_kept_and_is_part_of_no_copy(
    session: Session, make_client: MakeClient
) -> None:
    at = rights.scene(session)
    asked = rights.proved(session, at, RequestKind.ACCESS)
    before = len(copies.unread(session, at.person.id, asked))
    session.commit()
    client = signed_in(session, make_client, at.officer)
    record_page, page = f"/data-protection/records/{at.person.id}", f"/data-protection/requests/{asked}"
    keep(client, record_page, f"{record_page}/requests", words=TYPED)
    keep(client, record_page, f"{record_page}/holds", hold_kind="legal", reason="The police ask")
    keep(client, page, page, "step=answer", step="answer", answer="We looked")
    keep(client, page, page, "step=longer", step="longer", reason="So much of it")
    assert {row.person_id for row in session.scalars(select(Draft))} == {at.person.id}
    assert len(copies.unread(session, at.person.id, asked)) == before
    assert "drafts" not in copies.as_json(services.own_copy(session, at.resident, at.person.id))
    shown = client.get(record_page).text
    assert TYPED in typed_words(shown)
    assert "The police ask" in typed_words(shown)
    shown = client.get(page).text
    assert "We looked" in typed_words(shown)
    assert "So much of it" in typed_words(shown)
    assert send(client, f"{page}?draft=drop&step=longer", page=page).status_code == 303
    assert "So much of it" not in client.get(page).text
    assert (
        send(
            client, f"{record_page}/holds", page=record_page, hold_kind="legal", reason="The police ask"
        ).status_code
        == 303
    )
    done = {"step": "answer", "outcome": "refused", "answer": "We looked"}
    assert send(client, page, **done).status_code == 303
    assert {row.form.rpartition("-")[0] for row in session.scalars(select(Draft))} == {"rights-take"}


def test_marks_in_a_passage_are_kept_for_that_passage_alone(
    session: Session, make_client: MakeClient
) -> None:
    at = rights.scene(session)
    asked = rights.proved(session, at, RequestKind.ACCESS)
    session.commit()
    client, page = signed_in(session, make_client, at.officer), f"/data-protection/requests/{asked}/passages"
    first, second, *_more = copies.unread(session, at.person.id, asked)
    marked = f"[[{first.text}]]"
    keep(client, page, page, passage=first.id, marked=marked)
    assert marked in unescape(typed_words(client.get(page).text))
    services.review(session, at.officer, asked, first.id, first.text)
    session.commit()
    shown = client.get(page).text
    assert second.text in unescape(typed_words(shown))
    assert "You began this" not in shown


def test_what_is_begun_about_somebody_unknown_is_nobodys_record(
    session: Session, make_client: MakeClient
) -> None:
    officer = build.actor(session, Role.DATA_PROTECTION_OFFICER)
    session.commit()
    client, page = signed_in(session, make_client, officer), "/data-protection/unknown"
    asked = {"name": "Alma", "reach": "12 Low Road", "kind": "access", "way": "letter", "words": TYPED}
    keep(client, page, page, **asked)
    assert TYPED in typed_words(client.get(page).text)
    day = clock.today()
    on = {
        "received_on-day": str(day.day),
        "received_on-month": str(day.month),
        "received_on-year": str(day.year),
    }
    there = send(client, page, **asked, **on).headers["Location"]
    assert kept(session) == 0
    keep(client, there, there, step="answer", answer="We hold nothing")
    assert [(row.person_id, row.episode_id) for row in session.scalars(select(Draft))] == [(None, None)]
    assert "We hold nothing" in typed_words(client.get(there).text)
    assert send(client, there, step="answer", outcome="done", answer="We hold nothing").status_code == 303
    assert kept(session) == 0
