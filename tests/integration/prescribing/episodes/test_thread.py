"""A request goes from being asked to being closed, and everything on the way is written down."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock
from core.access.rules import Actor, Role
from core.audit.models import AuditEntry
from core.errors import Conflict, Invalid, NotFound, Refused
from core.notify.models import Message, MessageState
from core.notify.services import send_email
from prescribing.episodes import (
    boards,
    closing,
    contact_log,
    contributions,
    intake,
    outside,
    person_page,
    plan,
    queries,
    services,
    triage,
)
from prescribing.episodes.clocks import DueKind
from prescribing.episodes.contacts import Outcome
from prescribing.episodes.models import ActionOwner, Episode, Need, RequestSource
from prescribing.episodes.needs import NeedState
from prescribing.episodes.rules import CloseReason, EpisodeState
from prescribing.people import queries as people
from prescribing.people.consent import ConsentPurpose
from prescribing.people.models import Partner, Person
from prescribing.people.safe_contact import Channel
from prescribing.people.services import withdraw_consent
from tests import build
from tests.integration.prescribing.episodes import walk
from tests.integration.prescribing.episodes.test_pages import MakeClient, send, signed_in, words

PARTNER_CONTENT = replace(
    walk.CONTENT,
    reason_referrer="Lost her husband in May",
    no_known_risks=True,
    consent_how="face to face",
    share_feedback=True,
)


def state_of(row: Episode | Need) -> str:
    return str(row.state)


def referrer(session: Session) -> Actor:
    who = build.actor(session, Role.REFERRER)
    partner = session.get_one(Partner, next(iter(who.partner_ids())))
    partner.email = "practice@example.org"
    session.commit()
    return who


def refer(session: Session, team: walk.Team, who: Actor, **changes: Any) -> Episode:
    _request, episode = intake.submit_request(
        session,
        who,
        replace(PARTNER_CONTENT, **changes),
        RequestSource.PARTNER,
        partner_id=next(iter(who.partner_ids())),
        team_id=team.id,
    )
    return episode


def test_a_request_becomes_a_person_with_needs_and_a_message(session: Session) -> None:
    team = walk.team(session)
    episode = walk.asked(session, team)
    assert state_of(episode) == EpisodeState.SUBMITTED
    assert [event.target for event in episode.events] == [EpisodeState.DRAFT, EpisodeState.SUBMITTED]
    found = queries.brief(session, team.worker, episode.id)
    assert found.person.name == "Margaret Example"
    assert found.person.contact_words[0] == "Do not leave a voicemail."
    assert {need.slug for need in queries.needs(session, team.worker, episode.id)} == {"loneliness", "food"}
    message = session.scalars(select(Message).where(Message.about_id == episode.person_id)).one()
    assert message.body is not None
    assert episode.reference in message.body
    assert "Margaret" not in message.body


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": " "}, "name"),
        ({"phone": "", "mobile": ""}, "ways"),
        ({"need_slugs": ("astrology",)}, "slug"),
    ],
)
def test_a_request_that_cannot_be_used_says_what_to_mend(
    session: Session, changes: dict[str, Any], field: str
) -> None:
    team = walk.team(session)
    with pytest.raises(Invalid) as caught:
        walk.asked(session, team, **changes)
    assert caught.value.field == field


def test_another_team_finds_nothing(session: Session) -> None:
    team, stranger = walk.team(session), walk.team(session)
    episode = walk.asked(session, team)
    with pytest.raises(NotFound):
        queries.brief(session, stranger.worker, episode.id)
    with pytest.raises(NotFound):
        person_page.person_page(session, stranger.worker, episode.person_id)
    with pytest.raises(NotFound):
        services.move(session, stranger.coordinator, episode.id, EpisodeState.TRIAGE)
    assert not boards.triage_board(session, stranger.coordinator).waiting


def test_triage_shows_who_waits_and_gives_to_whoever_has_room(session: Session) -> None:
    team = walk.team(session)
    with clock.at(build.days_ago(6)):
        first = walk.asked(session, team)
    second = walk.asked(session, team, risks="A dog that bites", no_known_risks=None)
    board = boards.triage_board(session, team.coordinator)
    assert [row.episode_id for row in board.waiting] == [second.id, first.id]
    assert board.waiting[1].late > 0
    assert [(worker.name, worker.people) for worker in board.workers] == [("Asha Example", 0)]
    assert team.worker.account_id is not None
    triage.allocate(session, team.coordinator, first.id, team.worker.account_id)
    assert state_of(first) == EpisodeState.ALLOCATED
    assert boards.triage_board(session, team.coordinator).workers[0].people == 1


def test_only_a_coordinator_allocates_and_only_to_the_team(session: Session) -> None:
    team, other = walk.team(session), walk.team(session)
    episode = walk.asked(session, team)
    assert team.worker.account_id is not None
    assert other.worker.account_id is not None
    with pytest.raises(Refused):
        triage.allocate(session, team.worker, episode.id, team.worker.account_id)
    with pytest.raises(Invalid):
        triage.allocate(session, team.coordinator, episode.id, other.worker.account_id)


def test_today_says_whom_first_and_why(session: Session) -> None:
    team = walk.team(session)
    with clock.at(build.days_ago(20)):
        late = walk.allocated(session, team)
    fresh = walk.allocated(session, team)
    board = boards.today_board(session, team.worker)
    assert board.first[0].episode_id == late.id
    assert board.first[0].due is not None
    assert board.first[0].due.kind is DueKind.FIRST_ATTEMPT
    assert "late" in board.first[0].when
    assert fresh.id in {row.episode_id for row in (*board.soon, *board.rest)}
    assert board.people == 2


def test_the_first_attempt_begins_and_talking_starts_support(session: Session) -> None:
    team = walk.team(session)
    episode = walk.allocated(session, team)
    missed = contact_log.ContactNote(Channel.PHONE, Outcome.NO_ANSWER)
    contact_log.record_contact(session, team.worker, episode.id, missed)
    assert state_of(episode) == EpisodeState.CONTACTING
    contact_log.record_contact(session, team.worker, episode.id, walk.TALKED)
    assert state_of(episode) == EpisodeState.ACTIVE
    page = person_page.person_page(session, team.worker, episode.person_id)
    assert page.episode is not None
    assert page.episode.thread[0].title in {"Being supported", "Phone call: we talked"}
    assert page.episode.state is EpisodeState.ACTIVE


def test_uncontactable_needs_enough_tries(session: Session) -> None:
    team = walk.team(session)
    episode = walk.allocated(session, team)
    missed = contact_log.ContactNote(Channel.PHONE, Outcome.NO_ANSWER)
    contact_log.record_contact(session, team.worker, episode.id, missed)
    with pytest.raises(Refused, match="Try at least 3 times"):
        closing.close(session, team.worker, episode.id, EpisodeState.UNCONTACTABLE)
    contact_log.record_contact(session, team.worker, episode.id, missed)
    texted = contact_log.ContactNote(Channel.TEXT, Outcome.SENT)
    contact_log.record_contact(session, team.worker, episode.id, texted)
    with pytest.raises(Refused, match="You have tried 1 so far"):
        closing.close(session, team.worker, episode.id, EpisodeState.UNCONTACTABLE)
    for days in (1, 2):
        before = replace(missed, at=build.days_ago(days))
        contact_log.record_contact(session, team.worker, episode.id, before)
    contact_log.record_contact(session, team.worker, episode.id, texted)
    closing.close(session, team.worker, episode.id, EpisodeState.UNCONTACTABLE)
    assert episode.close_reason is CloseReason.NO_CONTACT


def test_the_plan_moves_needs_by_facts_and_closes_them_by_the_persons_word(session: Session) -> None:
    team = walk.team(session)
    episode = walk.active(session, team)
    need = plan.add_need(session, team.worker, episode.id, "being-active", "I used to dance")
    goal = plan.add_goal(
        session, team.worker, episode.id, plan.GoalText("Dance again", need.id, importance=9)
    )
    action = plan.add_action(
        session, team.worker, episode.id, plan.ActionText("Ring the hall", ActionOwner.LINK_WORKER, goal.id)
    )
    assert state_of(need) == NeedState.BEING_ADDRESSED
    plan.finish_action(session, team.worker, action.id)
    assert state_of(need) == NeedState.RAISED
    plan.reconsider_need(session, need.id, being_addressed=True)
    assert state_of(need) == NeedState.BEING_ADDRESSED
    plan.close_need(session, team.worker, need.id, NeedState.MET)
    plan.reconsider_need(session, need.id, being_addressed=False)
    assert state_of(need) == NeedState.MET
    assert need.events[-1].said_by == "person"


def test_the_second_of_two_who_change_a_goal_sees_both_texts(session: Session) -> None:
    team = walk.team(session)
    episode = walk.active(session, team)
    goal = plan.add_goal(session, team.worker, episode.id, plan.GoalText("Dance again"))
    seen = goal.version
    plan.change_goal(session, team.worker, goal.id, plan.GoalText("Dance on Tuesdays"), expected_version=seen)
    with pytest.raises(Conflict) as caught:
        plan.change_goal(
            session, team.coordinator, goal.id, plan.GoalText("Sing instead"), expected_version=seen
        )
    assert caught.value.yours["Goal"] == "Sing instead"
    assert caught.value.theirs["Goal"] == "Dance on Tuesdays"


def test_a_death_stops_every_message_and_closes_everything(session: Session) -> None:
    team = walk.team(session)
    episode = walk.active(session, team)
    person = session.get_one(Person, episode.person_id)
    stopped: list[object] = []

    def stop(_session: Session, person_id: object, _episode_ids: object) -> None:
        stopped.append(person_id)

    contributions.register_stop(stop)
    resident = build.actor(session, Role.RESIDENT, place_id=person.id)
    link = {"link": "https://gt.example/set-password/x"}
    send_email(
        session, to="hall@post.example", template="invitation", context=link, about_id=resident.account_id
    )
    closing.close(session, team.worker, episode.id, EpisodeState.WITHDRAWN, reason=CloseReason.DIED)
    messages = session.scalars(
        select(Message).where(Message.about_id.in_([person.id, resident.account_id]))
    ).all()
    assert {message.about_id for message in messages} == {person.id, resident.account_id}
    assert {message.state for message in messages} == {MessageState.CANCELLED}
    assert person.died_at is not None
    assert stopped == [person.id]
    with pytest.raises(Refused):
        services.undo_close(session, team.coordinator, episode.id)


def test_a_closing_is_undone_within_five_days_by_its_author(session: Session) -> None:
    team = walk.team(session)
    episode = walk.active(session, team)
    closing.close(session, team.worker, episode.id, EpisodeState.COMPLETED, reason=CloseReason.GOALS_MET)
    services.undo_close(session, team.worker, episode.id)
    assert state_of(episode) == EpisodeState.ACTIVE
    assert episode.closed_at is None
    closing.close(session, team.worker, episode.id, EpisodeState.COMPLETED, reason=CloseReason.GOALS_MET)
    with clock.at(build.days_ahead(6)), pytest.raises(Refused):
        services.undo_close(session, team.worker, episode.id)


def test_a_mistake_is_agreed_by_a_coordinator(session: Session) -> None:
    team = walk.team(session)
    episode = walk.asked(session, team)
    with pytest.raises(Refused):
        closing.enter_in_error(session, team.worker, episode.id, "Sent twice")
    closing.enter_in_error(session, team.coordinator, episode.id, "Sent twice")
    assert state_of(episode) == EpisodeState.ENTERED_IN_ERROR


def test_the_referrer_sees_its_own_request_and_what_came_of_it(session: Session) -> None:
    team, who, other = walk.team(session), referrer(session), referrer(session)
    episode = refer(session, team, who)
    assert team.worker.account_id is not None
    triage.ask_for_info(session, team.coordinator, episode.id, "Is there a phone?")
    own = outside.own_request(session, who, episode.support_request_id)
    assert own.question == "Is there a phone?"
    with pytest.raises(NotFound):
        outside.own_request(session, other, episode.support_request_id)
    intake.add_information(session, who, episode.id, "Yes, her daughter has one")
    triage.allocate(session, team.coordinator, episode.id, team.worker.account_id)
    contact_log.record_contact(session, team.worker, episode.id, walk.TALKED)
    assert outside.own_request(session, who, episode.support_request_id).said == "With a link worker"
    closing.close(session, team.worker, episode.id, EpisodeState.COMPLETED, reason=CloseReason.GOALS_MET)
    board = boards.today_board(session, team.worker)
    assert [row.due.kind for row in (*board.first, *board.soon, *board.rest) if row.due] == []
    closing.send_feedback(session, team.worker, episode.id, "She goes every week now")
    told = outside.own_request(session, who, episode.support_request_id)
    assert told.feedback is not None
    assert told.feedback.words == "She goes every week now"
    assert told.codes == ("871731000000106",)
    with pytest.raises(Refused):
        closing.send_feedback(session, team.worker, episode.id)
    sent = session.scalars(select(Message).where(Message.template == "request-feedback")).one()
    assert sent.body is not None
    assert "Margaret" not in sent.body


def test_a_draft_is_kept_changed_and_sent_once(session: Session) -> None:
    team, who = walk.team(session), referrer(session)
    _request, episode = intake.submit_request(
        session,
        who,
        replace(PARTNER_CONTENT, phone="", mobile="", no_known_risks=None),
        RequestSource.PARTNER,
        partner_id=next(iter(who.partner_ids())),
        team_id=team.id,
        draft=True,
    )
    assert state_of(episode) == EpisodeState.DRAFT
    assert not boards.triage_board(session, team.coordinator).waiting
    with pytest.raises(Invalid):
        intake.change_draft(
            session,
            who,
            episode.id,
            replace(PARTNER_CONTENT, no_known_risks=None),
            expected_version=episode.version,
            send=True,
        )
    intake.change_draft(
        session, who, episode.id, PARTNER_CONTENT, expected_version=episode.version, send=True
    )
    assert state_of(episode) == EpisodeState.SUBMITTED
    with pytest.raises(Refused):
        intake.change_draft(
            session, who, episode.id, PARTNER_CONTENT, expected_version=episode.version, send=True
        )


def test_one_person_has_one_record_by_the_word_of_whoever_decides(
    session: Session, make_client: MakeClient
) -> None:
    team, who = walk.team(session), referrer(session)
    first = refer(session, team, who, nhs_number="943 476 5919")
    second, third = (
        refer(session, team, who, nhs_number="9434765919", name="Maggie Example") for _ in range(2)
    )
    known_id, own_id = first.person_id, second.person_id
    assert len({known_id, own_id, third.person_id}) == 3, "nobody has said yet that they are one"
    assert team.worker.account_id is not None
    session.commit()
    client = signed_in(session, make_client, team.coordinator)
    path, answers = f"/triage/{second.id}", {"link_worker_id": str(team.worker.account_id)}
    page = client.get(path)
    assert "Very likely Margaret Example" in words(page)
    assert "What was sent has the same NHS number and surname" in words(page)
    chosen = re.search(r'name="same"[^>]*value="([^"]*)"[^>]*checked', page.text)
    assert chosen is not None
    assert chosen[1] == str(known_id)
    given = send(client, f"{path}/allocate", page=path, **answers, same=chosen[1])
    assert given.status_code == 303
    session.expire_all()
    assert (second.person_id, second.state) == (known_id, EpisodeState.ALLOCATED)
    assert session.get(Person, own_id) is None
    assert session.get_one(Person, known_id).name == "Margaret Example"

    # Whoever has them now is the first to think of.
    following = client.get(f"/triage/{third.id}").text
    assert re.search(rf'value="{team.worker.account_id}"[^>]*checked', following)
    # Somebody else is said to be somebody else, and keeps a record of their own.
    path = f"/triage/{third.id}"
    assert send(client, f"{path}/allocate", page=path, **answers, same="").status_code == 303
    session.expire_all()
    assert (third.person_id != known_id, third.state) == (True, EpisodeState.ALLOCATED)


def test_who_is_no_longer_likely_or_is_so_only_now_is_said_before_anything_is_given(
    session: Session, make_client: MakeClient
) -> None:
    team, who = walk.team(session), referrer(session)
    first, second = (refer(session, team, who, nhs_number="943 476 5919") for _ in range(2))
    session.commit()
    client = signed_in(session, make_client, team.coordinator)
    path, answers = f"/triage/{second.id}", {"link_worker_id": str(team.worker.account_id)}
    opened = client.get(path).text
    key = dict(re.findall(r'name="(csrf_token|version)"[^>]*value="([^"]+)"', opened))
    # The number on the record turns out to be another's.
    first.person.nhs_number = None
    first.person.name, first.person.date_of_birth = "Agnes Sample", "1940-01-01"
    session.commit()
    told = client.post(f"{path}/allocate", data=key | answers | {"same": str(first.person_id)})
    assert "Whom this may be about has changed since you opened the page" in words(told)
    session.expire_all()
    assert second.state != EpisodeState.ALLOCATED
    assert send(client, f"{path}/allocate", page=path, **answers, same="").status_code == 303

    third = refer(session, team, who, nhs_number="401 023 2137", name="Wilfred Sample")
    session.commit()
    path = f"/triage/{third.id}"
    key = dict(re.findall(r'name="(csrf_token|version)"[^>]*value="([^"]+)"', client.get(path).text))
    fourth = refer(session, team, who, nhs_number="4010232137", name="Wilfred Sample")
    session.commit()
    # Nor does one press on the board give them to anybody as somebody else.
    told = client.post(f"{path}/allocate", data=key | answers)
    assert "This may be somebody whom you know. Choose who it is about" in words(told)
    chosen = key | answers | {"same": str(fourth.person_id)}
    assert client.post(f"{path}/allocate", data=chosen).status_code == 303


def test_every_step_is_audited(session: Session) -> None:
    team = walk.team(session)
    episode = walk.active(session, team)
    session.commit()
    actions = set(session.scalars(select(AuditEntry.action).where(AuditEntry.subject_id == episode.id)))
    assert {"episode.move", "episode.allocate"} <= actions


def test_a_resident_sees_their_own_thread_unless_flagged(session: Session) -> None:
    team = walk.team(session)
    episode = walk.active(session, team)
    resident = build.actor(session, Role.RESIDENT, place_id=episode.person_id)
    thread = outside.own_thread(session, resident)
    assert thread is not None
    assert thread.said == "Your link worker is supporting you"
    assert outside.own_thread(session, build.actor(session, Role.RESIDENT)) is None
    session.get_one(Person, episode.person_id).flagged_for_safety = True
    session.commit()
    assert outside.own_thread(session, resident) is None


def test_a_partner_loses_sight_of_the_outcome_when_consent_is_taken_back(session: Session) -> None:
    team, who = walk.team(session), referrer(session)
    episode = refer(session, team, who)
    assert team.worker.account_id is not None
    triage.allocate(session, team.coordinator, episode.id, team.worker.account_id)
    contact_log.record_contact(session, team.worker, episode.id, walk.TALKED)
    closing.close(session, team.worker, episode.id, EpisodeState.COMPLETED, reason=CloseReason.GOALS_MET)
    closing.send_feedback(session, team.worker, episode.id)
    consents = {each.purpose: each.id for each in people.consents(session, team.worker, episode.person_id)}
    withdraw_consent(session, team.worker, consents[ConsentPurpose.FEEDBACK_TO_REFERRER])
    told = outside.own_request(session, who, episode.support_request_id)
    assert told.feedback is None
    assert told.codes == ()
    messages = {each.template: each for each in session.scalars(select(Message))}
    assert messages["request-feedback"].state is MessageState.CANCELLED
    body = messages["request-delete"].body
    assert body is not None
    assert "Margaret" not in body
