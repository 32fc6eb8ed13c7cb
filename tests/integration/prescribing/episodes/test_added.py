"""One person, one support: a request about somebody who is supported already, added to that support."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock
from core.access.rules import Role
from core.errors import NotFound, Refused
from core.notify.models import Message
from prescribing.episodes import (
    added,
    boards,
    closing,
    contact_log,
    intake,
    known,
    outside,
    own_list,
    plan,
    triage,
)
from prescribing.episodes.models import Episode, Need, RequestSource
from prescribing.episodes.plan import GoalText
from prescribing.episodes.rules import CloseReason, EpisodeState, Priority
from prescribing.episodes.today_rules import Group
from prescribing.people.models import Person
from prescribing.plans.queries import own_copy
from prescribing.residents import services as residents
from tests import build
from tests.integration.prescribing.episodes import walk
from tests.integration.prescribing.episodes.test_pages import MakeClient, send, signed_in, words
from tests.integration.prescribing.episodes.test_thread import PARTNER_CONTENT, refer, referrer

BORN = date(1948, 8, 19)


def supported(session: Session, team: walk.Team) -> Episode:
    """Margaret, who is being supported and has a goal."""
    episode = walk.asked(session, team, name="Margaret Ashworth", born=BORN)
    assert team.worker.account_id is not None
    triage.allocate(session, team.coordinator, episode.id, team.worker.account_id)
    contact_log.record_contact(session, team.worker, episode.id, walk.TALKED)
    plan.add_goal(session, team.worker, episode.id, GoalText(words="Go dancing again"))
    return episode


def test_a_duplicate_is_added_to_the_support_that_goes_on(session: Session, make_client: MakeClient) -> None:
    team, who = walk.team(session), referrer(session)
    support = supported(session, team)
    later = refer(
        session, team, who, name="Peggy Ashworth", born=BORN, phone="0161 496 0191", need_slugs=("housing",)
    )
    support_id, later_id, person_id = support.id, later.id, support.person_id
    client = signed_in(session, make_client, team.coordinator)
    path = f"/triage/{later_id}"
    page = words(client.get(path))
    add = f"Yes, and add this to the support that {team.worker.name} gives ({support.reference})"
    assert add in page
    answer = send(client, f"{path}/add/{support_id}", page=path)
    assert answer.status_code == 303
    assert f"Added to {support.reference}. The link worker is asked" in words(client.get("/triage"))
    session.expire_all()
    assert session.get_one(Episode, later_id).joined_to_id == support_id
    assert session.scalars(select(Person)).one().id == person_id
    raised = select(Need.slug).where(Need.episode_id == support_id)
    assert set(session.scalars(raised)) == {"loneliness", "food", "housing"}

    # The link worker has one person, is asked to read what came, and sees what it says that the record does not.
    worker = signed_in(session, make_client, team.worker)
    today = words(worker.get("/today"))
    assert today.count("Margaret Ashworth") >= 1
    assert f"Read the new request {later.reference}" in today
    shown = words(worker.get(f"/episodes/{support_id}"))
    assert "Asked again" in shown
    assert "0161 496 0191" in shown

    # Whoever sent it hears that a link worker has it, and in the end what came of it.
    sent = outside.own_request(session, who, later.support_request_id)
    assert sent.said == "With a link worker"
    listed = own_list.own_page(session, who, which=own_list.Which.OPEN)
    assert [line.said for line in listed.lines] == ["With a link worker"]
    closing.close(
        session, team.worker, support_id, EpisodeState.COMPLETED, reason=CloseReason.PARTLY_MET, words="Done"
    )
    closing.send_feedback(session, team.worker, support_id, "She dances")
    sent = outside.own_request(session, who, later.support_request_id)
    assert sent.said == "Finished"
    assert sent.feedback is not None
    assert sent.feedback.words == "She dances"
    mails = session.scalars(select(Message).where(Message.template == "request-feedback")).all()
    assert len(mails) == 1


def test_what_was_added_by_mistake_is_taken_out_again(session: Session, make_client: MakeClient) -> None:
    team, who = walk.team(session), referrer(session)
    support = supported(session, team)
    later = refer(session, team, who, name="Peggy Ashworth", born=BORN, need_slugs=("housing",))
    added.add(session, team.coordinator, later.id, support.id)
    session.commit()
    client = signed_in(session, make_client, team.coordinator)
    path = f"/triage/{later.id}"
    assert "This was added to the support that they have" in words(client.get(path))
    assert send(client, f"{path}/take-out", page=path).status_code == 303
    session.expire_all()
    later = session.get_one(Episode, later.id)
    assert later.state is EpisodeState.TRIAGE
    assert later.joined_to_id is None
    assert set(session.scalars(select(Need.slug).where(Need.episode_id == later.id))) == {"housing"}
    assert "Read the new request" not in words(signed_in(session, make_client, team.worker).get("/today"))
    assert "Is it the same person?" in words(client.get(path))
    with pytest.raises(Refused, match="not added"):
        added.take_out(session, team.coordinator, later.id)
    with pytest.raises(NotFound):
        added.take_out(session, team.worker, support.id)


def test_nothing_is_added_to_somebody_elses_support_nor_to_one_that_ended(session: Session) -> None:
    team, other, who = walk.team(session), walk.team(session), referrer(session)
    support = supported(session, team)
    stranger = walk.active(session, team)
    elsewhere = walk.active(session, other)
    later = refer(session, team, who, name="Peggy Ashworth", born=BORN)
    for no in (stranger.id, elsewhere.id, later.id):
        with pytest.raises(NotFound):
            added.add(session, team.coordinator, later.id, no)
    closing.close(
        session, team.worker, support.id, EpisodeState.COMPLETED, reason=CloseReason.PARTLY_MET, words="Done"
    )
    with pytest.raises(Refused, match="has ended"):
        added.add(session, team.coordinator, later.id, support.id)


def test_a_second_support_hides_nothing_of_the_first_from_the_person(
    session: Session, make_client: MakeClient
) -> None:
    team = walk.team(session)
    first = supported(session, team)
    resident = build.actor(session, Role.RESIDENT, place_id=first.person_id)
    second = walk.asked(session, team, name="Margaret Ashworth", born=BORN)
    second.person = first.person
    session.commit()
    page = words(signed_in(session, make_client, resident).get("/me"))
    assert "Go dancing again" in page
    assert "Your link worker is supporting you" in page
    copied = own_copy(session, resident)
    assert copied is not None
    assert [words for words, _met in copied[1].goals] == ["Go dancing again"]

    # What they write is news once, with the support that goes on.
    residents.write(session, resident, "Are you coming?")
    session.commit()
    today = words(signed_in(session, make_client, team.coordinator).get("/today?who=team"))
    assert today.count("They wrote to you") == 1
    residents.stop_support(session, resident)
    assert {first.state, second.state} == {EpisodeState.PERSON_DECLINED}


def test_what_was_added_to_a_request_goes_on_with_it_into_the_support(session: Session) -> None:
    team, first, second = walk.team(session), referrer(session), referrer(session)
    support = supported(session, team)
    one = refer(session, team, first, name="Peggy Ashworth", born=BORN)
    other = refer(session, team, second, name="Peggy Ashworth", born=BORN)
    known.join(session, team.coordinator, other.id, support.person_id)
    known.join(session, team.coordinator, one.id, support.person_id)
    added.add(session, team.coordinator, one.id, other.id)
    added.add(session, team.coordinator, other.id, support.id)
    session.expire_all()
    assert one.joined_to_id == support.id
    assert outside.own_request(session, first, one.support_request_id).said == "With a link worker"
    assert added.told_of(session, support) == [support, one, other]


def test_taking_out_leaves_the_support_the_needs_that_were_found_there_meanwhile(session: Session) -> None:
    team, who = walk.team(session), referrer(session)
    support = supported(session, team)
    now = clock.now()
    partner_id = next(iter(who.partner_ids()))
    content = replace(PARTNER_CONTENT, name="Peggy Ashworth", born=BORN, need_slugs=("housing",))
    _request, later = intake.submit_request(
        session, who, content, RequestSource.PARTNER, partner_id=partner_id, team_id=team.id, draft=True
    )
    with clock.at(now + timedelta(hours=1)):
        plan.add_need(session, team.worker, support.id, "being-active")
    with clock.at(now + timedelta(hours=2)):
        intake.change_draft(session, who, later.id, content, expected_version=later.version, send=True)
        added.add(session, team.coordinator, later.id, support.id)
        added.take_out(session, team.coordinator, later.id)
    assert set(session.scalars(select(Need.slug).where(Need.episode_id == later.id))) == {"housing"}
    left = set(session.scalars(select(Need.slug).where(Need.episode_id == support.id)))
    assert left == {"loneliness", "food", "being-active"}


def test_what_was_added_to_a_request_goes_with_it_to_a_record_of_its_own(session: Session) -> None:
    team, first, second = walk.team(session), referrer(session), referrer(session)
    support = supported(session, team)
    one = refer(session, team, first, name="Peggy Ashworth", born=BORN)
    other = refer(session, team, second, name="Peggy Ashworth", born=BORN)
    known.join(session, team.coordinator, other.id, support.person_id)
    known.join(session, team.coordinator, one.id, support.person_id)
    added.add(session, team.coordinator, one.id, other.id)
    intake.take_apart(session, team.coordinator, other.id)
    assert one.person_id == other.person_id != support.person_id
    assert (
        outside.own_request(session, first, one.support_request_id).said
        == outside.own_request(session, second, other.support_request_id).said
    )


def test_of_what_waits_for_its_own_decision_no_link_worker_is_said_to_be_asked(
    session: Session, make_client: MakeClient
) -> None:
    team, who = walk.team(session), referrer(session)
    one = walk.asked(session, team, name="Margaret Ashworth", born=BORN)
    other = refer(session, team, who, name="Margaret Ashworth", born=BORN)
    session.commit()
    client = signed_in(session, make_client, team.coordinator)
    path = f"/triage/{other.id}"
    assert send(client, f"{path}/add/{one.id}", page=path).status_code == 303
    page = words(client.get("/triage"))
    assert f"Added to {one.reference}." in page
    assert "The link worker is asked" not in page


def finished(session: Session, team: walk.Team, support: Episode) -> None:
    closing.close(
        session, team.worker, support.id, EpisodeState.COMPLETED, reason=CloseReason.PARTLY_MET, words="Done"
    )


def test_each_who_sent_a_request_and_may_hear_is_still_to_be_told(
    session: Session, make_client: MakeClient
) -> None:
    team, silent, told = walk.team(session), referrer(session), referrer(session)
    support = supported(session, team)
    for who, may_hear in ((silent, False), (told, True)):
        later = refer(session, team, who, name="Peggy Ashworth", born=BORN, share_feedback=may_hear)
        added.add(session, team.coordinator, later.id, support.id)
    finished(session, team, support)
    session.commit()
    with clock.at(build.working_days_ahead(4)):
        row = next(
            row
            for rows in boards.today_board(session, team.worker).parts.values()
            for row in rows
            if row.episode_id == support.id
        )
    assert row.press.words == "Tell whoever referred them"
    page = words(signed_in(session, make_client, team.worker).get(f"/episodes/{support.id}"))
    assert "Tell whoever" in page


def test_nobody_is_told_where_none_of_those_who_sent_it_may_hear(session: Session) -> None:
    team, silent = walk.team(session), referrer(session)
    support = supported(session, team)
    later = refer(session, team, silent, name="Peggy Ashworth", born=BORN, share_feedback=False)
    added.add(session, team.coordinator, later.id, support.id)
    finished(session, team, support)
    assert not boards.today_board(session, team.worker).counts[Group.FIRST]
    assert not closing.may_tell_referrer(session, support)


def test_what_was_added_to_a_mistake_waits_for_its_decision_again(
    session: Session, make_client: MakeClient
) -> None:
    team, who = walk.team(session), referrer(session)
    support = supported(session, team)
    later = refer(session, team, who, name="Peggy Ashworth", born=BORN, need_slugs=("housing",))
    added.add(session, team.coordinator, later.id, support.id)
    session.commit()
    client = signed_in(session, make_client, team.coordinator)
    path = f"/episodes/{support.id}/mistake"
    assert send(client, path, reason="Entered for the wrong person").status_code == 303
    page = words(client.get(f"/episodes/{support.id}"))
    assert "1 request that was added to it waits for a decision again" in page
    session.expire_all()
    assert (support.state, later.state) == (EpisodeState.ENTERED_IN_ERROR, EpisodeState.TRIAGE)
    assert later.joined_to_id is None
    assert outside.own_request(session, who, later.support_request_id).said == "We are looking at it"
    assert set(session.scalars(select(Need.slug).where(Need.episode_id == later.id))) == {"housing"}


def urgency(support: Episode) -> Priority:
    return support.priority


def test_what_made_a_support_more_urgent_takes_that_with_it(session: Session) -> None:
    team, who = walk.team(session), referrer(session)
    support = supported(session, team)
    first, second, third = (refer(session, team, who, name="Peggy Ashworth", born=BORN) for _ in range(3))
    for one, priority in ((first, Priority.SOON), (second, Priority.URGENT), (third, Priority.URGENT)):
        triage.set_priority(session, team.coordinator, one.id, priority)
        added.add(session, team.coordinator, one.id, support.id)
    assert support.priority is Priority.URGENT
    added.take_out(session, team.coordinator, second.id)
    assert support.priority is Priority.URGENT, "another is as urgent"
    assert second.priority is Priority.URGENT
    added.add(session, team.coordinator, second.id, support.id)
    added.take_out(session, team.coordinator, third.id)
    assert support.priority is Priority.URGENT
    added.take_out(session, team.coordinator, second.id)
    added.take_out(session, team.coordinator, first.id)
    session.refresh(support)
    assert urgency(support) == Priority.ROUTINE


def test_how_urgent_somebody_has_said_it_is_stands_whatever_is_taken_out(session: Session) -> None:
    team, who = walk.team(session), referrer(session)
    support = supported(session, team)
    later = refer(session, team, who, name="Peggy Ashworth", born=BORN)
    triage.set_priority(session, team.coordinator, later.id, Priority.URGENT)
    added.add(session, team.coordinator, later.id, support.id)
    triage.set_priority(session, team.coordinator, support.id, Priority.URGENT)
    added.take_out(session, team.coordinator, later.id)
    assert support.priority is Priority.URGENT
